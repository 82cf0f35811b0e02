package store

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	// maxBlob bounds one body: several times the largest attachment that
	// Procountor takes (10 000 000 bytes), and what fits into memory a few times.
	maxBlob = 64 << 20

	// inlineBlob is the stored size from which a body gets a file of its own
	// beside SQLite: below it a page of the database is smaller than a file.
	inlineBlob = 4 << 10

	// minGzip is the size below which the frame of gzip eats what it gains.
	minGzip = 128

	// sealedMark ends the ref of a sealed blob, so that the same content may also
	// be there unsealed.
	sealedMark = "-sealed"
)

// ErrBlob says that a stored body is missing or is not what its hash promises.
var ErrBlob = errors.New("stored body is damaged")

// gzips are writers at rest: making one costs more than what it then does.
var gzips = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is valid
	}
	return w
}}

// gunzips are readers at rest, likewise.
var gunzips = sync.Pool{New: func() any { return new(gzip.Reader) }}

// A PackedBlob is a body ready to be stored: hashed, compressed and sealed.
type PackedBlob struct {
	Ref      string // the SHA-256 of the content in hex, and "-sealed" if sealed
	size     int
	encoding string
	body     []byte // sealed when it is stored
}

// PackBlob does the work of [Tx.PutBlob] that needs no transaction. Large bodies
// should be packed before one begins: on SQLite all writers wait meanwhile.
func PackBlob(content []byte) (PackedBlob, error) {
	if len(content) > maxBlob {
		return PackedBlob{}, fmt.Errorf("body of %d bytes is larger than %d", len(content), maxBlob)
	}
	hash := sha256.Sum256(content)
	p := PackedBlob{Ref: hex.EncodeToString(hash[:]), size: len(content), encoding: "raw", body: content}
	if len(content) < minGzip {
		return p, nil
	}
	var b bytes.Buffer
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(&b)
	if _, err := w.Write(content); err != nil {
		return p, err
	}
	if err := w.Close(); err != nil {
		return p, err
	}
	if b.Len() < len(content) { // images and most PDFs do not shrink
		p.encoding, p.body = "gzip", b.Bytes()
	}
	return p, nil
}

// PackSealed is [PackBlob] for payroll: what is stored can only be read with the vault.
func PackSealed(content []byte) (PackedBlob, error) {
	p, err := PackBlob(content)
	p.Ref += sealedMark
	return p, err
}

// PackFor is [PackSealed] for what is private, else [PackBlob].
func PackFor(private bool, content []byte) (PackedBlob, error) {
	if private {
		return PackSealed(content)
	}
	return PackBlob(content)
}

func sealed(ref string) bool { return strings.HasSuffix(ref, sealedMark) }

// PutBlob stores a body and returns the ref to read it by, the SHA-256 of the
// content in hex. The same content is stored once.
func (tx *Tx) PutBlob(content []byte) (ref string, err error) {
	p, err := PackBlob(content)
	if err != nil {
		return "", err
	}
	return p.Ref, tx.PutPacked(p)
}

// PutSealedBlob is PutBlob for payroll; its ref is told apart by its end.
func (tx *Tx) PutSealedBlob(content []byte) (ref string, err error) {
	p, err := PackSealed(content)
	if err != nil {
		return "", err
	}
	return p.Ref, tx.PutPacked(p)
}

// PutPacked stores what [PackBlob] or [PackSealed] made ready. A file is on
// the disk, name included, before the transaction can commit; one whose
// transaction fails lies there unused.
func (tx *Tx) PutPacked(p PackedBlob) error {
	if sealed(p.Ref) {
		if tx.store.vault == nil {
			return errors.New("no vault to seal a body with")
		}
		p.body = tx.store.vault.SealBytes("blob "+p.Ref, p.body)
	}
	var inline any = p.body
	if tx.Dialect() == SQLite && len(p.body) >= inlineBlob {
		inline = nil
		var known, gone bool
		if err := tx.QueryRow("select exists (select 1 from blob where ref = $1), exists (select 1 from blob where ref = $1 and encoding = '"+masked+"')", p.Ref).Scan(&known, &gone); err != nil {
			return err
		}
		if gone {
			return nil // and does not come back
		}
		if _, err := os.Stat(tx.store.blobFile(p.Ref)); known && err == nil {
			return nil
		}
		// New, or the file has been lost and comes back.
		if err := tx.store.writeBlobFile(p); err != nil {
			return fmt.Errorf("store body %s: %w", p.Ref, err)
		}
	}
	_, err := tx.Exec(`insert into blob (ref, size, encoding, sealed, body) values ($1, $2, $3, $4, $5)
		on conflict (ref) do nothing`, p.Ref, p.size, p.encoding, sealed(p.Ref), inline)
	return err
}

// Blob returns the body that PutBlob or PutSealedBlob stored under ref. Without
// one it is [ErrNotFound]; one that is not as it was stored, [ErrBlob].
func (tx *Tx) Blob(ref string) ([]byte, error) {
	var size int
	var encoding string
	var sealed bool
	var body []byte
	err := tx.QueryRow("select size, encoding, sealed, body from blob where ref = $1", ref).Scan(&size, &encoding, &sealed, &body)
	if err != nil {
		return nil, fmt.Errorf("body %.80s: %w", ref, err)
	}
	if encoding == masked {
		return nil, fmt.Errorf("body %s: %w", ref, ErrMasked)
	}
	if body == nil && size > 0 {
		body, err = os.ReadFile(tx.store.blobFile(ref))
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: its file is gone", ErrBlob)
		}
		if err != nil {
			return nil, fmt.Errorf("body %s: %w", ref, err)
		}
	}
	content, err := tx.store.unpack(ref, size, encoding, sealed, body)
	if err != nil {
		return nil, fmt.Errorf("body %s: %w", ref, err)
	}
	return content, nil
}

func (s *Store) unpack(ref string, size int, encoding string, sealed bool, body []byte) ([]byte, error) {
	var err error
	if sealed {
		if s.vault == nil {
			return nil, errors.New("it is sealed and there is no vault")
		}
		if body, err = s.vault.OpenBytes("blob "+ref, body); err != nil {
			return nil, err
		}
	}
	if encoding == "gzip" {
		r := gunzips.Get().(*gzip.Reader)
		defer gunzips.Put(r)
		if err := r.Reset(bytes.NewReader(body)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBlob, err)
		}
		var b bytes.Buffer
		b.Grow(min(size, maxBlob) + bytes.MinRead)
		if _, err := b.ReadFrom(io.LimitReader(r, maxBlob+1)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBlob, err)
		}
		body = b.Bytes()
	}
	hash := sha256.Sum256(body)
	if hex.EncodeToString(hash[:]) != strings.TrimSuffix(ref, sealedMark) {
		return nil, fmt.Errorf("%w: its content has another hash", ErrBlob)
	}
	return body, nil
}

// blobFile is where a large body lies: blobs/ab/cdef…
func (s *Store) blobFile(ref string) string {
	return filepath.Join(s.blobDir, ref[:2], ref[2:])
}

// writeBlobFile leaves the file whole or not at all.
func (s *Store) writeBlobFile(p PackedBlob) error {
	path := s.blobFile(p.Ref)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(p.body)
	if err == nil && !s.noSync {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	if s.noSync {
		return nil
	}
	return errors.Join(syncDir(dir), syncDir(s.blobDir), syncDir(filepath.Dir(s.blobDir)))
}
