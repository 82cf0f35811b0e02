package web

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// errNotFound says that there is no such thing, or none that the reader may see.
var errNotFound = errors.New("not found")

// found turns the store's word for it into ours.
func found(err error) error {
	if store.IsNotFound(err) {
		return fmt.Errorf("%w: %w", errNotFound, err)
	}
	return err
}

// A place is a company with its connections and the client it belongs to.
type place struct {
	hub.Company
	Connections []hub.Connection
	Client      hub.Client
	// By is who has detached the company, in words.
	By string
}

func (p place) connection(id string) (hub.Connection, bool) {
	i := slices.IndexFunc(p.Connections, func(c hub.Connection) bool { return c.ID == id })
	if i < 0 {
		return hub.Connection{}, false
	}
	return p.Connections[i], true
}

// places are all companies, by name.
type places []place

func (ps places) company(id string) (place, bool) {
	i := slices.IndexFunc(ps, func(p place) bool { return p.ID == id })
	if i < 0 {
		return place{}, false
	}
	return ps[i], true
}

func (ps places) connection(id string) (place, hub.Connection, bool) {
	for _, p := range ps {
		if c, ok := p.connection(id); ok {
			return p, c, true
		}
	}
	return place{}, hub.Connection{}, false
}

// places are the companies of which the reader sees anything.
func (s *Server) places(ctx context.Context, v visit) (list places, err error) {
	reach := v.sees()
	err = s.o.Store.Read(ctx, func(tx *store.Tx) error {
		companies, err := tx.Companies()
		if err != nil {
			return err
		}
		connections, err := tx.Connections("")
		if err != nil {
			return err
		}
		clients, err := tx.Clients()
		if err != nil {
			return err
		}
		everyone, err := tx.People()
		if err != nil {
			return err
		}
		for _, c := range companies {
			if !reach.HasSome(c.ID) {
				continue
			}
			p := place{Company: c, By: c.DetachedBy}
			for _, u := range everyone {
				if u.ID == c.DetachedBy {
					p.By = called(u)
				}
			}
			for _, n := range connections {
				if n.Company == c.ID {
					p.Connections = append(p.Connections, n)
				}
			}
			for _, k := range clients {
				if k.ID == c.Client {
					p.Client = k
				}
			}
			list = append(list, p)
		}
		return nil
	})
	return list, err
}

// maxActs is how much of a transfer's log one page shows.
const maxActs = 200

// A detail is everything about one transfer.
type detail struct {
	hub.Transfer
	Place      place
	Connection hub.Connection
	// Document is nil for a partner transfer and for what nobody can read.
	Document *hub.Document
	// Hidden says that the document is private and the reader sees that it is there, and
	// nothing of what is in it: all that would show it stays empty.
	Hidden bool
	// Masked says that its content is not kept any more.
	Masked bool
	// AtSource is where it stands at its source.
	AtSource hub.Standing
	// Dates are those that a person has chosen; nil for its source's.
	Dates *hub.ChosenDates
	// Content is what the page shows; its Raw is "" when there is none.
	Content store.DocumentVersion
	// Choice is what people have said about the files.
	Choice hub.FileChoice
	Steps  []hub.Step
	// SentFiles are the steps of the files that are in Procountor.
	SentFiles []hub.Step
	// Payments are those of a document, and Pays is the document of a payment.
	Payments []store.PaymentOf
	// BankPayments are those by reference that the bank connection has allocated to it.
	BankPayments []hub.ReferencePayment
	Pays         *hub.Transfer
	// Offsets are those that a document has part in, or this one.
	Offsets []store.OffsetOf
	// Journal is the journal that a document stands in; Members are the documents
	// that stand, or have stood, in a journal.
	Journal *hub.Transfer
	Members []memberView
	// Chain are the journals of a document, the first one first, and what has set it
	// right since; Corrects is what a correcting journal sets right.
	Chain    []chainView
	Corrects *chainView
	// ClaimParts are all documents that its claim was taken apart into, this one among them.
	ClaimParts []claimPart
	// Watch is what Procountor shows of the invoice since; nil before it was read.
	Watch *store.Watch
	// Report is what its source is told of it, nil for nothing.
	Report *reportView
	// Tasks are what the document asks of a person although it has arrived.
	Tasks []hub.Task
	// Acts about the transfer, newest first.
	Acts []audit.Act
	// Names are of the people who acted, by id.
	Names map[string]string
	// Allowed is what the state lets a person do now, less what is barred because a
	// correction builds on it.
	Allowed, barred []engine.Action
	// WaitsFor is the transfer that this one waits for, if any.
	WaitsForTransfer *hub.Transfer
	// Sent and Saved are the newest invoice that was sent, and what Procountor
	// answered; empty before the first. Meant is what it should come to.
	Sent, Saved []byte
	Meant       *hub.Meant
	// Forecast is what would be written of a document that has not been; only on
	// its own page.
	Forecast *engine.Forecast
	// There is the invoice of somebody else for whose sake it is linked or held.
	There *store.HistoryRow
	// Registers give VAT statuses their names.
	Registers *register.Copy
	// Records are what a document from Procountor has become in its source.
	Records []hub.Record
}

