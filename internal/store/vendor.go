package store

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
)

// A Vendor is a maker of business systems. One token of it stands for all connections
// that were made by its links, and for no other.
type Vendor struct {
	ID, Name string
	// ReturnURLs are where the browser of a customer may be sent afterwards.
	ReturnURLs []string
	Created    time.Time
	Used       time.Time // its token, last, within some minutes; zero for never
	Revoked    time.Time // zero while its token is good
}

// A VendorLink is a customer of a vendor that is to be connected, or is.
type VendorLink struct {
	ID, Vendor string
	VendorName string
	Name       string // what the connection is to be called
	Reference  string // the vendor's own name of its customer
	ReturnURL  string // "" for nowhere
	Expires    time.Time
	Connection string // "" until it is made
	Created    time.Time
	Connected  time.Time
}

// linkFor is how long a link works: somebody may have to be found who may connect.
const linkFor = 7 * 24 * time.Hour

// maxVendorLinks bounds the links of a vendor that nobody has followed.
const maxVendorLinks = 1000

var (
	// ErrVendorLink says that a link has been used, has expired, or never was.
	ErrVendorLink = errors.New("this link has been used or has expired")
	// ErrVendorLinks says that a vendor has too many links open.
	ErrVendorLinks = errors.New("too many links of this vendor are open")
	// ErrReturnURL says that a vendor has not registered an address.
	ErrReturnURL = errors.New("this address is none of those registered for the vendor")
)

// InsertVendor keeps a vendor with the hash of its token, and gives it its id.
func (tx *Tx) InsertVendor(v *Vendor, hash string) error {
	v.ID, v.Created = tx.store.NewID(), tx.Now()
	_, err := tx.Exec(`insert into vendor (id, name, hash, return_urls, created) values ($1,$2,$3,$4,$5)`, v.ID, v.Name, hash,
		strings.Join(v.ReturnURLs, " "), millis(v.Created))
	return err
}

const vendorColumns = `id, name, return_urls, created, used, revoked`

func scanVendor(scan func(...any) error) (v Vendor, err error) {
	var urls string
	var created, used, revoked int64
	err = scan(&v.ID, &v.Name, &urls, &created, &used, &revoked)
	v.ReturnURLs, v.Created, v.Used, v.Revoked = strings.Fields(urls), momentOf(created), momentOf(used), momentOf(revoked)
	return v, err
}

// Vendors returns all, oldest first.
func (tx *Tx) Vendors() (list []Vendor, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		v, err := scanVendor(scan)
		list = append(list, v)
		return err
	}, `select `+vendorColumns+` from vendor order by id`)
	return list, err
}

// VendorByToken returns the vendor whose good token has a hash.
func (tx *Tx) VendorByToken(hash string) (Vendor, error) {
	return scanVendor(tx.QueryRow(`select `+vendorColumns+` from vendor where hash = $1 and revoked = 0`, hash).Scan)
}

// RevokeVendor ends the token of a vendor, and its open links. Its connections stay.
func (tx *Tx) RevokeVendor(id string) error {
	if err := tx.ExecOne(`update vendor set revoked = $2 where id = $1 and revoked = 0`, id, millis(tx.Now())); err != nil {
		return err
	}
	_, err := tx.Exec(`update vendor_link set hash = '', expires = 0 where vendor = $1 and connection = ''`, id)
	return err
}

