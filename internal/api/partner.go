package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// PartnerDoubts are the parties that wait for somebody to say who they are.
type PartnerDoubts struct {
	Parties []PartnerDoubt `json:"parties" doc:"Those for whom most documents wait first; at most 50."`
	More    int            `json:"more" doc:"How many there are beside these. Settle some, and ask again."`
}

// A PartnerDoubt is one of them.
type PartnerDoubt struct {
	Party      string             `json:"party" example:"customer/id:FI23456780/number:1001" doc:"Names the party for as long as it says the same of itself."`
	Name       string             `json:"name"`
	BusinessID string             `json:"business_id,omitempty" doc:"As its oldest document says."`
	VATNumber  string             `json:"vat_number,omitempty"`
	Number     string             `json:"number,omitempty" doc:"Its number in your system."`
	Register   string             `json:"register" enum:"customer,supplier,person" doc:"The register of Procountor where it belongs."`
	Code       string             `json:"code,omitempty" doc:"Why it is in doubt: the code of the documents' fault."`
	Mend       bool               `json:"mend" doc:"By the settings nobody says here who it is: one of the two cards is corrected, in your system or in Procountor; then the documents go on by themselves."`
	Since      time.Time          `json:"since"`
	Document   string             `json:"document" doc:"Vienti's id of the oldest document that waits. Say of it who the party is: all of them go on."`
	Numbers    []string           `json:"numbers" doc:"The numbers of all documents that wait, the oldest first."`
	Sums       map[string]string  `json:"sums" doc:"What they come to with VAT, by currency."`
	Candidates []PartnerCandidate `json:"candidates" doc:"Who it may be."`
}

// A PartnerCandidate is an entry of Procountor's register.
type PartnerCandidate struct {
	ID         int64    `json:"id" doc:"Procountor's id of the partner."`
	Name       string   `json:"name"`
	BusinessID string   `json:"business_id,omitempty"`
	Number     string   `json:"number,omitempty" doc:"Its customer number in Procountor."`
	Active     bool     `json:"active"`
	Reasons    []string `json:"reasons" doc:"What speaks for and against it, such as same-number and other-id. More may be added."`
}

// A PartnerSaid is who somebody says that a party is.
type PartnerSaid struct {
	Partner    int64 `json:"partner,omitempty" minimum:"1" example:"10055" doc:"Procountor's id of one of the candidates."`
	New        bool  `json:"new,omitempty" doc:"None of the candidates: a new partner is made. Say either this or partner."`
	Everywhere bool  `json:"everywhere,omitempty" doc:"It holds for all connections of the company, not for this one alone."`
}

// PartnerChoices are what was said of parties.
type PartnerChoices struct {
	Choices []PartnerChoice `json:"choices" doc:"The newest first."`
}

// A PartnerChoice is one of them.
type PartnerChoice struct {
	Party      string    `json:"party" doc:"Names it, to undo what was said."`
	Name       string    `json:"name"`
	Partner    int64     `json:"partner,omitempty" doc:"Procountor's id of the partner. Not given while a new one is being made."`
	Everywhere bool      `json:"everywhere" doc:"It holds for all connections of the company."`
	At         time.Time `json:"at"`
}

// A PartnerUndo names what is not to hold any more.
type PartnerUndo struct {
	Party      string `json:"party" minLength:"1" maxLength:"2000" example:"customer/id:FI23456780/number:1001"`
	Everywhere bool   `json:"everywhere,omitempty" doc:"What was said for all connections of the company, not that for this one."`
}

const partnersPath = "/v1/partners"

