package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/config"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

func (a *app) doctorCommand() *cobra.Command {
	var asJSON, offline bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong, and say what to do",
		Long: `Looks at database, key file, disk, clock and each connected company: whether its
key opens, which rights are missing, how old the copies are, why it rests, and
what waits for someone. It changes nothing.`,
		Example: "  vienti doctor\n  vienti doctor --offline\n  vienti doctor --json | jq '.[] | select(.level != \"good\")'",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), offline, asJSON) },
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "ask Procountor nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// served reports whether another process owns the SQLite file.
func (a *app) served(ctx context.Context) bool {
	st, err := store.Open(ctx, a.cfg.Database, store.Options{Log: a.log})
	if err == nil {
		_ = st.Close()
	}
	return errors.Is(err, store.ErrInUse)
}

// A finding is one line of the doctor's.
type finding struct {
	Level  string `json:"level"` // good, note, bad
	About  string `json:"about"`
	Says   string `json:"says"`
	Remedy string `json:"remedy,omitempty"`
}

const (
	good = "good"
	note = "note"
	bad  = "bad"
)

// A checkup gathers findings.
type checkup struct {
	app  *app
	list []finding
	code int
}

func (c *checkup) add(level, about, says, remedy string) {
	c.list = append(c.list, finding{level, about, says, remedy})
	if level == bad && c.code == codeOK {
		c.code = codePerson
	}
}

// Figures of the doctor's.
const (
	// lowDisk is too little for a database that grows by documents and files.
	lowDisk = 1 << 30
	// clockOff is how far a clock may be off: tokens and days depend on it.
	clockOff = time.Minute
	// oldCopy is when the copies are older than a running server lets them be.
	oldCopy = time.Hour
)

func (a *app) doctor(ctx context.Context, offline, asJSON bool) error {
	c := &checkup{app: a}
	c.configuration()
	c.keyFile()
	c.disk()
	c.mail(ctx, offline)
	o, err := a.openToRead(ctx)
	switch {
	case errors.Is(err, errNoDatabase):
		c.add(note, a.t("doctor.database"), err.Error(), "")
	case err != nil:
		c.add(bad, a.t("doctor.database"), err.Error(), "")
		c.code = codeError
	default:
		defer o.close()
		says := a.t("doctor.database-good")
		if a.served(ctx) {
			says = a.t("doctor.database-beside")
		}
		c.add(good, a.t("doctor.database"), says, "")
		if err := c.companies(ctx, o, offline); err != nil {
			return err
		}
	}
	if asJSON {
		err = a.json(c.list)
	} else {
		c.print()
		err = nil
	}
	if err == nil && c.code != codeOK {
		return &exit{code: c.code}
	}
	return err
}

func (c *checkup) print() {
	about := ""
	for _, f := range c.list {
		if f.About != about {
			about = f.About
			c.app.printf("%s\n", about)
		}
		sign := map[string]string{good: "✓", note: "!", bad: "✗"}[f.Level]
		c.app.printf("%s", wrap(f.Says, "  "+sign+" ", "    "))
		if f.Remedy != "" {
			c.app.printf("%s", wrap("→ "+f.Remedy, "    ", "      "))
		}
	}
}

// configuration says which file was read: a setting in another one does nothing.
func (c *checkup) configuration() {
	a := c.app
	file := cmp.Or(a.flags.config, config.File(a.env.System))
	if _, err := os.Stat(file); err != nil {
		c.add(good, a.t("doctor.configuration"), a.t("doctor.no-configuration", "file", file), "")
		return
	}
	c.add(good, a.t("doctor.configuration"), file, "")
}

func (c *checkup) keyFile() {
	a := c.app
	about := a.t("doctor.key-file")
	i, err := os.Stat(a.cfg.KeyFile)
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.add(note, about, a.t("doctor.key-none", "file", a.cfg.KeyFile), "")
		return
	case err != nil:
		c.add(bad, about, err.Error(), "")
		return
	case runtime.GOOS != "windows" && i.Mode().Perm()&0o077 != 0:
		c.add(bad, about, a.t("doctor.key-open", "file", a.cfg.KeyFile, "mode", fmt.Sprintf("%04o", i.Mode().Perm())), "chmod 600 "+a.cfg.KeyFile)
	default:
		c.add(good, about, a.cfg.KeyFile, "")
	}
	if path, ok := a.sqlitePath(); ok && filepath.Dir(path) == filepath.Dir(a.cfg.KeyFile) {
		c.add(note, about, a.t("doctor.key-beside"), a.t("doctor.key-apart"))
	}
}

// mail signs in to the mail server and leaves again.
func (c *checkup) mail(ctx context.Context, offline bool) {
	a := c.app
	s, ok := mailServer(a.cfg.Mail)
	if !ok {
		c.add(note, a.t("doctor.mail"), a.t("doctor.mail-none"), a.t("doctor.mail-do"))
		return
	}
	if offline {
		return
	}
	if err := s.Check(ctx); err != nil {
		c.add(bad, a.t("doctor.mail"), err.Error(), a.t("doctor.mail-do"))
		return
	}
	c.add(good, a.t("doctor.mail"), a.t("doctor.mail-good", "host", s.Host), "")
}

func (c *checkup) disk() {
	path, ok := c.app.sqlitePath()
	if !ok {
		return
	}
	dir := filepath.Dir(path)
	free, ok := diskFree(dir)
	if !ok {
		return
	}
	says := c.app.t("doctor.disk-free", "gb", fmt.Sprintf("%d.%d", free>>30, (free>>20&1023)*10/1024), "folder", dir)
	if free < lowDisk {
		c.add(bad, c.app.t("doctor.disk"), says, c.app.t("doctor.disk-low"))
		return
	}
	c.add(good, c.app.t("doctor.disk"), says, "")
}

