// Package audit is the chain of acts: who did what to what, in an order that
// cannot be altered without the chain breaking. Storing it is the store's work.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxText   = 1 << 10  // bytes of actor, kind and subject
	maxDetail = 64 << 10 // bytes; larger evidence is a body of its own, named here by its hash
)

// An Act is something that a person or the hub did, and that must be provable
// later: a sign-in, a setting changed, writing switched on, a held document released.
// Secrets have no place in it.
type Act struct {
	Actor   string          // id of a person, or "vienti" for the hub itself
	Kind    string          // what was done, as "company.paused"
	Subject string          // id of what it was done to
	Detail  json.RawMessage // JSON, "{}" if there is nothing to add

	// The store gives these.
	Seq  int64     // 1, 2, 3 … without a gap
	At   time.Time // to the millisecond, UTC
	Prev string    // Hash of the act before; "" for the first
	Hash string    // what [Act.Sum] makes of all the others
}

// Detail makes the detail of an act from a value. A value that JSON cannot hold
// leaves its error as the detail: an act is worth more than its detail.
func Detail(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		b, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	return b
}

// Check says what is wrong with an act that is about to be stored.
func (a Act) Check() error {
	for _, f := range []struct{ name, text string }{{"actor", a.Actor}, {"kind", a.Kind}, {"subject", a.Subject}} {
		switch {
		case f.text == "":
			return fmt.Errorf("act without %s", f.name)
		case len(f.text) > maxText:
			return fmt.Errorf("act: %s of %d bytes is longer than %d", f.name, len(f.text), maxText)
		case !utf8.ValidString(f.text) || strings.ContainsRune(f.text, 0):
			return fmt.Errorf("act: %s is not a text", f.name)
		}
	}
	switch {
	case len(a.Detail) > maxDetail:
		return fmt.Errorf("act: detail of %d bytes is longer than %d", len(a.Detail), maxDetail)
	case !json.Valid(a.Detail) || !utf8.Valid(a.Detail):
		return errors.New("act: detail is not JSON")
	}
	return nil
}

// Next completes a as the act that follows one with the given seq and hash.
func (a Act) Next(seq int64, hash string, at time.Time) Act {
	if len(bytes.TrimSpace(a.Detail)) == 0 {
		a.Detail = json.RawMessage("{}")
	}
	a.Seq, a.Prev, a.At = seq+1, hash, at.UTC().Truncate(time.Millisecond)
	a.Hash = a.Sum()
	return a
}

// Sum is the SHA-256, in hex, over everything but Hash: version, numbers as
// eight bytes, texts with their length before them, so that nothing can be moved
// from one field into the next. It must never change; a new form is a new version.
func (a Act) Sum() string {
	h := sha256.New()
	h.Write([]byte("vienti act v1\n"))
	number := func(n int64) { h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	number(a.Seq)
	number(a.At.UnixMilli())
	for _, s := range []string{a.Actor, a.Kind, a.Subject, string(a.Detail), a.Prev} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A BrokenError says where a chain is not as it was written.
type BrokenError struct {
	Seq int64 // the first act that is altered, missing or strange
	Why string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("chain of acts is broken at act %d: %s", e.Seq, e.Why)
}

// A Chain checks acts in their order. The zero value expects the first one.
type Chain struct {
	Seq  int64  // of the last act that was right
	Hash string // of the same
}

// Check takes the next act. Its error is a [*BrokenError].
func (c *Chain) Check(a Act) error {
	want := c.Seq + 1
	switch {
	case a.Seq > want:
		return &BrokenError{want, fmt.Sprintf("acts %d to %d are missing", want, a.Seq-1)}
	case a.Seq < want:
		return &BrokenError{a.Seq, "it is there twice or out of order"}
	case a.Sum() != a.Hash:
		return &BrokenError{a.Seq, "its content was altered"}
	case a.Prev != c.Hash:
		return &BrokenError{a.Seq, "it does not follow the act before it"}
	}
	c.Seq, c.Hash = a.Seq, a.Hash
	return nil
}

// End compares the chain with what was recorded as its end. Its error is a [*BrokenError].
func (c *Chain) End(seq int64, hash string) error {
	switch {
	case c.Seq < seq:
		return &BrokenError{c.Seq + 1, fmt.Sprintf("acts %d to %d are missing at the end", c.Seq+1, seq)}
	case c.Seq > seq:
		return &BrokenError{seq + 1, "it lies behind the recorded end"}
	case c.Hash != hash:
		return &BrokenError{seq, "it is not the recorded end"}
	}
	return nil
}
