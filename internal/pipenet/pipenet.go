// Package pipenet is an in-memory network: HTTP between a client and a handler
// of the same process, without sockets. Because nobody waits in a system call,
// testing/synctest can own the time of both sides.
package pipenet

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// A Listener hands each dialed connection's other end to Accept.
type Listener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

var _ net.Listener = (*Listener)(nil)

// errClosed is what dialing a closed listener gives.
var errClosed = errors.New("pipenet: listener closed")

// Listen returns an open listener.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Accept waits for a dialed connection. It returns [net.ErrClosed] once the
// listener is closed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// DialContext has the signature of http.Transport.DialContext and ignores the address.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	c, s := net.Pipe()
	select {
	case l.conns <- s:
		return c, nil
	case <-l.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close makes Accept and DialContext return. It may be called more than once.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr returns an address that only says what this is.
func (l *Listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "pipe" }
func (addr) String() string  { return "pipe" }

// A Server serves one handler over an in-memory listener.
type Server struct {
	// Transport reaches the handler whatever host a request names. Its idle
	// connections are closed by Close.
	Transport *http.Transport

	listener *Listener
	server   *http.Server
	running  sync.WaitGroup // the accepting goroutine and the handlers
	once     sync.Once
}

// idlePerHost lets a few dozen requests in flight keep their connections.
const idlePerHost = 64

// Serve starts serving h. The caller must Close the server; in a
// testing/synctest bubble before the bubble ends, or its goroutines keep it
// from ending.
func Serve(h http.Handler) *Server {
	l := Listen()
	s := &Server{
		listener:  l,
		Transport: &http.Transport{DialContext: l.DialContext, MaxIdleConnsPerHost: idlePerHost, DisableCompression: true},
	}
	s.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.running.Add(1)
		defer s.running.Done()
		h.ServeHTTP(w, r)
	})}
	s.running.Go(func() { _ = s.server.Serve(l) }) // returns ErrServerClosed
	return s
}

// Client returns an HTTP client whose every request reaches the handler.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport} }

// Close cuts all connections and waits until the handlers have returned; they
// see their request's context end. It may be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		s.Transport.CloseIdleConnections()
		_ = s.server.Close() // only the listener's own error, which is nil
		_ = s.listener.Close()
		s.running.Wait()
	})
}
