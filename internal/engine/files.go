package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vienti/vienti/internal/format/filetype"
	"github.com/vienti/vienti/internal/format/pdf"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
)

// maxMade bounds the PDFs that are made of the pictures of one document: they are
// all in memory at once.
const maxMade = 64 << 20

// inspected returns doc with what its files are by their content, of those whose
// content came with it.
func inspected(doc *hub.Document) *hub.Document {
	if !slices.ContainsFunc(doc.Attachments, func(a hub.Attachment) bool { return a.Content != nil && a.Found == nil }) {
		return doc
	}
	d := *doc
	d.Attachments = slices.Clone(doc.Attachments)
	for i := range d.Attachments {
		if a := &d.Attachments[i]; a.Content != nil && a.Found == nil {
			a.Found = new(filetype.Inspect(a.Content))
		}
	}
	return &d
}

// chosenFiles adds to a document what people have said about its files, and what
// was found in those that are stored.
func chosenFiles(tx *store.Tx, row store.DocumentRow, doc *hub.Document) error {
	doc.Choice = row.Choice
	if row.ID == "" || len(doc.Attachments)+len(doc.Choice.Added) == 0 {
		return nil
	}
	found, err := tx.FilesFound(row.ID)
	if err != nil {
		return err
	}
	for _, list := range [][]hub.Attachment{doc.Attachments, doc.Choice.Added} {
		for i := range list {
			if f, ok := found[list[i].Hash]; ok && list[i].Found == nil {
				list[i].Found = &f
			}
		}
	}
	return nil
}

// madeFiles makes what goes with a document beside the files that it has: the
// breakdown, and PDFs of its pictures. It returns them for the mapping, and with
// their content to be kept.
func (e *Engine) madeFiles(ctx context.Context, subject string, s *hub.Settings, doc *hub.Document) (f mapping.Files, made []hub.Attachment, err error) {
	if goes, all := mapping.BreakdownGoes(s, doc); goes {
		b, ok, err := breakdown(s, doc, all)
		if err != nil {
			return f, nil, err
		}
		if ok {
			made = append(made, b.file)
			f.Breakdown, f.BreakdownKey = &b.file, b.key
		}
	}
	if s.Joins(doc.Kind) {
		joined, err := e.joinFiles(ctx, subject, s, doc, &f)
		if err != nil {
			return f, nil, err
		}
		if joined != nil {
			made = append(made, *joined)
		}
	}
	if s.Files.Images != hub.ImagesToPDF {
		return f, made, nil
	}
	f.PDFs = map[string]hub.Attachment{}
	total := 0
	for _, a := range slices.Concat(doc.Attachments, doc.Choice.Added) {
		if _, done := f.PDFs[a.Hash]; done || a.Found == nil || a.Found.Wrong != "" || !filetype.Picture(a.Found) || total > maxMade {
			continue
		}
		content := a.Content
		if content == nil {
			if content, err = store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]byte, error) { return tx.DocumentFile(subject, a.Hash) }); err != nil {
				return f, nil, fmt.Errorf("file %s: %w", a.Name, err)
			}
		}
		b, err := pdf.FromImage(content)
		if errors.Is(err, pdf.ErrImage) || len(b) > hub.MaxAttachment {
			continue // the mapping says so
		}
		if err != nil {
			return f, nil, fmt.Errorf("file %s: %w", a.Name, err)
		}
		total += len(b)
		file := madeFile(a.Name, b)
		f.PDFs[a.Hash] = file
		made = append(made, file)
	}
	return f, made, nil
}

func madeFile(name string, b []byte) hub.Attachment {
	return hub.Attachment{Name: name, MIME: "application/pdf", Size: int64(len(b)), Hash: hub.HashOf(b), Content: b, Found: &hub.FileFound{MIME: "application/pdf"}}
}

// A madeBreakdown is our own PDF, and the fingerprint of what stands in it.
type madeBreakdown struct {
	file hub.Attachment
	key  string
}

// breakdown makes the PDF in the customer's language; English, when that is none
// of ours.
func breakdown(s *hub.Settings, doc *hub.Document, all bool) (m madeBreakdown, ok bool, err error) {
	b, ok := pdf.BreakdownOf(doc, all)
	if !ok {
		return m, false, nil
	}
	language := doc.Language
	if language == "" {
		language = s.Language
	}
	lang, _ := locale.Parse(language)
	say := locale.New(lang, helsinki)
	content, err := b.Write(say)
	if err != nil {
		return m, false, err
	}
	stands, err := json.Marshal(b)
	if err != nil {
		return m, false, fmt.Errorf("breakdown of %s: %w", doc.Number, err)
	}
	m.key = hub.HashOf(append(stands, lang...))
	m.file = madeFile(say.T("breakdown.file", "number", doc.Number)+".pdf", content)
	m.file.ForCustomer = true
	return m, true, nil
}