func (c *checkup) companies(ctx context.Context, o *opened, offline bool) error {
	a := c.app
	places, err := o.places(ctx)
	if err != nil {
		return err
	}
	if len(places) == 0 {
		c.add(note, a.t("doctor.companies"), a.say.T("list.no-company"), "")
	}
	seen := map[string]bool{}
	for _, p := range places {
		about := plain(p.Of.Name) + ", " + a.say.T("env."+string(p.Of.Environment))
		if !seen[p.Of.ID] {
			seen[p.Of.ID] = true
			if err := c.company(ctx, o, p.Of, about, kindsOf(places, p.Of.ID), offline); err != nil {
				return err
			}
		}
		if err := c.retires(ctx, o, p, about); err != nil {
			return err
		}
		counts, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (map[hub.State]int, error) {
			return tx.CountTransfers(store.TransferFilter{Connection: p.ID})
		})
		if err != nil {
			return err
		}
		switch n := counts[hub.Held] + counts[hub.Refused]; {
		case n > 0:
			c.add(bad, about, a.n("doctor.held", n, "connection", p.Name), "vienti log --needs-person --connection "+quote(p.Name))
		case !p.Writing:
			c.add(note, about, a.t("writing.off", "connection", p.Name), "")
		default:
			c.add(good, about, a.t("doctor.connection-good", "connection", p.Name), "")
		}
	}
	return nil
}

// retires tells of an interface that its maker ends, from the day on which it is used.
func (c *checkup) retires(ctx context.Context, o *opened, p place, about string) error {
	s, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (store.Source, error) { return tx.Source(p.ID) })
	if store.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	k, ok := connectors().Kind(s.Kind)
	if !ok || k.Retires.IsZero() {
		return nil
	}
	a := c.app
	c.add(note, about, a.t("doctor.retires", "kind", a.say.T("connector."+k.Name+".title"), "connection", plain(p.Name), "day", a.say.Date(k.Retires)), a.t("doctor.retires-do"))
	return nil
}

func quote(s string) string {
	if strings.ContainsAny(s, " '\"$&()") {
		return `"` + strings.NewReplacer(`"`, `\"`, `$`, `\$`).Replace(s) + `"`
	}
	return s
}

// kindsOf are the kinds that any connection of the company moves.
func kindsOf(places []place, company string) (kinds []hub.Kind) {
	for _, k := range hub.Kinds {
		for _, p := range places {
			if p.Company == company && p.Settings.Kinds[k].On {
				kinds = append(kinds, k)
				break
			}
		}
	}
	return kinds
}

func (c *checkup) company(ctx context.Context, o *opened, co hub.Company, about string, kinds []hub.Kind, offline bool) error {
	a := c.app
	if !co.Detached.IsZero() {
		c.add(note, about, a.t("doctor.detached", "time", co.Detached), "")
		return nil
	}
	if co.PausedFault != nil && co.PausedUntil.After(a.now()) {
		e := remedy.For(a.say, *co.PausedFault)
		c.add(bad, about, a.t("doctor.paused", "why", e.Title, "until", a.say.Time(co.PausedUntil)), e.Remedy)
	}
	up, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (store.Upkeep, error) { return tx.Upkeep(co.ID) })
	if err != nil {
		return err
	}
	switch {
	case up.Registers == "":
		c.add(note, about, a.t("doctor.registers-none"), "")
	case a.now().Sub(up.RegistersAt) > oldCopy:
		c.add(note, about, a.t("doctor.registers-old", "time", up.RegistersAt), a.t("doctor.registers-do"))
	default:
		c.add(good, about, a.t("doctor.registers-good", "time", up.RegistersAt), "")
	}
	if offline {
		return nil
	}
	c.clock(ctx, co, about)
	client, err := o.engine.Client(ctx, co)
	if err != nil {
		return err
	}
	trial, err := engine.TryKey(ctx, client, kinds)
	if err != nil {
		f := hub.NewFault(hub.ProcountorBroken, "", "")
		if errors.Is(err, procountor.Unauthorized) {
			f = co.DeadBy(hub.NewFault(hub.KeyDead, "", ""))
		}
		e := remedy.For(a.say, f)
		c.add(bad, about, e.Title, e.Remedy)
		c.code = codeNoAnswer
		return nil
	}
	c.add(good, about, a.t("doctor.login", "user", plain(trial.User)), "")
	for _, k := range trial.Checks {
		if !k.OK && k.Needed {
			c.add(bad, about, a.say.T("connect.check."+k.Name+".title")+": "+a.t("doctor.right-missing"), a.say.T("connect.check."+k.Name+".remedy"))
		}
	}
	if trial.PaidUnapproved {
		c.add(note, about, a.say.T("connect.paid-unapproved"), "")
	}
	if len(trial.Personal) > 0 {
		c.add(note, about, a.t("doctor.personal"), "")
	}
	return nil
}

// clock compares ours with the server's.
func (c *checkup) clock(ctx context.Context, co hub.Company, about string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, co.BaseURL+"/status", nil)
	if err != nil {
		return
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return // the login says it better
	}
	resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	if d := c.app.now().Sub(theirs).Abs(); d > clockOff {
		c.add(bad, about, c.app.t("doctor.clock", "off", d.Round(time.Second).String()), c.app.t("doctor.clock-do"))
	}
}
