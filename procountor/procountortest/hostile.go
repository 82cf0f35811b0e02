package procountortest

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/vienti/vienti/internal/faulty"
)

// A Rule plans faults; see [Server.PlanFault]. Its fields: Method, Path ("=/invoices"
// exactly, "*/approve" at the end, else the beginning), Write, Nth, Times, PerMill,
// and the embedded Fault.
type Rule = faulty.Rule

// A Fault is what goes wrong: Kind and Delay.
type Fault = faulty.Fault

// Kinds of faults.
const (
	FaultBefore faulty.Kind = faulty.Before // cut off, nothing done
	FaultAfter  faulty.Kind = faulty.After  // everything done, then cut off: stored but not answered
	FaultBody   faulty.Kind = faulty.Body   // everything done, half of the answer
	FaultSlow   faulty.Kind = faulty.Slow   // nothing but the delay

	FaultTooMany     faulty.Kind = "429"          // Retry-After: 1, nothing done
	FaultHTMLBefore  faulty.Kind = "html-before"  // HTML 500, nothing done
	FaultHTMLAfter   faulty.Kind = "html-after"   // HTML 500 although everything was done
	FaultExpireToken faulty.Kind = "expire-token" // the token's hour is over now
)

// Hostile are the bad manners of real life. Rates are of 1000 requests, drawn
// from Options.Seed. The zero value is polite; [Nasty] turns all on.
type Hostile struct {
	// Slow requests take SlowFor longer. Exposes: no timeout of one's own, locks
	// and transactions held over a request.
	Slow    int
	SlowFor time.Duration
	// TooMany are refused with 429 and Retry-After. Exposes: retrying at once,
	// taking "busy" for "refused".
	TooMany int
	// HTMLBefore answers an HTML 500 and does nothing. Exposes: parsing every
	// body as JSON.
	HTMLBefore int
	// HTMLAfter answers the same after everything was done. Exposes: a blind
	// repeat of a write, that is a document that stands twice in the books.
	HTMLAfter int
	// CutBefore closes the connection before anything is done. Exposes: taking a
	// lost answer for success.
	CutBefore int
	// CutAfter closes it after everything was done: stored but not answered.
	// Exposes: a blind repeat, also by the HTTP library itself.
	CutAfter int
	// CutBody breaks the answer off in its middle. Exposes: using half an answer.
	CutBody int
	// ExpireToken ends the token before its time. Exposes: reading expires_in as
	// a promise, endless renewal.
	ExpireToken int

	// DropFile answers a POST /attachments as ever and keeps no file. Exposes: taking
	// the answer for the file.
	DropFile int
	// EmptyFile keeps a file of no bytes, under its name. Exposes: looking for names only.
	EmptyFile int
	// CutFile keeps the first half of a file. Exposes: the same.
	CutFile int

	// SmallPages caps the page size of searches. Exposes: reading one page only.
	// 0 is no cap.
	SmallPages int
	// UnknownFields adds members that no description has. Exposes: strict decoders.
	UnknownFields bool
	// UnknownValues sets the invoice channel in searches and the product version
	// in the session to words that no enumeration has. Exposes: closed enumerations.
	UnknownValues bool
	// Shuffle changes the order of lists whose order nobody promised (accounts,
	// dimensions, VAT statuses, currencies). Exposes: taking the first.
	Shuffle bool
}

// Nasty is everything at once, each often enough to be met in a short run; but for
// what damages files, which only a person can mend.
func Nasty() Hostile {
	return Hostile{
		Slow: 20, SlowFor: 200 * time.Millisecond, TooMany: 20,
		HTMLBefore: 10, HTMLAfter: 10, CutBefore: 10, CutAfter: 10, CutBody: 10, ExpireToken: 5,
		SmallPages: 3, UnknownFields: true, UnknownValues: true, Shuffle: true,
	}
}

func (h Hostile) rules() []Rule {
	var rs []Rule
	add := func(perMill int, kind faulty.Kind, delay time.Duration) {
		if perMill > 0 {
			rs = append(rs, Rule{PerMill: perMill, Fault: Fault{Kind: kind, Delay: delay}})
		}
	}
	add(h.Slow, FaultSlow, h.SlowFor)
	add(h.TooMany, FaultTooMany, 0)
	add(h.HTMLBefore, FaultHTMLBefore, 0)
	add(h.HTMLAfter, FaultHTMLAfter, 0)
	add(h.CutBefore, FaultBefore, 0)
	add(h.CutAfter, FaultAfter, 0)
	add(h.CutBody, FaultBody, 0)
	add(h.ExpireToken, FaultExpireToken, 0)
	return rs
}

// spoil is what becomes of a file on its way into the books; kept is false when
// nothing does. It depends on the seed and the file's id alone.
func (h Hostile) spoil(seed uint64, id int64, content []byte) (stored []byte, kept bool) {
	if h.DropFile+h.EmptyFile+h.CutFile == 0 {
		return content, true
	}
	switch n := rand.New(rand.NewPCG(seed, uint64(id))).IntN(1000); {
	case n < h.DropFile:
		return nil, false
	case n < h.DropFile+h.EmptyFile:
		return []byte{}, true
	case n < h.DropFile+h.EmptyFile+h.CutFile:
		return content[:len(content)/2], true
	}
	return content, true
}

func (h Hostile) unfamiliar() bool { return h.UnknownFields || h.UnknownValues }

// disguise puts unknown members and values into a JSON answer.
func (h Hostile) disguise(c *call, body []byte) []byte {
	if c.op == nil || c.op.open || c.header.Get("Content-Type") != "application/json" {
		return body
	}
	if h.UnknownFields && len(body) > 2 && body[0] == '{' && body[1] == '"' {
		body = append([]byte(`{"sandboxNews":{"since":"2099-01-01","values":[1,null,"x"]},`), body[1:]...)
	}
	if h.UnknownValues {
		switch c.op.id {
		case "searchInvoice":
			body = bytes.ReplaceAll(body, []byte(`"invoiceChannel":"NO_SENDING"`), []byte(`"invoiceChannel":"CARRIER_PIGEON"`))
		case "getSessionInfo":
			body = bytes.ReplaceAll(body, []byte(`"productVersion":"`), []byte(`"productVersion":"NEW_`))
		}
	}
	return body
}

// shuffled returns the list in an order drawn from the seed, if asked for.
func shuffled[T any](c *call, list []T) []T {
	if !c.srv.opt.Hostile.Shuffle {
		return list
	}
	out := append([]T(nil), list...)
	r := rand.New(rand.NewPCG(c.srv.opt.Seed, uint64(c.srv.received.total())))
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
