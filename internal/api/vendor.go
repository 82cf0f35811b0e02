package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/store"
)

// ConnectionAsked is a customer of a vendor that is to be connected.
type ConnectionAsked struct {
	Reference string `json:"reference" minLength:"1" maxLength:"200" example:"customer-88" doc:"Your own name of the customer: unique among yours. Asked again, there is a fresh link and the earlier one ends."`
	Name      string `json:"name" minLength:"1" maxLength:"100" example:"Kuvitelma Kauppa Oy" doc:"What the connection is to be called; who connects may change it."`
	ReturnURL string `json:"return_url,omitempty" maxLength:"2000" doc:"Where the browser goes when it is connected: one of the addresses that are registered for you, whole. The connection's id is added as connection."`
}

// A VendorConnection is a customer of a vendor, connected or to be.
type VendorConnection struct {
	ID         string    `json:"id" doc:"Of what you have asked for."`
	Reference  string    `json:"reference"`
	Name       string    `json:"name"`
	State      string    `json:"state" enum:"waiting,expired,connected" doc:"waiting: the link has not been followed to its end. expired: ask again for another."`
	ConnectURL string    `json:"connect_url,omitempty" doc:"Lead the customer's administrator there. Only in the answer that makes it; it works once."`
	Expires    time.Time `json:"expires,omitzero"`
	Connection string    `json:"connection,omitempty" doc:"Once connected: give it as the header Vienti-Connection with each request about this customer."`
	Connected  time.Time `json:"connected,omitzero"`
}

// VendorConnections is a page of them.
type VendorConnections struct {
	Connections []VendorConnection `json:"connections" doc:"In the order in which they were asked for."`
	Next        string             `json:"next,omitempty" doc:"Give it as after to read on."`
}

const (
	connectionsPath = "/v1/connections"
	// connectionHeader says about which connection a request with a vendor's token is.
	connectionHeader = "Vienti-Connection"
)

// vendorOf is the vendor whose token a request carries.
func vendorOf(ctx context.Context) (store.Vendor, bool) {
	b := ctx.Value(bearerKey{}).(bearer)
	return b.vendor, b.vendor.ID != ""
}

func (s *server) vendors(api huma.API) {
	const ofVendor = " Only for the token of a vendor, which the administrator makes: `vienti vendor add`."
	ask := huma.Operation{OperationID: "ask-connection", Method: http.MethodPost, Path: connectionsPath, Tags: []string{"Vendors"},
		Summary: "Have a customer connected", Description: "Answers with a link for the customer's administrator, who connects the company in Procountor there and comes " +
			"back to `return_url`. A customer that is connected already is answered as it stands, with 200." + ofVendor,
		DefaultStatus: http.StatusCreated, MaxBodyBytes: maxReason + 1}
	huma.Register(api, ask, func(ctx context.Context, in *struct{ Body ConnectionAsked }) (*answer[VendorConnection], error) {
		v, ok := vendorOf(ctx)
		if !ok {
			return nil, notVendor()
		}
		l, token, err := s.engine.AskConnection(ctx, v, store.VendorLink{Name: in.Body.Name, Reference: in.Body.Reference, ReturnURL: in.Body.ReturnURL})
		switch {
		case errors.Is(err, store.ErrReturnURL):
			return nil, wrong("body.return_url", err)
		case errors.Is(err, store.ErrVendorLinks):
			return nil, problem(http.StatusConflict, codeNotNow, err.Error()+"; let them be followed, or expire")
		case err != nil:
			return nil, s.trouble(ctx, "ask for a connection", err)
		}
		out := &answer[VendorConnection]{Status: http.StatusOK, Body: s.vendorConnection(l)}
		if !token.IsZero() {
			out.Status, out.Body.ConnectURL = http.StatusCreated, strings.TrimRight(s.address, "/")+"/connect?link="+url.QueryEscape(token.Reveal())
		}
		return out, nil
	})

	list := huma.Operation{OperationID: "list-connections", Method: http.MethodGet, Path: connectionsPath, Tags: []string{"Vendors"},
		Summary: "Your customers, and how far each is connected", Description: "Page by page." + ofVendor}
	huma.Register(api, list, func(ctx context.Context, in *struct {
		After string `query:"after" maxLength:"100" doc:"The next of the page before."`
		Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
	}) (*answer[VendorConnections], error) {
		v, ok := vendorOf(ctx)
		if !ok {
			return nil, notVendor()
		}
		found, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) ([]store.VendorLink, error) { return tx.VendorLinks(v.ID, in.After, in.Limit+1) })
		if err != nil {
			return nil, s.trouble(ctx, "list connections", err)
		}
		out := VendorConnections{Connections: []VendorConnection{}}
		if len(found) > in.Limit {
			found = found[:in.Limit]
			out.Next = found[in.Limit-1].ID
		}
		for _, l := range found {
			out.Connections = append(out.Connections, s.vendorConnection(l))
		}
		return &answer[VendorConnections]{Status: http.StatusOK, Body: out}, nil
	})
}

func notVendor() *Problem {
	return problem(http.StatusForbidden, codeRight, "this token is that of one connection; a vendor's token makes others: the person who runs Vienti makes it with vienti vendor add")
}

func (s *server) vendorConnection(l store.VendorLink) VendorConnection {
	out := VendorConnection{ID: l.ID, Reference: l.Reference, Name: l.Name, State: "waiting", Expires: l.Expires, Connection: l.Connection, Connected: l.Connected}
	switch {
	case l.Connection != "":
		out.State, out.Expires = "connected", time.Time{}
	case !l.Expires.After(s.now()):
		out.State = "expired"
	}
	return out
}

// ofVendor finds the connection that a request with a vendor's token is about: one of the
// vendor's own, or none when it is about all of them.
func (s *server) ofVendor(tx *store.Tx, r *http.Request, v store.Vendor) (b bearer, p *Problem, err error) {
	b.vendor = v
	if r.URL.Path == connectionsPath {
		return b, nil, nil
	}
	id := r.Header.Get(connectionHeader)
	if id == "" || len(id) > 100 || !clean(id) {
		return b, problem(http.StatusBadRequest, codeParameter, "this is the token of a vendor: say in the header "+connectionHeader+" about which connection the request is; "+connectionsPath+" lists them"), nil
	}
	b.Connection, err = tx.VendorConnection(v.ID, id)
	if store.IsNotFound(err) {
		return b, problem(http.StatusForbidden, codeRight, "this vendor has no such connection; "+connectionsPath+" lists those that it has"), nil
	}
	return b, nil, err
}
