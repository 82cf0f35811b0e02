package procountortest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const commandHelp = `A local Procountor for tests and demonstrations. It is not Procountor.

Usage: procountor-sandbox [flags], or vienti sandbox [flags]

Examples:
  procountor-sandbox                                  polite, in memory, http://127.0.0.1:8079/api
  procountor-sandbox --file books.jsonl               keeps its books over restarts
  procountor-sandbox --hostile nasty --seed 42        everything goes wrong now and then, always the same way
  procountor-sandbox --hostile cut-after=50,html-after=20
                                                      of 1000 requests 50 are stored but not answered …
  procountor-sandbox --latency 250ms --rate 20        as slow and as strict as the real one may be
  procountor-sandbox --companies fi,se                a Swedish company as well
  curl -s 127.0.0.1:8078/                             what the management interface can do

Flags:
`

// Command is the program procountor-sandbox: it reads flags, prints how to reach
// the demo company, and serves until ctx ends. It returns the exit code: 0, 1
// when it cannot serve, 2 for wrong flags.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	fs := flag.NewFlagSet("procountor-sandbox", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() { fmt.Fprint(stderr, commandHelp); printFlags(stderr, fs) }
	addr := fs.String("addr", "127.0.0.1:8079", "address of the API")
	management := fs.String("management", "127.0.0.1:8078", `address of the management interface, "" for none`)
	remote := fs.Bool("allow-remote", false, "allow addresses that other machines can reach; whoever can, may do everything")
	file := fs.String("file", "", "keep the books in this file")
	seed := fs.Uint64("seed", 0, "seed of every random choice; 0 picks one and prints it")
	hostile := fs.String("hostile", "polite", "polite, nasty, or a list such as cut-after=50,small-pages=3")
	latency := fs.Duration("latency", 0, "how long every request takes")
	rate := fs.Int("rate", 0, "requests per second of one client before 429; 0 is no limit")
	companies := fs.String("companies", "fi", "demo companies: fi, or fi,se")
	verbose := fs.Bool("verbose", false, "print every request")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case fs.NArg() > 0:
		fmt.Fprintf(stderr, "procountor-sandbox: unexpected %q\n", fs.Arg(0))
		return 2
	}
	opt := Options{Seed: *seed, File: *file, RequestsPerSecond: *rate}
	if opt.Seed == 0 {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		opt.Seed = binary.LittleEndian.Uint64(b[:]) >> 32
	}
	var err error
	if opt.Hostile, err = ParseHostile(*hostile); err != nil {
		fmt.Fprintf(stderr, "procountor-sandbox: --hostile: %v\n", err)
		return 2
	}
	if *latency > 0 {
		d := *latency
		opt.Latency = func(string) time.Duration { return d }
	}
	if *verbose {
		opt.Log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	swedish := false
	switch *companies {
	case "fi":
	case "fi,se", "se,fi":
		swedish = true
	default:
		fmt.Fprintf(stderr, "procountor-sandbox: --companies: %q is not fi or fi,se\n", *companies)
		return 2
	}
	for _, a := range []string{*addr, *management} {
		if a != "" && !*remote && !loopback(a) {
			fmt.Fprintf(stderr, "procountor-sandbox: other machines can reach %s; use a loopback address such as 127.0.0.1:8079, or --allow-remote\n", a)
			return 2
		}
	}
	srv, err := Open(opt)
	if err != nil {
		fmt.Fprintf(stderr, "procountor-sandbox: %v\n", err)
		return 1
	}
	defer func() {
		if err := srv.Close(); err != nil {
			fmt.Fprintf(stderr, "procountor-sandbox: %v\n", err)
			status = max(status, 1)
		}
	}()
	if swedish && len(srv.Companies()) == 1 { // kept books may have it
		srv.AddCompanyWithKey(SwedishDemo())
	}
	return srv.listen(ctx, *addr, *management, stdout, stderr)
}

