package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
)

const (
	// registersFor is how old the register copy may be.
	registersFor = 15 * time.Minute
	// partnersFor is how old the partner copy may be; it is read by changes only.
	partnersFor = 5 * time.Minute
	// allPartnersFor is how long partners are read by what has changed only.
	allPartnersFor = 24 * time.Hour
	// historyFor is how old the copy of Procountor's invoices may be before a first
	// write, and while something that arrived is open: with the sweep, what is paid is
	// known within a minute, for one request of each company in that time.
	historyFor = 40 * time.Second
	// justRead is how young the register copy is when a refusal cannot be its fault.
	justRead = time.Minute
	// paymentsFor is how long a payment waits for its document before it looks
	// whether that is still there.
	paymentsFor = 24 * time.Hour
	// historyMonths is how far back invoices are read at connecting.
	historyMonths = 13
	// overlap is read again each time: Procountor's version times have seconds,
	// and two changes may share one (REFERENCE 7, 9).
	overlap = 2 * time.Minute
)

// upkeep refreshes what is older than it may be and returns the registers, and
// when they were read. Its error is a [pause] when it concerns the whole company.
func (e *Engine) upkeep(ctx context.Context, c hub.Company, client *procountor.Client) (_ *register.Copy, at time.Time, _ error) {
	u, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Upkeep, error) { return tx.Upkeep(c.ID) })
	if err != nil {
		return nil, at, err
	}
	now := e.o.Now()
	if err := e.copyItems(ctx, c.ID, &u); err != nil {
		return nil, at, fmt.Errorf("copy what was written: %w", err)
	}
	if !e.o.NoUpkeep {
		if u.Registers == "" || now.Sub(u.RegistersAt) > registersFor {
			if err := e.readRegisters(ctx, c, client, &u); err != nil {
				return nil, at, fmt.Errorf("read registers: %w", pauseOf(err))
			}
		}
		if u.PartnersAt.IsZero() || now.Sub(u.PartnersAt) > partnersFor {
			if err := e.readPartners(ctx, c, client, &u); err != nil {
				return nil, at, fmt.Errorf("read partners: %w", pauseOf(err))
			}
		}
		if u.HistoryFrom == "" || now.Sub(u.HistoryAt) > historyFor {
			if err := e.readHistory(ctx, c, client, &u); err != nil {
				return nil, at, fmt.Errorf("read history: %w", pauseOf(err))
			}
		}
	}
	copied, err := e.registers(ctx, u)
	return copied, u.RegistersAt, err
}

// Refresh reads everything anew, as at connecting.
func (e *Engine) Refresh(ctx context.Context, company string) (*register.Copy, error) {
	c, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (hub.Company, error) { return tx.Company(company) })
	if err != nil {
		return nil, err
	}
	client, err := e.client(ctx, c)
	if err != nil {
		return nil, err
	}
	u, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Upkeep, error) { return tx.Upkeep(company) })
	if err != nil {
		return nil, err
	}
	u.PartnersAt = time.Time{}
	for _, read := range []func(context.Context, hub.Company, *procountor.Client, *store.Upkeep) error{
		e.readRegisters, e.readPartners, e.readHistory} {
		if err := read(ctx, c, client, &u); err != nil {
			return nil, err
		}
	}
	return e.registers(ctx, u)
}

// Registers returns the copy as it is kept, empty before the first reading.
func (e *Engine) Registers(ctx context.Context, company string) (*register.Copy, error) {
	u, err := store.ReadOne(ctx, e.store, func(tx *store.Tx) (store.Upkeep, error) { return tx.Upkeep(company) })
	if err != nil {
		return nil, err
	}
	return e.registers(ctx, u)
}

func (e *Engine) registers(ctx context.Context, u store.Upkeep) (*register.Copy, error) {
	c := new(register.Copy)
	if u.Registers == "" {
		return c, nil
	}
	if have, ok := e.copies.Load(u.Registers); ok {
		return have.(*register.Copy), nil
	}
	b, err := e.store.Blob(ctx, u.Registers)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("read the register copy: %w", err)
	}
	e.copies.Store(u.Registers, c)
	return c, nil
}

