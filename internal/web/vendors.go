package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

// A vendorsView is the page of the programs that come by a token: vendors with their
// customers, and business systems with a token of one connection.
type vendorsView struct {
	page
	Vendors []vendorLine
	Tokens  []store.PushToken // those that are good
	// Names are of connections, by id.
	Names map[string]string
	now   time.Time
}

// A vendorLine is a vendor with its customers.
type vendorLine struct {
	store.Vendor
	Links []store.VendorLink
	More  bool // there are more customers
}

// shownLinks is how many customers of a vendor the page shows; the API pages through all.
const shownLinks = 200

func (s *Server) vendors(w http.ResponseWriter, r *http.Request, v visit) error {
	view := vendorsView{Names: map[string]string{}, now: s.o.Now()}
	if err := s.o.Store.Read(r.Context(), func(tx *store.Tx) error {
		list, err := tx.Vendors()
		if err != nil {
			return err
		}
		for _, x := range list {
			line := vendorLine{Vendor: x}
			if line.Links, err = tx.VendorLinks(x.ID, "", shownLinks+1); err != nil {
				return err
			}
			if line.More = len(line.Links) > shownLinks; line.More {
				line.Links = line.Links[:shownLinks]
			}
			view.Vendors = append(view.Vendors, line)
		}
		if view.Tokens, err = tx.PushTokens(""); err != nil {
			return err
		}
		view.Tokens = slices.DeleteFunc(view.Tokens, func(t store.PushToken) bool { return !t.Revoked.IsZero() })
		conns, err := tx.Connections("")
		for _, c := range conns {
			view.Names[c.ID] = c.Name
		}
		return err
	}); err != nil {
		return err
	}
	var err error
	if view.page, err = s.pageOfAll(r, v, v.say.T("vendor.title"), "companies"); err != nil {
		return err
	}
	return s.show(w, r, http.StatusOK, vendorsPage(view))
}

// changeVendors ends the token of a vendor, or that of one connection.
func (s *Server) changeVendors(w http.ResponseWriter, r *http.Request, v visit) error {
	ctx, actor := r.Context(), v.person.ID
	var done string
	if id := r.PostFormValue("vendor"); id != "" {
		list, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]store.Vendor, error) { return tx.Vendors() })
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(x store.Vendor) bool { return x.ID == id })
		if at < 0 {
			return errNotFound
		}
		if err := s.o.Engine.RevokeVendor(ctx, actor, id); err != nil {
			return found(err)
		}
		done = v.say.T("vendor.revoked", "name", list[at].Name)
	} else {
		list, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]store.PushToken, error) { return tx.PushTokens("") })
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(t store.PushToken) bool { return t.Hash == r.PostFormValue("token") })
		if at < 0 {
			return errNotFound
		}
		if err := s.o.Engine.RevokeToken(ctx, actor, list[at]); err != nil {
			return found(err)
		}
		done = v.say.T("vendor.token-revoked", "name", list[at].Name)
	}
	s.say(ctx, true, done)
	return back(w, r, "/vendors")
}

// lastUsed is when a token was used last, in words.
func (v vendorsView) lastUsed(t time.Time) string {
	if t.IsZero() {
		return v.say.T("vendor.never")
	}
	return v.say.Time(t)
}

// state is how far a customer of a vendor is connected.
func (v vendorsView) state(l store.VendorLink) string {
	switch {
	case l.Connection != "":
		return v.say.T("vendor-link.connected", "time", l.Connected)
	case !l.Expires.After(v.now):
		return v.say.T("vendor-link.expired")
	}
	return v.say.T("vendor-link.waiting", "time", l.Expires)
}

// may is what a token may, in words.
func (v vendorsView) may(may people.TokenRights) string {
	words := []string{v.say.T("vendor-may.both")}
	switch {
	case !may.Writes:
		words[0] = v.say.T("vendor-may.read")
	case !may.Reads:
		words[0] = v.say.T("vendor-may.write")
	}
	for _, k := range may.Kinds {
		words = append(words, v.say.T("kind."+string(k)+".many"))
	}
	if may.Payroll {
		words = append(words, v.say.T("users.payroll-word"))
	}
	return strings.Join(words, ", ")
}