func (s *Server) listen(ctx context.Context, addr, management string, stdout, stderr io.Writer) int {
	api, err := net.Listen("tcp", addr)
	if err != nil {
		fmt.Fprintf(stderr, "procountor-sandbox: %v\n", err)
		return 1
	}
	servers := []*http.Server{{Handler: s.Handler(), ReadHeaderTimeout: headerTimeout}}
	listeners := []net.Listener{api}
	if management != "" {
		m, err := net.Listen("tcp", management)
		if err != nil {
			_ = api.Close()
			fmt.Fprintf(stderr, "procountor-sandbox: %v\n", err)
			return 1
		}
		servers = append(servers, &http.Server{Handler: s.Management(), ReadHeaderTimeout: headerTimeout})
		listeners = append(listeners, m)
	}
	fmt.Fprintf(stdout, "Procountor sandbox %s — not Procountor, for tests and demonstrations only\n\n", Version)
	fmt.Fprintf(stdout, "base URL       http://%s/api\n", api.Addr())
	for _, c := range s.credentials() {
		fmt.Fprintf(stdout, "\ncompany        %d\nclient id      %s\nclient secret  %s\nAPI key        %s\n", c.CompanyID, c.ClientID, c.ClientSecret, c.APIKey)
	}
	if management != "" {
		fmt.Fprintf(stdout, "\nmanagement     http://%s/\n", listeners[1].Addr())
	}
	fmt.Fprintf(stdout, "seed           %d\n", s.opt.Seed)

	failed := make(chan error, len(servers))
	for i, srv := range servers {
		go func() { failed <- srv.Serve(listeners[i]) }()
	}
	code := 0
	select {
	case <-ctx.Done():
	case err := <-failed:
		fmt.Fprintf(stderr, "procountor-sandbox: %v\n", err)
		code = 1
	}
	for _, srv := range servers {
		_ = srv.Close() // we are leaving
	}
	return code
}

// headerTimeout keeps a silent connection from staying for ever.
const headerTimeout = 10 * time.Second

// credentials open every company that has a living key, by company.
func (s *Server) credentials() []Credentials {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Credentials
	for _, name := range sortedKeys(s.keys) {
		if k := s.keys[name]; !k.Revoked && s.clients[k.ClientID] != nil {
			out = append(out, Credentials{k.CompanyID, k.UserID, k.ClientID, s.clients[k.ClientID].Secret, k.Key})
		}
	}
	slices.SortStableFunc(out, func(a, b Credentials) int { return int(a.CompanyID - b.CompanyID) })
	return out
}

// loopback reports whether only this machine can reach an address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// ParseHostile reads a profile: "polite", "nasty", or a list of behaviours with
// numbers. Rates are of 1000 requests.
func ParseHostile(s string) (Hostile, error) {
	var h Hostile
	switch s {
	case "", "polite":
		return h, nil
	case "nasty":
		return Nasty(), nil
	}
	rates := map[string]*int{"slow": &h.Slow, "too-many": &h.TooMany, "html-before": &h.HTMLBefore, "html-after": &h.HTMLAfter,
		"cut-before": &h.CutBefore, "cut-after": &h.CutAfter, "cut-body": &h.CutBody, "expire-token": &h.ExpireToken, "small-pages": &h.SmallPages,
		"drop-file": &h.DropFile, "empty-file": &h.EmptyFile, "cut-file": &h.CutFile}
	switches := map[string]*bool{"unknown-fields": &h.UnknownFields, "unknown-values": &h.UnknownValues, "shuffle": &h.Shuffle}
	for part := range strings.SplitSeq(s, ",") {
		name, value, has := strings.Cut(strings.TrimSpace(part), "=")
		if b := switches[name]; b != nil && !has {
			*b = true
			continue
		}
		n, err := strconv.Atoi(value)
		if rates[name] == nil || err != nil || n < 0 || n > 1000 {
			return h, fmt.Errorf("%q is not one of polite, nasty, %s=0…1000, %s", part, strings.Join(sortedKeys(rates), "=, "), strings.Join(sortedKeys(switches), ", "))
		}
		*rates[name] = n
	}
	if h.Slow > 0 {
		h.SlowFor = Nasty().SlowFor
	}
	return h, nil
}

// printFlags lists the flags with two dashes, as other programs do; one is taken too.
func printFlags(w io.Writer, fs *flag.FlagSet) {
	fs.VisitAll(func(f *flag.Flag) {
		value, help := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  %-28s%s", strings.TrimSpace("--"+f.Name+" "+value), help)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" {
			fmt.Fprintf(w, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(w)
	})
}
