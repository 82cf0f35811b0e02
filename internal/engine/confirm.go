package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/dispatch"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file makes sure that files have arrived. The answer to a write says that a
// file was taken, not that it is there; so the voucher is read after the last file
// of a plan, before anything is approved or sent: together with other documents,
// by name; then by size, where Procountor lets us ask, and some by content.

const (
	// maxFileAttempts is how often a file is sent that does not stay: then a person
	// must look.
	maxFileAttempts = 5
	// sizesAgain is how long Procountor's no to asking for sizes holds.
	sizesAgain = 24 * time.Hour
)

// A confirmation is what was seen of the files of a plan.
type confirmation struct {
	// steps are those that have a new [hub.StepDetail.Seen], by id.
	steps map[string]hub.Step
	// lost are files that were there and are not; wrong are faults of those that are
	// not what was sent.
	lost  []hub.Attachment
	wrong []hub.Fault
	stop  *hub.Fault // a file has been lost too often
}

func (c *confirmation) stops() bool { return len(c.lost)+len(c.wrong) > 0 || c.stop != nil }

// lastFile reports whether s is the last file of its plan.
func lastFile(s *hub.Step, steps []hub.Step) bool {
	return s.Kind == hub.Attach && !slices.ContainsFunc(steps, func(o hub.Step) bool { return o.Kind == hub.Attach && o.Seq > s.Seq })
}

// confirm looks after the files of a plan when the last of them, s, seems to have
// arrived. When that cannot be known now, or s is not there, the outcome is unclear.
func (r *run) confirm(ctx context.Context, t *hub.Transfer, s *hub.Step, steps []hub.Step, out dispatch.Outcome) (confirmation, dispatch.Outcome) {
	var c confirmation
	unclear := func() (confirmation, dispatch.Outcome) {
		f := hub.NewFault(hub.AnswerUnclear, "", "")
		return confirmation{}, dispatch.Outcome{Verdict: dispatch.Unclear, Fault: &f, Answer: out.Answer}
	}
	owner, there, err := r.filesThere(ctx, t, s)
	if err != nil {
		return unclear()
	}
	files := slices.DeleteFunc(slices.Clone(steps), func(o hub.Step) bool {
		return o.Kind != hub.Attach || o.ID != s.ID && o.State != hub.StepProved
	})
	c, missing, err := r.e.look(ctx, r.company.ID, r.client, t, owner, there, files, r.conns[t.Connection].Settings.Files)
	if err != nil {
		return unclear()
	}
	for _, a := range missing {
		often, err := r.attempts(ctx, t, a.Name)
		if err != nil {
			return unclear()
		}
		if often >= maxFileAttempts {
			c.stop = new(hub.NewFault(hub.AttachmentLost, "", a.Name, "name", a.Name, "number", fmt.Sprint(t.InvoiceNumber)))
		}
		if a.Name == s.Detail.Attachment.Name && c.stop == nil {
			return unclear()
		}
	}
	c.lost = missing
	r.e.crash(string(hub.Attach) + "/read")
	return c, out
}

// filesThere are the files of the voucher that s belongs to, and its id, to which
// they belong; read together with those of other documents.
func (r *run) filesThere(ctx context.Context, t *hub.Transfer, s *hub.Step) (owner int64, there []procountor.Attachment, err error) {
	if owner, err = r.voucherOf(ctx, t, s); err != nil {
		return 0, nil, err
	}
	if t.DocKind == hub.Journal {
		id, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (int64, error) { return tx.ReceiptOf(t.Subject) })
		if err != nil {
			return 0, nil, err
		}
		rc, err := r.receipts.read(ctx, id)
		if err != nil {
			return 0, nil, err
		}
		return owner, rc.Attachments, nil
	}
	inv, err := r.status.read(ctx, owner)
	if err != nil {
		return 0, nil, err
	}
	return owner, inv.Attachments, nil
}

// attempts is how often a file was sent, over all plans.
func (r *run) attempts(ctx context.Context, t *hub.Transfer, name string) (n int, err error) {
	all, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	for _, o := range all {
		if o.Kind == hub.Attach && o.Detail.Attachment.Name == name {
			n += o.Attempt
		}
	}
	return n, err
}

