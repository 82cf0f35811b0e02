package api

import (
	"context"
	"encoding/base32"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

const (
	// tokenPrefix lets people and scanners of leaked secrets recognise a token.
	tokenPrefix = "vnt_"
	// tokenBytes of chance: nobody guesses a token.
	tokenBytes = 32
	// hintLength is how much of a token may be shown to recognise it by.
	hintLength = len(tokenPrefix) + 6
)

var tokenEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewToken makes a token from random bytes, and the hash that is stored in its
// place: the text is shown once and never kept. Its panic says that random has
// failed, which crypto/rand never does.
func NewToken(random io.Reader) (text, hash string) {
	b := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("api: random source: " + err.Error())
	}
	text = tokenPrefix + tokenEncoding.EncodeToString(b)
	return text, HashToken(text)
}

// HashToken is the form in which a token is stored: SHA-256 in hex. A token is
// found by the hash alone, so the time of a lookup tells nothing about it.
func HashToken(text string) string { return hub.HashOf([]byte(text)) }

// TokenHint is the beginning of a token, to recognise it by in a list.
func TokenHint(text string) string {
	if len(text) <= hintLength {
		return text
	}
	return text[:hintLength] + "…"
}

// wellFormed says whether text can be a token at all; what cannot be never
// reaches the database.
func wellFormed(text string) bool {
	b, err := tokenEncoding.DecodeString(strings.TrimPrefix(text, tokenPrefix))
	return err == nil && len(b) == tokenBytes && strings.HasPrefix(text, tokenPrefix)
}

type bearerKey struct{}

// A bearer is the connection whose token a request carries, and what the token may.
type bearer struct {
	hub.Connection
	may people.TokenRights
	// vendor is whose token it is, when it is a vendor's; Connection then is the one that
	// the request is about, the zero value when it is about all of them.
	vendor store.Vendor
}

// connectionOf is the connection whose token a request carries.
func connectionOf(ctx context.Context) hub.Connection {
	return ctx.Value(bearerKey{}).(bearer).Connection
}

// rightsOf are those of the token.
func rightsOf(ctx context.Context) people.TokenRights { return ctx.Value(bearerKey{}).(bearer).may }

// reachOf is over the documents that the token knows of.
func reachOf(ctx context.Context) people.Reach { return ctx.Value(bearerKey{}).(bearer).may.Reach() }

// authenticate lets requests with a good token pass to next.
func (s *server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, p := s.bearer(r)
		if p == nil {
			p = s.admit(r, b)
		}
		if p != nil {
			if p.Status == http.StatusUnauthorized {
				p.header = http.Header{"Www-Authenticate": {`Bearer realm="vienti"`}}
			}
			p.write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), bearerKey{}, b)))
	})
}

func (s *server) bearer(r *http.Request) (conn bearer, p *Problem) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return conn, problem(http.StatusUnauthorized, codeToken, "send your token in the header: Authorization: Bearer vnt_…")
	}
	hash, address, now := HashToken(token), remote(r), s.now()
	if wait := s.doors.wait(address, hash, now); wait > 0 {
		return conn, problem(http.StatusTooManyRequests, codeTokens, "too many unknown tokens from your address; wait a little").
			retryAfter(int(wait/time.Second) + 1)
	}
	err := store.ErrNotFound
	if wellFormed(token) {
		err = s.store.Read(r.Context(), func(tx *store.Tx) (err error) {
			conn.Connection, conn.may, err = tx.PushConnection(hash)
			if !store.IsNotFound(err) {
				return err
			}
			v, err := tx.VendorByToken(hash)
			if err == nil {
				conn, p, err = s.ofVendor(tx, r, v)
				conn.may = people.AllRights
			}
			return err
		})
	}
	switch {
	case store.IsNotFound(err):
		s.doors.refused(address, hash, now)
		return conn, problem(http.StatusUnauthorized, codeToken, "this token is not known, or has been revoked; ask the person who runs Vienti for a new one")
	case err != nil:
		return conn, s.trouble(r.Context(), "look up a token", err)
	}
	s.doors.passed(hash)
	if s.used.due(hash, now) {
		if err := s.store.Tx(r.Context(), func(tx *store.Tx) error { return tx.TokenUsed(hash) }); err != nil {
			s.log.Warn("when a token was used is not kept", "error", err)
		}
	}
	return conn, p
}

// usedApart is how exactly it is kept when a token was used last: each use would be a
// write of its own.
const usedApart = 10 * time.Minute

// used remembers when each good token was last written down as used. There are no more of
// them than tokens.
type used struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// due reports whether a use is to be written down.
func (u *used) due(hash string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.last[hash]; ok && now.Sub(last) < usedApart {
		return false
	}
	if u.last == nil {
		u.last = map[string]time.Time{}
	}
	u.last[hash] = now
	return true
}

// remote is the address of the other end. Headers that name another are not
// believed: anyone can write them.
func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

const (
	// badTokens may come from one address within badWindow: enough for a person
	// who tries, too few for a program that guesses.
	badTokens = 20
	badWindow = time.Minute
	// maxDoors bounds what is remembered of addresses and good tokens.
	maxDoors = 10_000
)

// doors counts unknown tokens by address. A token that has been good keeps
// working behind an address that another one has spoilt.
type doors struct {
	mu   sync.Mutex
	bad  map[string]badDoor
	good map[string]bool
}

type badDoor struct {
	count int
	until time.Time
}

// wait is how long a token from address must wait before it is looked up.
func (d *doors) wait(address, hash string, now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.bad[address]
	if b.count < badTokens || d.good[hash] || !b.until.After(now) {
		return 0
	}
	return b.until.Sub(now)
}

func (d *doors) refused(address, hash string, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.good, hash)
	if len(d.bad) >= maxDoors {
		clear(d.bad)
	}
	if d.bad == nil {
		d.bad = map[string]badDoor{}
	}
	b := d.bad[address]
	if !b.until.After(now) {
		b = badDoor{until: now.Add(badWindow)}
	}
	b.count++
	d.bad[address] = b
}

func (d *doors) passed(hash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.good) >= maxDoors {
		clear(d.good)
	}
	if d.good == nil {
		d.good = map[string]bool{}
	}
	d.good[hash] = true
}