func (s *Server) detail(ctx context.Context, v visit, id string) (d detail, err error) {
	all, err := s.places(ctx, v)
	if err != nil {
		return d, err
	}
	err = s.o.Store.Read(ctx, func(tx *store.Tx) error {
		if d.Transfer, err = tx.Transfer(id); err != nil {
			return err
		}
		d.Place, _ = all.company(d.Company)
		d.Connection, _ = d.Place.connection(d.Transfer.Connection)
		d.Hidden = !v.person.SeesInside(&d.Transfer)
		if d.Kind == hub.DocumentTransfer && d.Direction == hub.In {
			doc, version, err := tx.Document(d.Subject, d.Transfer.Version)
			if d.Masked = errors.Is(err, store.ErrMasked); d.Masked {
				doc, version, err = nil, store.DocumentVersion{}, nil
			}
			if err != nil && !store.IsNotFound(err) {
				return err
			}
			d.Content = version
			row, err := tx.DocumentByID(d.Subject)
			if err != nil {
				return err
			}
			d.AtSource, d.Choice, d.Dates = row.Standing, row.Choice, row.Dates
			if d.DocKind != hub.Unreadable && err == nil {
				d.Document = doc
			}
			if d.Hidden {
				d.Document, d.Content, d.Choice = nil, store.DocumentVersion{}, hub.FileChoice{}
			}
		}
		if err := d.records(tx); err != nil {
			return err
		}
		if err := d.report(tx); err != nil {
			return err
		}
		if err := d.payments(tx); err != nil {
			return err
		}
		if err := d.journal(tx, v.sees()); err != nil {
			return err
		}
		if err := d.claim(tx); err != nil {
			return err
		}
		if d.Steps, err = tx.Steps(id, 0); err != nil {
			return err
		}
		if d.Hidden || d.Masked {
			for i := range d.Steps {
				d.Steps[i] = d.Steps[i].Bare()
			}
		}
		d.SentFiles = engine.SentFiles(d.Steps)
		d.Steps = worthShowing(d.Steps, d.Plan)
		if d.Tasks, err = tx.TasksOf(&d.Transfer); err != nil {
			return err
		}
		for _, step := range slices.Backward(d.Steps) {
			if step.Kind != hub.PostInvoice && step.Kind != hub.ReplaceInvoice && step.Kind != hub.MakePartner || step.Request == "" {
				continue
			}
			d.Meant = step.Detail.Meant
			if d.Sent, err = tx.Blob(step.Request); err != nil {
				return err
			}
			if step.Answer != "" {
				if d.Saved, err = tx.Blob(step.Answer); err != nil {
					return err
				}
			}
			break
		}
		if d.WaitsFor != "" && d.WaitsFor != hub.ForSource {
			t, err := tx.Transfer(d.WaitsFor)
			if err != nil && !store.IsNotFound(err) {
				return err
			}
			if err == nil {
				d.WaitsForTransfer = &t
			}
		}
		d.Acts, err = tx.Acts(id, 0, maxActs)
		return err
	})
	if err != nil {
		return d, found(err)
	}
	d.Allowed = slices.DeleteFunc(engine.AllowedIn(d.Place.Company, &d.Transfer), func(a engine.Action) bool {
		return a == engine.TakeBack && engine.SentToCustomer(d.Steps) || slices.Contains(d.barred, a)
	})
	d.Names, err = s.names(ctx)
	return d, err
}

