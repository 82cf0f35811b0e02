package severasim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/source/severa/severafake"
)

// people do in ten minutes what people do.
func (s *Sim) people() {
	for range s.rng.IntN(3) {
		switch s.rng.IntN(25) {
		case 0, 1, 2, 3, 4, 5, 6:
			s.makes()
		case 7, 8, 9:
			s.releases()
		case 10, 11:
			s.corrects()
		case 12:
			s.takesBack()
		case 13:
			s.credits()
		case 14:
			s.newProject()
		case 15:
			s.renamesProject()
		case 16:
			s.closesProject()
		case 17:
			s.newCustomer()
		case 18:
			s.pays()
		case 19:
			s.mends()
		case 20:
			s.marksPaid()
		case 21, 22:
			s.claim()
		case 23:
			s.buys()
		default:
			s.trace("the hub is started anew")
			s.Restart(s.crash)
		}
	}
}

// makes an invoice, mostly one that is to be transferred at once.
func (s *Sim) makes() {
	s.number++
	inv := severafake.Invoice{Number: s.number, Date: s.Clock.Now().Format("2006-01-02"), Due: s.Clock.Now().AddDate(0, 0, 14).Format("2006-01-02"),
		Status: s.severa.Waiting, Customer: pick(s, s.customers), OrderNumber: fmt.Sprint("PO-", s.number), More: severafake.Object{"notes": "sisäinen", "ourReference": "Aino"}}
	if s.one(4) {
		inv.Status = s.severa.Draft
	}
	projects := s.open()
	inv.Projects = []string{pick(s, projects)}
	if s.one(3) {
		if other := pick(s, projects); other != inv.Projects[0] {
			inv.Projects = append(inv.Projects, other)
		}
	}
	for n := range 1 + s.rng.IntN(4) {
		inv.Rows = append(inv.Rows, s.row(inv.Projects[n%len(inv.Projects)]))
	}
	if s.one(5) {
		inv.Changed = s.Clock.Now().Truncate(tick).UTC().Format("2006-01-02T15:04:05.0000000Z") // many in one moment
	}
	guid := s.severa.NewInvoice(inv)
	if s.one(3) {
		s.severa.AddFile(guid, "erittely.pdf", "application/pdf", severafake.PDF("Erittely", inv.Date))
	}
	s.invoices = append(s.invoices, &made{guid: guid, number: s.number})
	s.day.Made++
	s.trace("invoice %d is made", s.number)
}

func (s *Sim) row(project string) severafake.Row {
	r := severafake.Row{Type: pick(s, []string{"Hours", "ProjectFees", "TravelExpenses", "FlatRate"}), Text: fmt.Sprintf("Työ %d", s.rng.IntN(1000)),
		Quantity: fmt.Sprintf("%d.%02d", s.rng.IntN(40), 25*s.rng.IntN(4)), Price: fmt.Sprintf("%d.%02d", 1+s.rng.IntN(200), s.rng.IntN(100)),
		VAT: pick(s, []string{"25.5", "25.5", "14"}), Unit: "h", Project: project, CostCentre: "200"}
	if r.Quantity == "0.00" {
		r.Quantity = "1"
	}
	if s.one(2) {
		r.Code = []string{"SUUN"}
	}
	return r
}

// open are the projects that an invoice may be made of.
func (s *Sim) open() (list []string) {
	for _, o := range s.severa.All("projects") {
		if o["isClosed"] != true {
			list = append(list, text(o, "guid"))
		}
	}
	return list
}

