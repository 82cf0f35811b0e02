package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// WebhookAsked is what a webhook is made from.
type WebhookAsked struct {
	URL      string   `json:"url" minLength:"1" maxLength:"2000" doc:"Where changes are posted to: https, on the internet or in a network that the person who runs Vienti has allowed. It is called as it stands, redirects are not followed."`
	Types    []string `json:"types,omitempty" maxItems:"50" example:"[\"document.refused\",\"document.posted\"]" doc:"Of which types of changes; all when left out."`
	Language string   `json:"language,omitempty" enum:"en,fi,sv,nl" doc:"In which titles, causes and remedies are told; en when left out."`
}

// A Webhook is where changes are told to.
type Webhook struct {
	ID       string    `json:"id"`
	URL      string    `json:"url"`
	Types    []string  `json:"types,omitempty" doc:"Not there: all."`
	Language string    `json:"language"`
	Secret   string    `json:"secret,omitempty" example:"whsec_…" doc:"By which you verify what comes. Only in the answer that makes it: keep it there."`
	State    string    `json:"state" enum:"good,failing,parked" doc:"failing: the last tries did not come through, and are repeated. parked: nothing came through for three days, or you answered 410; nobody tries before you resume it. Changes wait meanwhile."`
	Since    time.Time `json:"since,omitzero" doc:"Since when it is failing or parked."`
	Next     time.Time `json:"next_try,omitzero"`
	Waiting  int       `json:"waiting" doc:"How many changes are still to be told."`
	GivenUp  int       `json:"given_up,omitempty" doc:"How many were refused for three days while others came through. A replay tells them again."`
	Created  time.Time `json:"created"`
}

// Webhooks are those of a connection.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
}

// A Delivery is what became of telling one change to one webhook.
type Delivery struct {
	ID     string    `json:"id" doc:"Of the change; webhook-id of the request."`
	Type   string    `json:"type"`
	Cursor string    `json:"cursor"`
	State  string    `json:"state" enum:"planned,delivered,given_up"`
	Tries  int       `json:"tries"`
	Tried  time.Time `json:"tried,omitzero" doc:"The last try."`
	Took   int64     `json:"took_ms,omitempty" doc:"How long your answer took, in milliseconds."`
	Status int       `json:"status,omitempty" doc:"The HTTP status that you answered."`
	Error  string    `json:"error,omitempty" doc:"Why there was no answer."`
	Next   time.Time `json:"next_try,omitzero"`
}

// Deliveries is a page of them, the newest first.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next,omitempty" doc:"Give it as before to read on."`
}

// ReplayAsked says from when on changes are told once more.
type ReplayAsked struct {
	From Moment `json:"from" example:"2026-03-12T00:00:00+02:00" doc:"The changes since then, at most 90 days back, are told once more, under their ids."`
}

// Replayed says how many.
type Replayed struct {
	Changes int `json:"changes" doc:"How many changes are told once more."`
}

type byWebhook struct {
	ID string `path:"id" minLength:"1" maxLength:"100" doc:"The webhook's id."`
}

const webhooksPath = "/v1/webhooks"

