package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// PartnerCards are the partners of whom you say otherwise than Procountor's register.
type PartnerCards struct {
	Partners []PartnerCard `json:"partners" doc:"Those first that wait for somebody to say what holds."`
	More     bool          `json:"more" doc:"Older ones are left out."`
}

// A PartnerCard is one of them.
type PartnerCard struct {
	ID       string              `json:"id" doc:"Vienti's id of the change, to answer it."`
	Version  string              `json:"version,omitempty" doc:"Names what is asked, to answer it: what has changed since is asked anew."`
	Partner  int64               `json:"partner" doc:"Procountor's id of the partner."`
	Name     string              `json:"name"`
	Register string              `json:"register" enum:"customer,supplier,person"`
	State    string              `json:"state" doc:"Where it stands, as documents do: held waits for an answer, done was carried."`
	Codes    []string            `json:"codes,omitempty" doc:"Why it stands there, such as partner-changed, partner-differs and partner-edited. More may be added."`
	Changes  []PartnerCardChange `json:"changes"`
	Carried  *time.Time          `json:"carried,omitempty" doc:"When the changes were carried to the card. Not given while they are not."`
}

// A PartnerCardChange is a field in which you and the card differ, or did.
type PartnerCardChange struct {
	Field string `json:"field" example:"address" doc:"name, number, address, email or einvoice. More may be added."`
	Card  string `json:"card" doc:"What the card holds, or held before."`
	Said  string `json:"said" doc:"What you say."`
}

// A PartnerCardAnswer says what holds.
type PartnerCardAnswer struct {
	ID      string `json:"id" minLength:"1" maxLength:"100"`
	Version string `json:"version" minLength:"1" maxLength:"100"`
	Answer  string `json:"answer" enum:"carry,leave" doc:"Carry what you say to the card, or leave the card as it is."`
}

func (s *server) cards(api huma.API) {
	changes := huma.Operation{OperationID: "list-partner-changes", Method: http.MethodGet, Path: partnersPath + "/changes", Tags: []string{"Partners"},
		Summary: "What you say otherwise of partners than their cards",
		Description: "Customers and suppliers of whom your documents say something else than their cards in Procountor's register, and what was carried to the cards. " +
			"Whether changes are of no interest, shown or carried by themselves is a setting of the connection. Documents do not wait for it. A token for some kinds of documents sees the partners of those."}
	huma.Register(api, changes, func(ctx context.Context, _ *struct{}) (*answer[PartnerCards], error) { return s.listCards(ctx) })

	say := huma.Operation{OperationID: "answer-partner-change", Method: http.MethodPost, Path: partnersPath + "/changes/answer", Tags: []string{"Partners"},
		Summary: "Say what holds of a partner",
		Description: "For a change that is held: carry what you say to the card in Procountor, or leave the card. The answer holds for all that was asked in that version; what is left is asked " +
			"again when you or the card change. The answer of this operation lists all changes anew. Not for tokens for some kinds of documents.",
		MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, say, func(ctx context.Context, in *withBody) (*answer[PartnerCards], error) {
		said, err := bodyOf[PartnerCardAnswer](s.reader, s.reader.card, in.RawBody, "give id and version as "+partnersPath+"/changes lists them, and answer, carry or leave")
		if err != nil {
			return nil, err
		}
		conn := connectionOf(ctx)
		list, _, err := s.engine.Cards(ctx, conn.Company, conn.ID, reachOf(ctx))
		if err != nil {
			return nil, s.trouble(ctx, "answer partner change", err)
		}
		err = store.ErrNotFound
		for _, n := range list {
			if n.Transfer.ID == said.ID {
				err = s.engine.AnswerCard(ctx, "api:"+conn.ID, said.ID, said.Version, engine.CardAnswer(said.Answer))
			}
		}
		switch {
		case store.IsNotFound(err):
			return nil, problem(http.StatusNotFound, codeNotFound, "this connection has no change with that id; "+partnersPath+"/changes lists them")
		case errors.Is(err, engine.ErrNotNow):
			return nil, problem(http.StatusConflict, codeNotNow, "nothing is asked in that version any more; "+partnersPath+"/changes lists what is")
		case err != nil:
			return nil, s.trouble(ctx, "answer partner change", err)
		}
		return s.listCards(ctx)
	})
}

func (s *server) listCards(ctx context.Context) (*answer[PartnerCards], error) {
	conn := connectionOf(ctx)
	list, more, err := s.engine.Cards(ctx, conn.Company, conn.ID, reachOf(ctx))
	if err != nil {
		return nil, s.trouble(ctx, "list partner changes", err)
	}
	out := PartnerCards{Partners: []PartnerCard{}, More: more}
	for _, n := range list {
		out.Partners = append(out.Partners, partnerCard(n))
	}
	return &answer[PartnerCards]{Status: http.StatusOK, Body: out}, nil
}

func partnerCard(n engine.CardNews) PartnerCard {
	t := n.Transfer
	out := PartnerCard{ID: t.ID, Partner: t.PartnerID, Name: t.PartnerName, Register: string(register.TypeFor(t.DocKind)), State: string(t.State), Changes: []PartnerCardChange{}}
	if n.Open() {
		out.Version = t.Version
	}
	out.Codes = codesOf(t.Faults)
	for _, c := range n.Changes {
		out.Changes = append(out.Changes, PartnerCardChange{Field: string(c.Field), Card: c.Card, Said: c.Said})
	}
	if !n.Carried.IsZero() {
		at := n.Carried.UTC()
		out.Carried = &at
	}
	return out
}

// codesOf says once each why something stands where it stands.
func codesOf(faults []hub.Fault) (codes []string) {
	for _, f := range faults {
		if f.Code != hub.WritingOff && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}
