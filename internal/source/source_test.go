package source

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/secret"
)

// stub answers every pull with one page.
type stub struct {
	page    Page
	err     error
	settled []Cursor
	stuck   error
}

func (s *stub) Pull(context.Context, Cursor, int) (Page, error) { return s.page, s.err }

func (s *stub) Settle(_ context.Context, c Cursor) error {
	s.settled = append(s.settled, c)
	return s.stuck
}

func doc(id string) *hub.Document { return &hub.Document{Kind: hub.SalesInvoice, SourceID: id} }

// Source stops what breaks the contract, with the name of the system.
func TestPullChecks(t *testing.T) {
	big := money.Must("9999999999999999999")
	inexact := big.Add(big)
	bad := doc("a")
	bad.Lines = []hub.Line{{Net: &inexact}}
	for name, c := range map[string]struct {
		page Page
		want string
	}{
		"good":        {Page{Documents: []Found{{Document: doc("a")}, {Document: doc("b")}}, Next: "2", More: true}, ""},
		"nothing":     {Page{Next: "1"}, ""},
		"stands":      {Page{Next: "1", More: true}, "cursor stands still"},
		"shows again": {Page{Documents: []Found{{Document: doc("a")}}, Next: "1"}, "cursor stands still"},
		"too many":    {Page{Documents: []Found{{Document: doc("a")}, {Document: doc("b")}, {Document: doc("c")}}, Next: "2"}, "3 documents on a page of 2"},
		"twice":       {Page{Documents: []Found{{Document: doc("a")}, {Document: doc("a")}}, Next: "2"}, "stands twice"},
		"nil":         {Page{Documents: []Found{{}}, Next: "2"}, "is nil"},
		"no id":       {Page{Documents: []Found{{Document: doc("")}}, Next: "2"}, "has no id"},
		"kind":        {Page{Documents: []Found{{Document: &hub.Document{Kind: "letter", SourceID: "a"}}}, Next: "2"}, "unknown kind"},
		"unreadable":  {Page{Documents: []Found{{Document: &hub.Document{Kind: hub.Unreadable, SourceID: "a"}}}, Next: "2"}, "nothing says why"},
		"explained": {Page{Documents: []Found{{Document: &hub.Document{Kind: hub.Unreadable, SourceID: "a"},
			Faults: []hub.Fault{hub.NewFault(hub.XMLBroken, "file", "")}}}, Next: "2"}, ""},
		"no code": {Page{Documents: []Found{{Document: doc("a"), Faults: []hub.Fault{{}}}}, Next: "2"}, "fault without code"},
		"inexact": {Page{Documents: []Found{{Document: bad}}, Next: "2"}, "cannot be kept"},
	} {
		_, err := New("Kuusikko", &stub{page: c.page}).Pull(t.Context(), "1", 2)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "Kuusikko")) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := New("x", &stub{}).Pull(t.Context(), "", 0); err == nil {
		t.Error("a page of no documents was asked for")
	}
}

func TestErrorsKeepTheirClass(t *testing.T) {
	for _, class := range []error{ErrDenied, ErrBusy} {
		err := class
		if errors.Is(class, ErrBusy) {
			err = &BusyError{Reason: "429"}
		}
		if _, got := New("x", &stub{err: err}).Pull(t.Context(), "", 1); !errors.Is(got, class) {
			t.Errorf("%v became %v", class, got)
		}
	}
	if b, ok := errors.AsType[*BusyError](New("x", &stub{err: &BusyError{Reason: "429"}}).err(t)); !ok || b.Reason != "429" {
		t.Errorf("got %v", b)
	}
}

func (s *Source) err(t *testing.T) error {
	t.Helper()
	_, err := s.Pull(t.Context(), "", 1)
	return err
}

// A settler hears of the stored cursor before more is read, and when it cannot
// settle nothing is.
func TestSettles(t *testing.T) {
	s := &stub{page: Page{Next: "8"}}
	if _, err := New("x", s).Pull(t.Context(), "7", 1); err != nil || len(s.settled) != 1 || s.settled[0] != "7" {
		t.Errorf("settled %v, %v", s.settled, err)
	}
	s.stuck = errors.New("disk full")
	if p, err := New("x", s).Pull(t.Context(), "7", 1); !errors.Is(err, s.stuck) || p.Next != "" {
		t.Errorf("got %+v, %v", p, err)
	}
	if c := Capabilities(s); len(c) != 1 || c[0] != Settles {
		t.Errorf("capabilities %v", c)
	}
}

func TestOptions(t *testing.T) {
	k := Kind{Name: "shop", Options: []Option{
		{Name: "url", Required: true}, {Name: "key", Required: true, Secret: true},
		{Name: "mode", Default: "fast", Choices: []string{"fast", "slow"}},
	}}
	ok := Config{Values: map[string]string{"url": "u"}, Secrets: map[string]secret.Secret{"key": secret.New("k")}}
	if err := k.Check(ok); err != nil {
		t.Error(err)
	}
	if k.Value(ok, "mode") != "fast" || k.Value(ok, "none") != "" || k.Value(Config{Values: map[string]string{"mode": "slow"}}, "mode") != "slow" {
		t.Error("values and defaults")
	}
	err := k.Check(Config{Values: map[string]string{"key": "hunter2", "mode": "hunter3", "x": "hunter4"}, Secrets: map[string]secret.Secret{"y": secret.New("hunter5")}})
	if err == nil || strings.Contains(err.Error(), "hunter") {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"url is missing", "key is a secret", "mode is one of fast, slow", `no option "x"`, `no option "y"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if err := k.Check(Config{Values: map[string]string{"url": "u"}}); err == nil {
		t.Error("a secret that is missing was not noticed")
	}
}

func TestRegistry(t *testing.T) {
	r := NewRegistry(Kind{Name: "a"}, Kind{Name: "b"})
	if k, ok := r.Kind("b"); !ok || k.Name != "b" || len(r.Kinds()) != 2 {
		t.Error("b is not found")
	}
	if _, ok := r.Kind("c"); ok {
		t.Error("c is found")
	}
	defer func() {
		if recover() == nil {
			t.Error("two of one name were taken")
		}
	}()
	NewRegistry(Kind{Name: "a"}, Kind{Name: "a"})
}
