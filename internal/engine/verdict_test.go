package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/invented"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

var (
	verdicts    = flag.Uint64("verdicts", 3_000, "how many invented documents the dry run is tried with")
	verdictSeed = flag.Uint64("verdict-seed", 1, "seed of the invented documents")
)

// ours are the faults by which a document is held that Procountor would take, and
// why. Nothing else may be stricter than Procountor.
var ours = map[string]string{
	hub.NumberMissing:     "without the source's number nobody finds the voucher again, nor do we after an unclear write",
	hub.SumsDisagree:      "a document that contradicts itself: nobody knows which figure is meant",
	hub.RowAmount:         "a row without a sum, or with one too large to be exact",
	hub.ReferenceMissing:  "the source has sent the invoice, so the customer pays with its reference or with none",
	hub.SupplierReference: "by setting: the supplier could not tell which invoice such a payment is for",
	hub.CompanyOther:      "another company's document is not booked here",
	hub.VATNumberMissing:  "the invoice must show it (AVL 209 e), and the recapitulative statement needs it",
	hub.VATStatusUnmapped: "which VAT status is meant is never guessed",
	hub.AccountUnmapped:   "which account is meant is never guessed, although Procountor would choose one",
	hub.PrepaidHeld:       "a person decides what a prepaid sum becomes",
	hub.RoundingHeld:      "a person decides what a rounding sum becomes",
	hub.BeforeFirstDay:    "the connection begins later",
	hub.VATNumberWrong:    "form by the Commission's table (VIES); Procountor is known to test Finnish ones only",
	hub.FieldInvalid:      "a credit note that comes to more than nothing would ask the customer for what is given back",
	hub.TextTooLong:       "room in the notes for our mark",
	hub.PartnerNoID:       "by setting",
	hub.CurrencyRateFar:   "by setting: a rate more than ten times Procountor's is mistyped; invented rates know no register",
}

// explained says which of our faults stand for which of Procountor's.
var explained = []struct {
	field, message string // regular expressions
	codes          []string
}{
	{`^date$`, `CLOSED_FISCAL_PERIOD`, []string{hub.PeriodClosed, hub.FiscalYearMissing, hub.DateUnlikely, hub.BeforeFirstDay}},
	{`^date$|paymentInfo.dueDate`, `MAY_NOT_BE_EMPTY|blank|invalid: (null)?$`, []string{hub.DateMissing, hub.DueDateTooLate}},
	{``, `DUE_DATE_BEFORE_BILL_DATE`, []string{hub.DueDateBeforeDate}},
	{`paymentInfo.dueDate`, `invalid`, []string{hub.DueDateTooLate}},
	{`^invoiceRows$`, `MAY_NOT_BE_EMPTY`, []string{hub.RowsMissing}},
	{`^vatStatus$`, `MAY_NOT_BE_EMPTY`, []string{hub.RowsMissing, hub.VATStatusUnmapped}},
	{`product$`, `MAY_NOT_BE_EMPTY`, []string{hub.RowNameMissing, hub.CharacterForbidden}},
	{`vatPercent`, `invalid`, []string{hub.VATRateNotEnabled}},
	{`vatStatus`, `VATSTATUS`, []string{hub.VATStatusPercent, hub.VATStatusDisabled}},
	{`account$`, `LEDGERACCOUNT`, []string{hub.AccountClosed}},
	{`account$`, `MAY_NOT_BE_EMPTY`, []string{hub.AccountUnmapped}},
	{`dimension`, `DIMENSION`, []string{hub.DimensionUnknown, hub.DimensionClosed}},
	{`counterParty.email`, ``, []string{hub.EmailMissing}},
	{`(billingAddress|counterPartyAddress)\.(name|street|zip|city)$`, `blank`, []string{hub.AddressMissing}},
	{`einvoiceAddress`, `blank`, []string{hub.EInvoiceMissing}},
	{`operator`, `ERROR_OPERATOR`, []string{hub.OperatorWrong}},
	{`country$`, `invalid|blank`, []string{hub.CountryUnknown}},
	{`bankAccount`, ``, []string{hub.BankAccountForeign, hub.IBANWrong, hub.BankAccountMissing}},
	{`currencyRate`, ``, []string{hub.CurrencyRateNeeded, hub.CurrencyUnknown}},
	{`paymentInfo.currency$`, ``, []string{hub.CurrencyUnknown}},
	{`bankReferenceCode`, `invalid`, []string{hub.ReferenceWrong}},
	{`identifier|taxCode`, `ERROR_BRN_CODE`, []string{hub.BusinessIDWrong, hub.VATNumberWrong}},
	{`partnerId`, `invalid`, []string{hub.PartnerInactive}},
	{`unit$`, ``, []string{hub.UnitUnknown}},
	{`discountPercent`, `invalid`, []string{hub.DiscountInexact, hub.FieldInvalid}},
	{`penaltyPercent`, `invalid`, []string{hub.FieldInvalid}},
	{`invoiceRows`, `sum too large|out of range`, []string{hub.RowAmount}},
	{``, `SIZE_MUST_BE`, []string{hub.TextTooLong}},
	{`file`, ``, []string{hub.AttachmentTooLarge}},
	{``, `invalid`, []string{hub.CharacterForbidden}}, // of any text
}

