package alert_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/secret"
)

// A box is a real SMTP server that keeps what it takes.
type box struct {
	mu      sync.Mutex
	letters []string
	rcpt    error // answered to a recipient
	open    bool  // takes letters of anybody
	cut     bool  // the line is cut when the letter has been taken
	conns   []net.Conn
}

func (b *box) NewSession(c *smtp.Conn) (smtp.Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conns = append(b.conns, c.Conn())
	return &session{b: b}, nil
}

type session struct {
	b  *box
	in bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "vienti" || password != "oikea" {
			return errors.New("wrong password")
		}
		s.in = true
		return nil
	}), nil
}
func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.in && !s.b.open {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.b.rcpt }
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.letters = append(s.b.letters, string(text))
	if s.b.cut {
		for _, c := range s.b.conns {
			_ = c.Close()
		}
	}
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func newBox(t *testing.T, withTLS bool) (*box, alert.Server) {
	t.Helper()
	b := &box{}
	srv := smtp.NewServer(b)
	srv.Domain = "localhost"
	srv.AllowInsecureAuth = false
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := alert.Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: "starttls", User: "vienti", Password: secret.New("oikea"), From: "Vienti <vienti@example.fi>"}
	if withTLS {
		cert, pool := selfSigned(t)
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		s.Roots = pool
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return b, s
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

var letter = alert.Letter{Key: "stands/1", To: "aino@example.fi", Subject: "Vienti seisoo: Ääkkösiä", Body: "Hei\n\nhttps://vienti.example.fi/companies\n"}

// A letter is taken over an encrypted line, says nothing about machine or library,
// and has the same id whenever it is sent.
func TestSend(t *testing.T) {
	b, s := newBox(t, true)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	id := func(text string) string {
		for line := range strings.SplitSeq(text, "\r\n") {
			if v, ok := strings.CutPrefix(line, "Message-ID: "); ok {
				return v
			}
		}
		return ""
	}
	got := b.letters[0]
	if id(got) == "" || id(got) != id(b.letters[1]) || !strings.HasSuffix(id(got), "@example.fi>") {
		t.Errorf("ids %q, %q", id(got), id(b.letters[1]))
	}
	for _, s := range []string{"From: \"Vienti\" <vienti@example.fi>", "To: <aino@example.fi>", "Auto-Submitted: auto-generated", "https://vienti.example.fi/companies"} {
		if !strings.Contains(got, s) {
			t.Errorf("no %q in\n%s", s, got)
		}
	}
	for _, s := range []string{"User-Agent", "X-Mailer", "go-mail"} {
		if strings.Contains(got, s) {
			t.Errorf("%q in\n%s", s, got)
		}
	}
}

// Nothing leaves without encryption, to a stranger, or under another's name; what
// a server says decides whether the letter is tried again.
func TestSendFails(t *testing.T) {
	plain, s := newBox(t, false)
	plain.open, s.User = true, ""
	if err := s.Send(t.Context(), letter); err == nil || errors.Is(err, alert.ErrUnclear) || len(plain.letters) > 0 {
		t.Errorf("without encryption: %v", err)
	}
	b, s := newBox(t, true)
	stranger := s
	stranger.Roots = x509.NewCertPool()
	if err := stranger.Send(t.Context(), letter); err == nil || errors.Is(err, alert.ErrUnclear) {
		t.Errorf("to a stranger: %v", err)
	}
	wrong := s
	wrong.Password = secret.New("tosi-väärä-salasana")
	for _, err := range []error{wrong.Send(t.Context(), letter), wrong.Check(t.Context())} {
		if err == nil || errors.Is(err, alert.ErrUnclear) || strings.Contains(err.Error(), "tosi-väärä-salasana") {
			t.Errorf("with a wrong password: %v", err)
		}
	}
	hostile := letter
	hostile.To = "aino@example.fi\r\nBcc: eve@example.fi"
	if err := s.Send(t.Context(), hostile); !errors.Is(err, alert.ErrRefused) {
		t.Errorf("two addresses in one: %v", err)
	}
	hostile = letter
	hostile.Subject = "x\r\nBcc: eve@example.fi"
	if err := s.Send(t.Context(), hostile); err == nil && strings.Contains(b.letters[len(b.letters)-1], "\r\nBcc:") {
		t.Error("a subject became a header")
	}
	before := len(b.letters)
	b.rcpt = &smtp.SMTPError{Code: 550, Message: "no such user"}
	if err := s.Send(t.Context(), letter); !errors.Is(err, alert.ErrRefused) {
		t.Errorf("refused for good: %v", err)
	}
	b.rcpt = &smtp.SMTPError{Code: 451, Message: "later"}
	if err := s.Send(t.Context(), letter); err == nil || errors.Is(err, alert.ErrRefused) || errors.Is(err, alert.ErrUnclear) {
		t.Errorf("refused for now: %v", err)
	}
	b.rcpt = nil
	if len(b.letters) != before {
		t.Error("a refused letter was taken")
	}
	b.cut = true
	if err := s.Send(t.Context(), letter); !errors.Is(err, alert.ErrUnclear) {
		t.Errorf("cut off after it was taken: %v", err)
	}
}
