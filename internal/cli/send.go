package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/file"
)

func (a *app) sendCommand() *cobra.Command {
	var connection string
	var dry, verbose, asJSON, wait bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "send FILE…",
		Short: "Hand files over and follow them into Procountor",
		Long: `Hands files over to a connection and follows their documents into Procountor.
The files are Finvoice 1.2 to 3.0, Peppol BIS 3 (UBL) or Procountor's own invoice
file (CSV, or a ZIP with attachments), each with one document or many; lists whose
columns have been explained; or payroll runs as SIE 4 or journal XML. "-" reads the
standard input.

The same content again does nothing: the first result stands. Whatever cannot go
is kept and explained. While "vienti serve" runs, the files are handed over to it.

With --dry-run nothing is stored and Procountor is asked nothing: what would be
written is found in the copies of its registers and invoices. With -v it is shown
row by row.`,
		Example: `  vienti send invoice.xml
  vienti send --dry-run invoices/*.xml
  vienti send --dry-run -v invoice.xml        the invoice and the steps
  vienti send --connection "Webshop" --json invoices/*.xml
  vienti send --wait=false invoices/*.xml     leave the rest to vienti serve
  vienti send --connection Payroll LÖN.SI      a payroll run; it waits to be sent
  cat invoice.xml | vienti send -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the files to send")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, err := o.connection(cmd.Context(), connection)
			if err != nil {
				return err
			}
			s := &sending{app: a, hub: o, to: p, json: asJSON}
			if dry {
				return s.preview(cmd.Context(), args, verbose)
			}
			if !wait {
				limit = 0
			}
			return s.send(cmd.Context(), args, limit)
		},
	}
	f := cmd.Flags()
	f.StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	f.BoolVar(&dry, "dry-run", false, "say what would happen, store nothing")
	f.BoolVarP(&verbose, "verbose", "v", false, "with --dry-run: show what would be written")
	f.BoolVar(&wait, "wait", true, "wait until all is settled")
	f.DurationVar(&limit, "time-limit", 3*time.Minute, "how long to wait")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A sending is one call of vienti send.
type sending struct {
	app  *app
	hub  *opened
	to   place
	json bool
}

// intake is how many documents are stored in one transaction.
const intake = 50

// read calls each with every document of a file.
func (s *sending) read(name string, each func(source.Found) error) error {
	o := formatOptions(s.to)
	documents := file.Read(name, o)
	if name == "-" {
		documents = file.Decode(s.app.in, "stdin", o)
	}
	for d, err := range documents {
		if err == nil {
			err = each(d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// formatOptions says whose files are read.
func formatOptions(p place) file.Options { return file.For(&p.Settings, p.Of.BusinessID) }

// check finds mistakes in the names before anything is stored.
func (s *sending) check(files []string) error {
	for _, name := range files {
		if name == "-" {
			continue
		}
		i, err := os.Stat(name)
		switch {
		case err != nil:
			return usage("%v", err)
		case i.IsDir():
			return usage("%s is a folder; name its files: %s", name, filepath.Join(name, "*.xml"))
		}
	}
	return nil
}

func (s *sending) send(ctx context.Context, files []string, limit time.Duration) error {
	if err := s.check(files); err != nil {
		return err
	}
	a := s.app
	var receipts []engine.Receipt
	var from []string
	for _, name := range files {
		var batch []engine.Incoming
		store := func() error {
			if len(batch) == 0 {
				return nil
			}
			got, err := s.hub.engine.Receive(ctx, s.to.ID, batch, nil)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			receipts = append(receipts, got...)
			for range got {
				from = append(from, filepath.Base(name))
			}
			batch = nil
			return nil
		}
		if err := s.read(name, func(d source.Found) error {
			if batch = append(batch, engine.Incoming{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places, Name: d.Name}); len(batch) == intake {
				return store()
			}
			return nil
		}); err != nil {
			return err
		}
		if err := store(); err != nil {
			return err
		}
	}
	var ids []string
	for _, r := range receipts {
		ids = append(ids, r.Transfer)
	}
	var list []hub.Transfer
	var why stop
	var err error
	if limit > 0 {
		list, why, err = s.hub.settle(ctx, ids, limit, a.progress())
		a.progressDone()
	} else {
		list, _, err = s.hub.look(ctx, ids)
	}
	if err != nil {
		return err
	}
	rows := make([]row, len(list))
	for i := range list {
		rows[i] = a.row(&list[i])
		rows[i].File, rows[i].Again = from[i], receipts[i].Result == engine.ResultUnchanged
	}
	if s.json {
		if err := a.json(struct {
			Connection string `json:"connection"`
			Company    string `json:"company"`
			Writing    bool   `json:"writing"`
			Documents  []row  `json:"documents"`
		}{s.to.Name, s.to.Of.Name, s.to.Writing, rows}); err != nil {
			return err
		}
	} else {
		a.where(s.to)
		a.table(rows)
		a.why(rows)
		a.printf("\n%s\n", a.tally(rows))
		if !s.to.Writing {
			a.printf("%s", wrap(a.t("writing.off", "connection", s.to.Name), "", ""))
		}
	}
	switch why {
	case companyPaused:
		return s.paused(ctx)
	case timeUp:
		return &exit{codeTimeUp, errors.New(a.t("send.time-up"))}
	}
	return needsPerson(rows)
}

// paused says why the company rests.
func (s *sending) paused(ctx context.Context) error {
	p, err := s.hub.connection(ctx, s.to.ID)
	if err != nil || p.Of.PausedFault == nil {
		return err
	}
	e := remedy.For(s.app.say, *p.Of.PausedFault)
	return &exit{codeNoAnswer, fmt.Errorf("%s: %s\n%s\n%s", p.Of.Name, e.Title, e.Remedy, s.app.t("send.kept"))}
}

// needsPerson is exit code 3 when a document stands still.
func needsPerson(rows []row) error {
	for _, r := range rows {
		if hub.State(r.State).NeedsPerson() {
			return &exit{codePerson, nil}
		}
	}
	return nil
}

// where prints where documents go, before anything else about them.
func (a *app) where(p place) {
	a.printf("%s\n\n", a.t("where", "connection", p.Name, "company", plain(p.Of.Name), "environment", a.say.T("env."+string(p.Of.Environment))))
}

// tally counts documents by what became of them; one that was handed over twice
// is one document.
func (a *app) tally(rows []row) string { return a.tallyOf(rows, false) }

// tallyOf is tally, or, of a preview, what would become of them.
func (a *app) tallyOf(rows []row, preview bool) string {
	var all, there, linked, person, way, would, other int
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.Transfer] {
			continue
		}
		seen[r.Transfer] = r.Transfer != "" // a preview has none
		all++
		switch s := hub.State(r.State); {
		case s == hub.Done || s == hub.DoneWithWarning:
			there++
		case s == hub.Linked:
			linked++
		case s.NeedsPerson():
			person++
		case preview && goes(s):
			would++
		case s.Active():
			way++
		default:
			other++
		}
	}
	out := a.n("tally.documents", all)
	add := func(key string, n int) {
		if n > 0 {
			out += ", " + a.n(key, n)
		}
	}
	add("tally.arrived", there)
	add("tally.linked", linked)
	add("tally.person", person)
	add("tally.way", way)
	add("tally.would", would)
	add("tally.other", other)
	return out + "."
}

// progress shows on a terminal how many transfers are settled.
func (a *app) progress() func([]hub.Transfer) {
	if !a.env.IsTerminal {
		return nil
	}
	return func(list []hub.Transfer) {
		n := 0
		for _, t := range list {
			if !t.State.Active() {
				n++
			}
		}
		fmt.Fprint(a.env.Stderr, "\r\x1b[K"+a.t("progress", "n", n, "all", len(list)))
	}
}

func (a *app) progressDone() {
	if a.env.IsTerminal {
		fmt.Fprint(a.env.Stderr, "\r\x1b[K")
	}
}
