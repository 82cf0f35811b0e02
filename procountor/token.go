package procountor

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
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
	// send gets a token; refused is one that the server has just refused, "" when none was.
	send func(ctx context.Context, refused string) (token string, life time.Duration, err error)
	now  func() time.Time

	mu      sync.Mutex
	current string
	refused string
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
	l.mu.Lock()
	refused := l.refused
	l.mu.Unlock()
	token, life, err := l.send(ctx, refused)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flight = nil
	l.current, l.failure = "", err
	if err == nil {
		l.current, l.refused = token, ""
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
		l.current, l.refused = "", token
	}
}

// login gets a token for [logins]: from [Options.Token], or with the key.
func (p *pipe) login(ctx context.Context, refused string) (string, time.Duration, error) {
	if p.o.Token == nil {
		t, err := p.grant(ctx, url.Values{"grant_type": {"client_credentials"}, "api_key": {p.o.APIKey}}, true)
		return t.Access, t.Life, err
	}
	t, err := p.o.Token(ctx, refused)
	if err == nil && !plausible(t.Access) {
		err = errors.New("Token gave no usable access token")
	}
	return t.Access, t.Life, err
}

// A Token is what a login or a refresh has brought. It prints without its secrets.
type Token struct {
	// Access is shown with each request, for as long as Life.
	Access string
	Life   time.Duration
	// Refresh brings the next token without a person; see [Refresh]. A refresh may bring
	// another one, which then takes the place of the one before, or none (REFERENCE 1.3).
	Refresh string
}

// Format prints nothing of the token, whatever the verb.
func (t Token) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "procountor.Token{Access:%s Refresh:%s Life:%s}", mask(t.Access), mask(t.Refresh), t.Life)
}

// LoginURL is the address of the page on which a person logs in and chooses a company
// (REFERENCE 1.3). From there the browser comes to o.RedirectURI, which must be the one that
// Procountor has registered for the client, with code and state, or with error and state. state
// must be unguessable and is compared by the caller. verifier, if not "", ties the code to
// whoever knows it (RFC 7636); whether Procountor heeds it is not known.
func LoginURL(o Options, state, verifier string) (string, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return "", errors.New("procountor: BaseURL cannot be read as an address")
	}
	if o.ClientID == "" || o.RedirectURI == "" || state == "" {
		return "", errors.New("procountor: ClientID, RedirectURI and a state are required to log in")
	}
	q := url.Values{"response_type": {"code"}, "client_id": {o.ClientID}, "redirect_uri": {o.RedirectURI}, "state": {state}}
	if verifier != "" {
		sum := sha256.Sum256([]byte(verifier))
		q.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		q.Set("code_challenge_method", "S256")
	}
	page := url.URL{Scheme: base.Scheme, Host: base.Host, Path: "/login", RawQuery: q.Encode()}
	return page.String(), nil
}

// ExchangeCode turns the code of a login into tokens. A code is good once, so the request is sent
// once: after an error a person logs in again.
func ExchangeCode(ctx context.Context, o Options, code, verifier string) (Token, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	if verifier != "" {
		form.Set("code_verifier", verifier)
	}
	return o.grant(ctx, form, false)
}

// Refresh gets a new access token without a person. [Unauthorized] and [Refused] say that the
// login has ended and a person must log in again. Of all who share a refresh token only one may
// refresh at a time: if the server gives a new one each time, the others' is worth nothing.
func Refresh(ctx context.Context, o Options, refresh string) (Token, error) {
	t, err := o.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}, true)
	if err == nil && t.Refresh == "" {
		t.Refresh = refresh
	}
	return t, err
}

// grant asks for tokens without a client.
func (o Options) grant(ctx context.Context, form url.Values, again bool) (Token, error) {
	o.Token = func(context.Context, string) (Token, error) { return Token{}, errors.New("not logged in") }
	c, err := New(o)
	if err != nil {
		return Token{}, err
	}
	return c.p.grant(ctx, form, again)
}

// grant makes one request for tokens (REFERENCE 1.3, 1.4). It writes nothing, so it is repeated
// as a read is, if again says so.
func (p *pipe) grant(ctx context.Context, form url.Values, again bool) (Token, error) {
	form.Set("client_id", p.o.ClientID)
	form.Set("client_secret", p.o.ClientSecret)
	if p.o.RedirectURI != "" {
		form.Set("redirect_uri", p.o.RedirectURI)
	}
	r := Request{
		Method:      http.MethodPost,
		Path:        loginPath,
		Body:        []byte(form.Encode()),
		ContentType: "application/x-www-form-urlencoded", // a charset is refused since 24.09
		secrets:     []string{form.Get("code"), form.Get("code_verifier"), form.Get("refresh_token")},
	}
	for attempt := 0; ; attempt++ {
		resp, fail := p.send(ctx, r, "")
		if fail == nil {
			t, err := readToken(resp.Body)
			if err == nil {
				return t, nil
			}
			fail = &Error{Status: resp.Status, Method: r.Method, Path: r.Path, err: err}
			fail.Class = Unclear
		}
		if fail.Class == Unclear {
			fail.Class = Broken // a login that got no answer leaves nothing behind to look for
		}
		pause, repeat := p.pause(fail, attempt)
		if !again || !repeat || sleep(ctx, pause) != nil {
			return Token{}, fail
		}
	}
}

func readToken(body []byte) (Token, error) {
	var a struct {
		AccessToken  string          `json:"access_token"`
		RefreshToken string          `json:"refresh_token"`
		ExpiresIn    json.RawMessage `json:"expires_in"` // a number; quoted by some OAuth servers
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return Token{}, errors.New("the answer to the login is not JSON") // the cause could quote the token
	}
	if !plausible(a.AccessToken) {
		return Token{}, errors.New("the answer to the login has no usable access_token")
	}
	if a.RefreshToken != "" && !plausible(a.RefreshToken) {
		return Token{}, errors.New("the answer to the login has no usable refresh_token")
	}
	life := shortLife
	if s := strings.Trim(string(a.ExpiresIn), `"`); s != "" && s != "null" {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return Token{}, fmt.Errorf("expires_in %.20q is not a number of seconds", s)
		}
		life = time.Duration(n) * time.Second
	}
	return Token{Access: a.AccessToken, Life: life, Refresh: a.RefreshToken}, nil
}

// plausible: a token can be sent in a header.
func plausible(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' })
}
