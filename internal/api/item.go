package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// Items are what you list on your axes, one page of them.
type Items struct {
	Items []ItemState `json:"items" doc:"By axis and code."`
	Next  string      `json:"next,omitempty" doc:"Give it as after to read on; not there on the last page."`
}

// An Item is a project, a cost centre, a unit or a product of yours.
type Item struct {
	Axis   string `json:"axis" minLength:"1" maxLength:"100" example:"project" doc:"project, cost_centre, unit, product, or an axis of your own."`
	ID     string `json:"id" minLength:"1" maxLength:"200" example:"41f0" doc:"Your own, the same for ever, whatever the item is called."`
	Code   string `json:"code" minLength:"1" maxLength:"200" example:"P400" doc:"What the rows of your documents name it by."`
	Name   string `json:"name,omitempty" maxLength:"500" example:"Satama" doc:"Nothing is made in Procountor of an item that has only a code."`
	Closed bool   `json:"closed,omitempty" doc:"It takes no documents any more."`

	Unit       string   `json:"unit,omitempty" maxLength:"100" example:"h" doc:"Of a product."`
	Price      *Decimal `json:"price,omitempty" example:"95" doc:"Of a product, without VAT."`
	VATPercent *Decimal `json:"vat_percent,omitempty" example:"25.5" doc:"Of a product."`
}

// An ItemsSaid is what you say of items.
type ItemsSaid struct {
	Items []Item `json:"items" minItems:"1" maxItems:"1000"`
}

// An ItemsHeard says how many of them were heard.
type ItemsHeard struct {
	Heard   int `json:"heard" doc:"So many are on axes that the settings map to a dimension of Procountor, or products that they want made."`
	Ignored int `json:"ignored" doc:"So many are on others, and nothing was stored of them."`
}

// An ItemState is an item of yours, and which one of Procountor's it is.
type ItemState struct {
	Axis   string `json:"axis"`
	ID     string `json:"id" doc:"Yours."`
	Code   string `json:"code"`
	Name   string `json:"name,omitempty"`
	Closed bool   `json:"closed,omitempty"`

	Procountor *ItemThere `json:"procountor,omitempty" doc:"The item or product in Procountor; not there while there is none."`
	State      string     `json:"state,omitempty" doc:"Where making or changing it stands, as documents do; not there while nothing was to be done."`
	Codes      []string   `json:"codes,omitempty" doc:"Why it stands there, such as item-changed and item-removed. More may be added."`
	Asked      *ItemAsked `json:"asked,omitempty" doc:"What somebody is asked about it."`
}

// An ItemThere is an item as Procountor has it.
type ItemThere struct {
	ID     int64  `json:"id"`
	Text   string `json:"text,omitempty"`
	Closed bool   `json:"closed,omitempty"`
}

// An ItemAsked is a question about an item.
type ItemAsked struct {
	ID      string `json:"id" doc:"To answer it."`
	Version string `json:"version" doc:"To answer it: what has changed since is asked anew."`
	Why     string `json:"why" enum:"edited,gone" doc:"Somebody has called it something else in Procountor, or it is not there any more."`
	Text    string `json:"text" doc:"What it would be called."`
	Closed  bool   `json:"closed,omitempty"`
}

// An ItemAnswer says what holds.
type ItemAnswer struct {
	ID      string `json:"id" minLength:"1" maxLength:"100"`
	Version string `json:"version" minLength:"1" maxLength:"100"`
	Answer  string `json:"answer" enum:"carry,leave" doc:"Carry what you say to Procountor, or leave it as it is there."`
}

