package alert

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/vienti/vienti/internal/secret"
)

// A Server is where letters are handed over.
type Server struct {
	Host string
	Port int
	// TLS is "starttls" (required), "tls" from the first byte, or "none".
	TLS      string
	User     string
	Password secret.Secret
	From     string
	// Roots are the authorities to trust; nil is those of the machine.
	Roots *x509.CertPool
}

// sendTime bounds one letter.
const sendTime = 30 * time.Second

// ErrUnclear says that the connection broke when the letter had been handed over
// and not acknowledged: it may have been taken. It is not sent again.
var ErrUnclear = errors.New("nobody knows whether the letter was taken")

// ErrRefused says that the server will never take the letter.
var ErrRefused = errors.New("the letter is refused")

// client carries no host name of ours, and no word of the library.
func (s Server) client() (*mail.Client, error) {
	o := []mail.Option{mail.WithPort(s.Port), mail.WithTimeout(sendTime), mail.WithHELO(s.domain()),
		mail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})}
	switch s.TLS {
	case "tls":
		o = append(o, mail.WithSSL())
	case "none":
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.User != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password.Reveal()))
	}
	return mail.NewClient(s.Host, o...)
}

func (s Server) domain() string {
	_, domain, _ := strings.Cut(strings.Trim(s.From[strings.LastIndex(s.From, "<")+1:], "<> "), "@")
	return domain
}

// Check signs in and leaves again.
func (s Server) Check(ctx context.Context) error {
	c, err := s.client()
	if err == nil {
		err = c.DialWithContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("mail server %s:%d: %w", s.Host, s.Port, err)
	}
	return c.Close()
}

// Send hands one letter over. nil means that the server has taken it; errors are
// [ErrUnclear], [ErrRefused], or others after which it may be tried again.
func (s Server) Send(ctx context.Context, l Letter) error {
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.From(s.From); err != nil {
		return fmt.Errorf("mail from %q: %w: %w", s.From, ErrRefused, err)
	}
	if err := m.To(l.To); err != nil {
		return fmt.Errorf("mail: %w: %w", ErrRefused, err)
	}
	m.Subject(l.Subject)
	body := l.Body
	if stop := l.Stop.Reveal(); stop != "" {
		body += stop + "\n"
		if strings.HasPrefix(stop, "https://") { // RFC 8058 3.1
			m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+stop+">")
			m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		}
	}
	m.SetBodyString(mail.TypeTextPlain, body)
	// The same letter has the same id, so that readers see one if it came twice.
	id := sha256.Sum256([]byte(l.Key + "\x00" + l.To))
	m.SetMessageIDWithValue(hex.EncodeToString(id[:12]) + "@" + s.domain())
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	c, err := s.client()
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := c.DialWithContext(ctx); err != nil {
		return fmt.Errorf("mail server %s:%d: %w", s.Host, s.Port, err)
	}
	defer func() { _ = c.Close() }() // what was taken is taken
	return verdict(c.Send(m))
}

// verdict tells apart what may be tried again.
func verdict(err error) error {
	e, ok := errors.AsType[*mail.SendError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return fmt.Errorf("mail: %w", err)
	case e.Reason == mail.ErrSMTPReset:
		return nil // after it was taken
	case e.ErrorCode() >= 500:
		return fmt.Errorf("mail: %w: %w", ErrRefused, err)
	case e.ErrorCode() >= 400:
		return fmt.Errorf("mail: %w", err)
	case e.Reason == mail.ErrSMTPDataClose:
		return fmt.Errorf("mail: %w: %w", ErrUnclear, err)
	}
	return fmt.Errorf("mail: %w", err)
}
