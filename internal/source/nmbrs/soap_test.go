package nmbrs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/source"
)

// The operations that the product prints for the user's template are enough, and none of
// them is never called.
func TestCallsAreThoseThatArePrinted(t *testing.T) {
	feature.Covers(t, "N-5")
	for _, detail := range []string{"cost_unit", "cost_centre", "company", "employee"} {
		w := newWorld(t)
		w.fake.Put(w.company, june())
		w.values["detail"], w.env.Payroll.ByEmployee = detail, true
		printed := Kind().Calls(w.config())
		w.fake.Allow(printed)
		if _, err := Kind().Choices(t.Context(), w.env, w.config()); err != nil {
			t.Fatal(err)
		}
		w.values["debtor"] = "1"
		w.pull("")
		d := w.open()
		if _, err := d.Registers(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, err := range d.Items(t.Context(), []string{hub.CostCentreAxis, hub.CostUnitAxis}, time.Time{}) {
			t.Fatal(err)
		}
		used := w.fake.Used()
		slices.Sort(used)
		slices.Sort(printed)
		if diff := cmp.Diff(printed, used); diff != "" {
			t.Errorf("%s: printed and called:\n%s", detail, diff)
		}
		// Without one of them the sentence names it.
		w.fake.Allow(slices.DeleteFunc(slices.Clone(printed), func(call string) bool { return strings.Contains(call, "Journals_") }))
		if err := w.fails(); !errors.Is(err, source.ErrDenied) || !strings.Contains(err.Error(), "CompanyService:"+journalCall[detail]) {
			t.Errorf("%s: %v", detail, err)
		}
	}
}

// Faults have their class by Nmbrs' number, no cursor moves, and no token is told.
func TestFaults(t *testing.T) {
	fault := func(text string) string {
		return `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>` + text + `</faultstring></soap:Fault></soap:Body></soap:Envelope>`
	}
	said := "System.Web.Services.Protocols.SoapException: Server was unable to process request. ---&gt; "
	for name, c := range map[string]struct {
		status int
		body   string
		class  error
		says   string
	}{
		"1000":         {500, fault(said + "Invalid combination email/password"), source.ErrDenied, "does not take user name and token"},
		"1001":         {500, fault(said + "1001: no"), source.ErrDenied, "make a new token"},
		"1002":         {500, fault(said + "1002: no"), source.ErrDenied, "template in Nmbrs does not allow CompanyService:Run_GetList"},
		"1003":         {500, fault(said + "1003: no"), source.ErrBarred, "Firman Ab (7) (blocked)"},
		"1004":         {500, fault(said + "1004: no"), source.ErrDenied, "no subscription"},
		"1006":         {500, fault(said + "1006: no"), source.ErrDenied, "login security"},
		"2004":         {500, fault(said + "2004: Unauthorized company"), source.ErrBarred, "2004"},
		"2006":         {500, fault(said + "2006: Invalid period"), source.ErrOptions, "2006 Invalid period"},
		"2047":         {500, fault(said + "2047: x"), source.ErrOptions, ""},
		"9999":         {500, fault(said + "9999: unknown"), nil, "9999 unknown"},
		"other":        {500, fault("Object reference not set"), nil, "Object reference"},
		"tells us":     {500, fault(said + "1001: wrong key " + token), source.ErrDenied, "[secret]"},
		"busy":         {429, "", source.ErrBusy, ""},
		"down":         {503, "<html>", source.ErrBusy, ""},
		"forbidden":    {403, "<html></html>", source.ErrDenied, "403"},
		"moved":        {302, "", source.ErrDenied, "302"},
		"HTML":         {200, "<html><body></body></html>", nil, "something else"},
		"cut off":      {200, `<e:Envelope xmlns:e="x"><e:Body><Run_GetListResponse><Run_GetListResult><RunInfo><ID>4711`, nil, "cannot be read"},
		"no XML":       {200, "4711", nil, "something else"},
		"bomb":         {200, `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>`, nil, "declares a document type"},
		"no number":    {200, `<e:Envelope xmlns:e="x"><e:Body><Run_GetListResponse><Run_GetListResult><RunInfo><ID>många</ID></RunInfo></Run_GetListResult></Run_GetListResponse></e:Body></e:Envelope>`, nil, "cannot be read"},
		"nothing said": {500, "", nil, ""},
	} {
		w := newWorld(t)
		w.fake.Put(w.company, june())
		w.fake.Answer(func(operation string) (int, string, bool) { return c.status, c.body, operation == "Run_GetList" })
		err := w.fails()
		for _, class := range []error{source.ErrDenied, source.ErrBarred, source.ErrOptions, source.ErrBusy} {
			if is, want := errors.Is(err, class), c.class != nil && errors.Is(c.class, class); is != want {
				t.Errorf("%s: %v is %v: %v", name, err, class, is)
			}
		}
		if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// What an answer says nothing of is nothing.
func TestAnswersOfNothing(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{"<Run_GetListResponse/>", "<Run_GetListResponse><Run_GetListResult/></Run_GetListResponse>"} {
		w.fake.Answer(func(operation string) (int, string, bool) {
			return 200, `<e:Envelope xmlns:e="x"><e:Body>` + body + `</e:Body></e:Envelope>`, operation == "Run_GetList"
		})
		if p := w.pull(""); len(p.Documents) != 0 || p.Next != "" {
			t.Errorf("%s: %+v", body, p)
		}
	}
}

// An answer above the limit is not read to its end.
func TestAnswersHaveALimit(t *testing.T) {
	w := newWorld(t)
	w.env.HTTP = &http.Client{Transport: endless{w.fake}}
	if err := w.fails(); !strings.Contains(err.Error(), "above 60000000 bytes") {
		t.Errorf("%v", err)
	}
}

// endless answers to everything but the description with blanks.
type endless struct{ http.RoundTripper }

func (e endless) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		return e.RoundTripper.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: blanks{}}, nil
}

type blanks struct{}

func (blanks) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}
func (blanks) Close() error { return nil }

