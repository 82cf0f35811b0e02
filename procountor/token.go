package procountor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	loginPath = "/oauth/token"
	// renewBefore is how long before its end a token is renewed; clients in use renew at 50 to 55
	// of 60 minutes (REFERENCE 1.4). A token with a short life is renewed after nine tenths of it.
	renewBefore = 5 * time.Minute
	// shortLife is assumed when the answer does not say how long a token lives.
	shortLife = 5 * time.Minute
	// loginPause is how long a failed login answers for others, so that a hundred callers who come
	// one after the other do not make a hundred logins.
	loginPause = time.Second
	// maxLoginTime bounds one login with its repetitions; it goes on when the caller that began it leaves.
	maxLoginTime = 3 * time.Minute
)

// logins holds the token and sees to it that one login at a time is under way.
type logins struct {
	send func(context.Context) (token string, life time.Duration, err error)
	now  func() time.Time

	mu      sync.Mutex
	current string
	renewAt time.Time
	flight  *flight
	failure error // of the last login
	failed  time.Time
}

// A flight is a login that several callers may wait for.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

// token returns one that is good for a while, logging in if there is none.
func (l *logins) token(ctx context.Context) (string, error) {
	l.mu.Lock()
	now := l.now()
	if l.current != "" && now.Before(l.renewAt) {
		defer l.mu.Unlock()
		return l.current, nil
	}
	if l.flight == nil && l.failure != nil && now.Before(l.failed.Add(loginPause)) && !now.Before(l.failed) {
		defer l.mu.Unlock()
		return "", l.failure
	}
	f := l.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		l.flight = f
		// The login serves all who wait, so it does not end with the caller who happened to be first.
		go l.fly(context.WithoutCancel(ctx), f)
	}
	l.mu.Unlock()
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (l *logins) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, maxLoginTime)
	defer cancel()
	token, life, err := l.send(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flight = nil
	l.current, l.failure = "", err
	if err == nil {
		l.current = token
		l.renewAt = l.now().Add(life - min(renewBefore, life/10))
	} else {
		l.failed = l.now()
	}
	f.token, f.err = token, err
	close(f.done)
}

// drop forgets a token that was refused, unless a newer one is there already.
func (l *logins) drop(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == token {
		l.current = ""
	}
}

// login asks for a token with the client's credentials and the key (REFERENCE 1.4). A login writes
// nothing, so it is repeated as a read is.
func (p *pipe) login(ctx context.Context) (string, time.Duration, error) {
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {p.o.ClientID},
		"client_secret": {p.o.ClientSecret},
		"api_key":       {p.o.APIKey},
	}
	if p.o.RedirectURI != "" {
		form.Set("redirect_uri", p.o.RedirectURI)
	}
	r := Request{
		Method:      http.MethodPost,
		Path:        loginPath,
		Body:        []byte(form.Encode()),
		ContentType: "application/x-www-form-urlencoded", // a charset is refused since 24.09
	}
	for attempt := 0; ; attempt++ {
		resp, fail := p.send(ctx, r, "")
		if fail == nil {
			token, life, err := readToken(resp.Body)
			if err == nil {
				return token, life, nil
			}
			fail = &Error{Status: resp.Status, Method: r.Method, Path: r.Path, err: err}
			fail.Class = Unclear
		}
		if fail.Class == Unclear {
			fail.Class = Broken // a login that got no answer leaves nothing behind to look for
		}
		pause, again := p.pause(fail, attempt)
		if !again || sleep(ctx, pause) != nil {
			return "", 0, fail
		}
	}
}

func readToken(body []byte) (string, time.Duration, error) {
	var a struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"` // a number; quoted by some OAuth servers
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return "", 0, errors.New("the answer to the login is not JSON") // the cause could quote the token
	}
	if a.AccessToken == "" || strings.ContainsFunc(a.AccessToken, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", 0, errors.New("the answer to the login has no usable access_token")
	}
	life := shortLife
	if s := strings.Trim(string(a.ExpiresIn), `"`); s != "" && s != "null" {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return "", 0, fmt.Errorf("expires_in %.20q is not a number of seconds", s)
		}
		life = time.Duration(n) * time.Second
	}
	return a.AccessToken, life, nil
}