func (s *server) partners(api huma.API) {
	doubts := huma.Operation{OperationID: "list-partner-doubts", Method: http.MethodGet, Path: partnersPath + "/doubts", Tags: []string{"Partners"},
		Summary: "Parties of whom it is not certain who they are",
		Description: "Each party once, with the documents of this connection that wait for it, what they come to, who it may be in Procountor, and why. Nothing is linked " +
			"or made by guess. A token for some kinds of documents sees the parties of those."}
	huma.Register(api, doubts, func(ctx context.Context, _ *struct{}) (*answer[PartnerDoubts], error) {
		conn := connectionOf(ctx)
		list, more, err := s.engine.Doubts(ctx, conn.Company, conn.ID, reachOf(ctx))
		if err != nil {
			return nil, s.trouble(ctx, "list doubts", err)
		}
		out := PartnerDoubts{Parties: []PartnerDoubt{}, More: more}
		for _, d := range list {
			first, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(d.First) })
			if err != nil {
				return nil, s.trouble(ctx, "list doubts", err)
			}
			out.Parties = append(out.Parties, partnerDoubt(d, first.Subject))
		}
		return &answer[PartnerDoubts]{Status: http.StatusOK, Body: out}, nil
	})

	say := huma.Operation{OperationID: "say-partner", Method: http.MethodPost, Path: documentsPath + "/{id}/partner", Tags: []string{"Partners"},
		Summary: "Say who the other party of a document is",
		Description: "One of the candidates, or a new partner. It is remembered: every document that is held for the same party goes on, and later ones do not ask. " +
			"It can be undone.",
		MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, say, func(ctx context.Context, in *withID) (*answer[DocumentState], error) {
		said, err := bodyOf[PartnerSaid](s.reader, s.reader.said, in.RawBody, "say partner, one of the candidates, or new; and everywhere, if it is to hold for the company")
		if err != nil {
			return nil, err
		}
		if said.New == (said.Partner != 0) {
			return nil, problem(http.StatusUnprocessableEntity, codeContent, "say partner, one of the candidates, or new; not both")
		}
		p, err := s.pushed(ctx, in.ID)
		if err != nil {
			return nil, s.trouble(ctx, "say partner", err)
		}
		err = s.engine.ChoosePartner(ctx, "api:"+connectionOf(ctx).ID, p.Transfer.ID, engine.Saying{Partner: said.Partner, Everywhere: said.Everywhere})
		switch {
		case errors.Is(err, engine.ErrNoNew):
			return nil, problem(http.StatusConflict, codeNotNow, "by the settings no employee is made: enter the person in Procountor's register of persons, with the same number; the documents then go on by themselves")
		case errors.Is(err, engine.ErrMend):
			return nil, problem(http.StatusConflict, codeNotNow, "by the settings one of the two cards is corrected, in your system or in Procountor; then the documents go on by themselves")
		case errors.Is(err, engine.ErrNoCandidate):
			return nil, problem(http.StatusUnprocessableEntity, codeContent, "the partner is not one of the candidates; see "+partnersPath+"/doubts")
		case errors.Is(err, engine.ErrNotNow):
			return nil, problem(http.StatusConflict, codeNotNow, "the document is not held for a doubt about its partner, or it has changed meanwhile")
		case err != nil:
			return nil, s.trouble(ctx, "say partner", err)
		}
		return s.show(ctx, speaker(in.AcceptLanguage), in.ID)
	})

	choices := huma.Operation{OperationID: "list-partner-choices", Method: http.MethodGet, Path: partnersPath + "/choices", Tags: []string{"Partners"},
		Summary:     "What was said of parties",
		Description: "What holds on this connection, said for it or for all connections of the company, by the API or by people in Vienti. Not for tokens for some kinds of documents."}
	huma.Register(api, choices, func(ctx context.Context, _ *struct{}) (*answer[PartnerChoices], error) { return s.choices(ctx) })

	undo := huma.Operation{OperationID: "undo-partner-choice", Method: http.MethodPost, Path: partnersPath + "/choices/undo", Tags: []string{"Partners"},
		Summary:      "Undo what was said of a party",
		Description:  "The next document of the party asks again. What is in the books stays. The answer lists what still holds. Not for tokens for some kinds of documents.",
		MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, undo, func(ctx context.Context, in *withBody) (*answer[PartnerChoices], error) {
		what, err := bodyOf[PartnerUndo](s.reader, s.reader.undo, in.RawBody, "name the party as "+partnersPath+"/choices lists it; and everywhere, if it was said for the company")
		if err != nil {
			return nil, err
		}
		conn := connectionOf(ctx)
		on := conn.ID
		if what.Everywhere {
			on = ""
		}
		err = s.engine.UndoPartnerChoice(ctx, "api:"+conn.ID, conn.Company, on, what.Party)
		if store.IsNotFound(err) {
			return nil, problem(http.StatusNotFound, codeNotFound, "nothing was said of that party there; "+partnersPath+"/choices lists what was, and whether everywhere")
		}
		if err != nil {
			return nil, s.trouble(ctx, "undo partner choice", err)
		}
		return s.choices(ctx)
	})
}

func (s *server) choices(ctx context.Context) (*answer[PartnerChoices], error) {
	conn := connectionOf(ctx)
	list, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) ([]store.PartnerChoice, error) { return tx.PartnerChoices(conn.Company, conn.ID) })
	if err != nil {
		return nil, s.trouble(ctx, "list partner choices", err)
	}
	out := PartnerChoices{Choices: []PartnerChoice{}}
	for _, c := range list {
		out.Choices = append(out.Choices, PartnerChoice{Party: c.Party, Name: c.Name, Partner: c.Partner, Everywhere: c.Connection == "", At: c.At.UTC()})
	}
	return &answer[PartnerChoices]{Status: http.StatusOK, Body: out}, nil
}

func partnerDoubt(d engine.Doubt, document string) PartnerDoubt {
	out := PartnerDoubt{Party: d.Party, Name: d.Name, BusinessID: d.Said.BusinessID, VATNumber: d.Said.VATNumber, Number: d.Said.Number,
		Register: string(register.TypeFor(d.Kind)), Code: d.Code, Mend: d.Mend, Since: d.Since.UTC(), Document: document, Numbers: d.Numbers,
		Sums: map[string]string{}, Candidates: []PartnerCandidate{}}
	for currency, sum := range d.Sums {
		out.Sums[currency] = sum.Fixed(2)
	}
	for _, c := range d.Candidates {
		out.Candidates = append(out.Candidates, partnerCandidate(c))
	}
	return out
}

func partnerCandidate(c matching.Candidate) PartnerCandidate {
	p := c.Partner
	return PartnerCandidate{ID: p.ID, Name: p.Name, BusinessID: p.BusinessID, Number: p.CustomerNumber, Active: p.Active, Reasons: append([]string{}, c.Reasons...)}
}
