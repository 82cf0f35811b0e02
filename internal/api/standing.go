package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// A Standing says where a document stands on the side of the business system. It
// is no part of the document's content.
type Standing struct {
	Approvals *[]Approval `json:"approvals,omitempty" maxItems:"100" doc:"The decisions of your approval round on a purchase invoice, all of them, in any order. Empty: a round has begun and nobody has decided yet. Not given: you have no round, and the connection's settings alone decide. While a round is given that is not complete, the invoice is never approved in Procountor."`
	Sent      *bool       `json:"sent,omitempty" doc:"Whether you have sent a sales invoice to the customer. A connection may let sales invoices wait for that."`
}

// An Approval is one decision of one person.
type Approval struct {
	By       string `json:"by" minLength:"1" maxLength:"200" example:"Maija Meikäläinen" doc:"Who has decided. The approval in Procountor names them."`
	At       Moment `json:"at" example:"2026-03-12T10:05:00+02:00" doc:"When, with the zone (RFC 3339)."`
	Step     int    `json:"step,omitempty" minimum:"0" maximum:"1000" example:"1" doc:"Which step of the round, from 1."`
	Decision string `json:"decision,omitempty" enum:"approved,rejected" doc:"approved when not given. After a rejection the round begins anew: only later approvals count."`
	Last     bool   `json:"last,omitempty" doc:"With this approval the round is complete."`
	Note     string `json:"note,omitempty" maxLength:"500" doc:"What the person has written beside it."`
}

// A Moment is an instant with its zone.
type Moment struct{ time.Time }

// Schema describes RFC 3339.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// standing turns what was pushed into ours; nil when nothing was said.
func (s *Standing) standing() *hub.Standing {
	if s == nil {
		return nil
	}
	out := &hub.Standing{Sent: s.Sent}
	if s.Approvals != nil {
		out.Approvals = []hub.Approval{}
		for _, a := range *s.Approvals {
			out.Approvals = append(out.Approvals, hub.Approval{By: a.By, At: a.At.Time, Step: a.Step, Rejected: a.Decision == "rejected", Last: a.Last, Note: a.Note})
		}
	}
	return out
}

// standingOf is the other way round, for answers; nil when nothing was said.
func standingOf(s hub.Standing) *Standing {
	if s.IsZero() {
		return nil
	}
	out := &Standing{Sent: s.Sent}
	if s.Approvals != nil {
		list := []Approval{}
		for _, a := range s.Approvals {
			decision := "approved"
			if a.Rejected {
				decision = "rejected"
			}
			list = append(list, Approval{By: a.By, At: Moment{a.At}, Step: a.Step, Decision: decision, Last: a.Last, Note: a.Note})
		}
		out.Approvals = &list
	}
	return out
}

// stated is the standing of a pushed document, unless it is wrong in itself.
func stated(d *Document, faults []hub.Fault) *hub.Standing {
	for _, f := range faults {
		if strings.HasPrefix(f.Path, "standing") {
			return nil
		}
	}
	return d.Standing.standing()
}

func (s *server) standings(api huma.API) {
	op := huma.Operation{OperationID: "set-standing", Method: http.MethodPost, Path: documentsPath + "/{id}/standing", Tags: []string{"Documents"},
		Summary: "Say where a document stands on your side",
		Description: "Its approvals, or whether it was sent to the customer; the same as `standing` of a pushed document, without pushing it again. It replaces what was " +
			"said before, makes no new version of the document, and each change of it is kept with its time. By the connection's settings the document goes, " +
			"is approved in Procountor, or is held because it was rejected.",
		MaxBodyBytes: maxStanding + 1, SkipValidateBody: true, DefaultStatus: http.StatusAccepted}
	huma.Register(api, op, func(ctx context.Context, in *withID) (*answer[Receipt], error) {
		standing, err := s.reader.standingBody(in.RawBody)
		if err != nil {
			return nil, err
		}
		rc, err := s.stand(ctx, speaker(in.AcceptLanguage), in.ID, *standing)
		if err != nil {
			return nil, err
		}
		out := &answer[Receipt]{Status: http.StatusAccepted, Body: rc}
		if rc.Result == string(engine.ResultUnchanged) {
			out.Status = http.StatusOK
		}
		return out, nil
	})
}

// maxStanding bounds the body of a standing: a hundred decisions with their notes.
const maxStanding = 200_000

func (s *server) stand(ctx context.Context, sp locale.Speaker, id string, standing hub.Standing) (Receipt, error) {
	conn := connectionOf(ctx)
	rc, err := s.engine.SetStanding(ctx, conn.ID, id, standing)
	if err != nil {
		return Receipt{}, s.trouble(ctx, "standing", err)
	}
	var doc *hub.Document
	if err := s.store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.PushedDocument(conn.ID, id)
		if err != nil {
			return err
		}
		doc, _, err = tx.Document(p.Document.ID, p.Document.Version)
		return err
	}); err != nil {
		return Receipt{}, s.trouble(ctx, "standing", err)
	}
	return receipt(sp, rc, doc), nil
}

// standingBody reads a standing by itself. It is all or nothing.
func (r *reader) standingBody(body []byte) (*hub.Standing, error) {
	raw, one, err := split(body)
	if err != nil {
		return nil, err
	}
	p := problem(http.StatusUnprocessableEntity, codeContent, "nothing was stored; see errors")
	if !one {
		p.Errors = append(p.Errors, ProblemDetail{Message: "one object, not a list", Location: "body"})
		return nil, p
	}
	tree, err := decode(raw[0])
	if err != nil {
		return nil, malformed(body, 0, "the body is not JSON")
	}
	w := walk{r: r}
	w.value(r.standing, tree, "body")
	for _, f := range w.faults {
		message := f.Args["form"]
		if message == "" {
			message = f.Code
		}
		p.Errors = append(p.Errors, ProblemDetail{Message: message, Location: f.Path, Value: f.Value})
	}
	var in Standing
	if len(w.faults) > 0 || json.Unmarshal(raw[0], &in) != nil {
		return nil, p
	}
	return in.standing(), nil
}
