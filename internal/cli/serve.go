package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/outbound"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/file"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) serveCommand() *cobra.Command {
	var listen string
	var remote bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the hub: pages, API, watched folders",
		Long: `Runs the hub until it is told to stop: the pages, the REST API at /v1/ (described
at /v1/docs), the watched folders of the configuration, and the work itself. At
the first start it prints a link by which the first administrator is made.

It listens on the loopback address only, unless a proxy stands in front
(public_url) or --allow-remote says that other machines may come by plain HTTP.

A folder is watched with this in the configuration:

  [inbox]
  "Webshop" = "/srv/invoices/out"

Its files move to done/ and failed/ once they are stored.`,
		Example: `  vienti serve
  vienti serve --listen 127.0.0.1:9000
  VIENTI_PUBLIC_URL=https://vienti.example.fi vienti serve`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if listen != "" {
				a.cfg.Listen = listen
				if err := a.cfg.Check(); err != nil {
					return usage("%v", err)
				}
			}
			return a.serve(cmd.Context(), remote)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "address of pages and API (default 127.0.0.1:8080)")
	cmd.Flags().BoolVar(&remote, "allow-remote", false, "listen where other machines can reach it, without a proxy: passwords travel unencrypted")
	return cmd
}

func (a *app) serve(ctx context.Context, remote bool) error {
	if a.cfg.PublicURL == "" && !loopback(a.cfg.Listen) {
		if !remote {
			return usage("other machines can reach %s: set public_url to the https address of a proxy in front, or say --allow-remote", a.cfg.Listen)
		}
		fmt.Fprintf(a.env.Stderr, "Warning: %s is open to other machines without encryption; passwords and documents can be read on the way.\n", a.cfg.Listen)
	}
	vault, err := a.vault()
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, a.cfg.Database, store.Options{Now: a.env.Now, Log: a.log, Vault: vault})
	if errors.Is(err, store.ErrInUse) {
		return fmt.Errorf("%w: another vienti serve, or a command such as send", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	eng := engine.New(engine.Options{Store: st, Log: a.log, Now: a.env.Now, Node: a.cfg.Node, Sources: connectors(),
		RenderChange: api.RenderChange, Outbound: a.outbound(), KeepChanges: a.cfg.KeepChanges()})
	jobs, err := engine.NewJobs(ctx, eng)
	if err != nil {
		return err
	}
	o := &opened{app: a, store: st, engine: eng}
	inboxes, err := o.inboxes(ctx)
	if err != nil {
		return err
	}
	s, err := a.listen(st, eng, a.log)
	if err != nil {
		return err
	}
	defer s.close()
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	var watching sync.WaitGroup
	for _, in := range inboxes {
		watching.Go(func() { in.watch(ctx) })
	}
	address := s.address(a.cfg.PublicURL)
	if server, ok := mailServer(a.cfg.Mail); ok {
		watching.Go(func() { eng.Letters(ctx, address, server.Send) })
	}
	a.printf("%s\n", a.t("serve.ready", "address", address))
	for _, in := range inboxes {
		a.printf("%s\n", a.t("serve.inbox", "connection", in.name, "folder", in.folder))
	}
	if err = a.setupLink(ctx, st, address); err == nil {
		err = s.run(ctx)
	}
	end()
	watching.Wait()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	return errors.Join(err, jobs.Stop(stopping))
}

// stopWithin is how long requests and steps under way may take to end.
const stopWithin = 20 * time.Second

// outbound carries webhooks. A hub that only this machine reaches may tell receivers on
// this machine, by plain HTTP as well.
func (a *app) outbound() *outbound.Client {
	return outbound.New(outbound.Options{Allow: a.cfg.Webhooks.Networks(), Loopback: a.cfg.PublicURL == "" && loopback(a.cfg.Listen)})
}

// setupLink prints the way in while there is no user.
func (a *app) setupLink(ctx context.Context, st *store.Store, address string) error {
	var token secret.Secret
	err := st.Tx(ctx, func(tx *store.Tx) (err error) {
		token, err = tx.NewSetupToken()
		return err
	})
	if errors.Is(err, store.ErrSetup) {
		return nil // there are users
	}
	if err != nil {
		return err
	}
	a.printf("\n%s\n\n  %s/setup?token=%s\n\n", a.t("serve.setup"), address, url.QueryEscape(token.Reveal()))
	return nil
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

// A server is pages and API on one address.
type server struct {
	listener net.Listener
	http     *http.Server
	pages    *web.Server
	closing  chan struct{} // closed: requests that wait are answered
	closed   sync.Once
}

// Limits on requests. Bodies have their own, in package api; answers have none,
// for live pages stay open.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// listen makes pages and API ready on the configured address.
func (a *app) listen(st *store.Store, eng *engine.Engine, log *slog.Logger) (*server, error) {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --listen", err)
	}
	secure := strings.HasPrefix(a.cfg.PublicURL, "https:")
	var mail func(context.Context, alert.Letter) error
	if server, ok := mailServer(a.cfg.Mail); ok {
		mail = server.Send
	}
	pages := web.New(web.Options{Mail: mail, Store: st, Engine: eng, Log: log, Now: a.env.Now, Zone: helsinki(),
		Version: version().Version, Secure: secure, PublicURL: strings.TrimRight(a.cfg.PublicURL, "/"),
		ReturnURLs: a.cfg.ReturnURLs})
	closing := make(chan struct{})
	rest := api.New(api.Options{Engine: eng, Store: st, Log: log, Now: a.env.Now, Closing: closing,
		Address: (&server{listener: l}).address(a.cfg.PublicURL)})
	mux := http.NewServeMux()
	mux.Handle("/v1/", rest)
	mux.Handle("/healthz", rest)
	mux.Handle("/", pages)
	return &server{listener: l, pages: pages, closing: closing, http: &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}, nil
}

// address is how people reach the server.
func (s *server) address(public string) string {
	if public != "" {
		return strings.TrimRight(public, "/")
	}
	return "http://" + s.listener.Addr().String()
}

// run serves until ctx ends, then lets what is under way finish.
func (s *server) run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.letGo()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := s.http.Shutdown(stopping); err != nil {
		return errors.Join(fmt.Errorf("stop: %w", err), s.http.Close())
	}
	return nil
}

