package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// ErrVendorName says that a vendor needs a name that no other has.
var ErrVendorName = errors.New("a vendor needs a name of its own")

// ErrReturnForm says that browsers are not sent to such an address.
var ErrReturnForm = errors.New("no address to return to")

// AddVendor lets a maker of business systems ask for connections. hash is that of its
// token; return URLs are compared whole, so that nobody is sent elsewhere.
func (e *Engine) AddVendor(ctx context.Context, actor string, v store.Vendor, hash string) (store.Vendor, error) {
	if v.Name = strings.TrimSpace(v.Name); v.Name == "" || len(v.Name) > 200 {
		return v, ErrVendorName
	}
	for _, to := range v.ReturnURLs {
		if err := checkReturn(to); err != nil {
			return v, fmt.Errorf("%q: %w: %w", to, ErrReturnForm, err)
		}
	}
	err := e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.InsertVendor(&v, hash); err != nil {
			return err
		}
		return act(tx, actor, "vendor.made", v.ID, struct {
			Name       string   `json:"name"`
			ReturnURLs []string `json:"return_urls"`
		}{v.Name, v.ReturnURLs})
	})
	if store.IsDuplicate(err) {
		err = ErrVendorName
	}
	return v, err
}

// checkReturn says what is wrong with an address to which browsers may be sent.
func checkReturn(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(address, " \t\r\n"):
		return errors.New("write it as https://app.example.fi/connected")
	case u.Scheme == "https":
		return nil
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return errors.New("it must begin with https://")
}

// RevokeVendor ends the token of a vendor and its open links. Its connections stay, with
// the tokens of their own.
func (e *Engine) RevokeVendor(ctx context.Context, actor, id string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.RevokeVendor(id); err != nil {
			return err
		}
		return act(tx, actor, "vendor.revoked", id, nil)
	})
}

// TokenID is how much of the hash of a token it is called by.
const TokenID = 12

// RevokeToken ends the token of a business system for good.
func (e *Engine) RevokeToken(ctx context.Context, actor string, t store.PushToken) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.RevokePushToken(t.Hash); err != nil {
			return err
		}
		return act(tx, actor, "token.revoked", t.Connection, map[string]string{"token": t.Hash[:TokenID], "name": t.Name})
	})
}

// AskConnection makes the link by which a customer of a vendor is connected. A customer
// that is connected already has no token.
func (e *Engine) AskConnection(ctx context.Context, v store.Vendor, l store.VendorLink) (_ store.VendorLink, token secret.Secret, err error) {
	err = e.store.Tx(ctx, func(tx *store.Tx) (err error) {
		if token, err = tx.PutVendorLink(v, &l); err != nil || l.Connection != "" {
			return err
		}
		return act(tx, "vendor:"+v.ID, "vendor.link", l.ID, struct {
			Name      string `json:"name"`
			Reference string `json:"reference"`
		}{l.Name, l.Reference})
	})
	return l, token, err
}

// handOver hands a connection to the vendor by whose link it was made, and uses the link
// up. Whoever is connected by no link hands nothing over.
func handOver(tx *store.Tx, actor, link, connection string) error {
	if link == "" {
		return nil
	}
	l, err := tx.OpenVendorLinkByID(link)
	if err != nil {
		return err
	}
	err = tx.UseVendorLink(link, connection)
	if store.IsDuplicate(err) { // a connection that was there, and is another customer's
		err = store.ErrVendorLink
	}
	if err != nil {
		return err
	}
	return act(tx, actor, "vendor.connected", connection, struct {
		Vendor    string `json:"vendor"`
		Reference string `json:"reference"`
	}{l.VendorName, l.Reference})
}

// mayConnect says whether who connects may. An administrator of all companies may connect
// any; a guest, who has [people.Join] only, may by a vendor's link, a company that is new
// here or that they administer: there is the zero value for a new one. Anything else is
// [ErrBeyond].
func mayConnect(tx *store.Tx, j Join, there hub.Company) (guest *people.User, err error) {
	if j.person == "" {
		return nil, nil
	}
	u, err := tx.Person(j.person)
	switch {
	case err != nil:
		return nil, fmt.Errorf("who connects: %w", err)
	case u.Can(people.SetUp, "", ""):
		return nil, nil
	case !u.CanSomewhere(people.Join), j.Link == "", there.ID != "" && !u.Can(people.SetUp, there.ID, ""):
		return nil, fmt.Errorf("connect: %w", ErrBeyond)
	}
	return &u, nil
}

// giveCompany makes whoever has connected a company by a link its administrator.
func giveCompany(tx *store.Tx, was people.User, company string) error {
	u := was.WithCompany(company)
	if err := tx.SetPerson(u); err != nil {
		return err
	}
	return act(tx, was.ID, "person.role", was.ID, struct {
		From rights `json:"from"`
		To   rights `json:"to"`
	}{rightsOf(was), rightsOf(u)})
}