// PutVendorLink keeps what a vendor asks to have connected, and makes the token of its
// link; asked again for the same customer, the earlier link ends. A customer that is
// connected already is answered without a token.
func (tx *Tx) PutVendorLink(v Vendor, l *VendorLink) (token secret.Secret, err error) {
	if l.ReturnURL != "" && !slices.Contains(v.ReturnURLs, l.ReturnURL) {
		return token, ErrReturnURL
	}
	// The lock keeps two at the same moment from being the first.
	var name string
	if err := tx.QueryRow(`select name from vendor where id = $1`+tx.Dialect().forUpdate(), v.ID).Scan(&name); err != nil {
		return token, err
	}
	now := tx.Now()
	have, err := tx.vendorLink(`l.vendor = $1 and l.reference = $2`, v.ID, l.Reference)
	switch {
	case err == nil && have.Connection != "":
		*l = have
		return token, nil
	case err == nil:
		l.ID, l.Created = have.ID, have.Created
	case !IsNotFound(err):
		return token, err
	default:
		var open int
		if err := tx.QueryRow(`select count(*) from vendor_link where vendor = $1 and connection = ''`, v.ID).Scan(&open); err != nil {
			return token, err
		}
		if open >= maxVendorLinks {
			return token, ErrVendorLinks
		}
		l.ID, l.Created = tx.store.NewID(), now
	}
	l.Vendor, l.VendorName, l.Expires = v.ID, v.Name, now.Add(linkFor)
	token, hash := people.NewToken()
	_, err = tx.Exec(`insert into vendor_link (id, vendor, name, reference, return_url, hash, expires, created) values ($1,$2,$3,$4,$5,$6,$7,$8)
		on conflict (id) do update set name = excluded.name, return_url = excluded.return_url, hash = excluded.hash, expires = excluded.expires`,
		l.ID, l.Vendor, l.Name, l.Reference, l.ReturnURL, hash, millis(l.Expires), millis(l.Created))
	return token, err
}

func (tx *Tx) vendorLink(where string, args ...any) (l VendorLink, err error) {
	return scanVendorLink(tx.QueryRow(selectVendorLink+where, args...).Scan)
}

const selectVendorLink = `select l.id, l.vendor, v.name, l.name, l.reference, l.return_url, l.expires, l.connection, l.created, l.connected
	from vendor_link l join vendor v on v.id = l.vendor where `

func scanVendorLink(scan func(...any) error) (l VendorLink, err error) {
	var expires, created, connected int64
	err = scan(&l.ID, &l.Vendor, &l.VendorName, &l.Name, &l.Reference, &l.ReturnURL, &expires, &l.Connection, &created, &connected)
	l.Expires, l.Created, l.Connected = momentOf(expires), momentOf(created), momentOf(connected)
	return l, err
}

// VendorLinks returns at most limit of a vendor after an id, in the order in which they
// were asked for.
func (tx *Tx) VendorLinks(vendor, after string, limit int) (list []VendorLink, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		l, err := scanVendorLink(scan)
		list = append(list, l)
		return err
	}, selectVendorLink+`l.vendor = $1 and l.id > $2 order by l.id limit $3`, vendor, after, limit)
	return list, err
}

// OpenVendorLink returns what a link stands for, while it is good.
func (tx *Tx) OpenVendorLink(token secret.Secret) (VendorLink, error) {
	return goodLink(tx.vendorLink(`l.hash = $1 and l.expires > $2 and v.revoked = 0`, people.HashToken(token), millis(tx.Now())))
}

// OpenVendorLinkByID is [Tx.OpenVendorLink] for who has followed the link before.
func (tx *Tx) OpenVendorLinkByID(id string) (VendorLink, error) {
	return goodLink(tx.vendorLink(`l.id = $1 and l.hash <> '' and l.expires > $2 and v.revoked = 0`, id, millis(tx.Now())))
}

func goodLink(l VendorLink, err error) (VendorLink, error) {
	if IsNotFound(err) {
		err = ErrVendorLink
	}
	return l, err
}

// UseVendorLink hands a connection to the vendor of a link, which is used up.
func (tx *Tx) UseVendorLink(id, connection string) error {
	if err := tx.OpenFeed(connection); err != nil {
		return err
	}
	err := tx.ExecOne(`update vendor_link set connection = $2, connected = $3, hash = '' where id = $1 and connection = '' and hash <> '' and expires > $3
		and exists (select 1 from vendor v where v.id = vendor_link.vendor and v.revoked = 0)`, id, connection, millis(tx.Now()))
	if IsNotFound(err) {
		return ErrVendorLink
	}
	return err
}

// VendorConnection returns a connection of a vendor; one that is not the vendor's is
// [ErrNotFound].
func (tx *Tx) VendorConnection(vendor, connection string) (hub.Connection, error) {
	var one int
	if err := tx.QueryRow(`select 1 from vendor_link where vendor = $1 and connection = $2 and connection <> ''`, vendor, connection).Scan(&one); err != nil {
		return hub.Connection{}, err
	}
	return tx.Connection(connection)
}
