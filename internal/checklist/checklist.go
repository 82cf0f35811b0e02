// Package checklist says what must be in order at both ends before a connection
// writes, from the settings and the registers of both systems. It asks nobody: its
// caller has read the registers.
package checklist

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/source"
)

// A Line is one thing that has to be in order. Its texts are checklist.<Name> in
// package locale.
type Line struct {
	Name  string
	At    Place
	State State
	// Things are the entries that it is about, as people know them: of an open line
	// what is missing.
	Things []string
}

// Names are those of all lines, in the order in which people think of them.
var Names = []string{"key", "interfaces", "rights", "technical-user", "other-integration", "default-codes", "product-register", "work-register",
	"source", "status-before", "status-after", "status-same", "status-numbered", "status-locked", "status-sent", "status-paid-last",
	"sales-accounts", "code-accounts", "product-codes", "work-codes", "bank-accounts",
	"travel-source", "travel-status-before", "travel-status-after", "travel-status-same", "travel-codes", "travel-persons",
	"payroll-company", "payroll-unlocked", "payroll-dimensions", "payroll-items", "map"}

// A Place says where it is put in order.
type Place string

// In Procountor, in the source, or in the settings of the connection.
const (
	AtProcountor Place = "procountor"
	AtSource     Place = "source"
	AtSettings   Place = "settings"
)

// A State says how a line stands.
type State string

// Good; open, so that documents would be held; or advised, which stops nothing.
const (
	Good    State = "good"
	Open    State = "open"
	Advised State = "advised"
)

// Complete reports whether nothing is open.
func Complete(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool { return l.State == Open })
}

// Sources lists what a source's own registers must hold for the settings, and what of
// theirs Procountor's must today.
func Sources(s *hub.Settings, mine *register.Copy, theirs source.Registers, today civil.Date) []Line {
	c := &list{}
	if theirs.Payroll != nil {
		c.payroll(s, mine, theirs.Payroll)
		return c.lines
	}
	c.statuses(theirs)
	if theirs.Accounts != nil {
		c.accounts(s, mine, theirs)
	}
	if theirs.Codes != nil {
		c.codes(s, mine, theirs)
	}
	if theirs.BankAccounts != nil {
		var bad []string
		for _, a := range theirs.BankAccounts {
			if _, err := finland.ParseIBAN(a); err != nil {
				bad = append(bad, a)
			}
		}
		c.line("bank-accounts", AtSource, Advised, bad)
	}
	if theirs.Claims != nil {
		c.claims(s, mine, theirs.Claims, today)
	}
	return c.lines
}