func (e *Engine) readRegisters(ctx context.Context, c hub.Company, client *procountor.Client, u *store.Upkeep) error {
	var a register.Answers
	var err error
	if a.Company, err = client.Company.Get(ctx); err != nil {
		return err
	}
	if a.Circulation, err = known(client.Company.CirculationSettings(ctx)); err != nil {
		return err
	}
	if a.VAT, err = client.VAT.Default(ctx); err != nil {
		return err
	}
	if a.FiscalYears, err = client.FiscalYears.List(ctx); err != nil {
		return err
	}
	a.BankAccounts = []procountor.CompanyBankAccountInfo{} // read, and perhaps empty
	for b, err := range client.BankAccounts.List(ctx) {
		if err != nil {
			return err
		}
		a.BankAccounts = append(a.BankAccounts, b)
	}
	if a.Accounts, err = client.Accounts.List(ctx); err != nil {
		return err
	}
	if a.Dimensions, err = optional(client.Dimensions.List(ctx, procountor.DimensionFilter{})); err != nil {
		return err
	}
	if a.Products, err = optional(products(ctx, client)); err != nil {
		return err
	}
	if a.Rates, err = known(client.Currencies.Latest(ctx)); err != nil {
		return err
	}
	fresh, err := register.FromProcountor(a)
	if err != nil {
		return err
	}
	before, err := e.registers(ctx, *u)
	if err != nil {
		return err
	}
	now := e.o.Now()
	register.Follow(before, &fresh)
	changes := register.Changes(before, &fresh)
	fresh.Version, fresh.FetchedAt = before.Version, now
	keep := u.Registers == "" || len(changes) > 0 || fresh.Wider(before)
	if u.Registers == "" || len(changes) > 0 {
		fresh.Version++
	}
	b, err := json.Marshal(fresh)
	if err != nil {
		return err
	}
	next := *u
	next.RegistersAt = now
	err = e.store.Tx(ctx, func(tx *store.Tx) error {
		if keep {
			var err error
			if next.Registers, err = tx.PutBlob(b); err != nil {
				return err
			}
			if u.Registers != "" && len(changes) > 0 {
				if err := e.noteChanges(tx, c.ID, fresh.Version, changes); err != nil {
					return err
				}
			}
		}
		return tx.SetUpkeep(c.ID, next)
	})
	if err == nil {
		if next.Registers != u.Registers {
			e.copies.Delete(u.Registers)
		}
		*u = next
	}
	return err
}

// maxToldChanges is how many changes of one reading the chain of acts names; all
// of them are kept with the reading.
const maxToldChanges = 100

// noteChanges keeps what has changed in the registers, and lets go on what it mends.
func (e *Engine) noteChanges(tx *store.Tx, company string, version int, changes []register.Change) error {
	if err := tx.AddRegisterChanges(company, version, changes); err != nil {
		return err
	}
	if err := act(tx, engineActor, "registers.changed", company, struct {
		Version int               `json:"version"`
		Count   int               `json:"count"`
		Changes []register.Change `json:"changes"`
	}{version, len(changes), changes[:min(len(changes), maxToldChanges)]}); err != nil {
		return err
	}
	if slices.ContainsFunc(changes, func(c register.Change) bool {
		return c.What == register.OfDimension || c.What == register.OfDimensionItem || c.What == register.OfProduct
	}) {
		if err := tx.WakeItems(company, ""); err != nil {
			return err
		}
	}
	return e.goOn(tx, company, "", codesOfRegisters(changes), because{Registers: version})
}

// optional makes a register that the key may not read one that was never read:
// whoever uses none of it needs no right to it.
func optional[T any](list []T, err error) ([]T, error) {
	if barred(err) {
		return nil, nil
	}
	return list, err
}

// known makes a fact that Procountor does not tell, whatever its reason, an unknown one:
// nothing depends on it.
func known[T any](v *T, err error) (*T, error) {
	if e, ok := errors.AsType[*procountor.Error](err); ok && (barred(err) || e.Class == procountor.NotFound || e.Class == procountor.Refused) {
		return nil, nil
	}
	return v, err
}

func barred(err error) bool {
	e, ok := errors.AsType[*procountor.Error](err)
	return ok && e.Class == procountor.Forbidden
}

// products reads the register of products, those out of use too. Whether a list
// without the question holds these is not known.
func products(ctx context.Context, client *procountor.Client) ([]procountor.Product, error) {
	list := []procountor.Product{} // read, and perhaps empty
	for _, active := range []bool{true, false} {
		for p, err := range client.Products.List(ctx, procountor.ProductFilter{Active: &active}) {
			if err != nil {
				return nil, err
			}
			list = append(list, p)
		}
	}
	return list, nil
}

// pageRows is how many rows are stored in one transaction.
const pageRows = 200