// of picks an invoice in a status.
func (s *Sim) of(status string) *made {
	var list []*made
	for _, m := range s.invoices {
		if text(s.severa.Get("invoices", m.guid), "status", "guid") == status {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(s, list)
}

// releases a draft to be transferred.
func (s *Sim) releases() {
	if m := s.of(s.severa.Draft); m != nil {
		s.severa.SetStatus(m.guid, s.severa.Waiting)
		s.trace("invoice %d is released", m.number)
	}
}

// corrects a row: of a draft, or of an invoice that waits, whether or not its own time
// of change moves.
func (s *Sim) corrects() {
	m := s.of(pick(s, []string{s.severa.Draft, s.severa.Waiting}))
	if m == nil || m.credit {
		return
	}
	rows := s.severa.Rows(m.guid)
	s.severa.ChangeRow(text(pick(s, rows), "guid"), s.one(2), func(o severafake.Object) {
		o["quantity"] = severafake.Number(fmt.Sprint(1 + s.rng.IntN(9)))
	})
	s.day.Changed++
	s.trace("invoice %d is corrected", m.number)
}

// mends a row of an invoice that has been transferred already.
func (s *Sim) mends() {
	m := s.of(s.severa.Transferred)
	if m == nil || m.credit {
		return
	}
	s.severa.ChangeRow(text(pick(s, s.severa.Rows(m.guid)), "guid"), s.one(2), func(o severafake.Object) {
		o["quantity"] = severafake.Number(fmt.Sprint(1 + s.rng.IntN(9)))
	})
	s.day.Changed++
	s.trace("invoice %d is mended after it was transferred", m.number)
}

// marksPaid an invoice in Severa by hand, as whoever saw the money does.
func (s *Sim) marksPaid() {
	if m := s.of(s.severa.Transferred); m != nil {
		s.severa.SetStatus(m.guid, s.severa.Paid)
		s.trace("invoice %d is marked paid by hand", m.number)
	}
}

// takesBack an invoice to draft, whether it has been transferred or not.
func (s *Sim) takesBack() {
	if m := s.of(s.severa.Waiting); m != nil {
		s.severa.SetStatus(m.guid, s.severa.Draft)
		s.trace("invoice %d is taken back to draft", m.number)
	}
}

// credits an invoice that has been transferred, row by row.
func (s *Sim) credits() {
	m := s.of(s.severa.Transferred)
	if m == nil || m.credit {
		return
	}
	o := s.severa.Get("invoices", m.guid)
	s.number++
	inv := severafake.Invoice{Number: s.number, Date: s.Clock.Now().Format("2006-01-02"), Due: s.Clock.Now().AddDate(0, 0, 14).Format("2006-01-02"),
		Status: s.severa.Waiting, Customer: text(o, "customer", "guid"), CreditNote: true,
		More: severafake.Object{"reimburseInvoice": severafake.Object{"guid": m.guid, "number": m.number}}}
	for _, r := range s.severa.Rows(m.guid) {
		inv.Rows = append(inv.Rows, severafake.Row{Type: text(r, "rowType"), Text: text(r, "description"), Quantity: "-" + text(r, "quantity"),
			Price: text(r, "unitPrice", "amount"), VAT: text(r, "vatRate"), Unit: "h"})
	}
	s.invoices = append(s.invoices, &made{guid: s.severa.NewInvoice(inv), number: s.number, credit: true})
	m.credit = true // once
	s.day.Credited++
	s.trace("invoice %d credits %d", s.number, m.number)
}

// claim is a travel invoice of an employee.
func (s *Sim) claim() {
	m := &made{number: 501 + len(s.claims)}
	day := s.Clock.Now().AddDate(0, 0, -s.rng.IntN(10)).Format("2006-01-02")
	c := severafake.Claim{Number: m.number, Date: s.Clock.Now().Format("2006-01-02"), Title: "Asennus", Status: s.travel.Waiting, User: s.traveller, Rows: []severafake.Expense{
		{Type: "Kilometrikorvaus, oma auto", Code: "KM-2026", Class: "Mileage", Quantity: fmt.Sprint(10 + s.rng.IntN(300)), Cost: "0.61", Unit: "km", Day: day, Project: s.severa.Project}}}
	if s.one(2) {
		c.Rows = append(c.Rows, severafake.Expense{Type: "Matkalippu", Code: "LIPPU", Class: "OtherTravelExpense", Quantity: "1", Cost: fmt.Sprintf("%d.%02d", 1+s.rng.IntN(90), s.rng.IntN(100)),
			Day: day, Project: s.severa.Project, Receipts: []string{"lippu.pdf"}})
	}
	m.guid = s.severa.NewClaim(c)
	s.claims = append(s.claims, m)
	s.day.Claimed++
	s.trace("claim %d", m.number)
}

// buys: an accountant enters and approves a purchase invoice in Procountor, mostly on a
// project.
func (s *Sim) buys() {
	s.purchases++
	number, price, project := fmt.Sprint("P", s.purchases), fmt.Sprintf("%d.00", 10+s.rng.IntN(500)), pick(s, []string{"4711", "4712", ""})
	s.faulted += s.Sandbox.Faults()
	s.Sandbox.ClearFaults() // who enters it there does not come by our line
	s.Bought(number, price, project)
	s.Sandbox.PlanFault(s.rules...)
	if project != "" {
		s.bought = append(s.bought, fmt.Sprintf("%s %s Olematon Tukku Oy %s", project, price, number))
	}
	s.day.Bought++
	s.trace("purchase %s on %q", number, project)
}

func (s *Sim) newProject() {
	n := len(s.severa.All("projects")) + 1
	s.severa.NewProject(n, fmt.Sprintf("Kohde %d", n), pick(s, s.customers), pick(s, []string{s.severa.Root, s.severa.Unit}))
	s.trace("project %d is new", n)
}

func (s *Sim) renamesProject() {
	p := pick(s, s.open())
	s.severa.Change("projects", p, func(o severafake.Object) { o["name"] = fmt.Sprintf("Kohde uusi %d", s.rng.IntN(1000)) })
	s.trace("a project is renamed")
}

func (s *Sim) closesProject() {
	list := slices.DeleteFunc(s.open(), func(guid string) bool { // what purchases and claims are on stays open
		return guid == s.severa.Project || strings.HasPrefix(text(s.severa.Get("projects", guid), "number"), "47")
	})
	if len(list) > 3 {
		s.severa.Change("projects", pick(s, list), func(o severafake.Object) { o["isClosed"] = true })
		s.trace("a project is closed")
	}
}

// newCustomer is one that will be made in Procountor; one in ten has no business id,
// and its invoices are held.
func (s *Sim) newCustomer() {
	n, id := 101+len(s.customers), ""
	if !s.one(10) {
		id = businessID(3_000_000 + 7*n)
	}
	s.customers = append(s.customers, s.severa.NewCustomer(n, fmt.Sprintf("Asiakas %d Oy", n), id))
	s.trace("customer %d is new", n)
}

// businessID is a VAT number with a right check digit, of the first seven digits from n
// on that have one.
func businessID(n int) string {
	for ; ; n++ {
		sum := 0
		for i, w := range []int{7, 9, 10, 5, 8, 4, 2} {
			sum += w * int(fmt.Sprintf("%07d", n)[i]-'0')
		}
		if check := (11 - sum%11) % 11; check < 10 {
			return fmt.Sprintf("FI%07d%d", n, check)
		}
	}
}

// pays an invoice in Procountor, as its bank does.
func (s *Sim) pays() {
	m := s.of(s.severa.Transferred)
	if m == nil || m.credit {
		return
	}
	for _, v := range s.Vouchers(fmt.Sprint(m.number)) {
		s.Sandbox.SetInvoiceStatus(s.Company.ProcountorID, v.ID, "PAID")
		s.trace("invoice %d is paid", m.number)
	}
}
