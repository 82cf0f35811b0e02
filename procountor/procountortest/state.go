package procountortest

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"
)

// A company is the books of one company. Its lock covers everything in it.
// Values in tables are never changed in place once a lock is released: a writer
// puts a changed copy, so that an answer may be written without the lock.
type company struct {
	mu  sync.RWMutex
	id  int64
	srv *Server

	changed []change // since the last commit
	tables  map[string]restorer

	settings table[settings] // one row, id 1
	counters table[counters] // one row, id 1
	users    table[user]
	years    table[FiscalYear]
	accounts table[CompanyBankAccount]
	invoices table[invoice]
	receipts table[receipt]
	partners table[BusinessPartner]
	persons  table[Person] // ids shared with partners (REFERENCE 3.5)
	groups   table[BusinessPartnerGroup]
	products table[Product]
	pgroups  table[ProductGroup]
	dims     table[Dimension]
	events   table[paymentEvent]
	payments table[PaymentRowInfo]
	files    table[file]
	comments table[comment]
	hooks    table[webhook]
	pending  table[pendingAction]
	defaults table[defaultDims]
	stmts    table[BankStatement]
	refpays  table[ReferencePayment]

	// Indexes, kept by the functions that write.
	byOriginal   map[string][]int64 // originalInvoiceNumber → invoice ids, ascending
	journalOf    map[int64]int64    // hidden invoice id of a journal → receipt id
	filesOf      map[fileOwner][]int64
	eventsOf     map[int64][]int64 // invoice id → payment event ids
	accountCodes map[string]bool   // active ledger accounts
	use          struct {
		of              *settings
		sales, purchase vatUse
	}
}

// settings is all of a company that is one of a kind.
type settings struct {
	Company       Company         `json:"company"`
	VAT           VatInformation  `json:"vat"`
	Domestic      int64           `json:"domestic"` // the VAT status that carries a percentage
	Accounts      []LedgerAccount `json:"accounts"`
	DefaultLedger DefaultAccounts `json:"defaultLedger"`
	VATSettings   VatSettings     `json:"vatSettings"`
	Circulation   CirculationSettings
	Usage         CompanyUsageSettings
	Templates     []InvoiceTemplate
	DeliveryTerms []string
	EInvoice      EInvoiceData
	Rates         map[string]Number // foreign units per one domestic unit
}

// counters are what was given out last.
type counters struct {
	ID     int64            `json:"id"`
	Number map[string]int64 `json:"number"` // per series of invoices or receipts
}

// An invoice is what is stored of one: the wire form plus what only the server knows.
type invoice struct {
	Invoice
	Created string               `json:"sbxCreated"`
	History []InvoiceTransaction `json:"sbxHistory,omitempty"`
	Rounded rounded              `json:"sbxSums"`
}

// A receipt is a stored ledger receipt. Owner is its invoice, or the hidden one
// of a journal.
type receipt struct {
	LedgerReceipt
	Created string `json:"sbxCreated"`
	Owner   int64  `json:"sbxOwner"`
	Creator int64  `json:"sbxCreator"`
}

type paymentEvent struct {
	PaymentEvent
	Removed bool `json:"sbxRemoved,omitempty"`
}

type fileOwner struct {
	kind string
	id   int64
}

// A file is a stored attachment.
type file struct {
	Attachment
	Content []byte `json:"sbxContent"`
	Created string `json:"sbxCreated"`
	User    string `json:"sbxUser"`
}

type comment struct {
	Comment
	InvoiceID int64 `json:"sbxInvoice"`
}

type webhook struct {
	Webhook
	Created string `json:"sbxCreated"`
}

// A pendingAction waits for a person's confirmation (REFERENCE 1.7).
type pendingAction struct {
	Identifier string `json:"identifier"`
	UserID     int64  `json:"user"`
	Kind       string `json:"kind"`
	Target     []int64
	Payments   []PaymentRowInfo
	Expires    string
	State      string // "", "confirmed", "rejected", "fetched"
}

