package people

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/secret"
)

func TestRights(t *testing.T) {
	table := map[Role]string{
		Viewer:  "own see seerounds",
		Finance: "own see mend decide post receive approve seerounds leadround",
		Admin:   "own see seeacts mend decide post setup setpeople join receive approve seerounds leadround",
		Auditor: "own see seeacts seerounds",

		PreApprover: "own receive",
		Approver:    "own receive approve",
		RoundLead:   "own receive approve seerounds leadround",
		Joiner:      "own join",
		"other":     "",
		"":          "",
	}
	for role, want := range table {
		for _, right := range Rights() {
			may := slices.Contains(strings.Fields(want), string(right))
			if got := role.Can(right); got != may {
				t.Errorf("%s can %s: %v, want %v", role, right, got, may)
			}
			if (User{Role: role, Disabled: true}).CanSomewhere(right) {
				t.Errorf("a disabled %s can %s", role, right)
			}
			if got := (User{Role: role}).Can(right, "", ""); got != may {
				t.Errorf("user with role %s can %s: %v", role, right, got)
			}
		}
		if role.Can("anything") {
			t.Errorf("%s can what nobody knows", role)
		}
	}
	for _, r := range Roles() {
		if got, err := ParseRole(string(r)); err != nil || got != r {
			t.Errorf("%s: %v, %v", r, got, err)
		}
	}
	if _, err := ParseRole("Admin"); err == nil {
		t.Error("Admin was read as admin")
	}
}

func TestUserCheck(t *testing.T) {
	good := User{Login: "maija.meikäläinen@example.fi", Name: "Maija Meikäläinen", Role: Finance, Language: "fi"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*User){
		"no login":      func(u *User) { u.Login = "" },
		"capital":       func(u *User) { u.Login = "Maija" },
		"space":         func(u *User) { u.Login = "maija m" },
		"space around":  func(u *User) { u.Login = " maija" },
		"line break":    func(u *User) { u.Login = "maija\n" },
		"long login":    func(u *User) { u.Login = strings.Repeat("a", 255) },
		"role":          func(u *User) { u.Role = "boss" },
		"language":      func(u *User) { u.Language = "de" },
		"long name":     func(u *User) { u.Name = strings.Repeat("a", 201) },
		"control":       func(u *User) { u.Name = "a\x00" },
		"name not text": func(u *User) { u.Name = "\xff" },
	} {
		u := good
		change(&u)
		if u.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if got := NormalLogin("  Maija@Example.FI "); got != "maija@example.fi" {
		t.Errorf("got %q", got)
	}
}

func TestCheckPassword(t *testing.T) {
	for p, want := range map[string]error{
		"":                            ErrPasswordShort,
		"short":                       ErrPasswordShort,
		"åäöåäöåäöåä":                 ErrPasswordShort, // eleven characters in twenty-two bytes
		"åäöåäöåäöåäö":                nil,
		"correct horse battery":       nil,
		"            ":                ErrPasswordLogin,
		"aaaaaaaaaaaaaaaa":            ErrPasswordLogin,
		"maija.virtanen@example.fi":   ErrPasswordLogin,
		"Maija.Virtanen2026":          ErrPasswordLogin,
		"maija.virtanen likes coffee": nil,
		strings.Repeat("ab", 513):     ErrPasswordLong,
	} {
		if got := CheckPassword("Maija.Virtanen@example.fi", secret.New(p)); !errors.Is(got, want) {
			t.Errorf("%.30q: got %v, want %v", p, got, want)
		}
	}
}

func TestPassword(t *testing.T) {
	p := secret.New("correct horse battery")
	hash := HashPassword(p)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || HashPassword(p) == hash {
		t.Errorf("hash %s", hash)
	}
	if ok, stale := VerifyPassword(hash, p); !ok || stale {
		t.Errorf("right password: %v, %v", ok, stale)
	}
	// From the reference implementation's tests (phc-winner-argon2, test.c: version 0x13,
	// Argon2id, t=2, m=2^8, p=1): others' hashes are read, and marked for making again.
	const reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, stale := VerifyPassword(reference, secret.New("password")); !ok || !stale {
		t.Errorf("reference: %v, %v", ok, stale)
	}
	for name, c := range map[string]struct {
		hash string
		p    secret.Secret
	}{
		"wrong":            {hash, secret.New("Correct horse battery")},
		"empty":            {hash, secret.Secret{}},
		"nobody":           {"", p},
		"nobody, empty":    {"", secret.Secret{}},
		"not a hash":       {"correct horse battery", p},
		"other algorithm":  {strings.Replace(hash, "argon2id", "argon2i", 1), p},
		"costs too much":   {strings.Replace(hash, "m=19456", "m=4000000", 1), p},
		"takes too long":   {strings.Replace(hash, "t=2", "t=4000000", 1), p},
		"no passes":        {strings.Replace(hash, "t=2", "t=0", 1), p},
		"no lanes":         {strings.Replace(hash, "p=1", "p=0", 1), p},
		"cut off":          {hash[:len(hash)-30], p},
		"without the hash": {hash[:strings.LastIndexByte(hash, '$')+1], p},
		"long":             {hash, secret.New(strings.Repeat("x", 2000))},
	} {
		if ok, stale := VerifyPassword(c.hash, c.p); ok || stale {
			t.Errorf("%s: %v, %v", name, ok, stale)
		}
	}
}

func TestToken(t *testing.T) {
	a, hash := NewToken()
	b, other := NewToken()
	if a.Equal(b) || hash == other || HashToken(a) != hash || len(a.Reveal()) != 43 || strings.Contains(hash, a.Reveal()) {
		t.Errorf("%s %s", hash, other)
	}
}
