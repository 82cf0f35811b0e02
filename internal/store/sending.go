package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A Sending is what somebody has sent at once.
type Sending struct {
	ID        string
	Person    string
	Created   time.Time
	Stopped   time.Time
	StoppedBy string
	// Documents counts all of it.
	Documents int
}

// A SentDocument is one document of a [Sending].
type SentDocument struct {
	Transfer hub.Transfer
	Result   SendResult
	Before   Stood
}

// A SendResult says what sending has meant for a document: it may go; it could not
// be sent as it stood; or sending was stopped before it had begun.
type SendResult string

// The results.
const (
	SentOn   SendResult = "sent"
	NotSent  SendResult = "not"
	Returned SendResult = "returned"
)

// Stood is how a document stood before it was sent.
type Stood struct {
	State    hub.State   `json:"state"`
	Faults   []hub.Fault `json:"faults,omitempty"`
	WaitsFor string      `json:"waits_for,omitempty"`
	Asked    string      `json:"asked,omitempty"`
	Plan     int         `json:"plan,omitempty"`
}

// InsertSending begins a sending and gives it its id.
func (tx *Tx) InsertSending(s *Sending) error {
	s.ID, s.Created = tx.store.NewID(), tx.Now()
	_, err := tx.Exec(`insert into sending (id, person, created, stopped, stopped_by) values ($1,$2,$3,0,'')`, s.ID, s.Person, moment(s.Created))
	return err
}

// AddToSending keeps how a document stood and what became of it.
func (tx *Tx) AddToSending(sending, transfer string, r SendResult, before Stood) error {
	text, err := toJSON(before)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into sending_document (sending, transfer, result, before) values ($1,$2,$3,$4)`, sending, transfer, string(r), text)
	return err
}

// SetSendResult keeps that a document was returned.
func (tx *Tx) SetSendResult(sending, transfer string, r SendResult) error {
	return tx.ExecOne(`update sending_document set result = $3 where sending = $1 and transfer = $2`, sending, transfer, string(r))
}

// StopSending keeps who has stopped a sending; it is not stopped twice.
func (tx *Tx) StopSending(id, person string) error {
	return tx.ExecOne(`update sending set stopped = $2, stopped_by = $3 where id = $1 and stopped = 0`, id, moment(tx.Now()), person)
}

const sendingColumns = `id, person, created, stopped, stopped_by, (select count(*) from sending_document d where d.sending = sending.id)`

func scanSending(scan func(...any) error) (s Sending, err error) {
	var created, stopped int64
	err = scan(&s.ID, &s.Person, &created, &stopped, &s.StoppedBy, &s.Documents)
	s.Created, s.Stopped = momentOf(created), momentOf(stopped)
	return s, err
}

// Sending returns one sending.
func (tx *Tx) Sending(id string) (Sending, error) {
	return scanSending(tx.QueryRow(`select `+sendingColumns+` from sending where id = $1`, id).Scan)
}

// Sendings returns the last ones, the newest first.
func (tx *Tx) Sendings(limit int) (list []Sending, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		s, err := scanSending(scan)
		list = append(list, s)
		return err
	}, `select `+sendingColumns+` from sending order by id desc limit $1`, limit)
	return list, err
}

// SentDocuments returns the documents of a sending, as they stand now.
func (tx *Tx) SentDocuments(id string) (list []SentDocument, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var d SentDocument
		var result, before string
		t, err := scanTransfer(func(dest ...any) error { return scan(append(dest, &result, &before)...) })
		if err != nil {
			return err
		}
		d.Transfer, d.Result = t, SendResult(result)
		list = append(list, d)
		return fromJSON(before, &list[len(list)-1].Before)
	}, `select `+transferColumns+`, result, before from sending_document d cross join transfer t where t.id = d.transfer and d.sending = $1 order by sort_key, id`, id)
	return list, err
}