// defaultDims are the default dimensions of a partner or product (its id).
type defaultDims struct {
	Dims []DefaultDimension
}

// A change is one line of the kept file: the new value of one row, or none when
// it was removed.
type change struct {
	Company int64           `json:"c"`
	Kind    string          `json:"k"`
	ID      int64           `json:"i"`
	Value   json.RawMessage `json:"v,omitempty"`
}

type restorer interface {
	restore(id int64, v json.RawMessage) error
	dump(yield func(change))
}

// A table is one kind of row by id.
type table[T any] struct {
	kind string
	co   *company
	rows map[int64]*T
	ids  []int64 // ascending
}

func initTable[T any](co *company, t *table[T], kind string) {
	t.kind, t.co, t.rows = kind, co, map[int64]*T{}
	co.tables[kind] = t
}

func (t *table[T]) get(id int64) *T { return t.rows[id] }

func (t *table[T]) put(id int64, v *T) {
	t.set(id, v)
	t.co.note(t.kind, id, v)
}

func (t *table[T]) set(id int64, v *T) {
	if _, ok := t.rows[id]; !ok {
		if n := len(t.ids); n == 0 || t.ids[n-1] < id {
			t.ids = append(t.ids, id)
		} else {
			i, _ := slices.BinarySearch(t.ids, id)
			t.ids = slices.Insert(t.ids, i, id)
		}
	}
	t.rows[id] = v
}

func (t *table[T]) del(id int64) {
	if _, ok := t.rows[id]; !ok {
		return
	}
	delete(t.rows, id)
	if i, ok := slices.BinarySearch(t.ids, id); ok {
		t.ids = slices.Delete(t.ids, i, i+1)
	}
	t.co.note(t.kind, id, nil)
}

// all yields the rows by ascending id.
func (t *table[T]) all() iter.Seq2[int64, *T] {
	return func(yield func(int64, *T) bool) {
		for _, id := range t.ids {
			if !yield(id, t.rows[id]) {
				return
			}
		}
	}
}

func (t *table[T]) restore(id int64, v json.RawMessage) error {
	if len(v) == 0 {
		if i, ok := slices.BinarySearch(t.ids, id); ok {
			t.ids = slices.Delete(t.ids, i, i+1)
			delete(t.rows, id)
		}
		return nil
	}
	row := new(T)
	if err := json.Unmarshal(v, row); err != nil {
		return fmt.Errorf("%s %d: %w", t.kind, id, err)
	}
	t.set(id, row)
	return nil
}

func (t *table[T]) dump(yield func(change)) {
	for id, v := range t.all() {
		b, err := json.Marshal(v)
		if err != nil {
			panic("procountortest: row cannot be written as JSON: " + err.Error())
		}
		yield(change{Company: t.co.id, Kind: t.kind, ID: id, Value: b})
	}
}

// note remembers a change for the kept file, if there is one.
func (co *company) note(kind string, id int64, v any) {
	if co.srv == nil || co.srv.log == nil {
		return
	}
	c := change{Company: co.id, Kind: kind, ID: id}
	if v != nil {
		b, err := json.Marshal(v)
		if err != nil {
			panic("procountortest: row cannot be written as JSON: " + err.Error())
		}
		c.Value = b
	}
	co.changed = append(co.changed, c)
}

func newCompany(srv *Server, id int64) *company {
	co := &company{id: id, srv: srv, tables: map[string]restorer{}}
	initTable(co, &co.settings, "settings")
	initTable(co, &co.counters, "counters")
	initTable(co, &co.users, "user")
	initTable(co, &co.years, "year")
	initTable(co, &co.accounts, "bankaccount")
	initTable(co, &co.invoices, "invoice")
	initTable(co, &co.receipts, "receipt")
	initTable(co, &co.partners, "partner")
	initTable(co, &co.persons, "person")
	initTable(co, &co.groups, "partnergroup")
	initTable(co, &co.products, "product")
	initTable(co, &co.pgroups, "productgroup")
	initTable(co, &co.dims, "dimension")
	initTable(co, &co.events, "event")
	initTable(co, &co.payments, "payment")
	initTable(co, &co.files, "file")
	initTable(co, &co.comments, "comment")
	initTable(co, &co.hooks, "webhook")
	initTable(co, &co.pending, "pending")
	initTable(co, &co.defaults, "defaults")
	initTable(co, &co.stmts, "statement")
	initTable(co, &co.refpays, "referencepayment")
	co.reindex()
	return co
}