func (e *Engine) readPartners(ctx context.Context, c hub.Company, client *procountor.Client, u *store.Upkeep) error {
	now := e.o.Now()
	next := *u
	var since procountor.Time
	whole := u.PartnersAt.IsZero() || now.Sub(u.PartnersAllAt) > allPartnersFor
	seen := map[int64]bool{}
	var known []int64 // what is entered while we read is not among them
	if whole {
		var err error
		if known, err = store.ReadOne(ctx, e.store, func(tx *store.Tx) ([]int64, error) { return tx.PartnerIDs(c.ID) }); err != nil {
			return err
		}
	} else {
		// Our clock and Procountor's zone are both unknown to each other; a day
		// covers every difference, and few partners change in one.
		since = procountor.TimeOf(u.PartnersAt.Add(-26 * time.Hour))
	}
	for _, active := range []bool{true, false} {
		var rows []register.Partner
		flush := func() error {
			list := rows
			rows = nil
			return e.store.Tx(ctx, func(tx *store.Tx) error { return e.renewPartners(tx, c.ID, list) })
		}
		for p, err := range client.Partners.List(ctx, procountor.PartnerFilter{Active: &active, VersionStart: since}) {
			if err != nil {
				return err
			}
			row := register.PartnerFromInfo(p)
			row.Active, seen[p.ID] = active, true
			if rows = append(rows, row); len(rows) == pageRows {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if err := flush(); err != nil {
			return err
		}
	}
	next.PartnersAt = now
	if err := e.store.Tx(ctx, func(tx *store.Tx) error {
		if whole {
			next.PartnersAllAt = now
			if err := forgetPartners(tx, c.ID, slices.DeleteFunc(known, func(id int64) bool { return seen[id] })); err != nil {
				return err
			}
		}
		return tx.SetUpkeep(c.ID, next)
	}); err != nil {
		return err
	}
	*u = next
	return nil
}

// forgetPartners takes partners out of the copy that Procountor does not show any
// more: a removed one is in no list of changes.
func forgetPartners(tx *store.Tx, company string, ids []int64) error {
	var changes []register.Change
	for page := range slices.Chunk(ids, pageRows) {
		gone, err := tx.PartnersByID(company, page)
		if err != nil {
			return err
		}
		for _, p := range gone {
			changes = append(changes, register.Change{Thing: register.PartnerThing(p.ID), Name: p.Name, How: register.Removed})
			if err := tx.ForgetPartner(company, p.ID); err != nil {
				return err
			}
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return tx.AddRegisterChanges(company, 0, changes)
}

// renewPartners takes over what was read of partners, and notices what became of
// those that are known.
func (e *Engine) renewPartners(tx *store.Tx, company string, list []register.Partner) error {
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	known, err := tx.PartnersByID(company, ids)
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(list), func(p register.Partner) bool { return slices.Contains(known, p) })
	if len(fresh) == 0 {
		return nil
	}
	if err := putPartners(tx, company, fresh); err != nil {
		return err
	}
	u, err := tx.Upkeep(company)
	if err != nil || u.PartnersAt.IsZero() {
		return err // the first reading
	}
	if changes := register.PartnerChanges(known, fresh); len(changes) > 0 {
		if err := tx.AddRegisterChanges(company, 0, changes); err != nil {
			return err
		}
	}
	if err := e.wakeEdited(tx, company, fresh); err != nil {
		return err
	}
	return e.goOn(tx, company, "", partnerCodes, because{Partners: true})
}

func putPartners(tx *store.Tx, company string, list []register.Partner) error {
	return tx.PutPartners(company, list, func(p register.Partner) []string { return keyTexts(matching.PartnerKeys(p)) })
}

func keyTexts(keys []matching.Key) []string {
	var out []string
	for _, k := range keys {
		out = append(out, k.Kind+":"+k.Value)
	}
	return out
}

// historyTypes are the invoice types that we write.
var historyTypes = []procountor.InvoiceType{procountor.SalesInvoice, procountor.PurchaseInvoice, procountor.TravelInvoice}

// readHistory keeps the copy of Procountor's invoices: 13 months at first, then
// what has changed since. The cursor is Procountor's own version time, never
// our clock.
func (e *Engine) readHistory(ctx context.Context, c hub.Company, client *procountor.Client, u *store.Upkeep) error {
	now := e.o.Now()
	next := *u
	filter := procountor.InvoiceFilter{Types: historyTypes}
	if u.HistoryFrom == "" {
		first := civil.DayOf(now, time.UTC).AddMonths(-historyMonths)
		next.HistoryFrom = first.String()
		filter.Start = register.Date(first)
	} else if u.HistoryVersion == "" {
		// Nothing was there at the first reading.
		first, err := civil.Parse(u.HistoryFrom)
		if err != nil {
			return err
		}
		filter.Start = register.Date(first)
	} else {
		v, err := procountor.ParseTime(u.HistoryVersion)
		if err != nil {
			return err
		}
		filter.VersionStart = procountor.TimeOf(v.In(time.UTC).Add(-overlap))
	}
	var rows []store.HistoryRow
	flush := func() error {
		list := rows
		rows = nil
		return e.store.Tx(ctx, func(tx *store.Tx) error {
			if err := tx.PutHistory(c.ID, list); err != nil {
				return err
			}
			if err := wakeApproved(tx, c.ID, list); err != nil {
				return err
			}
			if err := tx.WatchChanged(c.ID, list, now); err != nil {
				return err
			}
			if err := tx.BackChanged(c.ID, list, now); err != nil {
				return err
			}
			return wakePayments(tx, c.ID, list)
		})
	}
	var newest procountor.Time
	for info, err := range client.Invoices.List(ctx, filter) {
		if err != nil {
			return err
		}
		if info.Version.Cmp(newest) > 0 {
			newest = info.Version
		}
		if rows = append(rows, historyRow(info)); len(rows) == pageRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if newest.String() != "" {
		next.HistoryVersion = newest.String()
	}
	next.HistoryAt = now
	if err := e.store.Tx(ctx, func(tx *store.Tx) error {
		// What was deleted there is in no list of changes.
		if err := tx.WakeOldPayments(c.ID, now.Add(-paymentsFor)); err != nil {
			return err
		}
		return tx.SetUpkeep(c.ID, next)
	}); err != nil {
		return err
	}
	*u = next
	return nil
}

// wakePayments lets payments go on whose invoice somebody has approved there.
func wakePayments(tx *store.Tx, company string, list []store.HistoryRow) error {
	waiting, err := tx.AwaitedInvoices(company)
	if err != nil {
		return err
	}
	for _, row := range list {
		if !waiting[row.InvoiceID] || unapproved(procountor.Status(row.Status)) {
			continue
		}
		if err := tx.WakePayments(company, row.InvoiceID); err != nil {
			return err
		}
	}
	return nil
}

// wakeApproved lets documents go on that wait for their source, and whose vouchers
// somebody has approved or removed in Procountor meanwhile.
func wakeApproved(tx *store.Tx, company string, list []store.HistoryRow) error {
	waiting, err := tx.WaitingInvoices(company)
	if err != nil {
		return err
	}
	for _, row := range list {
		if !waiting[row.InvoiceID] || unapproved(procountor.Status(row.Status)) {
			continue
		}
		if err := tx.WakeInvoice(company, row.InvoiceID); err != nil {
			return err
		}
	}
	return nil
}

func unapproved(s procountor.Status) bool {
	return s == procountor.StatusUnfinished || s == procountor.StatusReceived || s == procountor.StatusVerified
}

func historyRow(info procountor.InvoiceInfo) store.HistoryRow {
	cp := info.CounterParty
	row := store.HistoryRow{
		InvoiceID: info.ID, Type: string(info.Type), Number: int64(info.InvoiceNumber), OriginalNumber: info.OriginalInvoiceNumber,
		PartnerID: info.PartnerID, PartnerName: cp.CounterPartyAddress.Name, Date: info.Date.String(), Status: string(info.Status),
		Version: info.Version.String(),
		PartnerKeys: keyTexts(matching.Keys(hub.Party{Name: cp.CounterPartyAddress.Name, BusinessID: cp.Identifier, VATNumber: cp.TaxCode,
			Number: cp.CustomerNumber})),
	}
	for _, s := range info.InvoiceSumInfo {
		if row.Gross == "" || !s.InAccountingCurrency {
			row.Gross, row.Currency = s.InvoiceSumTotal.String(), s.Currency
		}
	}
	return row
}

// pauseOf turns an error that concerns the whole company into a pause.
func pauseOf(err error) error {
	e, ok := errors.AsType[*procountor.Error](err)
	if !ok {
		return err
	}
	p := &pause{after: firstWait}
	switch {
	case errors.Is(err, procountor.Unauthorized):
		p.fault, p.after = hub.NewFault(hub.KeyDead, "", ""), deadKeyWait
	case e.Class == procountor.Busy:
		p.fault, p.after = hub.NewFault(hub.ProcountorBusy, "", ""), max(e.RetryAfter, firstWait)
	case e.Class == procountor.Forbidden:
		p.fault, p.after = hub.NewFault(hub.RightMissing, "", "", "operation", e.Method+" "+e.Path), deadKeyWait
	default:
		p.fault, p.after = hub.NewFault(hub.ProcountorBroken, "", "", "reason", e.Error()), time.Minute
	}
	return p
}
