package engine_test

import (
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A postOffice is a real SMTP server that keeps what it takes, by address.
type postOffice struct {
	mu    sync.Mutex
	taken map[string][]string
}

func (o *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{o: o}, nil }

type counter struct {
	o  *postOffice
	to string
}

func (c *counter) Mail(string, *smtp.MailOptions) error      { return nil }
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }
func (c *counter) Data(r io.Reader) error {
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	c.o.mu.Lock()
	defer c.o.mu.Unlock()
	c.o.taken[c.to] = append(c.o.taken[c.to], string(text))
	return err
}
func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

// collect empties the box of an address.
func (o *postOffice) collect(to string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.taken[to]
	delete(o.taken, to)
	return l
}

// Over real SMTP: a mailbox is told of its connection once and of nothing else, an
// address that is a user's once and within the user's reach; the link in a letter
// stops what it is about, no other link does, and an administrator switches it on again.
func TestMailboxes(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true})
	other := w.Another("2", enginetest.Config{Writing: true})
	office := &postOffice{taken: map[string][]string{}}
	srv := smtp.NewServer(office)
	srv.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.Must(err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	server := alert.Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "none", From: "vienti@example.fi"}
	const base = "https://vienti.example.fi"
	mail := func() {
		t.Helper()
		w.Clock.Add(24 * time.Hour)
		w.Must(w.Engine.PlanLetters(t.Context(), base))
		w.Must(w.Engine.SendLetters(t.Context(), base, server.Send))
	}
	const shared, seer, away = "talous@example.fi", "seer@example.fi", "away@example.fi"
	for _, u := range []people.User{
		{Login: "boss", Role: people.Admin},
		{Login: seer, Role: people.ByCompany, Companies: map[string]people.Role{w.Company.ID: people.Viewer}},
		{Login: away, Role: people.ByCompany, Companies: map[string]people.Role{other.Company.ID: people.Viewer}},
	} {
		_, err := w.Engine.AddPerson(t.Context(), "cli:test", u, secret.Secret{})
		w.Must(err)
	}
	for _, address := range []string{shared, seer, away} {
		w.Must(w.Engine.AddMailbox(t.Context(), "test", w.Connection.ID, address, "fi"))
	}
	hold := func(x *enginetest.World, number string) {
		bad := enginetest.Sale(number, "250.00")
		bad.Lines[0].Unit = "laatikollinen"
		x.Receive(bad)
		x.Settle()
	}
	hold(other, "1001")
	mail()
	for _, to := range []string{shared, seer, away} {
		if got := office.collect(to); len(got) != 0 {
			t.Fatalf("%s is told of another connection: %q", to, got)
		}
	}
	hold(w, "1002")
	mail()
	mail()
	letters := office.collect(shared)
	if n := len(office.collect(seer)); len(letters) != 1 || n != 1 {
		t.Fatalf("the mailbox has %d letters, the user %d: %q", len(letters), n, letters)
	}
	if got := office.collect(away); len(got) != 0 {
		t.Errorf("told beyond the reach: %q", got)
	}
	for _, want := range []string{"List-Unsubscribe: <" + base, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"} {
		if !strings.Contains(strings.ReplaceAll(letters[0], "\r\n ", " "), want) {
			t.Errorf("no %q in\n%s", want, letters[0])
		}
	}
	_, body, _ := strings.Cut(letters[0], "\r\n\r\n")
	_, token, _ := strings.Cut(body, base+"/mail/stop?token=")
	token, err = url.QueryUnescape(strings.Fields(token)[0])
	w.Must(err)
	stopped := func() bool {
		boxes, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]store.Mailbox, error) { return tx.MailboxesOf(shared) })
		w.Must(err)
		return !boxes[0].Stopped.IsZero()
	}
	for _, wrong := range []string{"", "x", token[:len(token)-3], token + "A", strings.Repeat("x", 10_000)} {
		if err := w.Engine.StopMail(t.Context(), secret.New(wrong)); !errors.Is(err, engine.ErrStopLink) || stopped() {
			t.Errorf("a wrong link: %v", err)
		}
	}
	for range 2 {
		w.Must(w.Engine.StopMail(t.Context(), secret.New(token)))
	}
	purchase := enginetest.Purchase("1003", "250.00") // another kind: another cause
	purchase.Lines[0].Unit = "laatikollinen"
	w.Receive(purchase)
	w.Settle()
	mail()
	if n := len(office.collect(seer)); !stopped() || len(office.collect(shared)) != 0 || n != 1 {
		t.Errorf("after the link: stopped %v, others have %d", stopped(), n)
	}
	w.Must(w.Engine.AddMailbox(t.Context(), "test", w.Connection.ID, " TALOUS@example.fi", "sv"))
	if stopped() {
		t.Error("it cannot be switched on again")
	}
	for _, wrong := range []string{"", "x", "a@b", "a@example.fi, b@example.fi", "A <a@example.fi>", "a@example.fi\r\nBcc: b@example.fi"} {
		if err := w.Engine.AddMailbox(t.Context(), "test", w.Connection.ID, wrong, "fi"); !errors.Is(err, alert.ErrAddress) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	for i := range store.MaxMailboxes {
		err = w.Engine.AddMailbox(t.Context(), "test", w.Connection.ID, string(rune('a'+i))+"@example.fi", "fi")
	}
	if !errors.Is(err, store.ErrMailboxes) {
		t.Errorf("without end: %v", err)
	}
}