// reindex builds the indexes from the tables.
func (co *company) reindex() {
	co.byOriginal = map[string][]int64{}
	co.journalOf = map[int64]int64{}
	co.filesOf = map[fileOwner][]int64{}
	co.eventsOf = map[int64][]int64{}
	for id, inv := range co.invoices.all() {
		if n := inv.OriginalInvoiceNumber; n != "" {
			co.byOriginal[n] = append(co.byOriginal[n], id)
		}
	}
	for id, r := range co.receipts.all() {
		if r.Type == typeJournal {
			co.journalOf[r.Owner] = id
		}
	}
	for id, f := range co.files.all() {
		o := fileOwner{f.ReferenceType, f.ReferenceID}
		co.filesOf[o] = append(co.filesOf[o], id)
	}
	for id, e := range co.events.all() {
		if e.InvoiceID != nil {
			co.eventsOf[*e.InvoiceID] = append(co.eventsOf[*e.InvoiceID], id)
		}
	}
	co.indexAccounts()
}

func (co *company) indexAccounts() {
	co.accountCodes = map[string]bool{}
	if s := co.settings.get(1); s != nil {
		for _, a := range s.Accounts {
			co.accountCodes[a.LedgerAccountCode] = a.Active == nil || *a.Active
		}
	}
}

// set returns the company's settings for reading.
func (co *company) set() *settings { return co.settings.get(1) }

// change replaces the settings by a changed copy.
func (co *company) change(f func(*settings)) {
	s := *co.set()
	f(&s)
	co.settings.put(1, &s)
}

// nextID returns an id that nothing else in the company has. One sequence for
// all kinds: an id used for the wrong thing finds nothing.
func (co *company) nextID() int64 {
	n := co.counters.get(1)
	n.ID++
	return n.ID
}

// nextNumber returns the next running number of a series.
func (co *company) nextNumber(series string) int64 {
	n := co.counters.get(1)
	n.Number[series]++
	return n.Number[series]
}

// keepCounters writes the counters, which nextID and nextNumber move in place,
// to the kept file.
func (co *company) keepCounters() { co.note(co.counters.kind, 1, co.counters.get(1)) }

// period returns the fiscal year and tracking period that hold a day.
func (co *company) period(day string) (*FiscalYear, *TrackingPeriod) {
	for _, y := range co.years.all() {
		if y.StartDate <= day && day <= y.EndDate {
			for i, p := range y.TrackingPeriods {
				if p.StartDate <= day && day <= p.EndDate {
					return y, &y.TrackingPeriods[i]
				}
			}
			return y, nil
		}
	}
	return nil, nil
}

// open reports whether a day lies in an open fiscal year and tracking period
// (REFERENCE 4). PENDING is not open (assumption 10).
func (co *company) open(day string) bool {
	y, p := co.period(day)
	return y != nil && (y.IsOpen == nil || *y.IsOpen) && (p == nil || p.Status == "OPEN")
}

// open is company.open for an answer: it names the assumption.
func (c *call) open(day string) bool {
	if c.co.open(day) {
		return true
	}
	if _, p := c.co.period(day); p != nil && p.Status == "PENDING" {
		c.assume(assumePending)
	}
	return false
}

func (co *company) domestic() string { return co.set().Company.CompanyCurrency }
func (co *company) country() string  { return co.set().Company.Country }

// ptr returns a pointer to a copy of v.
func ptr[T any](v T) *T { return &v }

func stamp(t time.Time) string { return t.Format(wireTime) }
func day(t time.Time) string   { return t.Format(time.DateOnly) }