// Settings lists what the settings name and Procountor must have, and what keeps the
// account map from being ready. Codes of travel must hold today.
func Settings(s *hub.Settings, mine *register.Copy, today civil.Date) []Line {
	c := &list{}
	var codes []string
	for _, code := range []string{s.DefaultCodes.Product, s.DefaultCodes.Work} {
		if code != "" && !sells(mine, code) && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if code := s.DefaultCodes.Travel; code != "" && !travels(mine, code, today) {
		codes = append(codes, code)
	}
	if s.DefaultCodes != (hub.DefaultCodes{}) {
		c.line("default-codes", AtProcountor, Open, codes)
	}
	if posting.InUse(s) {
		var gaps []string
		for _, g := range posting.Gaps(s, mine) {
			switch g.Why {
			case posting.GapSetting:
				gaps = append(gaps, g.Value)
			default:
				gaps = append(gaps, g.Rule.Label())
			}
		}
		c.line("map", AtSettings, Open, gaps)
	}
	return c.lines
}

type list struct{ lines []Line }

// line adds a line, which is good when nothing is missing.
func (c *list) line(name string, at Place, otherwise State, missing []string) {
	l := Line{Name: name, At: at, State: Good}
	if len(missing) > 0 {
		l.State, l.Things = otherwise, missing
	}
	c.lines = append(c.lines, l)
}

// statuses judges the statuses that documents are read in and given. What the vendor
// asks of them: the first is not editable and has an invoice number, and the one of
// paid invoices comes last.
func (c *list) statuses(r source.Registers) {
	of := func(use source.StatusUse) (s source.Status, ok bool) {
		i := slices.IndexFunc(r.Statuses, func(s source.Status) bool { return s.Use == use })
		if i < 0 {
			return s, false
		}
		return r.Statuses[i], true
	}
	for _, use := range []source.StatusUse{source.StatusBefore, source.StatusAfter} {
		var missing []string
		if s, ok := of(use); !ok || s.Off {
			missing = []string{r.Chosen[use]}
		}
		c.line("status-"+string(use), AtSource, Open, missing)
	}
	before, ok := of(source.StatusBefore)
	after, both := of(source.StatusAfter)
	if !ok || !both {
		return
	}
	if before.ID == after.ID {
		c.line("status-same", AtSource, Open, []string{before.Name})
	}
	c.line("status-numbered", AtSource, Open, named(!before.Numbered, before))
	c.line("status-locked", AtSource, Advised, named(!before.Locked, before))
	c.line("status-sent", AtSource, Advised, named(!before.Sent, before))
	var behind []string
	paid := slices.IndexFunc(r.Statuses, func(s source.Status) bool { return s.Paid && !s.Off })
	for i, s := range r.Statuses {
		if paid >= 0 && i > paid && s.Use != "" {
			behind = append(behind, s.Name)
		}
	}
	c.line("status-paid-last", AtSource, Advised, behind)
}

func named(is bool, s source.Status) []string {
	if !is {
		return nil
	}
	return []string{s.Name}
}

// accounts judges whether the source's sales accounts lead anywhere: by number in the
// chart, or by a rule of the map.
func (c *list) accounts(s *hub.Settings, mine *register.Copy, theirs source.Registers) {
	byMap := s.Kinds[hub.SalesInvoice].Posting == hub.PostedByMap
	var unknown []string
	for _, a := range theirs.Accounts {
		ruled := slices.ContainsFunc(s.Accounts, func(r hub.AccountRule) bool {
			return r.Sales && (r.Source == a.Number || r.Source == "*" && r.Account != hub.SameAccount)
		})
		if !ruled && !mine.HasAccount(a.Number) {
			unknown = append(unknown, strings.TrimSpace(a.Number+" "+a.Name))
		}
	}
	state := Advised
	if byMap {
		state = Open
	}
	c.line("sales-accounts", AtSource, state, unknown)
	var without []string
	for _, x := range theirs.Codes {
		if x.Account == "" {
			without = append(without, strings.TrimSpace(x.Code+" "+x.Name))
		}
	}
	if theirs.Codes != nil {
		c.line("code-accounts", AtSource, Advised, without)
	}
}

// codes judges whether a row of each product and work type will have a code that
// Procountor's register has.
func (c *list) codes(s *hub.Settings, mine *register.Copy, theirs source.Registers) {
	for _, of := range []source.CodeOf{source.ProductCode, source.WorkCode} {
		var bare, unknown []string
		for _, x := range theirs.Codes {
			switch {
			case x.Of != of:
			case x.Code == "":
				supply := ""
				if of == source.WorkCode {
					supply = "service"
				}
				if s.DefaultCodes.For(supply) == "" {
					bare = append(bare, x.Name)
				}
			case !sells(mine, x.Code):
				unknown = append(unknown, strings.TrimSpace(x.Code+" "+x.Name))
			}
		}
		c.line(string(of)+"-codes", AtSource, Advised, bare)
		c.line(string(of)+"-register", AtProcountor, Advised, unknown)
	}
}

// claims judges what travel invoices need: the statuses that they are read in and given,
// a code that holds today behind each type of expense, and persons with numbers.
func (c *list) claims(s *hub.Settings, mine *register.Copy, theirs *source.ClaimRegisters, today civil.Date) {
	c.line("travel-source", AtSource, Open, nonEmpty(theirs.Missing))
	if theirs.Missing != "" {
		return
	}
	chosen := map[source.StatusUse]source.Status{}
	for _, use := range []source.StatusUse{source.StatusBefore, source.StatusAfter} {
		name := theirs.Chosen[use]
		if use == source.StatusAfter && name == "" {
			continue // the source is told nothing
		}
		missing := []string{name}
		for _, x := range theirs.Statuses {
			if x.Use == use && !x.Off {
				missing, chosen[use] = nil, x
			}
		}
		c.line("travel-status-"+string(use), AtSource, Open, missing)
	}
	before, after := chosen[source.StatusBefore], chosen[source.StatusAfter]
	c.line("travel-status-same", AtSource, Open, named(before.ID != "" && before.ID == after.ID, before))
	var codes, persons []string
	for _, x := range theirs.Codes {
		code := x.Code
		if code == "" {
			code = s.DefaultCodes.Travel
		}
		if code == "" || !travels(mine, code, today) {
			codes = append(codes, strings.TrimSpace(x.Code+" "+x.Name))
		}
	}
	for _, p := range theirs.Persons {
		if p.Number == "" {
			persons = append(persons, p.Name)
		}
	}
	c.line("travel-codes", AtSource, Advised, codes)
	c.line("travel-persons", AtSource, Advised, persons)
}

// payroll judges what runs need: a person's word that the company is real, and the
// dimensions and items that their rows name.
func (c *list) payroll(s *hub.Settings, mine *register.Copy, theirs *source.PayrollRegisters) {
	var unsure []string
	if !theirs.Real {
		unsure = []string{theirs.Company}
	}
	c.line("payroll-company", AtSource, Open, unsure)
	c.line("payroll-unlocked", AtSource, Advised, theirs.Unlocked)
	var missing, items []string
	named := false
	for _, axis := range []string{hub.CostCentreAxis, hub.CostUnitAxis} {
		dimension := s.DimensionOf(hub.PayrollJournal, axis)
		if dimension == "" {
			continue
		}
		if named = true; !mine.HasDimension(dimension) {
			missing = append(missing, dimension)
			continue
		}
		for _, i := range theirs.Items {
			if _, ok := mine.FindItem(dimension, i.Code); i.Axis == axis && !ok && mine.Dimensions != nil {
				items = append(items, dimension+": "+i.Text())
			}
		}
	}
	if !named {
		return // they are told in no dimension
	}
	c.line("payroll-dimensions", AtProcountor, Open, missing)
	c.line("payroll-items", AtProcountor, Advised, items)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// travels reports whether Procountor's register of travel products has a code that holds
// on a day; also when the register was never read.
func travels(r *register.Copy, code string, day civil.Date) bool {
	if r.Travel == nil {
		return true
	}
	_, _, v := r.FindTravel(code, day)
	return v == register.TravelFound
}

// sells reports whether Procountor's register of sales products has just one active
// entry of the code; also when the register was never read.
func sells(r *register.Copy, code string) bool {
	if r.Products == nil {
		return true
	}
	_, ok := r.FindProduct(hub.SalesInvoice, code)
	return ok
}
