package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Mail needs a host and an address, is encrypted but to a server on this machine,
// takes its password from a file or the environment, and never prints it.
func TestMail(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte("hush-hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load := func(env map[string]string) (Config, error) {
		return Load(Env{Getenv: func(k string) string { return env[k] }, ConfigHome: dir, DataHome: dir, Hostname: "test"}, "")
	}
	c, err := load(map[string]string{"VIENTI_MAIL_HOST": "smtp.example.fi", "VIENTI_MAIL_FROM": "Vienti <v@example.fi>", "VIENTI_MAIL_USER": "v", "VIENTI_MAIL_PASSWORD_FILE": file})
	if err != nil || c.Mail.Port != 587 || c.Mail.TLS != "starttls" || string(c.Mail.Password) != "hush-hush" {
		t.Errorf("%v %+v", err, c.Mail)
	}
	if s := fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Mail.Password); strings.Contains(s, "hush") {
		t.Error(s)
	}
	for want, env := range map[string]map[string]string{
		"mail.host":          {"VIENTI_MAIL_FROM": "v@example.fi"},
		"mail.from":          {"VIENTI_MAIL_HOST": "smtp.example.fi"},
		"this machine":       {"VIENTI_MAIL_HOST": "smtp.example.fi", "VIENTI_MAIL_FROM": "v@example.fi", "VIENTI_MAIL_TLS": "none"},
		"none of starttls":   {"VIENTI_MAIL_HOST": "smtp.example.fi", "VIENTI_MAIL_FROM": "v@example.fi", "VIENTI_MAIL_TLS": "perhaps"},
		"VIENTI_MAIL_PORT":   {"VIENTI_MAIL_HOST": "smtp.example.fi", "VIENTI_MAIL_FROM": "v@example.fi", "VIENTI_MAIL_PORT": "x"},
		"mail.password_file": {"VIENTI_MAIL_HOST": "smtp.example.fi", "VIENTI_MAIL_FROM": "v@example.fi", "VIENTI_MAIL_PASSWORD_FILE": "/no/such"},
	} {
		if _, err := load(env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if c, err := load(map[string]string{"VIENTI_MAIL_HOST": "127.0.0.1", "VIENTI_MAIL_FROM": "v@example.fi", "VIENTI_MAIL_TLS": "none"}); err != nil || c.Mail.Port != 25 {
		t.Errorf("%v %+v", err, c.Mail)
	}
}
