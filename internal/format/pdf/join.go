package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// Limits of PDFs of others, which are read to be joined. A small file may unpack to what
// fills the memory, or say that it has a million pages.
const (
	maxJoined   = 25_000_000  // bytes of one part
	maxUnpacked = 250_000_000 // bytes of all its streams
	maxPages    = 500         // of one part
)

// ErrJoin says that a content is no PDF that can be joined: it is broken, encrypted, or
// beyond a limit.
var ErrJoin = errors.New("no PDF that can be joined")

// configuration reads and writes no file: by itself pdfcpu keeps one in the home folder.
var configuration = sync.OnceFunc(api.DisableConfigDir)

func conf() *model.Configuration {
	configuration()
	c := model.NewDefaultConfiguration()
	c.ValidationMode, c.Optimize, c.OptimizeBeforeWriting = model.ValidationRelaxed, false, false
	return c
}

// Joinable reports whether a PDF can be joined with others; its error wraps [ErrJoin].
func Joinable(content []byte) (err error) {
	defer func() {
		if p := recover(); p != nil { // its reader trusts what it reads
			err = fmt.Errorf("%w: %v", ErrJoin, p)
		}
	}()
	if len(content) > maxJoined {
		return fmt.Errorf("%w: %d bytes", ErrJoin, len(content))
	}
	if !unpacks(content) {
		return fmt.Errorf("%w: it unpacks to more than %d bytes", ErrJoin, maxUnpacked)
	}
	c := conf()
	ctx, err := api.ReadAndValidate(bytes.NewReader(content), c)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrJoin, err)
	case ctx.Encrypt != nil || ctx.E != nil:
		return fmt.Errorf("%w: it is encrypted", ErrJoin)
	case ctx.PageCount < 1 || ctx.PageCount > maxPages:
		return fmt.Errorf("%w: %d pages", ErrJoin, ctx.PageCount)
	}
	return nil
}

// Join puts PDFs behind each other. Its error wraps [ErrJoin] where one of them cannot be.
func Join(parts [][]byte) (joined []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			joined, err = nil, fmt.Errorf("%w: %v", ErrJoin, p)
		}
	}()
	readers := make([]io.ReadSeeker, len(parts))
	for i, p := range parts {
		readers[i] = bytes.NewReader(p)
	}
	var b bytes.Buffer
	if err := api.MergeRaw(readers, &b, false, conf()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJoin, err)
	}
	return b.Bytes(), nil
}

// Pages is how many pages a PDF has.
func Pages(content []byte) (int, error) {
	n, err := api.PageCount(bytes.NewReader(content), conf())
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrJoin, err)
	}
	return n, nil
}

// unpacks reports whether all deflated streams together stay below the limit.
func unpacks(content []byte) bool {
	left := int64(maxUnpacked)
	for rest := content; ; {
		at := bytes.Index(rest, []byte("stream"))
		if at < 0 {
			return true
		}
		rest = bytes.TrimLeft(rest[at+len("stream"):], "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			continue // of another kind, or the word stands in a text
		}
		n, _ := io.Copy(io.Discard, io.LimitReader(z, left+1)) // what is broken ends there
		if left -= n; left < 0 {
			return false
		}
	}
}
