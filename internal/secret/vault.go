package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	keySize     = 32
	maxKeys     = 16      // of a key file: one in use and those being replaced
	maxKeyFile  = 1 << 12 // bytes
	sealVersion = "v1"
)

// ErrSealed says that a value does not open: it was sealed for another row, with
// a key that the vault does not have, or it was changed.
var ErrSealed = errors.New("sealed value does not open")

// A Vault seals values with AES-256-GCM, a random nonce each, under a key that
// is kept outside the database. A value opens only for the row it was sealed
// for, so that copying it to another row gains nothing.
//
// One key is good for 2³² values (NIST SP 800-38D, 8.3).
type Vault struct {
	keys []vaultKey // the first seals, all open
}

type vaultKey struct {
	id   string // eight hex digits that tell keys apart and nothing else
	aead cipher.AEAD
}

// NewKey returns a line for a key file or for the environment.
func NewKey() Secret {
	b := make([]byte, keySize)
	rand.Read(b) // never fails; not by argument, since a repeated key or nonce opens everything
	return New(base64.StdEncoding.EncodeToString(b))
}

// NewVault reads keys, one base64 text of 32 bytes a line: the first seals, all
// open. To rotate, put a new key on top, seal everything [Vault.Stale] again,
// then remove the old line.
func NewVault(keys Secret) (*Vault, error) {
	v := &Vault{}
	for line := range strings.Lines(keys.Reveal()) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n := len(v.keys) + 1
		if n > maxKeys {
			return nil, fmt.Errorf("vault: more than %d keys", maxKeys)
		}
		b, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(b) != keySize {
			return nil, fmt.Errorf("vault: key %d is not base64 of %d bytes", n, keySize)
		}
		k, err := newVaultKey(b)
		if err != nil {
			return nil, fmt.Errorf("vault: key %d: %w", n, err)
		}
		for _, other := range v.keys {
			if other.id == k.id {
				return nil, fmt.Errorf("vault: key %d is there twice", n)
			}
		}
		v.keys = append(v.keys, k)
	}
	if len(v.keys) == 0 {
		return nil, errors.New("vault: no key")
	}
	return v, nil
}

func newVaultKey(master []byte) (vaultKey, error) {
	key, err := hkdf.Key(sha256.New, master, nil, "vienti vault "+sealVersion+" seal", keySize)
	if err != nil {
		return vaultKey{}, err
	}
	id, err := hkdf.Key(sha256.New, master, nil, "vienti vault "+sealVersion+" id", 4)
	if err != nil {
		return vaultKey{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return vaultKey{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return vaultKey{}, err
	}
	return vaultKey{id: hex.EncodeToString(id), aead: aead}, nil
}

// OpenVault reads the key file at path, which only its owner may read. Where
// there is none it makes one with a new key; losing that file loses every sealed
// value, so it belongs into the backup, apart from the database.
func OpenVault(path string) (*Vault, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := writeKeyFile(path); err != nil {
			return nil, fmt.Errorf("make key file: %w", err)
		}
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("vault: others may read %s (mode %04o); chmod 600 it", path, info.Mode().Perm())
	}
	if info.Size() > maxKeyFile {
		return nil, fmt.Errorf("vault: %s is larger than %d bytes", path, maxKeyFile)
	}
	b := make([]byte, info.Size())
	if _, err := f.ReadAt(b, 0); err != nil && len(b) > 0 {
		return nil, fmt.Errorf("vault: %w", err)
	}
	v, err := NewVault(New(string(b)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// writeKeyFile makes the file whole or not at all, and never over another.
func writeKeyFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString("# The key of Vienti's vault. Keep a copy apart from the database.\n" + NewKey().Reveal() + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was quicker
	}
	return err
}

// Seal hides plain for the row with this id: "v1.<key>.<base64>".
func (v *Vault) Seal(rowID string, plain Secret) string {
	k := v.keys[0]
	return k.prefix() + base64.RawURLEncoding.EncodeToString(k.aead.Seal(nil, nil, []byte(plain.Reveal()), k.data(rowID)))
}

// Open is the reverse of Seal. Its errors are [ErrSealed] and name the row only.
func (v *Vault) Open(rowID, sealed string) (Secret, error) {
	i := strings.LastIndexByte(sealed, '.') + 1
	b, err := base64.RawURLEncoding.DecodeString(sealed[i:])
	if err != nil {
		return Secret{}, fmt.Errorf("open %.80s: %w", rowID, ErrSealed)
	}
	b, err = v.open(rowID, sealed[:i], b)
	return New(string(b)), err
}

// SealBytes is Seal for large values, without base64.
func (v *Vault) SealBytes(rowID string, plain []byte) []byte {
	k := v.keys[0]
	return k.aead.Seal([]byte(k.prefix()), nil, plain, k.data(rowID))
}

// OpenBytes is the reverse of SealBytes.
func (v *Vault) OpenBytes(rowID string, sealed []byte) ([]byte, error) {
	n := min(len(v.keys[0].prefix()), len(sealed)) // all prefixes are of one length
	return v.open(rowID, string(sealed[:n]), sealed[n:])
}

// Stale reports whether sealed was made with a key other than the one that
// seals now.
func (v *Vault) Stale(sealed []byte) bool {
	return !bytes.HasPrefix(sealed, []byte(v.keys[0].prefix()))
}

func (v *Vault) open(rowID, prefix string, b []byte) ([]byte, error) {
	for _, k := range v.keys {
		if k.prefix() != prefix {
			continue
		}
		plain, err := k.aead.Open(nil, nil, b, k.data(rowID))
		if err != nil {
			return nil, fmt.Errorf("open %.80s: %w", rowID, ErrSealed)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("open %.80s: no such key: %w", rowID, ErrSealed)
}

func (k vaultKey) prefix() string { return sealVersion + "." + k.id + "." }

// data is what a sealed value is bound to.
func (k vaultKey) data(rowID string) []byte { return []byte(k.prefix() + rowID) }