// judge holds the hub's verdict on documents against Procountor's.
type judge struct {
	w           *enginetest.World
	client      *procountor.Client
	facts       invented.Facts
	connections map[invented.Way]hub.Connection
	registers   *register.Copy
	patterns    []*regexp.Regexp

	accepted, refused, same int
	broken                  map[invented.Rule]int // documents, by the rules they break
	no                      map[invented.Rule]int // of those, what Procountor refuses
	stricter                map[string]int        // by our fault
	wrong                   []string
}

func newJudge(t *testing.T) *judge {
	w := enginetest.OnSQLite(t)(enginetest.Config{Sandbox: procountortest.Options{RejectUnknownFields: true}})
	ctx, id := t.Context(), w.Company.ProcountorID
	client, err := w.Engine.Client(ctx, w.Company)
	w.Must(err)
	j := &judge{w: w, client: client, connections: map[invented.Way]hub.Connection{}, broken: map[invented.Rule]int{}, no: map[invented.Rule]int{}, stricter: map[string]int{}}
	w.Sandbox.CloseTrackingPeriod(id, "2025-03")
	off := false
	w.Sandbox.AddPartner(id, procountortest.BusinessPartner{Type: "CUSTOMER", Name: "Entinen Asiakas Oy",
		Address:       &procountortest.BusinessPartnerAddress{Name: "Entinen Asiakas Oy", Country: "FINLAND"},
		InvoicingInfo: &procountortest.InvoicingInfo{CustomerNumber: "1999", Identifier: "6789012-4", IdentifierType: "YHD", InvoiceChannel: "NO_SENDING", Language: "FINNISH"},
		PaymentInfo:   procountortest.BusinessPartnerPaymentInfo{PaymentMethod: "BANK_TRANSFER", PaymentTermDays: "14", Currency: "EUR"},
		RegistryInfo:  &procountortest.RegistryInfo{Active: &off}})
	dims, err := client.Dimensions.List(ctx, procountor.DimensionFilter{})
	w.Must(err)
	for _, d := range dims {
		for _, it := range d.Items {
			if strings.HasPrefix(it.CodeName, "P300") {
				it.Status = "P"
				_, err := client.Dimensions.UpdateItem(ctx, d.ID, &it)
				w.Must(err)
			}
		}
	}
	period := func(a, b string) civil.Period { return civil.Period{First: civil.Must(a), Last: civil.Must(b)} }
	j.facts = invented.Facts{Name: w.Company.Name, BusinessID: w.Company.BusinessID,
		Open:    []civil.Period{period("2024-07-01", "2024-12-31"), period("2025-01-01", "2025-02-28"), period("2025-04-01", "2027-03-01")},
		Closed:  []civil.Period{period("2024-01-01", "2024-06-30"), period("2025-03-01", "2025-03-31")},
		Outside: []civil.Period{period("2022-01-01", "2023-12-31"), period("2028-01-01", "2028-02-28")},
		Gone: hub.Party{Name: "Entinen Asiakas Oy", BusinessID: "6789012-4", Number: "1999",
			Address: hub.Address{Street: "Vanhatie 1", Zip: "00100", City: "Helsinki", Country: "FI"}},
		Accounts: []string{"", "a", "b"}, ClosedAccount: "closed", Items: []string{"P100", "P200"}, ClosedItem: "P300"}
	w.Must(drop2(w.Engine.Refresh(ctx, w.Company.ID)))
	j.registers, err = w.Engine.Registers(ctx, w.Company.ID)
	w.Must(err)
	for _, p := range j.registers.VATPercents {
		j.facts.Rates = append(j.facts.Rates, p.Percent.Trim(0).String())
	}
	j.facts.Rates = slices.DeleteFunc(j.facts.Rates, func(s string) bool { return s == "0" })
	j.facts.OtherRates = []string{"8", "22", "25", "9.5"}
	for _, a := range j.registers.BankAccounts {
		j.facts.IBANs = append(j.facts.IBANs, a.IBAN)
	}
	for _, p := range w.Sandbox.Partners(id) {
		got, err := client.Partners.Get(ctx, p.ID)
		w.Must(err)
		r := register.PartnerFrom(*got)
		party := hub.Party{Name: r.Name, BusinessID: r.BusinessID, VATNumber: r.VATNumber, Number: r.CustomerNumber, Address: r.Address}
		if strings.HasPrefix(party.BusinessID, "SE") {
			party.VATNumber = party.BusinessID
		}
		switch {
		case !r.Active:
		case r.Type == register.Customer:
			j.facts.Customers = append(j.facts.Customers, party)
		default:
			j.facts.Suppliers = append(j.facts.Suppliers, party)
		}
	}
	for _, way := range invented.Ways {
		j.connect(way)
	}
	_, err = w.Engine.Step(ctx, w.Clock.Now(), w.Company.ID) // reads the partners
	w.Must(err)
	for _, x := range explained {
		j.patterns = append(j.patterns, regexp.MustCompile(x.field), regexp.MustCompile(x.message))
	}
	return j
}