// foresee adds what would be written, and what is in Procountor already.
func (s *Server) foresee(ctx context.Context, d *detail) (err error) {
	if d.Registers, err = s.o.Engine.Registers(ctx, d.Company); err != nil {
		return err
	}
	if d.There, err = s.there(ctx, d); err != nil {
		return err
	}
	if d.Document == nil || d.Journal != nil || !engine.Unwritten(&d.Transfer, d.Steps) {
		return nil
	}
	f, err := s.o.Engine.CheckStored(ctx, &d.Transfer)
	if err == nil {
		d.Forecast = &f
	}
	return err
}

// there finds the invoice of the copy that a document is linked to, or that it
// is held for.
func (s *Server) there(ctx context.Context, d *detail) (*store.HistoryRow, error) {
	i := slices.IndexFunc(d.Faults, func(f hub.Fault) bool { return f.Code == hub.AlreadyThere || f.Code == hub.LinkedThere })
	if d.Document == nil || i < 0 {
		return nil, nil
	}
	rows, err := store.ReadOne(ctx, s.o.Store, func(tx *store.Tx) ([]store.HistoryRow, error) {
		return tx.HistoryByNumber(d.Company, string(mapping.InvoiceType(d.DocKind)), d.Transfer.Number)
	})
	for _, r := range rows {
		if fmt.Sprint(r.Number) == d.Faults[i].Args["number"] {
			return &r, err
		}
	}
	return nil, err
}

// A memberView is a document of a journal; In says whether it still is.
type memberView struct {
	hub.Transfer
	In bool
}

// A chainView is a journal that a document stands in, or that sets it right.
type chainView struct {
	hub.Transfer
	How   hub.Correction // "" for the first
	Ended bool
	// Of is the first journal, and Document the document, of a correcting one.
	Of, Document *hub.Transfer
}

// chain reads what has set right a document in a journal.
func (d *detail) chain(tx *store.Tx, m store.Member) error {
	list, err := tx.AllCorrections(m.Journal, m.Document)
	if err != nil || len(list) == 0 {
		return err
	}
	d.Chain = []chainView{{Transfer: *d.Journal}}
	for _, c := range list {
		t, err := tx.TransferByDocument(d.Company, c.Journal)
		if err != nil {
			return err
		}
		d.Chain = append(d.Chain, chainView{Transfer: t, How: c.How, Ended: c.Ended()})
	}
	return nil
}

// corrects reads what a journal sets right, and what the journals that build on it bar.
func (d *detail) corrects(tx *store.Tx) error {
	for _, a := range engine.Actions {
		if !engine.MayEnd(tx, &d.Transfer, a) {
			d.barred = append(d.barred, a)
		}
	}
	c, err := tx.CorrectionBy(d.Subject)
	if err != nil {
		if store.IsNotFound(err) {
			return nil
		}
		return err
	}
	of, err := tx.TransferByDocument(d.Company, c.Base)
	if err != nil {
		return err
	}
	doc, err := tx.TransferByDocument(d.Company, c.Document)
	d.Corrects = &chainView{How: c.How, Ended: c.Ended(), Of: &of, Document: &doc}
	return err
}

