package people

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/vienti/vienti/internal/secret"
)

const (
	// minPassword, and no rule about kinds of characters: NIST SP 800-63B,
	// 3.1.1.2. maxPassword bounds the work of a sign-in.
	minPassword = 12 // characters
	maxPassword = 1024

	// Argon2id with the smallest memory that OWASP's password storage cheat sheet
	// names first: 19 MiB, two passes, one lane; about 25 ms.
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltSize     = 16
	keySize      = 32

	// Bounds of a stored hash, so that a row cannot make a sign-in cost gigabytes.
	maxArgonMemory = 256 * 1024
	maxArgonTime   = 16
)

// Errors of [CheckPassword], for a form.
var (
	ErrPasswordShort = fmt.Errorf("the password has fewer than %d characters", minPassword)
	ErrPasswordLong  = fmt.Errorf("the password has more than %d bytes", maxPassword)
	ErrPasswordLogin = errors.New("the password is made of the login or of one character")
)

// CheckPassword says whether a new password will do for a login: long enough,
// and not the login itself. It asks for no kinds of characters.
func CheckPassword(login string, password secret.Secret) error {
	p := password.Reveal()
	local, _, _ := strings.Cut(NormalLogin(login), "@")
	lower := strings.ToLower(p)
	first, _ := utf8.DecodeRuneInString(p)
	switch {
	case utf8.RuneCountInString(p) < minPassword:
		return ErrPasswordShort
	case len(p) > maxPassword:
		return ErrPasswordLong
	case lower == NormalLogin(login), local != "" && strings.Trim(strings.ReplaceAll(lower, local, ""), "0123456789.-_ ") == "", strings.Trim(p, string(first)) == "":
		return ErrPasswordLogin
	}
	return nil
}

// HashPassword makes what is stored of a password:
// $argon2id$v=19$m=19456,t=2,p=1$salt$hash. It takes about 25 ms and 19 MiB.
func HashPassword(password secret.Secret) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails; not by argument, since salts must not repeat
	key := argon2.IDKey([]byte(password.Reveal()), salt, argonTime, argonMemory, argonThreads, keySize)
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, e.EncodeToString(salt), e.EncodeToString(key))
}

// nobody is the hash of a password that nobody knows. Checking against it makes
// a sign-in with an unknown login take as long as one with a wrong password.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// VerifyPassword reports whether password is the one that hash was made of, and
// whether hash should be made again because today's costs are others. An empty
// hash, of someone who does not exist or has no password yet, is never right and
// takes as long.
func VerifyPassword(hash string, password secret.Secret) (ok, stale bool) {
	known := hash != ""
	if !known {
		hash = nobody
	}
	var version, memory, time, threads uint32
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || len(password.Reveal()) > maxPassword {
		return false, false
	}
	if _, err := fmt.Sscanf(parts[2]+"$"+parts[3], "v=%d$m=%d,t=%d,p=%d", &version, &memory, &time, &threads); err != nil {
		return false, false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || version != argon2.Version || len(key) < 16 || len(key) > 64 || len(salt) < 8 ||
		time < 1 || time > maxArgonTime || threads < 1 || threads > 16 || memory < 8*threads || memory > maxArgonMemory {
		return false, false
	}
	got := argon2.IDKey([]byte(password.Reveal()), salt, time, memory, uint8(threads), uint32(len(key)))
	ok = subtle.ConstantTimeCompare(got, key) == 1 && known
	stale = ok && (memory != argonMemory || time != argonTime || threads != argonThreads || len(key) != keySize)
	return ok, stale
}

// NewToken makes a text of 256 bits of chance that lets its bearer in, and the
// hash that is stored of it.
func NewToken() (token secret.Secret, hash string) {
	b := make([]byte, 32)
	rand.Read(b) // never fails; not by argument, since tokens must not be guessed
	t := secret.New(base64.RawURLEncoding.EncodeToString(b))
	return t, HashToken(t)
}

// HashToken is what is stored of a token. A token has so much chance in it that
// a quick hash will do: whoever reads the database cannot use what stands there.
func HashToken(token secret.Secret) string {
	h := sha256.Sum256([]byte(token.Reveal()))
	return hex.EncodeToString(h[:])
}