func drop2[T any](_ T, err error) error { return err }

// connect makes the connection of a way.
func (j *judge) connect(way invented.Way) {
	s := hub.DefaultSettings(civil.Must("2020-01-01"))
	s.VATStatuses = map[hub.Kind]map[string]int{
		hub.SalesInvoice:    {"S": 1, "Z": 902, "E": 905, "G": 3, "K/goods": 5, "K/service": 901, "AE": 903, "AE/EU": 901, "O": 12},
		hub.PurchaseInvoice: {"S": 1, "O": 12, "E": 12, "AE": 913, "K/goods": 911, "AE/EU/service": 912},
	}
	s.OrderBySourceNumber, s.Partner.WithoutID = false, true
	s.Dimensions = map[string]string{"project": "Project"}
	kinds := func(f func(*hub.KindSettings)) {
		for k, v := range s.Kinds {
			f(&v)
			s.Kinds[k] = v
		}
	}
	send := func(c hub.ChannelRule) {
		s.Sender, s.Channel = hub.SenderProcountor, c
		k := s.Kinds[hub.SalesInvoice]
		k.Arrival = hub.ArriveSent
		s.Kinds[hub.SalesInvoice] = k
	}
	switch way {
	case invented.EInvoice:
		send(hub.ChannelRule{hub.ByEInvoice})
	case invented.Email:
		send(hub.ChannelRule{hub.ByEmail})
	case invented.Mail:
		send(hub.ChannelRule{hub.ByMail})
	case invented.Posted:
		kinds(func(k *hub.KindSettings) { k.Posting, k.Arrival = hub.PostedByMap, hub.ArriveApproved })
		for source, account := range map[string]string{"a": "3010", "b": "3600", "closed": "3900"} {
			s.Accounts = append(s.Accounts, hub.AccountRule{Source: source, Sales: true, Purchases: true, Account: account})
		}
		s.Accounts = append(s.Accounts, hub.AccountRule{Sales: true, Purchases: true, Account: "3000"})
	case invented.StatusOff:
		for kind, other := range map[hub.Kind]int{hub.SalesInvoice: 916, hub.PurchaseInvoice: 904} {
			for category := range s.VATStatuses[kind] {
				s.VATStatuses[kind][category] = other
			}
		}
	case invented.Later:
		kinds(func(k *hub.KindSettings) { k.FirstDay = civil.Must("2027-03-02") })
	}
	s.RatePercent = 1000
	conn := hub.Connection{ID: "verdict-" + string(way), Company: j.w.Company.ID, Name: string(way), System: "Test", Settings: s, Writing: true}
	j.w.Must(j.w.Store.Tx(j.w.T.Context(), func(tx *store.Tx) error { return tx.InsertConnection(conn, "test") }))
	j.w.Must(j.w.Engine.SetWriting(j.w.T.Context(), "test", conn.ID, true))
	conn.SettingsVersion = 1
	j.connections[way] = conn
}