// journal reads in which journal a document stands, or what stands in a journal.
func (d *detail) journal(tx *store.Tx, reach people.Reach) error {
	if d.Kind != hub.DocumentTransfer {
		return nil
	}
	if d.DocKind != hub.Journal {
		m, err := tx.JournalOf(d.Subject)
		if store.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err := tx.TransferByDocument(d.Company, m.Journal)
		if err != nil {
			return err
		}
		d.Journal = &t
		return d.chain(tx, m)
	}
	if err := d.corrects(tx); err != nil {
		return err
	}
	in, err := tx.Members(d.Subject)
	if err != nil {
		return err
	}
	list, err := tx.MemberTransfers(d.Subject)
	for _, t := range list {
		if !reach.Has(t.Company, t.DocKind) {
			continue
		}
		d.Members = append(d.Members, memberView{t, slices.ContainsFunc(in, func(m store.Member) bool { return m.Document == t.Subject })})
	}
	return err
}

// entries are the rows of a journal, or those that a document would have in one.
func (d *detail) entries() []hub.Entry {
	switch {
	case d.DocKind == hub.Journal && d.Document != nil:
		return d.Document.Entries
	case d.Forecast != nil:
		return d.Forecast.Entries
	}
	return nil
}

// payments reads what a document is paid with and offset against, or what a payment
// pays and what the source handed over of it, or what an offset is of.
func (d *detail) payments(tx *store.Tx) (err error) {
	switch d.Kind {
	case hub.DocumentTransfer:
		if d.Offsets, err = tx.OffsetsOf(&d.Transfer); err != nil {
			return err
		}
		w, err := tx.WatchOf(d.Company, d.InvoiceID)
		if err != nil && !store.IsNotFound(err) {
			return err
		}
		if err == nil && !w.ReadAt.IsZero() {
			d.Watch = &w
		}
		if d.BankPayments, err = tx.ReferencePaymentsOf(d.Company, d.InvoiceID); err != nil {
			return err
		}
		if d.Payments, err = tx.PaymentsOf(d.Subject); err != nil {
			return err
		}
	case hub.OffsetTransfer:
		pair, err := tx.OffsetPair(d.Subject)
		if err != nil {
			return err
		}
		d.Offsets = []store.OffsetOf{{Pair: pair, Transfer: d.Transfer}}
		doc, err := tx.TransferByDocument(d.Company, pair.Document)
		if err != nil {
			return err
		}
		d.Pays = &doc
	case hub.PaymentTransfer:
		p, err := tx.Payment(d.Subject)
		if err != nil {
			return err
		}
		d.Content.Raw = p.Raw
		if p.Document == "" {
			return nil
		}
		doc, err := tx.TransferByDocument(d.Company, p.Document)
		if err != nil {
			return err
		}
		d.Pays = &doc
	}
	return err
}

// worthShowing keeps the steps of the newest plan, and those of earlier plans
// that have written something.
func worthShowing(steps []hub.Step, plan int) []hub.Step {
	return slices.DeleteFunc(steps, func(s hub.Step) bool { return s.Plan != plan && s.Attempt == 0 })
}

// rightFor is what a person must be allowed for an action: mending is trying
// again and saying that it has been done; the rest decides what becomes of a document.
func rightFor(a engine.Action) people.Right {
	switch a {
	case engine.Retry, engine.DoneByHand:
		return people.Mend
	}
	return people.Decide
}

// may returns the actions that the state and the person's role both allow.
func (d detail) may(u people.User) (list []engine.Action) {
	for _, a := range d.Allowed {
		if d.Hidden && (a == engine.SendNow || a.Decides()) {
			continue
		}
		if u.Can(rightFor(a), d.Company, d.DocKind) {
			list = append(list, a)
		}
	}
	return list
}

// news is where the chain of acts ends, and whether what was added to it after an
// earlier end is about anything in reach: each change of a transfer's state is one.
func (s *Server) news(ctx context.Context, reach people.Reach, after int64) (end int64, some bool, err error) {
	err = s.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		end, some, err = tx.ActsWithin(reach, after)
		return err
	})
	return end, some, err
}
