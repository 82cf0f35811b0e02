package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// journalLevel makes journals of documents.
func journalLevel(s *hub.Settings) {
	s.Level, s.Journal = hub.JournalLevel, hub.JournalSettings{Per: hub.PerMonth, Receivables: "1700", Payables: "2880"}
	s.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
}

// num is a number of an answer, which is decoded as it stands.
func (a answer) num(field string) int {
	n, _ := strconv.Atoi(fmt.Sprint(a.Body[field]))
	return n
}

// writes are the requests that were not reads.
func writes(w *world) (list []string) {
	for _, r := range w.Sandbox.Received() {
		if r.Method != http.MethodGet && r.Company != 0 {
			list = append(list, r.Method+" "+r.Path)
		}
	}
	return list
}

// At document level closing a month sends nothing, whatever the settings: every
// document has gone by itself, and those that have not are named.
func TestClosingSendsNothing(t *testing.T) {
	feature.Covers(t, "E-45")
	for _, posting := range []hub.PostedBy{hub.PostedInProcountor, hub.PostedByMap} {
		w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
			s.Accounts = []hub.AccountRule{{Sales: true, Purchases: true, Account: enginetest.PostedOn}}
			for k, ks := range s.Kinds {
				ks.Posting = posting
				s.Kinds[k] = ks
			}
		}})
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		w.Settle()
		wrong := with(sale("5002", "100.00"), "currency", "XXX")
		w.want(http.StatusAccepted, "POST", "/v1/documents", wrong)
		w.Settle()
		w.Sandbox.ForgetRequests()
		a := w.want(http.StatusOK, "POST", "/v1/periods/2026-03/close", nil)
		if a.str("level") != "document" || a.Body["first"] != true || a.num("arrived") != 1 || a.num("open") != 1 || a.num("waiting") != 0 {
			t.Errorf("%s", a.Raw)
		}
		missing := a.Body["missing"].([]any)
		if len(missing) != 1 || missing[0].(object)["number"] != "5002" {
			t.Errorf("%s", a.Raw)
		}
		w.Settle()
		if got := writes(w); len(got) != 0 {
			t.Errorf("written: %v", got)
		}
		if a := w.want(http.StatusOK, "POST", "/v1/periods/2026-03/close", nil); a.Body["first"] != false {
			t.Errorf("%s", a.Raw)
		}
	}
}

// At journal level documents wait for their month, are shown as the rows that
// they will be, and become one journal when the source closes the month.
func TestClosingMakesJournals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true, Settings: journalLevel})
		v := w.want(http.StatusOK, "POST", "/v1/documents/validate", sale("5001", "100.00"))
		rows, _ := v.Body["journal"].([]any)
		if v.str("state") != "waiting" || len(rows) != 2 || rows[0].(object)["account"] != "1700" || v.Body["invoice"] != nil {
			t.Fatalf("%s", v.Raw)
		}
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		doc := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5002", "50.00"))
		w.Settle()
		if s := w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil); s.str("state") != "waiting" {
			t.Fatalf("%s", s.Raw)
		}
		if a := w.want(http.StatusOK, "POST", "/v1/periods/2026-03/close", nil); a.num("waiting") != 2 {
			t.Errorf("%s", a.Raw)
		}
		w.Settle()
		if s := w.want(http.StatusOK, "GET", "/v1/documents/"+doc.str("id"), nil); s.str("state") != "done" {
			t.Errorf("%s", s.Raw)
		}
		n := 0
		for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
			if r.Type == "JOURNAL" {
				n++
			}
		}
		if n != 1 || len(w.Sandbox.Invoices(w.Company.ProcountorID)) != 0 {
			t.Errorf("%d journals", n)
		}
	})
}

func TestNoSuchMonth(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	for _, month := range []string{"2026-13", "2026-3", "2026", "2026-04", "x"} {
		w.want(http.StatusUnprocessableEntity, "POST", "/v1/periods/"+month+"/close", nil)
	}
}

// A document that changes after its month became a journal is held with the two ways
// to set the books right; a person of the pusher's, who is named, chooses one, and the
// journals come to what the document says.
func TestJournalIsSetRight(t *testing.T) {
	why := object{"person": "Maija Meikäläinen", "reason": "the price was wrong"}
	for path, journals := range map[string]int{"difference-journal": 2, "reverse-anew": 3} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t, sqlite(t), enginetest.Config{Writing: true, Settings: journalLevel})
			self := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00")).Body["links"].(object)["self"].(string)
			w.Settle()
			w.want(http.StatusOK, "POST", "/v1/periods/2026-03/close", nil)
			w.Settle()
			w.want(http.StatusConflict, "POST", self+"/"+path, why)
			w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "120.00"))
			w.Settle()
			got := w.want(http.StatusOK, "GET", self, nil)
			actions, _ := got.Body["actions"].([]any)
			if got.str("state") != "held" || !slices.Contains(actions, any("difference-journal")) || !slices.Contains(actions, any("reverse-anew")) || !slices.Contains(actions, any("leave")) {
				t.Fatalf("%s", got.Raw)
			}
			w.want(http.StatusUnprocessableEntity, "POST", self+"/"+path, object{"reason": "nobody is named"})
			w.want(http.StatusOK, "POST", self+"/"+path, why)
			w.Settle()
			if got := w.want(http.StatusOK, "GET", self, nil); got.str("state") != "done" {
				t.Errorf("%s", got.Raw)
			}
			n, receivables := 0, money.Zero
			for _, r := range w.Sandbox.Receipts(w.Company.ProcountorID) {
				if r.Type != "JOURNAL" {
					continue
				}
				n++
				for _, e := range r.Transactions {
					if e.Account == "1700" && e.TransactionType == "ENTRY" {
						receivables = receivables.Add(money.Must(e.AccountingValue.String()))
					}
				}
			}
			if n != journals || receivables.Fixed(2) != "150.60" {
				t.Errorf("%d journals, %s on receivables", n, receivables.Fixed(2))
			}
		})
	}
}
