package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/store"
)

// Limits of what may be pushed at once. They stand in the API's description.
const (
	// maxBody is one request: a list with some attachments.
	maxBody = 50_000_000
	// maxDocument is one document with its attachments in base64: one file of
	// Procountor's largest size and a long invoice beside it.
	maxDocument = 15_000_000
	// maxDocuments is one list.
	maxDocuments = 1000
	// batch is how many documents are stored in one transaction: SQLite has one
	// writer, and others wait for it.
	batch = 50
	// staleAttempts is how often a batch is made anew when one of its documents
	// changes meanwhile: each time another request has gone before.
	staleAttempts = 20
)

// receive stores what was pushed and answers in its order.
func (s *server) receive(ctx context.Context, sp locale.Speaker, docs []json.RawMessage) ([]Receipt, error) {
	conn := connectionOf(ctx)
	company, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(conn.Company) })
	if err != nil {
		return nil, s.trouble(ctx, "push", err)
	}
	if !reachOf(ctx).Everything() {
		for n, raw := range docs { // before the first is stored
			if p := mayPush(ctx, n, s.incoming(raw, company).Document); p != nil {
				return nil, p
			}
		}
	}
	receipts := make([]Receipt, 0, len(docs))
	for len(docs) > 0 {
		var in []engine.Incoming
		seen := map[string]bool{}
		for _, raw := range docs[:min(len(docs), batch)] {
			i := s.incoming(raw, company)
			if i.Document != nil {
				// The same document twice: the second builds on what the first has stored.
				if seen[i.Document.SourceID] {
					break
				}
				seen[i.Document.SourceID] = true
			}
			in = append(in, i)
		}
		got, err := s.storeBatch(ctx, conn, in)
		if err != nil {
			return nil, s.trouble(ctx, "push", err)
		}
		for i, rc := range got {
			receipts = append(receipts, receipt(sp, rc, in[i].Document))
		}
		docs = docs[len(in):]
	}
	return receipts, nil
}

func receipt(sp locale.Speaker, rc engine.Receipt, doc *hub.Document) Receipt {
	out := Receipt{ID: rc.Document, Number: rc.Number, Result: string(rc.Result), State: string(rc.State), Faults: explain(sp, doc, rc.Faults), Links: links(rc.Document)}
	if doc != nil {
		out.SourceID = sourceID(doc.SourceID)
	}
	return out
}

// incoming reads one pushed document.
func (s *server) incoming(raw json.RawMessage, company hub.Company) engine.Incoming {
	doc, faults := s.reader.read(raw)
	in := engine.Incoming{Faults: faults, Raw: raw}
	if doc == nil {
		in.ID = hub.HashOf(raw)
		var known struct {
			Number any `json:"number"`
		}
		if json.Unmarshal(raw, &known) == nil {
			if n, ok := known.Number.(string); ok && len(n) <= 100 && !slices.ContainsFunc([]rune(n), control) {
				in.Name = n
			}
		}
		return in
	}
	in.Document, in.Standing = convert(doc, company), stated(doc, faults)
	return in
}