func (s *server) webhooks(api huma.API) {
	list := huma.Operation{OperationID: "list-webhooks", Method: http.MethodGet, Path: webhooksPath, Tags: []string{"Changes"},
		Summary: "Where changes of this connection are told to", Description: "With how each of them stands."}
	huma.Register(api, list, func(ctx context.Context, _ *struct{}) (*answer[Webhooks], error) {
		out := Webhooks{Webhooks: []Webhook{}}
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			all, err := tx.Webhooks(connectionOf(ctx).ID)
			if err != nil {
				return err
			}
			counts, err := tx.CountDeliveries(connectionOf(ctx).ID)
			for _, w := range all {
				out.Webhooks = append(out.Webhooks, webhook(w, counts[w.ID]))
			}
			return err
		}); err != nil {
			return nil, s.trouble(ctx, "webhooks", err)
		}
		return &answer[Webhooks]{Status: http.StatusOK, Body: out}, nil
	})

	add := huma.Operation{OperationID: "add-webhook", Method: http.MethodPost, Path: webhooksPath, Tags: []string{"Changes"},
		Summary: "Have changes told to an address",
		Description: "Each change from now on is posted there as the feed has it, signed as Standard Webhooks says: headers `webhook-id` (the change's id), " +
			"`webhook-timestamp` and `webhook-signature`. Answer 2xx within 15 seconds, and do the work afterwards. Anything else, and no answer, is tried again: after " +
			"seconds at first, then every ten minutes, for three days. Changes of one document come in their order: the next waits for the one before. What " +
			"comes twice has the same id.",
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxReason + 1}
	huma.Register(api, add, func(ctx context.Context, in *struct{ Body WebhookAsked }) (*answer[Webhook], error) {
		w := store.Webhook{Connection: connectionOf(ctx).ID, URL: in.Body.URL, Language: in.Body.Language}
		if w.Language == "" {
			w.Language = "en"
		}
		for _, k := range in.Body.Types {
			w.Kinds = append(w.Kinds, hub.ChangeKind(k))
		}
		w, err := s.engine.AddWebhook(ctx, "api:"+w.Connection, w)
		switch {
		case errors.Is(err, store.ErrWebhooks):
			return nil, problem(http.StatusConflict, codeNotNow, err.Error()+"; end one of them first")
		case errors.Is(err, engine.ErrWebhookKind):
			return nil, wrong("body.types", err)
		case errors.Is(err, engine.ErrWebhookURL):
			return nil, wrong("body.url", err)
		case err != nil:
			return nil, s.trouble(ctx, "add a webhook", err)
		}
		out := webhook(w, store.DeliveryCount{})
		out.Secret = w.Secret.Reveal()
		return &answer[Webhook]{Status: http.StatusCreated, Body: out}, nil
	})

	onWebhook := func(id, verb, summary, description string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodPost, Path: webhooksPath + "/{id}/" + verb, Tags: []string{"Changes"}, Summary: summary,
			Description: description, MaxBodyBytes: maxReason + 1}
	}
	huma.Register(api, onWebhook("rotate-webhook", "rotate", "Give a webhook another secret",
		"The answer has the new secret, once. For a day, what is sent is signed with both, so that you can change over."),
		func(ctx context.Context, in *byWebhook) (*answer[Webhook], error) {
			secret, err := s.engine.RotateWebhook(ctx, "api:"+connectionOf(ctx).ID, connectionOf(ctx).ID, in.ID)
			out, err := s.shownWebhook(ctx, in.ID, err)
			if err == nil {
				out.Body.Secret = secret.Reveal()
			}
			return out, err
		})
	huma.Register(api, onWebhook("resume-webhook", "resume", "Try a webhook again at once", "What has waited is told, in its order."),
		func(ctx context.Context, in *byWebhook) (*answer[Webhook], error) {
			return s.shownWebhook(ctx, in.ID, s.engine.ResumeWebhook(ctx, "api:"+connectionOf(ctx).ID, connectionOf(ctx).ID, in.ID))
		})
	huma.Register(api, onWebhook("replay-webhook", "replay", "Tell a webhook once more of changes since a moment",
		"For a receiver that has lost what it knew. The changes have the ids that they had."),
		func(ctx context.Context, in *struct {
			ID   string `path:"id" minLength:"1" maxLength:"100" doc:"The webhook's id."`
			Body ReplayAsked
		}) (*answer[Replayed], error) {
			n, err := s.engine.ReplayWebhook(ctx, "api:"+connectionOf(ctx).ID, connectionOf(ctx).ID, in.ID, in.Body.From.Time)
			if err != nil {
				return nil, s.webhookTrouble(ctx, err)
			}
			return &answer[Replayed]{Status: http.StatusOK, Body: Replayed{n}}, nil
		})
	huma.Register(api, onWebhook("end-webhook", "end", "Tell nothing more to a webhook", "What was still to be told to it stays in the feed."),
		func(ctx context.Context, in *byWebhook) (*answer[Webhooks], error) {
			if err := s.engine.EndWebhook(ctx, "api:"+connectionOf(ctx).ID, connectionOf(ctx).ID, in.ID); err != nil {
				return nil, s.webhookTrouble(ctx, err)
			}
			return &answer[Webhooks]{Status: http.StatusOK, Body: Webhooks{Webhooks: []Webhook{}}}, nil
		})

	deliveries := huma.Operation{OperationID: "list-deliveries", Method: http.MethodGet, Path: webhooksPath + "/{id}/deliveries", Tags: []string{"Changes"},
		Summary: "What a webhook was told, and how it answered", Description: "The newest first."}
	huma.Register(api, deliveries, func(ctx context.Context, in *struct {
		ID     string `path:"id" minLength:"1" maxLength:"100" doc:"The webhook's id."`
		Before string `query:"before" maxLength:"20" doc:"The next of the page before."`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
	}) (*answer[Deliveries], error) {
		before, err := strconv.ParseInt("0"+in.Before, 10, 64)
		if err != nil {
			return nil, wrong("query.before", errors.New("a number that was answered as next"))
		}
		var found []store.Delivery
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			w, err := tx.Webhook(in.ID)
			if err == nil && w.Connection != connectionOf(ctx).ID {
				err = store.ErrNotFound
			}
			if err == nil {
				found, err = tx.Deliveries(in.ID, before, in.Limit+1)
			}
			return err
		}); err != nil {
			return nil, s.webhookTrouble(ctx, err)
		}
		out := Deliveries{Deliveries: []Delivery{}}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			out.Next = strconv.FormatInt(found[in.Limit-1].Change.Seq, 10)
		}
		for _, d := range found {
			one := Delivery{ID: d.Change.ID, Type: string(d.Change.Kind), Cursor: strconv.FormatInt(d.Change.Seq, 10), State: string(d.State), Tries: d.Tries,
				Tried: d.TriedAt, Took: d.Took.Milliseconds(), Status: d.Status, Error: d.Error}
			if d.State == store.DeliveryPlanned {
				one.Next = d.NextAt
			}
			out.Deliveries = append(out.Deliveries, one)
		}
		return &answer[Deliveries]{Status: http.StatusOK, Body: out}, nil
	})
}

