// Package cli is the command line of Vienti: one file per command, and the
// wiring of store, engine, pages and API.
package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"
	_ "time/tzdata" // Europe/Helsinki, on machines that have no zone files

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/vienti/vienti/internal/config"
	"github.com/vienti/vienti/internal/locale"
)

// Exit codes; the root's help lists them.
const (
	codeOK       = 0
	codeError    = 1
	codeUsage    = 2
	codePerson   = 3
	codeNoAnswer = 4
	codeTimeUp   = 5
)

// Env is everything outside that commands use.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	System         config.Env
	Now            func() time.Time
	// IsTerminal: a person reads Stdout, so progress is shown.
	IsTerminal bool
	// CanAsk: a person sits at Stdin, so what is missing is asked for.
	CanAsk bool
	// ReadSecret reads a line without showing it; nil reads Stdin.
	ReadSecret func() (string, error)
}

// System is the environment of this process.
func System() Env {
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, System: config.System(), Now: time.Now,
		IsTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		CanAsk:     term.IsTerminal(int(os.Stdin.Fd())),
		ReadSecret: func() (string, error) {
			b, err := term.ReadPassword(int(os.Stdin.Fd()))
			return string(b), err
		},
	}
}

// gcPercent lets the heap grow to three times what is in use before it is
// cleaned: the hub holds little, and makes and drops much with every document.
const gcPercent = 200

// Run runs one command and returns the exit code.
func Run(ctx context.Context, args []string, env Env) int {
	if env.System.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	a := &app{env: env, in: bufio.NewReader(env.Stdin)}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return codeOK
	}
	code := codeError
	if !a.started {
		code = codeUsage
	}
	if e, ok := errors.AsType[*exit](err); ok {
		code = e.code
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(env.Stderr, "vienti: %s\n", text)
		if code == codeUsage && cmd != nil {
			fmt.Fprintf(env.Stderr, "See %s --help\n", cmd.CommandPath())
		}
	}
	return code
}

// An exit ends the program with a code of its own; without err nothing more is said.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func usage(format string, args ...any) error { return &exit{codeUsage, fmt.Errorf(format, args...)} }

// An app is one run of the program.
type app struct {
	env     Env
	in      *bufio.Reader // env.Stdin, shared by everything that asks
	started bool          // the command line was understood
	flags   struct{ config, database, keyFile, logLevel, lang string }

	cfg config.Config
	say locale.Speaker
	log *slog.Logger
}