type itemsQuery struct {
	Axis   string `query:"axis" maxLength:"100" doc:"Only of this axis."`
	Search string `query:"search" maxLength:"100" doc:"A part of the code or the name."`
	After  string `query:"after" maxLength:"2000" doc:"The next of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
}

const itemsPath = "/v1/items"

func (s *server) items(api huma.API) {
	list := huma.Operation{OperationID: "list-items", Method: http.MethodGet, Path: itemsPath, Tags: []string{"Items"},
		Summary:     "Your projects, cost centres and products, and what they are in Procountor",
		Description: "What you have said of them, and what your documents name. Not for tokens for some kinds of documents."}
	huma.Register(api, list, func(ctx context.Context, in *itemsQuery) (*answer[Items], error) {
		conn := connectionOf(ctx)
		f := store.ItemFilter{Company: conn.Company, Connection: conn.ID, Axis: in.Axis, Search: in.Search, Limit: in.Limit + 1}
		if in.After != "" && json.Unmarshal([]byte(in.After), &f.After) != nil {
			return nil, problem(http.StatusUnprocessableEntity, codeContent, "after is not the next of an earlier page")
		}
		found, err := s.engine.Items(ctx, f)
		if err != nil {
			return nil, s.trouble(ctx, "list items", err)
		}
		out := Items{Items: []ItemState{}}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			last := found[in.Limit-1]
			next, err := json.Marshal(store.PlaceOf(&last.ItemWord))
			if err != nil {
				return nil, s.trouble(ctx, "list items", err)
			}
			out.Next = string(next)
		}
		for _, n := range found {
			out.Items = append(out.Items, itemState(n))
		}
		return &answer[Items]{Status: http.StatusOK, Body: out}, nil
	})

	say := huma.Operation{OperationID: "push-items", Method: http.MethodPost, Path: itemsPath, Tags: []string{"Items"},
		Summary: "Say how projects, cost centres and products are called",
		Description: "An item is known by its axis and `id`; say again what has changed: another name, another code, that it is closed. What is not in the request stays as it was said. " +
			"Which axes go into which dimension, and which of their items are made in Procountor, is said by the settings of the connection. Not for tokens for some kinds of documents.",
		MaxBodyBytes: maxDocument + 1, BodyReadTimeout: bodyTimeout, SkipValidateBody: true}
	huma.Register(api, say, func(ctx context.Context, in *withBody) (*answer[ItemsHeard], error) {
		said, err := bodyOf[ItemsSaid](s.reader, s.reader.items, in.RawBody, `give {"items": [{"axis": …, "id": …, "code": …, "name": …}]}, at most 1 000`)
		if err != nil {
			return nil, err
		}
		conn := connectionOf(ctx)
		items := make([]hub.Item, len(said.Items))
		for i, it := range said.Items {
			items[i] = hub.Item{Axis: it.Axis, ID: it.ID, Code: it.Code, Name: it.Name, Closed: it.Closed, Unit: it.Unit, Price: it.Price.pointer(), VATPercent: it.VATPercent.pointer()}
		}
		heard, err := s.engine.ReceiveItems(ctx, conn.ID, items)
		if err != nil {
			return nil, s.trouble(ctx, "push items", err)
		}
		return &answer[ItemsHeard]{Status: http.StatusOK, Body: ItemsHeard{Heard: heard, Ignored: len(items) - heard}}, nil
	})

	decide := huma.Operation{OperationID: "answer-item", Method: http.MethodPost, Path: itemsPath + "/answer", Tags: []string{"Items"},
		Summary: "Say what holds of an item",
		Description: "For an item about which is `asked`: carry what you say to Procountor, or leave it as it is there. What is left is asked again when you say something else. " +
			"Not for tokens for some kinds of documents.", MaxBodyBytes: maxReason + 1, SkipValidateBody: true}
	huma.Register(api, decide, func(ctx context.Context, in *withBody) (*answer[ItemState], error) {
		said, err := bodyOf[ItemAnswer](s.reader, s.reader.item, in.RawBody, "give id and version as asked of "+itemsPath+" has them, and answer, carry or leave")
		if err != nil {
			return nil, err
		}
		return s.answerItem(ctx, said)
	})
}

func (s *server) answerItem(ctx context.Context, said ItemAnswer) (*answer[ItemState], error) {
	conn := connectionOf(ctx)
	find := func() (n engine.ItemNews, err error) {
		t, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(said.ID) })
		if err != nil || t.Company != conn.Company {
			return n, cmp.Or(err, store.ErrNotFound)
		}
		words, err := s.engine.ItemOf(ctx, &t)
		for _, w := range words {
			if w.Connection == conn.ID {
				return engine.ItemNews{ItemWord: w, Transfer: &t}, err
			}
		}
		return n, cmp.Or(err, store.ErrNotFound)
	}
	if _, err := find(); err != nil {
		if store.IsNotFound(err) {
			return nil, problem(http.StatusNotFound, codeNotFound, fmt.Sprintf("nothing is asked under the id %q; %s lists what is", said.ID, itemsPath))
		}
		return nil, s.trouble(ctx, "answer item", err)
	}
	err := s.engine.AnswerItem(ctx, "api:"+conn.ID, said.ID, said.Version, engine.CardAnswer(said.Answer))
	if errors.Is(err, engine.ErrNotNow) {
		return nil, problem(http.StatusConflict, codeNotNow, "nothing is asked in that version any more; "+itemsPath+" lists what is")
	}
	var now engine.ItemNews
	if err == nil {
		now, err = find()
	}
	if err != nil {
		return nil, s.trouble(ctx, "answer item", err)
	}
	return &answer[ItemState]{Status: http.StatusOK, Body: itemState(now)}, nil
}

func itemState(n engine.ItemNews) ItemState {
	out := ItemState{Axis: n.Item.Axis, ID: n.Item.ID, Code: n.Item.Code, Name: n.Item.Name, Closed: n.Item.Closed}
	if n.There != 0 {
		out.Procountor = &ItemThere{n.There, n.Seen.Text, n.Seen.Closed}
	}
	if n.Transfer == nil {
		return out
	}
	out.State = string(n.Transfer.State)
	out.Codes = codesOf(n.Transfer.Faults)
	if n.Open() && n.Asked != nil {
		out.Asked = &ItemAsked{n.Transfer.ID, n.Transfer.Version, string(n.Asked.Why), n.Asked.To.Text, n.Asked.To.Closed}
	}
	return out
}