// try lets both judge a document.
func (j *judge) try(ctx context.Context, n uint64) {
	c := invented.Make(&j.facts, *verdictSeed, n)
	conn := j.connections[c.Way]
	f, err := j.w.Engine.Check(ctx, conn.ID, engine.Incoming{Document: c.Document})
	j.w.Must(err)
	refusals := j.send(ctx, conn, c, f)
	for _, r := range c.Breaks {
		j.broken[r]++
		if len(refusals) > 0 {
			j.no[r]++
		}
	}
	var stops []string
	for _, x := range f.Faults {
		if !x.Warning && !slices.Contains(stops, x.Code) {
			stops = append(stops, x.Code)
		}
	}
	goes := f.State == hub.Ready
	fail := func(why string, args ...any) {
		j.wrong = append(j.wrong, fmt.Sprintf("%d (%s, breaks %v): %s; ours %v, Procountor's %v", n, c.Way, c.Breaks, fmt.Sprintf(why, args...), stops, refusals))
	}
	if len(refusals) == 0 {
		j.accepted++
		var theirs []string
		for _, code := range stops {
			if ours[code] == "" {
				theirs = append(theirs, code)
			}
			j.stricter[code]++
		}
		switch {
		case goes || len(stops) > 0 && len(theirs) < len(stops):
			j.same++ // or held for a reason of our own, whatever else it shows
		default:
			fail("we refuse what Procountor takes")
		}
		return
	}
	j.refused++
	if goes {
		fail("we take what Procountor refuses")
		return
	}
	for _, r := range refusals {
		if !j.explains(stops, r) {
			fail("we do not tell %s %s", r.Field, r.Message)
			return
		}
	}
	j.same++
}

func (j *judge) explains(stops []string, r procountor.FieldError) bool {
	for i, x := range explained {
		if j.patterns[2*i].MatchString(r.Field) && j.patterns[2*i+1].MatchString(r.Message) &&
			slices.ContainsFunc(x.codes, func(code string) bool { return slices.Contains(stops, code) }) {
			return true
		}
	}
	return false
}

func has(faults []hub.Fault, code string) bool {
	return slices.ContainsFunc(faults, func(f hub.Fault) bool { return f.Code == code })
}

