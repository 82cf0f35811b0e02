// Package secret keeps credentials out of sight: [Secret] never prints itself,
// and [Vault] seals values that are stored.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Hidden is what a [Secret] prints as.
const Hidden = "[secret]"

// A Secret is a text that prints as [secret] in fmt, JSON, TOML and slog. Only
// Reveal gives it away. The zero value is the empty text. Compare with Equal.
//
// The text lies behind a pointer because fmt calls no method of a field that is
// not exported: of a struct with such a field it prints the fields inside.
type Secret struct{ text *string }

// New makes a secret of text.
func New(text string) Secret { return Secret{&text} }

// Reveal returns the text, to be handed on at once and not kept.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether s is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal compares in a time that tells nothing about the content.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

func (s Secret) String() string { return Hidden }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return Hidden }

// Format hides the text from every verb, %x and %d included.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, Hidden) }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Hidden) }

// MarshalText hides the text from JSON, XML, TOML and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// UnmarshalText reads the text of a configuration or a request.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = New(string(b))
	return nil
}