// look compares the files of steps with what stands at a voucher, as far as the
// policy goes.
func (e *Engine) look(ctx context.Context, company string, client *procountor.Client, t *hub.Transfer, owner int64, there []procountor.Attachment,
	files []hub.Step, policy hub.FilePolicy) (c confirmation, missing []hub.Attachment, err error) {
	c.steps = map[string]hub.Step{}
	var sizes map[int64]int64
	if policy.Confirm != hub.ByName {
		if sizes, err = e.sizes(ctx, company, client, owner); err != nil {
			return c, nil, err
		}
	}
	for _, o := range files {
		a := o.Detail.Attachment
		i := slices.IndexFunc(there, func(x procountor.Attachment) bool { return x.Name == a.Name })
		if i < 0 {
			missing = append(missing, *a)
			continue
		}
		seen := hub.FileSeen{ID: there[i].ID, Level: hub.ByName, At: e.o.Now(), Wrong: there[i].SendWithInvoice != a.ForCustomer, Size: a.Size}
		if size, ok := sizes[seen.ID]; ok {
			seen.Level, seen.Size = hub.BySize, size
			seen.Wrong = seen.Wrong || size != a.Size
		}
		if !seen.Wrong && (policy.Confirm == hub.ByContent || sampled(t.ID, a.Hash, policy.SamplePercent)) {
			_, content, err := client.Attachments.Get(ctx, seen.ID)
			switch {
			case err == nil:
				seen.Level, seen.Size, seen.Wrong = hub.ByContent, int64(len(content)), hub.HashOf(content) != a.Hash
			case !refusedRead(err):
				return c, nil, err
			}
		}
		if seen.Wrong {
			c.wrong = append(c.wrong, hub.NewFault(hub.AttachmentThere, "", a.Name, "name", a.Name, "number", fmt.Sprint(t.InvoiceNumber),
				"meant", fmt.Sprint(a.Size), "saved", fmt.Sprint(seen.Size)))
		}
		o.Detail.Seen = &seen
		c.steps[o.ID] = o
	}
	return c, missing, nil
}

// sampled chooses a share of the files by what they are, so that the choice is the
// same whenever it is made.
func sampled(transfer, hash string, percent int) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(transfer + hash))
	return int(h.Sum32()%100) < percent
}

// refusedRead reports whether Procountor does not let us read, now and next time.
func refusedRead(err error) bool {
	return errors.Is(err, procountor.Forbidden) || errors.Is(err, procountor.Refused) || errors.Is(err, procountor.NotFound)
}

