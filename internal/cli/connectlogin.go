package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/store"
)

// Connecting by a login: the person's browser goes to Procountor's page, and what it
// brings back comes to this command, on loopback or by the person's hand.

// loginTime is how long somebody may take on Procountor's page.
const loginTime = 15 * time.Minute

// redirectURI is what Procountor must have registered for the client.
func (c *connecting) redirectURI() (*url.URL, error) {
	text := c.redirect
	if text == "" {
		text = c.app.pagesAddress() + engine.LoginPath
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, usage("--redirect-uri: %q is not a whole address without a query; write for example http://127.0.0.1:8080%s", text, engine.LoginPath)
	}
	return u, nil
}

// logIn has a person log in at Procountor, and returns what that opens.
func (c *connecting) logIn(ctx context.Context, j engine.Join) (store.Login, error) {
	a := c.app
	redirect, err := c.redirectURI()
	if err != nil {
		return store.Login{}, err
	}
	login := engine.NewHandLogin(nil, a.now, j, redirect.String())
	page, err := login.Page()
	if err != nil {
		return store.Login{}, err
	}
	var l net.Listener
	if !c.paste && redirect.Scheme == "http" && loopback(redirect.Host) {
		// Taken where the hub is running: it knows nothing of this login.
		l, _ = net.Listen("tcp", redirect.Host)
	}
	if l == nil && !a.env.CanAsk {
		return store.Login{}, usage("nobody can be asked here, and the browser cannot come back to %s: run it in a terminal", redirect)
	}
	tell := func(text string) { fmt.Fprintf(a.env.Stderr, "%s", text) } // the answer for programs stays clean
	tell(a.say.T("connect.login-registered") + "\n  " + redirect.String() + "\n\n")
	tell(wrap(a.t("connect.login-open"), "", "") + "\n  " + page + "\n\n")
	var answer url.Values
	if l != nil {
		tell(wrap(a.t("connect.login-waits"), "", ""))
		answer, err = c.comesBack(ctx, l, redirect.Path, login)
	} else {
		tell(wrap(a.t("connect.login-paste"), "", ""))
		answer, err = c.pasted(login)
	}
	if err != nil {
		return store.Login{}, err
	}
	got, err := login.Finish(ctx, answer)
	for why, key := range map[error]string{engine.ErrLoginRefused: "login-cancelled", engine.ErrNoRefresh: "login-no-refresh"} {
		if errors.Is(err, why) {
			return got, &exit{codePerson, errors.New(a.say.T("connect." + key))}
		}
	}
	if err != nil {
		return got, &exit{codeNoAnswer, errors.New(a.say.T("connect.login-broken", "reason", err.Error()))}
	}
	return got, nil
}

// pasted asks for the address at which the browser has ended, until it is one of this login.
func (c *connecting) pasted(login engine.HandLogin) (url.Values, error) {
	for {
		text, err := c.app.ask(c.app.t("connect.login-address"), "")
		if err != nil || text == "" {
			return nil, errors.Join(err, usage("nobody has logged in: no address was pasted"))
		}
		u, err := url.Parse(text)
		if err == nil && login.Mine(u.Query()) {
			return u.Query(), nil
		}
		fmt.Fprint(c.app.env.Stderr, wrap(c.app.t("connect.login-not-mine"), "", ""))
	}
}

// comesBack waits for the browser at a path of l.
func (c *connecting) comesBack(ctx context.Context, l net.Listener, path string, login engine.HandLogin) (url.Values, error) {
	answers := make(chan url.Values, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		status, key := http.StatusOK, "connect.login-came"
		if r.URL.Path != path || !login.Mine(r.URL.Query()) {
			status, key = http.StatusNotFound, "connect.login-not-mine"
		} else {
			select {
			case answers <- r.URL.Query():
			default: // the same once more
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		fmt.Fprintln(w, c.app.t(key))
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { _ = srv.Serve(l) }() // ends with the server
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil { // lets the browser have its answer
			_ = srv.Close()
		}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(loginTime):
		return nil, &exit{codeTimeUp, errors.New(c.app.t("connect.login-late"))}
	case q := <-answers:
		return q, nil
	}
}