// wrong names the one part of a request that is.
func wrong(location string, err error) *Problem {
	p := problem(http.StatusUnprocessableEntity, codeContent, "nothing was done; see errors")
	p.Errors = []ProblemDetail{{Message: err.Error(), Location: location}}
	return p
}

func webhook(w store.Webhook, n store.DeliveryCount) Webhook {
	out := Webhook{ID: w.ID, URL: w.URL, Language: w.Language, State: "good", Waiting: n.Planned, GivenUp: n.GivenUp, Created: w.Created}
	for _, k := range w.Kinds {
		out.Types = append(out.Types, string(k))
	}
	switch {
	case !w.Parked.IsZero():
		out.State, out.Since = "parked", w.Parked
	case w.Fails > 0:
		out.State, out.Since, out.Next = "failing", w.Failing, w.NextAt
	}
	return out
}

// shownWebhook answers how a webhook stands after something was done to it.
func (s *server) shownWebhook(ctx context.Context, id string, err error) (*answer[Webhook], error) {
	out := &answer[Webhook]{Status: http.StatusOK}
	if err == nil {
		err = s.store.Read(ctx, func(tx *store.Tx) error {
			w, err := tx.Webhook(id)
			if err != nil {
				return err
			}
			counts, err := tx.CountDeliveries(w.Connection)
			out.Body = webhook(w, counts[id])
			return err
		})
	}
	if err != nil {
		return nil, s.webhookTrouble(ctx, err)
	}
	return out, nil
}

func (s *server) webhookTrouble(ctx context.Context, err error) *Problem {
	if store.IsNotFound(err) {
		return problem(http.StatusNotFound, codeNotFound, "this connection has no such webhook")
	}
	return s.trouble(ctx, "webhook", err)
}
