package cli

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// The addresses of a connection are listed, added and removed; one that its reader has
// stopped says so, and adding it switches it on again.
func TestMailboxesCommand(t *testing.T) {
	j := newJoiner(t)
	j.run(codeOK, j.flags()...)
	if out := j.run(codeOK, "mailboxes"); !strings.Contains(out, "No address is named.") {
		t.Error(out)
	}
	if out := j.run(codeOK, "mailboxes", "Webshop", "--add", " Talous@yritys.example", "--language", "sv"); !strings.Contains(out, "talous@yritys.example sv") {
		t.Error(out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--add", "talous"}, codeUsage, "talous@yritys.fi"},
		{[]string{"--add", "a@b.example", "--language", "tlh"}, codeUsage, "none of fi, sv, en, nl"},
		{[]string{"--remove", "nobody@yritys.example"}, codeUsage, "address"},
		{[]string{"--add", "a@b.example", "--remove", "a@b.example"}, codeUsage, "add"},
	} {
		if out := j.run(c.code, append([]string{"mailboxes", "Webshop"}, c.args...)...); !strings.Contains(out, c.says) {
			t.Errorf("%v: %s", c.args, out)
		}
	}
	j.opened(func(o *opened) {
		conn, err := o.connection(t.Context(), "Webshop")
		if err != nil {
			t.Fatal(err)
		}
		token, err := store.ReadOne(t.Context(), o.store, func(tx *store.Tx) (secret.Secret, error) {
			return tx.StopToken("talous@yritys.example", alert.ConnectionScope(conn.ID))
		})
		if err == nil {
			err = o.engine.StopMail(t.Context(), token)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if out := j.run(codeOK, "mailboxes", "Webshop"); !strings.Contains(out, "talous@yritys.example sv A reader stopped") {
		t.Error(out)
	}
	if out := j.run(codeOK, "mailboxes", "Webshop", "--add", "talous@yritys.example", "--language", "fi"); !strings.HasSuffix(strings.TrimSpace(out), "talous@yritys.example fi") {
		t.Error(out)
	}
	if out := j.run(codeOK, "mailboxes", "Webshop", "--remove", "talous@yritys.example"); strings.Contains(out, "talous@") {
		t.Error(out)
	}
}