const rootHelp = `Vienti moves invoices from business systems into Procountor, exactly once, and
explains every failure to the person who can mend it.

Begin with "vienti demo": a local Procountor, the hub and some thirty documents,
nothing to set up and nothing real touched.

Exit codes:
  0  all is well
  1  an error
  2  the command line is wrong
  3  something needs a person: a document is held or refused, a right is missing
  4  Procountor does not answer, or the key is dead
  5  the time was up before all was done

Settings come from flags, then the environment (VIENTI_DATABASE, VIENTI_KEY_FILE,
VIENTI_LISTEN, VIENTI_PUBLIC_URL, VIENTI_NODE, VIENTI_LOG_LEVEL, VIENTI_LOG_FORMAT,
VIENTI_MAIL_HOST and others),
then the configuration file. These help pages are in English; --lang and LANG
choose the language of everything else.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "vienti", Short: "Moves documents between business systems and Procountor", Long: rootHelp,
		Example: `  vienti demo                                 see it work
  vienti connect                              connect a company in Procountor
  vienti send --dry-run invoices/*.xml        what would happen?
  vienti send invoices/*.xml                  hand invoices over
  vienti serve                                pages, API and watched folders`,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return a.start(cmd) },
		// Without these a wrong word would print the help and exit with 0.
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("there is no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	p := root.PersistentFlags()
	p.StringVar(&a.flags.config, "config", "", "configuration file (default: "+config.File(a.env.System)+", if it is there)")
	usual := config.Default(a.env.System)
	p.StringVar(&a.flags.database, "database", "", "sqlite:/path/file.db or postgres://user:password@host/name (default: "+usual.Database+")")
	p.StringVar(&a.flags.keyFile, "key-file", "", "file with the key that seals stored secrets; keep it apart from the database (default: "+usual.KeyFile+")")
	p.StringVar(&a.flags.logLevel, "log-level", "", "debug, info, warn or error")
	p.StringVar(&a.flags.lang, "lang", "", "language of what is printed: en, fi, sv or nl (default: that of LANG)")
	root.AddCommand(a.demoCommand(), a.serveCommand(), a.connectCommand(), a.settingsCommand(), a.accountsCommand(), a.channelsCommand(), a.registersCommand(), a.partnersCommand(), a.itemsCommand(), a.checklistCommand(), a.writingCommand(), a.sourceCommand(), a.periodsCommand(), a.paymentsCommand(), a.claimsCommand(), a.payrollCommand(), a.roundsCommand(), a.detachCommand(), a.sendCommand(), a.listsCommand(), a.previewCommand(), a.logCommand(),
		a.showCommand(), a.retryCommand(), a.decideCommand(), a.doctorCommand(), a.mailCommand(), a.mailboxesCommand(), a.tokenCommand(), a.webhookCommand(), a.vendorCommand(), a.userCommand(), a.verifyCommand(), a.sandboxCommand(), a.benchCommand(), a.versionCommand())
	return root
}

// start reads the configuration, once the command line is understood.
func (a *app) start(cmd *cobra.Command) error {
	lang, err := a.language()
	if err != nil {
		return err
	}
	a.speak(lang)
	if err := cmd.ValidateFlagGroups(); err != nil { // cobra does so later, when it is no question of usage any more
		return err
	}
	cfg, err := config.Load(a.env.System, a.flags.config)
	if a.flags.database != "" {
		cfg.Database = a.flags.database
	}
	if a.flags.keyFile != "" {
		cfg.KeyFile = a.flags.keyFile
	}
	if a.flags.logLevel != "" {
		cfg.LogLevel = a.flags.logLevel
	}
	if err != nil {
		a.started = true
		return err
	}
	if err := cfg.Check(); err != nil {
		return err
	}
	a.cfg, a.started = cfg, true
	// Only a server chatters; a command answers on its own.
	level := cfg.LogLevel
	if cmd.Name() != "serve" && a.flags.logLevel == "" {
		level = "error"
	}
	a.log = a.logger(level)
	return nil
}

func (a *app) speak(l locale.Language) { a.say = locale.New(l, helsinki()) }

func (a *app) logger(level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // checked with the configuration
	o := &slog.HandlerOptions{Level: l}
	if a.cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(a.env.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(a.env.Stderr, o))
}

// language is what --lang says, else the first of the usual variables that names
// a language we speak.
func (a *app) language() (locale.Language, error) {
	if a.flags.lang != "" {
		l, ok := locale.Parse(a.flags.lang)
		if !ok {
			return l, fmt.Errorf("--lang: %q is none of en, fi, sv, nl", a.flags.lang)
		}
		return l, nil
	}
	get := a.env.System.Getenv
	code, _, _ := strings.Cut(cmp.Or(get("LC_ALL"), get("LC_MESSAGES"), get("LANG")), "_")
	l, _ := locale.Parse(code)
	return l, nil
}

// helsinki is where times are told: the companies are there, and Procountor is.
func helsinki() *time.Location {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return time.UTC // cannot be: the zones are compiled in
	}
	return zone
}

// printf writes to the person.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.env.Stdout, format, args...) }

// t is the text of key below "cli.".
func (a *app) t(key string, args ...any) string { return a.say.T("cli."+key, args...) }

func (a *app) n(key string, n int, args ...any) string { return a.say.N("cli."+key, n, args...) }

// json writes v for programs.
func (a *app) json(v any) error {
	enc := json.NewEncoder(a.env.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// now is the clock.
func (a *app) now() time.Time { return a.env.Now() }

// noArgs refuses words that a command does not take.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no %q", cmd.CommandPath(), args[0])
	}
	return nil
}