// Every call waits for its turn, under the name of the user.
func TestTurns(t *testing.T) {
	w := newWorld(t)
	turns := map[string]int{}
	w.env.Turn = func(_ context.Context, client string, perSecond int) error {
		turns[client] += perSecond
		return nil
	}
	w.pull("")
	calls, _ := w.fake.Calls()
	if described := 2; turns["nmbrs/api@firma.example"] != 150*(calls+described) {
		t.Errorf("%v for %d calls", turns, calls)
	}
}

// A domain that is given is not asked for.
func TestDomain(t *testing.T) {
	w := newWorld(t)
	w.values["domain"] = "palkka"
	w.pull("")
	if used := w.fake.Used(); slices.Contains(used, "DebtorService:Environment_Get") {
		t.Errorf("%v", used)
	}
	w.values["domain"] = "annan"
	if err := w.fails(); !errors.Is(err, source.ErrDenied) {
		t.Errorf("%v", err)
	}
}

// From the day on which the interface ends, what fails says what to do instead; before it,
// and when Nmbrs still answers, nothing is said.
func TestRetires(t *testing.T) {
	for day, announced := range map[string]bool{"2027-02-28": false, "2027-03-01": true} {
		w := newWorld(t)
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		w.now = at
		w.pull("")
		w.fake.Close()
		if err := w.fails(); strings.Contains(err.Error(), "hand them over as files") != announced || errors.Is(err, source.ErrOptions) != announced {
			t.Errorf("%s: %v", day, err)
		}
	}
	if k := Kind(); k.Retires.String() != "2027-03-01" {
		t.Errorf("retires %s", k.Retires)
	}
}

// Options that cannot be meant are refused before anything is asked.
func TestOptions(t *testing.T) {
	for name, c := range map[string]struct{ option, value, says string }{
		"a year of long ago": {"from_year", "26", "from 2000 to 2027"},
		"no year":            {"from_year", "i år", "from 2000 to 2027"},
		"a year to come":     {"from_year", "2028", "from 2000 to 2027"},
		"a currency":         {"currency", "kronor", "three letters"},
		"another Nmbrs":      {"environment", "norway", "netherlands, sweden, sandbox"},
		"a debtor by name":   {"debtor", "Koncernen", "a number"},
	} {
		w := newWorld(t)
		w.values[c.option] = c.value
		if err := w.fails(); !errors.Is(err, source.ErrOptions) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	if _, err := Kind().Open(w.env, source.Config{Values: w.values, Secrets: map[string]secret.Secret{}}); !errors.Is(err, source.ErrOptions) {
		t.Errorf("without a token: %v", err)
	}
	for environment, currency := range map[string]string{"sweden": "SEK", "netherlands": "EUR"} {
		w.values["environment"] = environment
		if d := w.open(); string(d.currency) != currency {
			t.Errorf("%s: %s", environment, d.currency)
		}
	}
}

// Years are those from the first day of payroll journals to that of next month.
func TestYears(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC)
	kinds := map[hub.Kind]hub.KindSettings{hub.PayrollJournal: {}}
	first := kinds[hub.PayrollJournal]
	first.FirstDay.Year, first.FirstDay.Month, first.FirstDay.Day = 2025, 7, 1
	kinds[hub.PayrollJournal] = first
	w.env.Kinds = kinds
	for _, year := range []int{2024, 2025, 2026, 2027} {
		r := june()
		r.Year, r.Description = year, ""
		w.fake.Put(w.company, r)
	}
	var got []string
	for _, f := range w.pull("").Documents {
		got = append(got, f.Document.Number)
	}
	if diff := cmp.Diff([]string{"6/2025", "6/2026", "6/2027"}, got); diff != "" {
		t.Error(diff)
	}
}

// Registers say which company it is, what is to be locked, and the items of the axes.
func TestRegisters(t *testing.T) {
	w := newWorld(t)
	w.fake.AddCostCentre(w.company, "100", "Lager")
	w.fake.AddCostUnit(w.company, "A", "Projekt A")
	r := june()
	r.Locked = false
	w.fake.Put(w.company, r)
	for said, real := range map[string]bool{"unknown": false, "no": true} {
		w.values["test_company"] = said
		got, err := w.open().Registers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := got.Payroll
		var items []string
		for _, i := range p.Items {
			items = append(items, i.Axis+" "+i.Text())
		}
		if diff := cmp.Diff([]string{"cost_centre 100 Lager", "cost_unit A Projekt A"}, items); diff != "" || p.Real != real || p.Company != "Firman Ab (7)" || strings.Join(p.Unlocked, ";") != "Lönekörning juni (6/2026)" {
			t.Errorf("%+v\n%s", p, diff)
		}
	}
}
