package web

import (
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// This file holds what a source is told of its own documents.

// tellingOf keeps what is not said at all as it was: nothing and off say the same.
func tellingOf(was hub.Telling, status, payments hub.Tell) hub.Telling {
	if status == hub.TellNothing && was.Status == "" {
		status = ""
	}
	if payments == hub.TellNothing && was.Payments == "" {
		payments = ""
	}
	return hub.Telling{Status: status, Payments: payments}
}

// A reportView is what the source of a document was told, and what it is still to be.
type reportView struct {
	hub.Reported
	Transfer hub.Transfer
}

// report reads it for a document, and the document for the page of a report.
func (d *detail) report(tx *store.Tx) error {
	switch {
	case d.Kind == hub.ReportTransfer:
		doc, err := tx.TransferByDocument(d.Company, d.Subject)
		d.Pays = &doc
		return err
	case d.Kind != hub.DocumentTransfer || d.Direction != hub.In:
		return nil
	}
	list, err := tx.ReportsOf(d.Company, []string{d.Subject})
	if err != nil || len(list) == 0 {
		return err
	}
	d.Report = &reportView{Transfer: list[d.Subject]}
	d.Report.Reported, err = tx.Reported(d.Subject)
	return err
}

// ToldWords say in a line what a source was told of a document, "" for nothing.
func ToldWords(say locale.Speaker, r hub.Reported) string {
	switch {
	case r.SeenAt.IsZero():
		return ""
	case r.ToldAt.IsZero():
		return say.T("report.by-itself") + ": " + engine.SaidWords(r.Says)
	}
	return say.T("report.list", "time", r.ToldAt, "what", engine.SaidWords(r.Says))
}
