package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/format/filetype"
	"github.com/vienti/vienti/internal/format/pdf"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/store"
)

// joinFiles makes one PDF of the files of a travel invoice, the claim before its
// receipts, and says in f which are in it. What cannot be joined, and all of it where
// the whole would be too large, goes beside.
func (e *Engine) joinFiles(ctx context.Context, subject string, s *hub.Settings, doc *hub.Document, f *mapping.Files) (*hub.Attachment, error) {
	order := slices.Clone(doc.Attachments)
	slices.SortStableFunc(order, func(a, b hub.Attachment) int { return cmp.Compare(rank(a), rank(b)) })
	f.Within, f.Apart = map[string]bool{}, map[string]bool{}
	var parts [][]byte
	var hashes []string
	total := 0
	for _, a := range order {
		if a.Hash == "" || a.Size <= 0 || a.Size > hub.MaxAttachment || !mapping.FileGoes(s, doc, &a) || a.Found != nil && a.Found.Wrong != "" || slices.Contains(hashes, a.Hash) {
			continue // said, or left out, or a receipt of two rows
		}
		part, err := e.part(ctx, subject, a)
		switch {
		case errors.Is(err, pdf.ErrJoin) || errors.Is(err, pdf.ErrImage) || total+len(part) > maxMade:
			f.Apart[a.Hash] = true
			continue
		case err != nil:
			return nil, err
		}
		parts, hashes, total = append(parts, part), append(hashes, a.Hash), total+len(part)
	}
	if len(parts) < 2 {
		return nil, nil
	}
	b, err := pdf.Join(parts)
	if errors.Is(err, pdf.ErrJoin) { // each of them can be read, all of them not
		for _, h := range hashes {
			f.Apart[h] = true
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(b) > hub.MaxAttachment {
		f.JoinedSize = int64(len(b))
		return nil, nil
	}
	for _, h := range hashes {
		f.Within[h] = true
	}
	lang, _ := locale.Parse(s.Language)
	file := madeFile(locale.New(lang, helsinki).T("kind."+string(doc.Kind)+".word")+" "+doc.Number+".pdf", b)
	f.Joined, f.JoinedKey = &file, hub.HashOf([]byte(strings.Join(hashes, "\n")))
	return &file, nil
}

// rank lets the picture of the claim come first.
func rank(a hub.Attachment) int {
	if a.Image {
		return 0
	}
	return 1
}

// part is a file as a PDF that can be joined.
func (e *Engine) part(ctx context.Context, subject string, a hub.Attachment) (content []byte, err error) {
	if content = a.Content; content == nil {
		if content, err = store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]byte, error) { return tx.DocumentFile(subject, a.Hash) }); err != nil {
			return nil, fmt.Errorf("file %s: %w", a.Name, err)
		}
	}
	found := a.Found
	if found == nil {
		found = new(filetype.Inspect(content))
	}
	if filetype.Picture(found) {
		if content, err = pdf.FromImage(content); err != nil {
			return nil, fmt.Errorf("file %s: %w", a.Name, err)
		}
	}
	return content, pdf.Joinable(content)
}
