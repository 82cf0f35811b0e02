package web

import (
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// This file holds the words about documents from Procountor, which go to a source.

// KindWord says what a document is and, where it goes to a source, that it does.
func KindWord(say locale.Speaker, t *hub.Transfer, word string) string {
	if t.Returns() {
		return say.T("back.word") + ": " + word
	}
	return word
}

// actionSays says what an action is.
func actionSays(say locale.Speaker, t hub.Transfer, a engine.Action) string {
	if key := "report-action." + string(a); t.Kind == hub.ReportTransfer && say.Has(key) {
		return say.T(key)
	}
	if key := "back-action." + string(a); t.Returns() && say.Has(key) {
		return say.T(key)
	}
	return say.T("action." + string(a) + ".says")
}

// records reads what a document from Procountor has become in its source.
func (d *detail) records(tx *store.Tx) error {
	if !d.Returns() {
		return nil
	}
	row, err := tx.DocumentByID(d.Subject)
	if err != nil {
		return err
	}
	d.Choice = row.Choice // its files
	list, err := tx.Records(d.Subject)
	for _, r := range list {
		if r.State != hub.RecordEnded {
			d.Records = append(d.Records, r)
		}
	}
	return err
}
