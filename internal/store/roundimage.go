package store

import "time"

// An ImageState says what is known of a page of an invoice's image.
type ImageState string

// Wanted: to be read out of Procountor. Kept: its body is here. None: Procountor has no
// such page, and is not asked again. Bad: what Procountor has is no picture, or too large.
const (
	ImageWanted ImageState = "wanted"
	ImageKept   ImageState = "kept"
	ImageNone   ImageState = "none"
	ImageBad    ImageState = "bad"
)

// A RoundImage is one page of the image of an invoice on its round.
type RoundImage struct {
	Round, Company string
	Page           int // from 1
	State          ImageState
	Blob, MIME     string // of what is kept
	Tries          int
	// DueAt is when it is read, the zero time unless it is wanted.
	DueAt time.Time
}

const imageColumns = `round, page, company, state, blob, mime, tries, due_at`

func scanImage(scan func(...any) error) (x RoundImage, err error) {
	var due int64
	err = scan(&x.Round, &x.Page, &x.Company, &x.State, &x.Blob, &x.MIME, &x.Tries, &due)
	x.DueAt = momentOf(due)
	return x, err
}

// PutImage keeps what is known of a page, over what was known before.
func (tx *Tx) PutImage(x *RoundImage) error {
	_, err := tx.Exec(`insert into round_image (`+imageColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8)
		on conflict (round, page) do update set state = excluded.state, blob = excluded.blob, mime = excluded.mime, tries = excluded.tries, due_at = excluded.due_at`,
		x.Round, x.Page, x.Company, string(x.State), x.Blob, x.MIME, x.Tries, moment(x.DueAt))
	return err
}

// WantImage has the image of a round read at a moment, whatever was known of it: the first
// page, and those after it are forgotten.
func (tx *Tx) WantImage(r *Round, at time.Time) error {
	if _, err := tx.Exec(`delete from round_image where round = $1 and page > 1`, r.ID); err != nil {
		return err
	}
	return tx.PutImage(&RoundImage{Round: r.ID, Company: r.Company, Page: 1, State: ImageWanted, DueAt: at})
}

// Images are the pages of a round that something is known of, in order.
func (tx *Tx) Images(round string) ([]RoundImage, error) {
	return tx.images(`where round = $1 order by page`, round)
}

// ImagesDue are the pages that are to be read by now, the longest due first.
func (tx *Tx) ImagesDue(company string, now time.Time, limit int) ([]RoundImage, error) {
	return tx.images(`where company = $1 and due_at > 0 and due_at <= $2 order by due_at, round, page limit $3`, company, moment(now), limit)
}

// ClaimImage puts off a page that is due until a moment: whoever dies while reading it has
// it read again then. mine is false when another node was quicker.
func (tx *Tx) ClaimImage(x *RoundImage, until time.Time) (mine bool, err error) {
	was := x.DueAt
	x.DueAt = until
	res, err := tx.Exec(`update round_image set due_at = $4 where round = $1 and page = $2 and due_at = $3`, x.Round, x.Page, moment(was), moment(until))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// SaveImage keeps what has become of a page that was claimed until a moment. A page that
// is wanted anew since stays so.
func (tx *Tx) SaveImage(x *RoundImage, claimed time.Time) error {
	_, err := tx.Exec(`update round_image set state = $4, blob = $5, mime = $6, tries = $7, due_at = $8 where round = $1 and page = $2 and due_at = $3`,
		x.Round, x.Page, moment(claimed), string(x.State), x.Blob, x.MIME, x.Tries, moment(x.DueAt))
	return err
}

func (tx *Tx) images(where string, args ...any) (list []RoundImage, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		x, err := scanImage(scan)
		list = append(list, x)
		return err
	}, `select `+imageColumns+` from round_image `+where, args...)
	return list, err
}