// send makes every request of the document, whatever we think of it, and returns
// what Procountor does not like.
func (j *judge) send(ctx context.Context, conn hub.Connection, c invented.Case, f engine.Forecast) (refusals []procountor.FieldError) {
	no := func(err error) bool {
		var e *procountor.Error
		if err == nil {
			return false
		}
		if !errors.As(err, &e) || len(e.Fields) == 0 && e.Status != 0 {
			j.w.T.Fatalf("%s: %v", c.Document.Number, err)
		}
		if e.Status == 0 { // the client itself sends nothing of the kind
			e.Fields = []procountor.FieldError{{Field: "file", Message: err.Error()}}
		}
		refusals = append(refusals, e.Fields...)
		return true
	}
	in := mapping.Input{Company: j.w.Company, Connection: conn, Document: c.Document, Registers: j.registers, Partner: f.Partner,
		Today: civil.DayOf(j.w.Clock.Now(), j.w.Clock.Now().Location())}
	switch {
	case f.NewPartner:
		body, _ := mapping.Partner(in)
		made, err := j.client.Partners.Create(ctx, body)
		if no(err) {
			return refusals
		}
		in.Partner = &register.Partner{ID: made.ID}
	case f.Partner == nil && has(f.Faults, hub.PartnerInactive):
		in.Partner = &f.Candidates[0].Partner
	}
	inv, posting := mapping.Unchecked(in)
	if f.State == hub.Ready {
		// What is shown must be what is sent.
		shown := *f.Invoice
		shown.PartnerID = inv.PartnerID
		a, err1 := mapping.Body(inv, "Test "+c.Document.Number+" · vienti:abcdefghijklmnop")
		b, err2 := mapping.Body(shown, "Test "+c.Document.Number+" · vienti:abcdefghijklmnop")
		j.w.Must(errors.Join(err1, err2))
		if !bytes.Equal(a, b) {
			j.w.T.Fatalf("shown %s, sent %s", b, a)
		}
	}
	inv.Notes = hub.WithMark(inv.Notes, "Test · vienti:abcdefghijklmnop")
	saved, err := j.client.Invoices.Create(ctx, &inv)
	if no(err) {
		return refusals
	}
	if posting != nil {
		read, err := j.client.LedgerReceipts.Get(ctx, saved.LedgerReceiptID)
		j.w.Must(err)
		body, faults := mapping.Receipt(read, *posting)
		if hub.Stops(faults) {
			j.w.T.Fatalf("%s in %s: %v", c.Document.Number, c.Document.Currency, faults)
		}
		var put procountor.LedgerReceipt
		if body != nil {
			j.w.Must(json.Unmarshal(body, &put))
			_, err = j.client.LedgerReceipts.Update(ctx, &put)
			no(err)
		}
	}
	for _, a := range c.Document.Attachments {
		_, err := j.client.Attachments.Create(ctx, procountor.Attachment{Name: a.Name, ReferenceType: procountor.AtInvoice, ReferenceID: saved.ID}, a.Content)
		no(err)
	}
	if len(refusals) > 0 {
		return refusals
	}
	for _, s := range f.Steps {
		switch s.Kind {
		case hub.Approve:
			no(j.client.Invoices.Approve(ctx, saved.ID, ""))
		case hub.Send:
			no(j.client.Invoices.Send(ctx, saved.ID))
		}
	}
	return refusals
}

// The dry run says what Procountor will: of invented documents, right ones and
// ones that break each of its rules, our verdict is held against the answer to the
// very requests that would be made.
func TestVerdictIsProcountors(t *testing.T) {
	count := *verdicts
	if testing.Short() {
		count = min(count, 1_000)
	}
	j := newJudge(t)
	for n := range count { // each case is made from the seed and its number
		j.try(t.Context(), n)
	}
	for i, w := range j.wrong {
		if i == 20 {
			break
		}
		t.Error(w)
	}
	share := func(n int) float64 { return float64(n) / float64(count) }
	for _, f := range []struct {
		Name  string  `json:"name"`
		Value float64 `json:"value"`
		Unit  string  `json:"unit"`
	}{{"verdict_same", 100 * share(j.same), "%"}, {"verdict_refused", 100 * share(j.refused), "%"}, {"verdict_documents", float64(count), "documents"},
		{"verdict_fewest_of_a_rule", float64(slices.Min(slices.Collect(maps.Values(j.broken)))), "documents"}} {
		b, err := json.Marshal(f)
		j.w.Must(err)
		t.Logf("%s", b)
	}
	t.Logf("seed %d; by rule %v; held by us alone %v", *verdictSeed, j.broken, j.stricter)
	if share(j.refused) < 0.40 {
		t.Errorf("Procountor refuses only %d of %d", j.refused, count)
	}
	if share(j.same) < 0.999 {
		t.Errorf("the same verdict on %d of %d", j.same, count)
	}
	want := 200 * count / 100_000
	if count < 100_000 {
		want = max(want/2, 1) // a small sample strays
	}
	for _, rule := range invented.Rules() {
		if uint64(j.broken[rule]) < want {
			t.Errorf("only %d documents break %s, of %d", j.broken[rule], rule, want)
		}
	}
	for _, rule := range invented.Procountors {
		if j.no[rule] < j.broken[rule]*9/10 {
			t.Errorf("Procountor refuses %d of the %d that break %s", j.no[rule], j.broken[rule], rule)
		}
	}
}
