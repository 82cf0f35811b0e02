package web

import (
	"errors"
	"net/http"

	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A vendor's link leads to the pages on which a company is connected. What it stands for
// is remembered in the session until the connection is made, which then is the vendor's.

// vendorSession is where the session keeps the id of the link that was followed.
const vendorSession = "vendor-link"

// followVendorLink takes the token out of the address. Another word than a good token
// lets go of the link that was followed before.
func (s *Server) followVendorLink(w http.ResponseWriter, r *http.Request, v visit) error {
	token := r.URL.Query().Get("link")
	l, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (store.VendorLink, error) { return tx.OpenVendorLink(secret.New(token)) })
	switch {
	case errors.Is(err, store.ErrVendorLink):
		s.sessions.Remove(r.Context(), vendorSession)
		if token != "none" {
			s.say(r.Context(), false, v.say.T("vendor.link-over"))
		}
	case err != nil:
		return err
	default:
		s.sessions.Put(r.Context(), vendorSession, l.ID)
	}
	return back(w, r, "/connect")
}

// vendorLink is the link that was followed in this session, while it is good.
func (s *Server) vendorLink(r *http.Request) (*store.VendorLink, error) {
	id := s.sessions.GetString(r.Context(), vendorSession)
	if id == "" {
		return nil, nil
	}
	l, err := store.ReadOne(r.Context(), s.o.Store, func(tx *store.Tx) (store.VendorLink, error) { return tx.OpenVendorLinkByID(id) })
	if errors.Is(err, store.ErrVendorLink) {
		s.sessions.Remove(r.Context(), vendorSession)
		return nil, nil
	}
	return &l, err
}
