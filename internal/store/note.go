package store

import (
	"time"

	"github.com/vienti/vienti/internal/audit"
)

// An OwnNote is what somebody has written about a reason that has no text of its
// own; it is shown whenever that reason comes again.
type OwnNote struct {
	Key    string
	Text   string
	Author string
	At     time.Time
}

// OwnNotes returns all notes, by key.
func (tx *Tx) OwnNotes() (map[string]OwnNote, error) {
	m := map[string]OwnNote{}
	err := tx.Each(func(scan func(...any) error) error {
		var n OwnNote
		var at int64
		err := scan(&n.Key, &n.Text, &n.Author, &at)
		n.At = momentOf(at)
		m[n.Key] = n
		return err
	}, `select key, text, author, at from own_note`)
	return m, err
}

// KeepOwnNote writes a note over the one that is there, with its act; an empty text
// removes it.
func (tx *Tx) KeepOwnNote(key, text, author string) error {
	var err error
	if text == "" {
		_, err = tx.Exec(`delete from own_note where key = $1`, key)
	} else {
		_, err = tx.Exec(`insert into own_note (key, text, author, at) values ($1,$2,$3,$4)
			on conflict (key) do update set text = excluded.text, author = excluded.author, at = excluded.at`, key, text, author, millis(tx.Now()))
	}
	if err != nil {
		return err
	}
	return tx.AppendAct(audit.Act{Actor: author, Kind: "note.kept", Subject: "note", Detail: audit.Detail(struct {
		Key  string `json:"key"`
		Text string `json:"text"`
	}{key, text})})
}
