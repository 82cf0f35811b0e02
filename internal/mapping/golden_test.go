package mapping_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

var update = flag.Bool("update", false, "write what the cases answer into testdata; read the diff")

// today is the day of all cases.
var today = civil.Must("2026-03-10")

// A world is a company of the sandbox with everything that a mapping needs.
type world struct {
	client    *procountor.Client
	company   hub.Company
	registers register.Copy
	partners  map[register.PartnerType]*register.Partner
}

// worlds opens a Finnish and a Swedish company in one strict sandbox.
func worlds(t *testing.T) map[string]*world {
	t.Helper()
	srv := procountortest.New(procountortest.Options{RejectUnknownFields: true, Now: func() time.Time { return today.In(time.UTC) }})
	t.Cleanup(func() { srv.Close() })
	demo := srv.Demo()
	se := srv.AddCompany(procountortest.SwedishDemo())
	key := srv.AddAPIKey(se, srv.AddUser(se, "integration", "Inga", "Integration", procountortest.AllRights()), demo.ClientID, "")
	open := func(id, country, currency, apiKey string) *world {
		c, err := procountor.New(procountor.Options{BaseURL: procountortest.BaseURL, HTTP: srv.Client(), ClientID: demo.ClientID, ClientSecret: demo.ClientSecret, APIKey: apiKey})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{client: c, partners: map[register.PartnerType]*register.Partner{}}
		w.registers = readRegisters(t, c)
		w.company = hub.Company{ID: id, Name: w.registers.Company.Name, BusinessID: w.registers.Company.BusinessID, Country: country, Currency: currency, Environment: hub.Sandbox}
		for _, p := range srv.Partners(map[string]int64{"fi": demo.CompanyID, "se": se}[id]) {
			got, err := c.Partners.Get(context.Background(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			r := register.PartnerFrom(*got)
			if w.partners[r.Type] == nil {
				w.partners[r.Type] = &r
			}
		}
		return w
	}
	return map[string]*world{"fi": open("fi", "FI", "EUR", demo.APIKey), "se": open("se", "SE", "SEK", key)}
}

func readRegisters(t *testing.T, c *procountor.Client) register.Copy {
	t.Helper()
	ctx := context.Background()
	a := register.Answers{BankAccounts: []procountor.CompanyBankAccountInfo{}}
	var err error
	must := func(what string) {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	a.Company, err = c.Company.Get(ctx)
	must("company")
	a.VAT, err = c.VAT.Default(ctx)
	must("VAT")
	a.FiscalYears, err = c.FiscalYears.List(ctx)
	must("fiscal years")
	for b, e := range c.BankAccounts.List(ctx) {
		err = e
		must("bank accounts")
		a.BankAccounts = append(a.BankAccounts, b)
	}
	a.Accounts, err = c.Accounts.List(ctx)
	must("accounts")
	a.Dimensions, err = c.Dimensions.List(ctx, procountor.DimensionFilter{})
	must("dimensions")
	for p, e := range c.Products.List(ctx, procountor.ProductFilter{Type: procountor.ProductTravel}) {
		err = e
		must("travel products")
		a.Products = append(a.Products, p)
	}
	a.Rates, err = c.Currencies.Latest(ctx)
	must("rates")
	copied, err := register.FromProcountor(a)
	must("registers")
	return copied
}

// A golden case is a comment, a document that is laid over the base document of
// its kind, and, where they differ from the default, settings, company and
// registers; then the plan and its warnings, or the faults.
type golden struct {
	file    string
	archive *txtar.Archive
	in      mapping.Input
	world   *world
}

func section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func readCase(t *testing.T, file string, all map[string]*world) golden {
	t.Helper()
	return readCaseOf(t, file, all, hub.SalesInvoice)
}

// readCaseOf reads a case whose document is of a kind unless it says otherwise.
func readCaseOf(t *testing.T, file string, all map[string]*world, usual hub.Kind) golden {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var setup struct {
		Company     string // "fi" or "se"
		Environment hub.Environment
		NoPartner   bool
	}
	decode(t, section(a, "setup.json"), &setup)
	w := all[setup.Company]
	if setup.Company == "" {
		w = all["fi"]
	}
	in := mapping.Input{Company: w.company, Today: today, Document: new(hub.Document)}
	if setup.Environment != "" {
		in.Company.Environment = setup.Environment
	}
	patch := section(a, "document.json")
	var kind struct{ Kind hub.Kind }
	decode(t, patch, &kind)
	if kind.Kind == "" {
		kind.Kind = usual
	}
	base, err := os.ReadFile(filepath.Join("testdata", "base", w.company.ID+"_"+string(kind.Kind)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	decode(t, overlay(t, base, patch), in.Document)
	in.Connection = hub.Connection{ID: "c1", Name: "Files", System: "Finvoice", Settings: testSettings()}
	decode(t, section(a, "settings.json"), &in.Connection.Settings)
	in.Registers = new(register.Copy)
	known, err := json.Marshal(w.registers)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, known, in.Registers) // a copy of its own, for the case may change it
	decode(t, section(a, "registers.json"), in.Registers)
	decode(t, section(a, "standing.json"), &in.Standing)
	if !setup.NoPartner {
		in.Partner = w.partners[register.TypeFor(in.Document.Kind)]
	}
	return golden{file, a, in, w}
}

// testSettings maps the VAT statuses of the sandbox's companies, as a person
// would.
func testSettings() hub.Settings {
	s := hub.DefaultSettings(civil.Must("2024-07-01"))
	s.VATStatuses = map[hub.Kind]map[string]int{
		hub.SalesInvoice:    {"S": 1, "Z": 902, "E": 905, "G": 3, "K/goods": 5, "K/service": 901, "AE": 903, "AE/EU": 901, "O": 12},
		hub.PurchaseInvoice: {"S": 1, "O": 12, "E": 12, "AE": 913, "K/goods": 911, "AE/EU/service": 912},
	}
	return s
}

func decode(t *testing.T, b []byte, v any) {
	t.Helper()
	if len(b) == 0 {
		return
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
}

// overlay lays one JSON object over another; null removes.
func overlay(t *testing.T, base, patch []byte) []byte {
	t.Helper()
	var b, p map[string]any
	decode(t, base, &b)
	decode(t, patch, &p)
	merge(b, p)
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func merge(base, patch map[string]any) {
	for k, v := range patch {
		b, ok1 := base[k].(map[string]any)
		p, ok2 := v.(map[string]any)
		switch {
		case v == nil:
			delete(base, k)
		case ok1 && ok2:
			merge(b, p)
		default:
			base[k] = v
		}
	}
}

const testMark = "Finvoice 10234 · vienti:abcdefghijklmnop"

func TestGolden(t *testing.T) {
	all := worlds(t)
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	seen, ran := map[string]bool{}, 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ran++
			g := readCase(t, file, all)
			plan, faults := mapping.Make(g.in)
			if (plan == nil) != hub.Stops(faults) {
				t.Fatalf("plan %v with faults %v", plan, faults)
			}
			got := map[string][]byte{}
			if plan != nil {
				saved := accepted(t, g, plan)
				if i := slices.IndexFunc(plan.Steps, func(s mapping.Step) bool { return s.Kind == hub.PutReceipt }); i > 0 {
					got["receipt"] = posted(t, g, saved, *plan.Steps[i].Detail.Posting)
				}
				inv := *plan.Steps[0].Invoice
				inv.PartnerID = 7 // the sandbox's own ids are of no interest
				body, err := mapping.Body(inv, testMark)
				if err != nil {
					t.Fatal(err)
				}
				got["plan"] = planText(plan)
				got["procountor.json"] = indented(t, body)
			}
			if len(faults) > 0 {
				got["faults"] = faultText(faults)
			}
			for _, f := range faults {
				if !f.Warning {
					seen[f.Code] = true
				}
			}
			compareSections(t, g, got)
		})
	}
	if !*update && !t.Failed() && ran == len(files) { // not for one case by itself
		for _, code := range producedCodes(t) {
			if !seen[code] && !warningsOnly[code] && !payrollCodes[code] {
				t.Errorf("no case is refused with %s", code)
			}
		}
	}
}

// warningsOnly never stop, or come after posting, which TestCompare shows.
var warningsOnly = map[string]bool{
	hub.TextCut: true, hub.VATRateUnlikely: true, hub.VATRatePrepaid: true, hub.VATReasonMissing: true, hub.AttachmentName: true, hub.CreditedUnknown: true, hub.OffsetByHand: true,
	// Of what files are, which TestFileFaults and TestBreakdownSums show.
	hub.AttachmentBroken: true, hub.AttachmentEmpty: true, hub.AttachmentImage: true, hub.AttachmentKind: true, hub.AttachmentMany: true, hub.AttachmentSuspect: true,
	hub.AttachmentType: true, hub.AttachmentApart: true, hub.JoinedTooLarge: true,
	// Of journals, which TestJournaled shows.
	hub.JournalAccount: true, hub.JournalCurrency: true, hub.JournalBalance: true, hub.JournalRounding: true,
	hub.TotalsDiffer: true, hub.SavedDiffers: true, hub.ReceiptRows: true, hub.ReceiptEvened: true, hub.ReceiptOff: true, hub.OwnFault: true,
	hub.DimensionRenamed: true,
}

func compareSections(t *testing.T, g golden, got map[string][]byte) {
	t.Helper()
	outputs := []string{"plan", "procountor.json", "receipt", "faults", "books"}
	if *update {
		g.archive.Files = slices.DeleteFunc(g.archive.Files, func(f txtar.File) bool { return slices.Contains(outputs, f.Name) })
		for _, name := range outputs {
			if b, ok := got[name]; ok {
				g.archive.Files = append(g.archive.Files, txtar.File{Name: name, Data: b})
			}
		}
		if err := os.WriteFile(g.file, txtar.Format(g.archive), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range outputs {
		if d := cmp.Diff(string(section(g.archive, name)), string(got[name])); d != "" {
			t.Errorf("%s%s (-want +got):\n%s", g.archive.Comment, name, d)
		}
	}
}

// accepted posts the body to the sandbox, which must take it, give it back as
// it was sent, and come to the sums that are meant.
func accepted(t *testing.T, g golden, plan *mapping.Plan) *procountor.Invoice {
	t.Helper()
	body, err := mapping.Body(*plan.Steps[0].Invoice, testMark)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := g.world.client.Do(context.Background(), procountor.Request{Method: "POST", Path: "/invoices", Body: body})
	if err != nil {
		t.Fatalf("the sandbox refuses: %v\n%s", err, body)
	}
	var sent, saved map[string]any
	decode(t, body, &sent)
	decode(t, resp.Body, &saved)
	if info := sent["paymentInfo"].(map[string]any); info["bankReferenceCode"] == "" {
		delete(info, "bankReferenceCode") // Procountor makes one
	}
	if at, d := missing("", sent, saved); d != "" {
		t.Errorf("%s is not saved as sent: %s", at, d)
	}
	var inv procountor.Invoice
	decode(t, resp.Body, &inv)
	for _, f := range mapping.Compare(*plan.Steps[0].Detail.Meant, &inv, hub.Difference{Policy: hub.HoldDifference}) {
		t.Errorf("saved differs: %+v", f)
	}
	return &inv
}

// posted puts a posting on the receipt of a saved invoice, as the sandbox makes
// it, and prints the receipt that the sandbox then has. A second time there is
// nothing left to put.
func posted(t *testing.T, g golden, inv *procountor.Invoice, p hub.Posting) []byte {
	t.Helper()
	ctx := context.Background()
	read, err := g.world.client.LedgerReceipts.Get(ctx, inv.LedgerReceiptID)
	if err != nil {
		t.Fatal(err)
	}
	body, faults := mapping.Receipt(read, p)
	if len(faults) > 0 || body == nil {
		t.Fatalf("nothing to put: %v", faults)
	}
	resp, err := g.world.client.Do(ctx, procountor.Request{Method: "PUT", Path: fmt.Sprintf("/ledgerreceipts/%d", read.ID), Body: body})
	if err != nil {
		t.Fatalf("the sandbox refuses: %v\n%s", err, body)
	}
	var saved procountor.LedgerReceipt
	decode(t, resp.Body, &saved)
	if body, faults := mapping.Receipt(&saved, p); body != nil || len(faults) > 0 {
		t.Errorf("put once, and there is more to put: %s %v", body, faults)
	}
	items := map[int64]string{}
	for _, d := range g.in.Registers.Dimensions {
		for _, it := range d.Items {
			items[it.ID] = d.Name + ": " + it.Code
		}
	}
	var b strings.Builder
	for _, e := range saved.Transactions {
		fmt.Fprintf(&b, "%-20s %s %10s  VAT %s %%", e.TransactionType, e.Account, e.AccountingValue, e.VATPercent)
		if e.VATStatus != nil {
			fmt.Fprintf(&b, " status %d, %s %% deductible", *e.VATStatus, e.VATDeductionPercent)
		}
		for _, d := range e.DimensionItemValues {
			fmt.Fprintf(&b, ", %s %s", items[d.ItemID], d.Value)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// missing finds the first thing of want that got does not have.
func missing(path string, want, got any) (at, diff string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok && len(w) > 0 {
			return path, fmt.Sprintf("want %v, got %v", want, got)
		}
		for _, k := range slices.Sorted(maps.Keys(w)) {
			if at, d := missing(path+"."+k, w[k], g[k]); d != "" {
				return at, d
			}
		}
	case []any:
		g, _ := got.([]any)
		if len(g) != len(w) {
			return path, fmt.Sprintf("want %d, got %d", len(w), len(g))
		}
		for i := range w {
			if at, d := missing(fmt.Sprintf("%s[%d]", path, i), w[i], g[i]); d != "" {
				return at, d
			}
		}
	case json.Number:
		g, ok := got.(json.Number)
		if !ok || procountor.MustParseDecimal(w.String()).Cmp(procountor.MustParseDecimal(g.String())) != 0 {
			return path, fmt.Sprintf("want %v, got %v", want, got)
		}
	default:
		if want != got {
			return path, fmt.Sprintf("want %v, got %v", want, got)
		}
	}
	return "", ""
}

func planText(p *mapping.Plan) []byte {
	var b strings.Builder
	for _, s := range p.Steps {
		b.WriteString(string(s.Kind))
		if m := s.Detail.Meant; m != nil {
			fmt.Fprintf(&b, " %d rows, net %s, VAT %s, gross %s", m.Rows, m.Net, m.VAT, m.Gross)
		}
		if a := s.Detail.Attachment; a != nil {
			fmt.Fprintf(&b, " %s", a.Name)
			if a.ForCustomer {
				b.WriteString(" (goes to the customer)")
			}
		}
		if s.Comment != "" && !strings.HasPrefix(s.Comment, "Approved by Vienti") {
			fmt.Fprintf(&b, " %q", s.Comment)
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func faultText(faults []hub.Fault) []byte {
	var b strings.Builder
	for _, f := range faults {
		if f.Warning {
			b.WriteString("warning ")
		}
		fmt.Fprintf(&b, "%s %s %q", f.Code, f.Path, f.Value)
		for _, k := range slices.Sorted(maps.Keys(f.Args)) {
			fmt.Fprintf(&b, " %s=%q", k, f.Args[k])
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func indented(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}
