package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/format/filetype"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

// This file reads the image of an invoice when its round begins, so that whoever decides
// sees it at once, also while Procountor rests. Its first page is read by itself; how many
// there are is told nowhere, so the next ones are read when somebody turns to them.

const (
	// imagesAtOnce is how many one Step reads at most, and imageSeats how many of them side
	// by side: transfers want their share of the requests.
	imagesAtOnce, imageSeats = 40, 5
	// imageTries is after how many answers that cannot be used a page is given up: with
	// pauses that double up to longestImageWait, about a week.
	imageTries       = 20
	longestImageWait = 12 * time.Hour
	// maxImagePages bounds how far somebody turns the pages of one invoice.
	maxImagePages = 50
)

// imageTypes are what is taken for an image.
var imageTypes = []string{"image/png", "image/jpeg", "image/gif", "application/pdf"}

// sweepImages reads images that are wanted, and reports whether more are.
func (r *run) sweepImages(ctx context.Context) (more bool, err error) {
	now := r.now()
	due, err := store.ReadOne(ctx, r.e.store, func(tx *store.Tx) ([]store.RoundImage, error) {
		return tx.ImagesDue(r.company.ID, now, imagesAtOnce)
	})
	if err != nil || len(due) == 0 {
		return false, err
	}
	until := now.Add(leaseFor)
	type claim struct {
		store.RoundImage
		invoice int64
	}
	var mine []claim
	if err := r.e.store.Tx(ctx, func(tx *store.Tx) error {
		mine = nil
		for _, x := range due {
			got, err := tx.ClaimImage(&x, until)
			if err != nil {
				return err
			}
			if !got {
				continue
			}
			round, err := tx.RoundByID(x.Round)
			if err != nil {
				return err
			}
			mine = append(mine, claim{x, round.InvoiceID})
		}
		return nil
	}); err != nil {
		return false, err
	}
	var stop sync.Once
	var cause error // why no more are read now
	halt := make(chan struct{})
	read := func(x *claim) {
		select {
		case <-halt:
			x.DueAt = now.Add(firstWait) // was not asked for
			return
		default:
		}
		packed, err := readImage(ctx, r.client, x.invoice, &x.RoundImage)
		if err == nil {
			r.e.crash("image/read")
			err = r.e.keepImage(ctx, &x.RoundImage, packed, until)
		}
		if err != nil {
			stop.Do(func() { cause = err; close(halt) })
			x.Tries++
			x.DueAt = now.Add(min(wait(x.Tries)*time.Duration(x.Tries), longestImageWait))
			if _, asked := errors.AsType[*procountor.Error](err); asked && x.Tries >= imageTries {
				x.State, x.DueAt = store.ImageBad, time.Time{}
			}
		}
	}
	if r.e.o.InFlight == 1 {
		for i := range mine {
			read(&mine[i])
		}
	} else {
		var wg sync.WaitGroup
		seats := make(chan struct{}, imageSeats)
		for i := range mine {
			seats <- struct{}{}
			wg.Go(func() { defer func() { <-seats }(); read(&mine[i]) })
		}
		wg.Wait()
	}
	if cause == nil {
		return len(due) == imagesAtOnce, nil
	}
	err = r.e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		for i := range mine {
			if x := &mine[i]; x.State != store.ImageKept {
				if err := tx.SaveImage(&x.RoundImage, until); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return false, errors.Join(fmt.Errorf("images of invoices: %w", cause), err)
}

// readImage asks Procountor for a page. What Procountor does not have, or what is no
// picture, is an answer too.
func readImage(ctx context.Context, client *procountor.Client, invoice int64, x *store.RoundImage) (packed store.PackedBlob, err error) {
	_, content, err := client.Invoices.Image(ctx, invoice, x.Page, "")
	found := filetype.Inspect(content)
	switch {
	case errors.Is(err, procountor.NotFound), err == nil && len(content) == 0:
		x.State, x.DueAt = store.ImageNone, time.Time{}
		return packed, nil
	case err != nil:
		return packed, err
	case len(content) > procountor.MaxAttachmentBytes, found.Wrong != "", !slices.Contains(imageTypes, found.MIME):
		x.State, x.DueAt = store.ImageBad, time.Time{}
		return packed, nil
	}
	if packed, err = store.PackBlob(content); err != nil {
		return packed, err
	}
	x.State, x.Blob, x.MIME, x.DueAt = store.ImageKept, packed.Ref, found.MIME, time.Time{}
	return packed, nil
}

// keepImage stores a page that was claimed until a moment; the zero time for one that
// nobody had claimed.
func (e *Engine) keepImage(ctx context.Context, x *store.RoundImage, packed store.PackedBlob, claimed time.Time) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		if x.State == store.ImageKept {
			if err := tx.PutPacked(packed); err != nil {
				return err
			}
		}
		if claimed.IsZero() {
			return tx.PutImage(x)
		}
		return tx.SaveImage(x, claimed)
	})
}

// ErrImageBad says that Procountor has an image that cannot be shown.
var ErrImageBad = errors.New("the image is no picture, or too large")

// RoundImage is a page of the image of an invoice on its round, from 1: as it is kept, or
// read out of Procountor now. [store.ErrNotFound] when there is no such page.
func (e *Engine) RoundImage(ctx context.Context, id string, page int) (mime string, content []byte, err error) {
	if page < 1 || page > maxImagePages {
		return "", nil, store.ErrNotFound
	}
	var round store.Round
	var company hub.Company
	x := store.RoundImage{Round: id, Page: page}
	known := 0 // how many pages are, one after the other
	if err := e.store.Read(ctx, func(tx *store.Tx) error {
		if round, err = tx.RoundByID(id); err != nil {
			return err
		}
		if company, err = tx.Company(round.Company); err != nil {
			return err
		}
		x.Company = round.Company
		list, err := tx.Images(id)
		if err != nil {
			return err
		}
		for _, p := range list {
			if p.State == store.ImageKept && p.Page == known+1 {
				known = p.Page
			}
			if p.Page == page {
				x = p
			}
		}
		if x.State == store.ImageKept {
			content, err = tx.Blob(x.Blob)
		}
		return err
	}); err != nil {
		return "", nil, err
	}
	switch {
	case x.State == store.ImageKept:
		return x.MIME, content, nil
	case x.State == store.ImageBad:
		return "", nil, ErrImageBad
	case x.State == store.ImageNone, page > known+1:
		return "", nil, store.ErrNotFound
	}
	client, err := e.client(ctx, company)
	if err != nil {
		return "", nil, err
	}
	packed, err := readImage(ctx, client, round.InvoiceID, &x)
	if err == nil {
		err = e.keepImage(ctx, &x, packed, time.Time{})
	}
	switch {
	case err != nil:
		return "", nil, err
	case x.State == store.ImageNone:
		return "", nil, store.ErrNotFound
	case x.State == store.ImageBad:
		return "", nil, ErrImageBad
	}
	content, err = store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]byte, error) { return tx.Blob(x.Blob) })
	return x.MIME, content, err
}
