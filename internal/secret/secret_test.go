package secret

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	const text = "hunter22"
	type config struct {
		Key     Secret
		Pointer *Secret
		Map     map[string]Secret
		hidden  Secret
	}
	s := New(text)
	c := config{s, &s, map[string]Secret{"k": s}, s}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).With("a", s).Info("m", "b", s, "c", &s, "d", c, slog.Group("g", "e", s))
	}
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	x, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"a"`
		B       Secret   `xml:"b,attr"`
		C       Secret
	}{B: s, C: s})
	if err != nil {
		t.Fatal(err)
	}
	out := []string{log.String(), string(j), string(x), fmt.Sprint(s), fmt.Sprintln(&s), fmt.Errorf("login: %v, %w", s, errors.New("x")).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%t"} {
		out = append(out, fmt.Sprintf(verb, s), fmt.Sprintf(verb, []Secret{s}), fmt.Sprintf(verb, c.Map))
	}
	for _, o := range out {
		if strings.Contains(o, text) || strings.Contains(strings.ToLower(o), fmt.Sprintf("%x", text)) || !strings.Contains(o, Hidden) {
			t.Errorf("printed %s", o)
		}
	}
	if c.hidden.Reveal() != text || !s.Equal(New(text)) || s.Equal(New("hunter2")) || s.IsZero() || !(Secret{}).IsZero() {
		t.Error("Reveal, Equal or IsZero is wrong")
	}
	var back struct{ Key Secret }
	if err := json.Unmarshal([]byte(`{"Key":"hunter22"}`), &back); err != nil || back.Key.Reveal() != text {
		t.Errorf("read %q, %v", back.Key.Reveal(), err)
	}
}

func vault(t *testing.T, keys ...Secret) *Vault {
	t.Helper()
	var lines []string
	for _, k := range keys {
		lines = append(lines, k.Reveal())
	}
	v, err := NewVault(New(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVault(t *testing.T) {
	key := NewKey()
	v := vault(t, key)
	for _, plain := range []string{"", "x", "avain-åäö-€", strings.Repeat("long ", 10_000)} {
		sealed := v.Seal("company/1/key", New(plain))
		if plain != "" && strings.Contains(sealed, plain) && len(plain) > 1 {
			t.Error("the text stands in the sealed value")
		}
		if again := v.Seal("company/1/key", New(plain)); again == sealed {
			t.Error("the same value twice is sealed alike: the nonce repeats")
		}
		got, err := vault(t, key).Open("company/1/key", sealed)
		if err != nil || got.Reveal() != plain {
			t.Errorf("got %q, %v", got.Reveal(), err)
		}
		b := v.SealBytes("blob", []byte(plain))
		if back, err := v.OpenBytes("blob", b); err != nil || string(back) != plain {
			t.Errorf("bytes: got %q, %v", back, err)
		}
	}
	sealed := v.Seal("company/1/key", New("hunter22"))
	flipped := []byte(sealed)
	flipped[len(flipped)-5] ^= 1
	for name, c := range map[string]struct {
		v      *Vault
		row    string
		sealed string
	}{
		"moved to another row": {v, "company/2/key", sealed},
		"another key":          {vault(t, NewKey()), "company/1/key", sealed},
		"altered":              {v, "company/1/key", string(flipped)},
		"cut off":              {v, "company/1/key", sealed[:len(sealed)-8]},
		"only a prefix":        {v, "company/1/key", sealed[:12]},
		"not sealed":           {v, "company/1/key", "hunter22"},
		"empty":                {v, "company/1/key", ""},
		"not base64":           {v, "company/1/key", sealed + "!"},
		"later version":        {v, "company/1/key", "v2" + sealed[2:]},
	} {
		got, err := c.v.Open(c.row, c.sealed)
		if !errors.Is(err, ErrSealed) || !got.IsZero() || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s: got %q, %v", name, got.Reveal(), err)
		}
		if _, err := c.v.OpenBytes(c.row, []byte(c.sealed)); !errors.Is(err, ErrSealed) {
			t.Errorf("%s, as bytes: %v", name, err)
		}
	}
}

func TestRotation(t *testing.T) {
	before, after := NewKey(), NewKey()
	sealed := vault(t, before).Seal("row", New("hunter22"))
	both := vault(t, after, before)
	if !both.Stale([]byte(sealed)) {
		t.Error("a value under the old key is not stale")
	}
	plain, err := both.Open("row", sealed)
	if err != nil {
		t.Fatal(err)
	}
	renewed := both.Seal("row", plain)
	if both.Stale([]byte(renewed)) {
		t.Error("a value under the new key is stale")
	}
	if got, err := vault(t, after).Open("row", renewed); err != nil || got.Reveal() != "hunter22" {
		t.Errorf("got %v, %v", got.Reveal(), err)
	}
}

func TestKeys(t *testing.T) {
	key := NewKey().Reveal()
	for name, keys := range map[string]string{
		"none":        "# only a comment\n\n",
		"short":       key[:20],
		"not base64":  strings.Repeat("!", 44),
		"twice":       key + "\n" + key,
		"seventeen":   strings.Repeat(key+"\n", 17),
		"second poor": key + "\nhunter22hunter22",
	} {
		_, err := NewVault(New(keys))
		if err == nil || strings.Contains(err.Error(), key) || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vienti", "vault.key")
	v, err := OpenVault(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	again, err := OpenVault(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("row", v.Seal("row", New("hunter22"))); err != nil || got.Reveal() != "hunter22" {
		t.Errorf("after opening again: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("files left: %q", left)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenVault(path); err == nil || !strings.Contains(err.Error(), "0640") {
		t.Errorf("a file that others may read: %v", err)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, bytes.Repeat([]byte("#\n"), 4000), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenVault(path); err == nil {
		t.Error("a large file was taken for a key file")
	}
}