// sizes are those of the files of a voucher by Procountor's id, nil where it does
// not let us ask: the search needs document management (REFERENCE 3.3).
func (e *Engine) sizes(ctx context.Context, company string, client *procountor.Client, owner int64) (map[int64]int64, error) {
	if at, no := e.noSizes.Load(company); no && e.o.Now().Sub(at.(time.Time)) < sizesAgain {
		return nil, nil
	}
	sizes := map[int64]int64{}
	for info, err := range client.Attachments.List(ctx, procountor.AttachmentFilter{ReferenceID: owner}) {
		if refusedRead(err) {
			e.noSizes.Store(company, e.o.Now())
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if info.ReferenceID == owner {
			sizes[info.AttachmentID] = int64(info.Size)
		}
	}
	return sizes, nil
}

// saveSeen stores what was seen of steps that are proved.
func saveSeen(tx *store.Tx, c *confirmation, but string) error {
	for id, s := range c.steps {
		if id == but || s.State != hub.StepProved {
			continue
		}
		if err := tx.SaveStep(&s, hub.StepProved); err != nil {
			return err
		}
	}
	return nil
}

// settleFiles ends a plan whose files are not all as they should be. What is lost
// is missed a second time before it is sent again: the next plan reads the voucher.
func (r *run) settleFiles(tx *store.Tx, t *hub.Transfer, c *confirmation) error {
	t.Rounds = 0
	t.Faults = lasting(t.Faults)
	if t.State == hub.Unclear || t.State == hub.Waiting {
		if err := t.Move(hub.Working, t.Faults...); err != nil {
			return err
		}
	}
	switch {
	case len(c.wrong) > 0:
		faults := slices.Clone(c.wrong)
		for _, a := range c.lost { // they go again with those that a person has removed
			faults = append(faults, hub.NewFault(hub.AttachmentLost, "", a.Name, "name", a.Name, "number", fmt.Sprint(t.InvoiceNumber)))
		}
		return r.settle(tx, t, hub.Held, faults...)
	case c.stop != nil:
		return r.settle(tx, t, hub.Held, *c.stop)
	}
	f := hub.NewFault(hub.AttachmentLost, "", c.lost[0].Name, "name", c.lost[0].Name, "number", fmt.Sprint(t.InvoiceNumber))
	return r.putOff(tx, t, hub.Waiting, r.now().Add(secondLook), withWarnings(t, &f)...)
}

// stillWrong are the faults of files that were seen not to be what was sent and
// are there yet: a person removes them in Procountor, and they are sent again.
func (r *run) stillWrong(ctx context.Context, t *hub.Transfer, there []procountor.Attachment) (faults []hub.Fault, err error) {
	if len(there) == 0 {
		return nil, nil
	}
	steps, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
	for _, s := range steps {
		seen := s.Detail.Seen
		if s.Kind == hub.Attach && seen != nil && seen.Wrong && slices.ContainsFunc(there, func(a procountor.Attachment) bool { return a.ID == seen.ID }) {
			a := s.Detail.Attachment
			faults = append(faults, hub.NewFault(hub.AttachmentThere, "", a.Name, "name", a.Name, "number", fmt.Sprint(t.InvoiceNumber),
				"meant", fmt.Sprint(a.Size), "saved", fmt.Sprint(seen.Size)))
		}
	}
	return faults, err
}

// LeastSure is the file of those sent of which it is least sure that it has arrived: one
// that is not what was sent, one that nobody has looked at, then by level.
func LeastSure(files []hub.Step) *hub.FileSeen {
	var least *hub.FileSeen
	rank := func(s *hub.FileSeen) int {
		switch {
		case s == nil:
			return 0
		case s.Wrong:
			return -1
		}
		return 1 + slices.Index(hub.FileLevels, s.Level)
	}
	for i, s := range files {
		if i == 0 || rank(s.Detail.Seen) < rank(least) {
			least = s.Detail.Seen
		}
	}
	return least
}

// SentFiles are the steps of the files that a transfer has sent: of each file the
// newest that is proved, in the order of their names in the plan.
func SentFiles(steps []hub.Step) (files []hub.Step) {
	for _, s := range steps {
		if s.Kind != hub.Attach || s.State != hub.StepProved {
			continue
		}
		i := slices.IndexFunc(files, func(o hub.Step) bool { return o.Detail.Attachment.Name == s.Detail.Attachment.Name })
		if i < 0 {
			files = append(files, s)
		} else {
			files[i] = s
		}
	}
	return files
}

// ConfirmFiles reads every file of a transfer back whole, and says on the document
// what is missing or differs. While an engine works on it, it is [ErrNotNow].
func (e *Engine) ConfirmFiles(ctx context.Context, actor, transfer string) (files []hub.Step, err error) {
	var t hub.Transfer
	var company hub.Company
	var receipt int64
	if err := e.store.Read(ctx, func(tx *store.Tx) error {
		if t, err = tx.Transfer(transfer); err != nil {
			return err
		}
		if company, err = tx.Company(t.Company); err != nil {
			return err
		}
		steps, err := tx.Steps(t.ID, 0)
		files = SentFiles(steps)
		if err != nil || t.DocKind != hub.Journal {
			return err
		}
		receipt, err = tx.ReceiptOf(t.Subject)
		return ignoreNotFound(err)
	}); err != nil {
		return nil, fmt.Errorf("confirm files: %w", err)
	}
	if len(files) == 0 || t.InvoiceID == 0 {
		return nil, fmt.Errorf("files of %s: %w", t.Number, ErrNotNow)
	}
	client, err := e.client(ctx, company)
	if err != nil {
		return nil, fmt.Errorf("confirm files: %w", err)
	}
	var there []procountor.Attachment
	if receipt != 0 {
		rc, err := client.LedgerReceipts.Get(ctx, receipt)
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", t.Number, err)
		}
		there = rc.Attachments
	} else {
		inv, err := client.Invoices.Get(ctx, t.InvoiceID)
		if err != nil {
			return nil, fmt.Errorf("files of %s: %w", t.Number, err)
		}
		there = inv.Attachments
	}
	c, missing, err := e.look(ctx, company.ID, client, &t, t.InvoiceID, there, files, hub.FilePolicy{Confirm: hub.ByContent})
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", t.Number, err)
	}
	faults := c.wrong
	for _, a := range missing {
		faults = append(faults, hub.NewFault(hub.AttachmentLost, "", a.Name, "name", a.Name, "number", fmt.Sprint(t.InvoiceNumber)))
	}
	err = e.store.Tx(ctx, func(tx *store.Tx) error { return e.keepConfirmed(tx, actor, transfer, &c, faults) })
	if err != nil {
		return nil, fmt.Errorf("files of %s: %w", t.Number, err)
	}
	for i := range files {
		if s, ok := c.steps[files[i].ID]; ok {
			files[i] = s
		} else {
			files[i].Detail.Seen = nil // not there
		}
	}
	return files, nil
}

func (e *Engine) keepConfirmed(tx *store.Tx, actor, transfer string, c *confirmation, faults []hub.Fault) error {
	t, err := tx.LockTransfer(transfer)
	if err != nil {
		return err
	}
	if t.Lease != "" && t.LeaseUntil.After(e.o.Now()) {
		return ErrNotNow
	}
	if err := saveSeen(tx, c, ""); err != nil {
		return err
	}
	if err := act(tx, actor, "transfer.files_confirmed", t.ID, struct {
		Faults []hub.Fault `json:"faults,omitempty"`
	}{faults}); err != nil {
		return err
	}
	if t.State != hub.Done && t.State != hub.DoneWithWarning {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(t.Faults), func(f hub.Fault) bool { return f.Code == hub.AttachmentLost || f.Code == hub.AttachmentThere })
	if len(faults) == 0 && len(kept) == len(t.Faults) {
		return nil
	}
	for _, f := range faults {
		kept = append(kept, f.Warn())
	}
	to := hub.DoneWithWarning
	if len(kept) == 0 {
		to = hub.Done
	}
	lease := t.Lease
	if err := t.Move(to, kept...); err != nil {
		return err
	}
	for _, code := range Asks(kept) {
		if code == hub.AttachmentLost || code == hub.AttachmentThere {
			if err := tx.AskTask(&t, code); err != nil {
				return err
			}
		}
	}
	return tx.SaveTransfer(&t, lease)
}
