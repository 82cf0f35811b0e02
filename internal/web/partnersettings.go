package web

import (
	"cmp"

	"github.com/vienti/vienti/internal/hub"
)

// partnerFields are the settings of how a document finds its partner.
func (m formMaker) partnerFields(p hub.PartnerPolicy) []settingField {
	changes := []hub.PartnerChanges{hub.ChangesOff, hub.ChangesShow, hub.ChangesWrite}
	conflicts := []hub.Conflict{hub.ConflictRefuse, hub.ConflictAsk, hub.ConflictCreate}
	return []settingField{
		m.box("partner.create", p.Create), m.box("partner.without_id", p.WithoutID), m.field(written, "partner.collective", p.Collective),
		choose(m, "partner.number", cmp.Or(p.Number, hub.AlternativeNumber), hub.AlternativeNumber, hub.OwnNumber),
		choose(m, "partner.other_id", cmp.Or(p.OtherID, hub.ConflictRefuse), conflicts...),
		choose(m, "partner.other_number", cmp.Or(p.OtherNumber, hub.ConflictRefuse), conflicts...),
		choose(m, "partner.customer_changes", p.Changes(hub.SalesInvoice), changes...),
		choose(m, "partner.supplier_changes", p.Changes(hub.PurchaseInvoice), changes...),
		choose(m, "partner.persons", p.Changes(hub.TravelInvoice), changes...),
	}
}

// partnerPolicy reads what was sent of these.
func partnerPolicy(text func(string) string, is func(string) bool) hub.PartnerPolicy {
	return hub.PartnerPolicy{Create: is("partner.create"), WithoutID: is("partner.without_id"), Collective: text("partner.collective"),
		Number: hub.NumberFirst(text("partner.number")), OtherID: hub.Conflict(text("partner.other_id")), OtherNumber: hub.Conflict(text("partner.other_number")),
		CustomerChanges: hub.PartnerChanges(text("partner.customer_changes")), SupplierChanges: hub.PartnerChanges(text("partner.supplier_changes")),
		Persons: hub.PartnerChanges(text("partner.persons"))}
}