// letGo ends what waits for something to happen.
func (s *server) letGo() {
	s.pages.Close()
	s.closed.Do(func() { close(s.closing) })
}

func (s *server) close() {
	s.letGo()
	_ = s.http.Close() // nothing is left to tell
	_ = s.listener.Close()
}

// An inbox is a folder that is watched for one connection.
type inbox struct {
	hub          *opened
	name, folder string
	to           place
	source       *source.Source
}

// inboxEvery is how often a folder is looked into.
const inboxEvery = 2 * time.Second

func (o *opened) inboxes(ctx context.Context) (list []*inbox, err error) {
	for name, folder := range o.app.cfg.Inbox {
		p, err := o.connection(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("configuration, inbox: %w", err)
		}
		i, err := os.Stat(folder)
		if err == nil && !i.IsDir() {
			err = fmt.Errorf("%s is no folder", folder)
		}
		if err != nil {
			return nil, fmt.Errorf("configuration, inbox of %q: %w", name, err)
		}
		in := &inbox{hub: o, name: p.Name, folder: folder, to: p}
		if err := in.open(); err != nil {
			return nil, fmt.Errorf("configuration, inbox of %q: %w", name, err)
		}
		list = append(list, in)
	}
	slices.SortFunc(list, func(a, b *inbox) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// watch reads the folder until ctx ends. What is read is stored with the
// cursor, so that a file is read once however the process ends.
func (in *inbox) watch(ctx context.Context) {
	log := in.hub.app.log
	for {
		more, err := in.pull(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error("watched folder", "connection", in.name, "folder", in.folder, "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(inboxEvery):
		}
	}
}

// open makes the driver by the settings as they are now.
func (in *inbox) open() error {
	opt := formatOptions(in.to)
	driver, err := file.Kind().Open(source.Env{Log: in.hub.app.log, Now: in.hub.app.env.Now, Kinds: in.to.Settings.Kinds, Tables: opt.Tables, Payroll: opt.Payroll}, source.Config{Values: map[string]string{
		"folder": in.folder, "kind": string(opt.Kind), "own": strings.Join(opt.Own, ",")}})
	if err != nil {
		return err
	}
	in.source = source.New(in.name, driver)
	return nil
}

func (in *inbox) pull(ctx context.Context) (more bool, err error) {
	conn, err := store.ReadOne(ctx, in.hub.store, func(tx *store.Tx) (hub.Connection, error) { return tx.Connection(in.to.ID) })
	if err != nil {
		return false, err
	}
	if conn.SettingsVersion != in.to.SettingsVersion { // somebody has explained a list, perhaps
		in.to.Connection = conn
		if err := in.open(); err != nil {
			return false, err
		}
	}
	cursor, err := store.ReadOne(ctx, in.hub.store, func(tx *store.Tx) (string, error) { return tx.Cursor(in.to.ID) })
	if err != nil {
		return false, err
	}
	page, err := in.source.Pull(ctx, source.Cursor(cursor), intake)
	if err != nil || string(page.Next) == cursor {
		return false, err
	}
	var docs []engine.Incoming
	for _, d := range page.Documents {
		docs = append(docs, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: d.Name})
	}
	_, err = in.hub.engine.Receive(ctx, in.to.ID, docs, func(tx *store.Tx) error { return tx.SetCursor(in.to.ID, string(page.Next)) })
	if len(docs) > 0 && err == nil {
		in.hub.app.log.Info("documents from a watched folder", "connection", in.name, "documents", len(docs))
	}
	return page.More, err
}
