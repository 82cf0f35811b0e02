package cli

import (
	"strings"
	"testing"
)

// A company is detached by its typed name, and connected again under the name of
// its connection; doctor says how it stands.
func TestDetach(t *testing.T) {
	j := newJoiner(t)
	j.run(codeOK, j.flags()...)
	if text := j.run(codeUsage, "detach", "Webshop"); !strings.Contains(text, "--company") {
		t.Error(text)
	}
	j.run(codeUsage, "detach", "Webshop", "--company", "Esimerkkipaja")
	if text := j.run(codeOK, "detach", "Webshop", "--company", "Esimerkkipaja Oy"); !strings.Contains(text, "is detached and its key is erased here") {
		t.Error(text)
	}
	if text := j.run(codeError, "detach", "Webshop", "--company", "Esimerkkipaja Oy"); !strings.Contains(text, "is detached already") {
		t.Error(text)
	}
	if text := j.run(codeOK, "doctor"); !strings.Contains(text, "Detached since") {
		t.Error(text)
	}
	j.run(codeError, "writing", "on", "Webshop")
	if text := j.run(codeOK, j.flags()...); !strings.Contains(text, "is there already") {
		t.Error(text)
	}
	j.run(codeOK, "writing", "on", "Webshop")
}

// Without a mail server in the configuration that is said, and nothing is sent.
func TestMailWithoutServer(t *testing.T) {
	j := newJoiner(t)
	if text := j.run(codeError, "mail", "--test", "aino@example.fi"); !strings.Contains(text, "no mail server") {
		t.Error(text)
	}
	if text := j.run(codeUsage, "mail"); !strings.Contains(text, "--test") {
		t.Error(text)
	}
	if text := j.run(codeOK, "doctor"); !strings.Contains(text, "No mail server is configured") {
		t.Error(text)
	}
}
