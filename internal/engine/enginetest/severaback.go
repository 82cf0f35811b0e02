package enginetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source/severa/severafake"
	"github.com/vienti/vienti/procountor"
)

// SeveraBack is [World.Severa], with what goes back: what Severa is told of its own
// invoices, and purchase invoices as costs of the projects 4711 and 4712.
func (w *World) SeveraBack(s *Severa, telling hub.Telling) {
	w.T.Helper()
	ctx := w.T.Context()
	w.Severa(s, nil)
	for number, name := range map[int]string{4711: "Remontti", 4712: "Piha"} {
		s.NewProject(number, name, s.Customer, s.Root)
	}
	client, err := w.Engine.Client(ctx, w.Company)
	w.Must(err)
	for _, name := range []string{"4711 Remontti", "4712 Piha", "Yleiset"} {
		_, err := client.Dimensions.CreateItem(ctx, w.dimension().ID, &procountor.DimensionItem{CodeName: name})
		w.Must(err)
	}
	_, err = w.Engine.Refresh(ctx, w.Company.ID)
	w.Must(err)
	settings := w.Connection.Settings
	settings.Back = hub.Back{Purchases: true, FirstDay: civil.Must("2026-01-01"), Dimension: Project}
	settings.Telling = telling
	w.SetSettings(settings)
	w.Sandbox.ForgetRequests()
}

// Invoice makes an invoice in Severa, ready to be transferred, and the document that a
// reader makes of it.
func (s *Severa) Invoice(number int, net string) *hub.Document {
	guid := s.NewInvoice(severafake.Invoice{Number: number, Date: "2026-03-10", Status: s.Waiting, Customer: s.Customer, Projects: []string{s.Project},
		Rows: []severafake.Row{{Text: "Suunnittelu", Quantity: "1", Price: net, VAT: "25.5"}}})
	d := Sale(fmt.Sprint(number), net)
	d.SourceID = guid
	return d
}

// Says is what Severa says of an invoice: status and day of payment.
func (s *Severa) Says(d *hub.Document) string {
	o := s.Get("invoices", d.SourceID)
	day, _ := o["paymentDate"].(string)
	return strings.TrimSpace(o["status"].(severafake.Object)["name"].(string) + " " + day)
}

// Fees says what costs stand there, a line each, without our marks.
func (s *Severa) Fees() (lines []string) {
	for _, o := range s.All("projectfees") {
		if o["unitCost"] == nil {
			continue // what an invoice of Severa's own is made of
		}
		cost := o["unitCost"].(severafake.Object)["amount"].(json.Number)
		project := s.Get("projects", o["project"].(severafake.Object)["guid"].(string))
		lines = append(lines, fmt.Sprintf("%v %s %v", project["number"], cost, o["name"]))
	}
	slices.Sort(lines)
	return lines
}

// Fee is the guid of the cost of a project.
func (s *Severa) Fee(project string) string {
	for _, o := range s.All("projectfees") {
		if p := s.Get("projects", o["project"].(severafake.Object)["guid"].(string)); fmt.Sprint(p["number"]) == project {
			return o["guid"].(string)
		}
	}
	return ""
}
