// Package outbound carries requests to addresses that others have chosen: the
// receivers of webhooks. Such an address may name a machine that only this one
// reaches, so where a connection goes is asked when it is dialled, after the name has
// become a number.
package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	// timeout bounds one request, from the lookup of the name to the answer's head.
	timeout = 15 * time.Second
	// maxAnswer is how much of an answer is read, so that the connection can be used
	// again. Nothing of it is kept: it could be that of a machine nobody was to reach.
	maxAnswer = 64 << 10
	// MaxURL bounds an address.
	MaxURL = 2000
)

// Options of [New].
type Options struct {
	// Allow are private networks in which receivers may be.
	Allow []netip.Prefix
	// Loopback lets receivers be on this machine, by http as well: for a hub that
	// nobody else reaches.
	Loopback bool
	// Timeout of one request; 15 s if 0.
	Timeout time.Duration
}

// A Client posts to addresses that others have chosen. It follows no redirect, uses no
// proxy of the environment, and sends no cookies.
type Client struct {
	o    Options
	http *http.Client
}

// ErrRefused says that an address is not one to which anything is sent.
var ErrRefused = errors.New("nothing is sent there")

// New makes a client.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = timeout
	}
	c := &Client{o: o}
	d := &net.Dialer{Timeout: o.Timeout, Control: func(_, address string, _ syscall.RawConn) error { return c.mayDial(address) }}
	c.http = &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{DialContext: d.DialContext, ForceAttemptHTTP2: true, MaxIdleConns: 64, MaxIdleConnsPerHost: 16,
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: o.Timeout, MaxResponseHeaderBytes: maxAnswer, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// Check says what is wrong with an address before anything is sent there: its form,
// and a number in it that is refused. What a name stands for is asked when it is dialled.
func (c *Client) Check(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > MaxURL || u.Host == "" || u.Hostname() == "":
		return errors.New("this is no address; write it as https://shop.example.fi/vienti")
	case u.User != nil:
		return errors.New("leave name and password out of the address: what is sent is signed")
	case u.Fragment != "":
		return errors.New("leave out what follows #")
	}
	host, ip := u.Hostname(), netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		ip = a
	}
	here := host == "localhost" || ip.IsValid() && ip.Unmap().IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && here && c.o.Loopback) {
		return errors.New("the address must begin with https://")
	}
	if ip.IsValid() {
		if why := c.refused(ip); why != "" {
			return fmt.Errorf("%s is %s: %w", ip, why, ErrRefused)
		}
	}
	return nil
}

func (c *Client) mayDial(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address: %w", address, ErrRefused)
	}
	if why := c.refused(a.Addr()); why != "" {
		return fmt.Errorf("%s is %s: %w", a.Addr(), why, ErrRefused)
	}
	return nil
}

func (c *Client) refused(ip netip.Addr) string {
	ip = ip.WithZone("").Unmap()
	for _, p := range c.o.Allow {
		if p.Contains(ip) {
			return ""
		}
	}
	if c.o.Loopback && ip.IsLoopback() {
		return ""
	}
	return Inside(ip)
}

// Networks that are not the internet, of the registries for special addresses of IANA
// (RFC 6890 and what has come since).
var special = []struct {
	prefix netip.Prefix
	why    string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this machine"},
	{netip.MustParsePrefix("10.0.0.0/8"), "in a private network"},
	{netip.MustParsePrefix("100.64.0.0/10"), "in a provider's own network"},
	{netip.MustParsePrefix("127.0.0.0/8"), "this machine"},
	{netip.MustParsePrefix("169.254.0.0/16"), "on the local link"},
	{netip.MustParsePrefix("172.16.0.0/12"), "in a private network"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), "for examples only"},
	{netip.MustParsePrefix("192.88.99.0/24"), "reserved"},
	{netip.MustParsePrefix("192.168.0.0/16"), "in a private network"},
	{netip.MustParsePrefix("198.18.0.0/15"), "for measurements only"},
	{netip.MustParsePrefix("198.51.100.0/24"), "for examples only"},
	{netip.MustParsePrefix("203.0.113.0/24"), "for examples only"},
	{netip.MustParsePrefix("224.0.0.0/3"), "no single machine"}, // multicast, reserved, broadcast
}

// global is where IPv6 machines of the internet are; within it, what leads elsewhere:
// Teredo and others, examples, and IPv4 addresses in disguise (6to4).
var (
	global = netip.MustParsePrefix("2000::/3")
	within = []netip.Prefix{netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("3fff::/20")}
)

// Inside says why an address is not one of the internet, "" when it is.
func Inside(ip netip.Addr) string {
	ip = ip.WithZone("").Unmap()
	switch {
	case !ip.IsValid() || ip.IsUnspecified():
		return "no address"
	case ip.Is4():
		for _, s := range special {
			if s.prefix.Contains(ip) {
				return s.why
			}
		}
		return ""
	case ip.IsLoopback():
		return "this machine"
	case ip.IsPrivate():
		return "in a private network"
	case ip.IsLinkLocalUnicast():
		return "on the local link"
	case !global.Contains(ip): // 64:ff9b::/96 leads to IPv4 addresses of any kind
		return "reserved"
	}
	for _, p := range within {
		if p.Contains(ip) {
			return "reserved"
		}
	}
	return ""
}

// Post sends body and answers with the status; the rest of the answer is not kept.
// A redirect is a status like any other.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (status int, err error) {
	if err := c.Check(address); err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, plain(err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // the status has been said
	return resp.StatusCode, nil
}

// plain leaves the address, which may hold a secret in its query, out of an error.
func plain(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// Close gives idle connections up.
func (c *Client) Close() { c.http.CloseIdleConnections() }