// Breakdown returns our own PDF of a document as it would go, or goes; ok is false
// when its source says nothing that could stand in one. It is made even where the
// settings let none go, for a person to look at before saying so.
func (e *Engine) Breakdown(ctx context.Context, transfer string) (file hub.Attachment, ok bool, err error) {
	var doc *hub.Document
	var conn hub.Connection
	if err := e.store.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.Transfer(transfer)
		if err != nil {
			return err
		}
		row, err := tx.DocumentByID(t.Subject)
		if err != nil {
			return err
		}
		if doc, _, err = tx.Document(row.ID, row.Version); err != nil {
			return err
		}
		doc.Choice = row.Choice
		conn, err = tx.Connection(t.Connection)
		return err
	}); err != nil {
		return file, false, fmt.Errorf("breakdown: %w", err)
	}
	if doc.Breakdown == nil || doc.Kind != hub.SalesInvoice {
		return file, false, nil
	}
	said := doc.Choice.Breakdown
	m, ok, err := breakdown(&conn.Settings, doc, said != nil && *said)
	if err == nil && !ok { // only what has a fixed price: as it would go if a person said so
		m, ok, err = breakdown(&conn.Settings, doc, true)
	}
	return m.file, ok, err
}

// A FileChange is what a person says about the files of a document.
type FileChange struct {
	// Breakdown: it goes, or does not; with BySettings, as the settings say.
	Breakdown  *bool
	BySettings bool
	// Add are files with their content; Remove is the hash of one that people added.
	Add    []hub.Attachment
	Remove string
}

// ChangeFiles stores what a person says about the files of a document of which
// nothing has been written yet; it refuses with [ErrNotNow] afterwards.
func (e *Engine) ChangeFiles(ctx context.Context, actor, transfer string, change FileChange) error {
	of, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Transfer, error) { return tx.Transfer(transfer) })
	if err != nil {
		return err
	}
	packed := make([]store.PackedFile, len(change.Add))
	for i := range change.Add {
		a := &change.Add[i]
		a.Size, a.Hash, a.Found = int64(len(a.Content)), hub.HashOf(a.Content), new(filetype.Inspect(a.Content))
		if packed[i], err = store.PackFile(*a, of.Private()); err != nil {
			return fmt.Errorf("add %s: %w", a.Name, err)
		}
	}
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		t, err := tx.LockTransfer(transfer)
		if err != nil {
			return err
		}
		steps, err := tx.Steps(t.ID, 0)
		if err != nil {
			return err
		}
		if t.Lease != "" && t.LeaseUntil.After(e.o.Now()) || !Unwritten(&t, steps) {
			return fmt.Errorf("files of %s: %w", t.Number, ErrNotNow)
		}
		row, err := tx.DocumentByID(t.Subject)
		if err != nil {
			return err
		}
		var names []string
		choice := row.Choice
		choice.Added = slices.DeleteFunc(slices.Clone(choice.Added), func(a hub.Attachment) bool { return a.Hash == change.Remove })
		for i, a := range change.Add {
			if slices.ContainsFunc(choice.Added, func(b hub.Attachment) bool { return a.Name == b.Name && a.Hash == b.Hash }) {
				continue // the button was pressed twice
			}
			if err := tx.PutFile(row.ID, packed[i]); err != nil {
				return err
			}
			choice.Added = append(choice.Added, a)
			names = append(names, a.Name)
		}
		if change.Breakdown != nil || change.BySettings {
			choice.Breakdown = change.Breakdown
		}
		if err := tx.SetFileChoice(row.ID, choice); err != nil {
			return err
		}
		if err := act(tx, actor, "transfer.files", t.ID, struct {
			Breakdown *bool    `json:"breakdown,omitempty"`
			Added     []string `json:"added,omitempty"`
			Removed   string   `json:"removed,omitempty"`
		}{change.Breakdown, names, change.Remove}); err != nil {
			return err
		}
		if t.State != hub.Held {
			return nil // planned when its time comes
		}
		lease := t.Lease
		if err := t.Move(hub.Ready); err != nil {
			return err
		}
		if err := tx.SaveTransfer(&t, lease); err != nil {
			return err
		}
		return e.wake(tx, t.Company, e.o.Now())
	})
}