// storeBatch hands a batch to the engine. Attachments that were added to a document
// afterwards stay with it, whatever is pushed again; so each document is made
// upon what is stored of it, and anew when that has changed meanwhile.
func (s *server) storeBatch(ctx context.Context, conn hub.Connection, in []engine.Incoming) ([]engine.Receipt, error) {
	for attempt := 1; ; attempt++ {
		based := slices.Clone(in)
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			for i := range based {
				if err := rebase(tx, conn.ID, &based[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
		rc, err := s.engine.Receive(ctx, conn.ID, based, nil)
		// Two requests may also both be the first of a new document.
		if (errors.Is(err, engine.ErrStale) || store.IsDuplicate(err)) && attempt < staleAttempts {
			continue
		}
		return rc, err
	}
}

// rebase puts the stored document's own attachments under what is pushed.
func rebase(tx *store.Tx, connection string, in *engine.Incoming) error {
	if in.Document == nil {
		return nil
	}
	row, err := tx.DocumentBySource(connection, in.Document.SourceID)
	in.Base = &row.Version // "" for none
	if store.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	have, v, err := tx.Document(row.ID, row.Version)
	if err != nil || len(have.Attachments) == 0 {
		return err
	}
	raw, err := tx.Blob(v.Raw)
	if err != nil {
		return err
	}
	doc := *in.Document
	doc.Attachments = merge(have.Attachments, pushedFiles(raw), doc.Attachments)
	in.Document = &doc
	return nil
}

// merge keeps the order in which attachments were first seen, for their place is
// part of their name in Procountor. Of those that are there, go the ones that
// came with the last push and do not come with this.
func merge(have []hub.Attachment, last map[fileKey]bool, pushed []hub.Attachment) (out []hub.Attachment) {
	put := map[fileKey]bool{}
	for _, a := range have {
		k := keyOf(a)
		if put[k] {
			continue
		}
		if i := slices.IndexFunc(pushed, func(p hub.Attachment) bool { return keyOf(p) == k }); i >= 0 {
			out = append(out, pushed[i])
		} else if !last[k] {
			out = append(out, a)
		} else {
			continue
		}
		put[k] = true
	}
	for _, p := range pushed {
		if k := keyOf(p); !put[k] {
			out = append(out, p)
			put[k] = true
		}
	}
	return out
}

type fileKey struct{ name, hash string }

func keyOf(a hub.Attachment) fileKey { return fileKey{a.Name, a.Hash} }

// pushedFiles are the attachments in the bytes of a push.
func pushedFiles(raw []byte) map[fileKey]bool {
	var d struct {
		Attachments []json.RawMessage `json:"attachments"`
	}
	files := map[fileKey]bool{}
	if json.Unmarshal(raw, &d) != nil {
		return files // its faults say so
	}
	for _, r := range d.Attachments {
		var a struct{ Name, Content string }
		if json.Unmarshal(r, &a) != nil {
			continue
		}
		if b, err := base64.StdEncoding.DecodeString(a.Content); err == nil {
			files[fileKey{a.Name, hub.HashOf(b)}] = true
		}
	}
	return files
}

// checkSizes refuses a request as a whole.
func checkSizes(docs []json.RawMessage) error {
	if len(docs) > maxDocuments {
		return problem(http.StatusRequestEntityTooLarge, codeTooMany, fmt.Sprintf("the list has %d documents; at most %d go in one request", len(docs), maxDocuments))
	}
	for i, d := range docs {
		if len(d) > maxDocument {
			return problem(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf(
				"document %d of the request (from 0) has %d bytes; at most %d are taken; add large attachments afterwards", i, len(d), maxDocument))
		}
	}
	return nil
}

// attach adds files to a document that is there.
func (s *server) attach(ctx context.Context, sp locale.Speaker, id string, body []byte) (Receipt, error) {
	conn := connectionOf(ctx)
	files, err := s.reader.files(body)
	if err != nil {
		return Receipt{}, err
	}
	for attempt := 1; ; attempt++ {
		var in engine.Incoming
		if err := s.store.Read(ctx, func(tx *store.Tx) error {
			p, err := tx.PushedDocument(conn.ID, id)
			if err != nil {
				return err
			}
			doc, v, err := tx.Document(p.Document.ID, p.Document.Version)
			if err != nil {
				return err
			}
			in = engine.Incoming{Document: doc, Faults: v.Faults, Base: &p.Document.Version}
			in.Raw, err = tx.Blob(v.Raw)
			return err
		}); err != nil {
			return Receipt{}, s.trouble(ctx, "attach", err)
		}
		if in.Document.Kind == hub.Unreadable {
			p := problem(http.StatusConflict, codeNotNow, "what was pushed could not be read as a document; push it again, corrected")
			p.State = string(hub.Held)
			return Receipt{}, p
		}
		in.Document.Attachments = merge(in.Document.Attachments, nil, files)
		if len(in.Document.Attachments) > maxAttachments {
			return Receipt{}, problem(http.StatusUnprocessableEntity, codeContent, fmt.Sprintf("a document has at most %d attachments", maxAttachments))
		}
		rc, err := s.engine.Receive(ctx, conn.ID, []engine.Incoming{in}, nil)
		if errors.Is(err, engine.ErrStale) && attempt < staleAttempts {
			continue
		}
		if err != nil {
			return Receipt{}, s.trouble(ctx, "attach", err)
		}
		return receipt(sp, rc[0], in.Document), nil
	}
}

// maxAttachments of one document.
const maxAttachments = hub.MaxAttachments

// files reads one attachment or a list. It is all or nothing: there is no
// document yet to hold with its faults.
func (r *reader) files(body []byte) ([]hub.Attachment, error) {
	raw, _, err := split(body)
	if err != nil {
		return nil, err
	}
	var files []hub.Attachment
	p := problem(http.StatusUnprocessableEntity, codeContent, "nothing was added; see errors")
	for i, one := range raw {
		tree, err := decode(one)
		if err != nil {
			return nil, malformed(body, 0, "the body is not JSON")
		}
		w := walk{r: r}
		w.value(r.attachment, tree, fmt.Sprintf("body[%d]", i))
		for _, f := range w.faults {
			message := f.Args["form"]
			if message == "" {
				message = f.Code
			}
			p.Errors = append(p.Errors, ProblemDetail{Message: message, Location: f.Path, Value: f.Value})
		}
		var a Attachment
		if len(w.faults) > 0 || json.Unmarshal(one, &a) != nil {
			continue
		}
		if len(a.Content) == 0 {
			p.Errors = append(p.Errors, ProblemDetail{Message: "the file is empty", Location: fmt.Sprintf("body[%d].content", i)})
		}
		if len(a.Content) > hub.MaxAttachment {
			return nil, problem(http.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("%s has %d bytes; Procountor takes at most %d",
				a.Name, len(a.Content), hub.MaxAttachment))
		}
		files = append(files, a.attachment())
	}
	if len(raw) == 0 {
		p.Errors = append(p.Errors, ProblemDetail{Message: "the list is empty", Location: "body"})
	}
	if len(p.Errors) > 0 {
		return nil, p
	}
	return files, nil
}
