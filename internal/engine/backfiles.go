package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file keeps the files of a purchase invoice that goes back to a source, such as
// its image: whoever looks at the cost there can look at them here.

// keptFiles are the files of an invoice as Procountor has them.
type keptFiles struct {
	choice hub.FileChoice
	packed []store.PackedFile
}

// filesBack reads them before the first write, nil when they are kept already or the
// invoice has none. One that cannot be read, or is too large, keeps no cost back.
func (r *run) filesBack(ctx context.Context, x *returning) (*keptFiles, error) {
	row, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) (store.DocumentRow, error) { return tx.DocumentByID(x.back.Document) })
	if err != nil || row.Choice.Added != nil {
		return nil, err
	}
	k := &keptFiles{choice: row.Choice}
	for _, there := range x.back.Files {
		_, content, err := r.client.Attachments.Get(ctx, there.ID)
		if err != nil {
			if e, ok := errors.AsType[*procountor.Error](err); ok && (e.Class == procountor.NotFound || e.Class == procountor.Refused || e.Class == procountor.Broken) {
				r.e.log.Warn("file of a purchase invoice not read", "invoice", x.doc.VoucherNumber, "err", err)
				continue
			}
			return nil, r.trouble(err)
		}
		if len(content) == 0 || len(content) > procountor.MaxAttachmentBytes {
			continue
		}
		a := hub.Attachment{Name: there.Name, MIME: there.MIME, Size: int64(len(content)), Hash: hub.HashOf(content), Content: content}
		packed, err := store.PackFile(a, false)
		if err != nil {
			return nil, err
		}
		a.Content = nil
		k.choice.Added, k.packed = append(k.choice.Added, a), append(k.packed, packed)
	}
	if k.packed == nil {
		return nil, nil
	}
	return k, nil
}

// backFiles are the files of an invoice, at most so many as a document has.
func backFiles(inv *procountor.Invoice) (list []hub.BackFile) {
	for _, a := range inv.Attachments[:min(len(inv.Attachments), hub.MaxAttachments)] {
		list = append(list, hub.BackFile{ID: a.ID, Name: a.Name, MIME: a.MimeType})
	}
	return list
}

// keep stores them with the document.
func (k *keptFiles) keep(tx *store.Tx, document string) error {
	if k == nil {
		return nil
	}
	for _, f := range k.packed {
		if err := tx.PutFile(document, f); err != nil {
			return fmt.Errorf("keep files: %w", err)
		}
	}
	return tx.SetFileChoice(document, k.choice)
}
