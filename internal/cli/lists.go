package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/heeros"
	lists "github.com/vienti/vienti/internal/format/table"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/source"
	"github.com/vienti/vienti/internal/source/file"
)

type listsOptions struct {
	connection   string
	fields       []string
	save, asJSON bool
	payroll      bool
}

func (a *app) listsCommand() *cobra.Command {
	var o listsOptions
	cmd := &cobra.Command{
		Use:   "lists [FILE]",
		Short: "Explain the columns of lists (Excel, CSV), and see what becomes of them",
		Long: `A list is a workbook or separated text with one line for each row of an invoice, or with
--payroll for each row of a payroll journal. Its columns are explained once; every later file with the same header is read so, by
"vienti send", in a watched folder and on the pages.

With a file it shows which column is which field, as it is kept or else as the names of
the columns suggest, and what would become of the documents. Nothing is stored unless
--save keeps the mapping, as a new version of the settings; the documents are handed
over by "vienti send". Without a file it shows the mappings that are kept.

The fields are: ` + strings.Join(hub.TableFields, ", ") + `.
Those of a payroll journal: ` + strings.Join(hub.JournalFields, ", ") + `.`,
		Example: `  vienti lists invoices.xlsx
  vienti lists invoices.csv --map number="Laskun nro" --map total=
  vienti lists invoices.csv --map number="Laskun nro" --save
  vienti lists --connection Webshop                 what is kept`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && (o.save || o.payroll || o.fields != nil) {
				return usage("name the file that --map and --save are about")
			}
			return a.lists(cmd.Context(), strings.Join(args, ""), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.connection, "connection", "", "name of the connection; needed when there are several")
	f.StringArrayVar(&o.fields, "map", nil, "field=Column: the column is this field; field= takes it away; may be given several times")
	f.BoolVar(&o.payroll, "payroll", false, "the list is the journal of a payroll run")
	f.BoolVar(&o.save, "save", false, "keep the mapping")
	f.BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

// A listJSON is a list that was looked at, for programs.
type listJSON struct {
	Connection string            `json:"connection"`
	File       string            `json:"file"`
	System     string            `json:"system,omitempty"` // whose columns are known by themselves
	Kind       hub.Kind          `json:"kind,omitempty"`   // payroll_journal, or "" for invoices
	Header     []string          `json:"header,omitempty"`
	Fields     map[string]string `json:"fields,omitempty"`
	Known      bool              `json:"known"`
	Lacks      []string          `json:"lacks,omitempty"`
	Saved      int               `json:"saved_version,omitempty"`
	Documents  []previewed       `json:"documents"`
}

func (a *app) lists(ctx context.Context, name string, o listsOptions) error {
	open := a.openToRead
	if o.save {
		open = a.open
	}
	op, err := open(ctx)
	if err != nil {
		return err
	}
	defer op.close()
	p, err := op.connection(ctx, o.connection)
	if err != nil {
		return err
	}
	if name == "" {
		return a.keptLists(p, o.asJSON)
	}
	b, err := a.readUpTo(name, format.MaxFile)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	out := listJSON{Connection: p.Name, File: filepath.Base(name), Documents: []previewed{}}
	var docs []format.Decoded
	if heeros.Takes(b) {
		if o.save || o.payroll || o.fields != nil {
			return usage("%s: %s", name, a.say.T("lists.heeros"))
		}
		out.System, out.Known = "Heeros", true
		docs = heeros.Decode(b, formatOptions(p).Options)
	} else if file.IsPayroll(b) {
		return usage("%s: %s", name, a.say.T("lists.payroll-file"))
	} else {
		t, fault := lists.Read(b)
		if fault != nil {
			e := remedy.For(a.say, *fault)
			return &exit{codePerson, fmt.Errorf("%s: %s\n%s\n%s", name, e.Title, e.Cause, e.Remedy)}
		}
		kept := p.Settings.MapFor(t.Header)
		m, err := mapOf(t, kept, o)
		if err != nil {
			return err
		}
		out.Kind, out.Header, out.Fields, out.Lacks = m.Kind, t.Header, m.Fields, lists.Lacks(m)
		out.Known = kept != nil && kept.Kind == m.Kind && maps.Equal(kept.Fields, m.Fields)
		if len(out.Lacks) == 0 {
			docs = t.Documents(m, formatOptions(p).Options)
		}
		if o.save && len(out.Lacks) == 0 && !out.Known {
			s := p.Settings
			s.KeepTable(m)
			out.Saved, err = op.engine.SetSettings(ctx, a.actor(), p.ID, p.SettingsVersion, s)
			if errors.Is(err, engine.ErrSettingsChanged) {
				return errors.New(a.say.T("lists.changed"))
			}
			if err != nil {
				return err
			}
		}
	}
	s := &sending{app: a, hub: op, to: p}
	rows := []row{}
	for _, d := range docs {
		seen, err := s.forecast(ctx, source.Found{Document: d.Document, Faults: d.Faults, Raw: d.Raw, Places: d.Places})
		if err != nil {
			return err
		}
		out.Documents, rows = append(out.Documents, seen), append(rows, seen.row)
	}
	if o.asJSON {
		if err := a.json(out); err != nil {
			return err
		}
	} else {
		a.where(p)
		a.showList(out)
		if len(rows) > 0 {
			a.printf("\n")
			a.table(rows)
			a.why(rows)
			a.printf("\n%s\n", a.tallyOf(rows, true))
		}
		if out.Saved > 0 {
			a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", out.Saved))
		}
	}
	if len(out.Lacks) > 0 {
		return &exit{codePerson, errors.New(a.t("lists.lacks", "fields", strings.Join(out.Lacks, ", ")))}
	}
	return needsPerson(rows)
}

// mapOf is the mapping of a table: the one that is kept, or a proposal, with what --map says.
func mapOf(t *lists.Table, kept *hub.TableMap, o listsOptions) (hub.TableMap, error) {
	m := t.Propose()
	switch {
	case o.payroll && (kept == nil || kept.Kind != hub.PayrollJournal):
		m = t.ProposeFor(hub.PayrollJournal)
	case kept != nil:
		m = hub.TableMap{Kind: kept.Kind, Header: t.Header, Fields: maps.Clone(kept.Fields)}
	}
	for _, f := range o.fields {
		field, column, ok := strings.Cut(f, "=")
		switch {
		case !ok || !slices.Contains(m.Known(), field):
			return m, usage("--map: %q is none of the fields; write field=Column with one of %s", f, strings.Join(m.Known(), ", "))
		case column == "":
			delete(m.Fields, field)
		case !slices.Contains(t.Header, column):
			return m, usage("--map: the list has no column %q; it has %s", column, strings.Join(t.Header, ", "))
		default:
			m.Fields[field] = column
		}
	}
	return m, nil
}

// showList says which column is which field.
func (a *app) showList(l listJSON) {
	if l.System != "" {
		a.printf("%s", wrap(a.say.T("lists.heeros"), "", ""))
		return
	}
	a.printf("%s", a.columns(hub.TableMap{Kind: l.Kind, Header: l.Header, Fields: l.Fields}))
	if l.Known {
		a.printf("%s\n", a.say.T("lists.known"))
	} else if l.Saved == 0 && len(l.Lacks) == 0 {
		a.printf("%s", wrap(a.t("lists.proposed"), "", ""))
	}
}

// columns are the columns of a list and what they are, in the order of the list; what is
// not read has no field.
func (a *app) columns(m hub.TableMap) string {
	words := "list-field."
	if m.Kind == hub.PayrollJournal {
		words = "journal-field."
	}
	t := table{}
	for _, column := range m.Header {
		if column == "" {
			continue
		}
		var are []string
		for _, f := range m.Known() {
			if m.Fields[f] == column {
				are = append(are, a.say.T(words+f)+" ("+f+")")
			}
		}
		if are == nil {
			are = []string{"–"}
		}
		t.add(clip(column, 40), "→", strings.Join(are, "; "))
	}
	return t.String()
}

// keptLists shows the mappings of a connection.
func (a *app) keptLists(p place, asJSON bool) error {
	if asJSON {
		return a.json(append([]hub.TableMap{}, p.Settings.Tables...))
	}
	a.where(p)
	for i, m := range p.Settings.Tables {
		if i > 0 {
			a.printf("\n")
		}
		a.printf("%s", a.columns(m))
	}
	if len(p.Settings.Tables) == 0 {
		a.printf("%s\n", a.t("lists.none"))
	}
	return nil
}
