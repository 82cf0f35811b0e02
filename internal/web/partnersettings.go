package web

import (
	"cmp"
	"slices"

	"github.com/vienti/vienti/internal/hub"
)

// partnerFields are the settings of how a document finds its partner.
func (m formMaker) partnerFields(p hub.PartnerPolicy) []settingField {
	conflicts := []hub.Conflict{hub.ConflictRefuse, hub.ConflictAsk, hub.ConflictCreate}
	fields := []settingField{
		m.box("partner.create", p.Create), m.box("partner.without_id", p.WithoutID), m.field(written, "partner.collective", p.Collective),
		choose(m, "partner.number", cmp.Or(p.Number, hub.AlternativeNumber), hub.AlternativeNumber, hub.OwnNumber),
		choose(m, "partner.other_id", cmp.Or(p.OtherID, hub.ConflictRefuse), conflicts...),
		choose(m, "partner.other_number", cmp.Or(p.OtherNumber, hub.ConflictRefuse), conflicts...),
		choose(m, "partner.changes", cmp.Or(p.Changes, hub.CarryShow), hub.CarryOff, hub.CarryShow, hub.CarryWrite),
	}
	for _, f := range hub.PartnerFields {
		fields = append(fields, m.box("partner.carried."+string(f), len(p.Carried) == 0 || slices.Contains(p.Carried, f)))
	}
	return fields
}

// partnerPolicy reads what was sent of these. All fields ticked are all fields,
// those to come included; none ticked is off.
func partnerPolicy(text func(string) string, is func(string) bool) hub.PartnerPolicy {
	p := hub.PartnerPolicy{Create: is("partner.create"), WithoutID: is("partner.without_id"), Collective: text("partner.collective"),
		Number: hub.NumberFirst(text("partner.number")), OtherID: hub.Conflict(text("partner.other_id")), OtherNumber: hub.Conflict(text("partner.other_number")),
		Changes: hub.Carry(text("partner.changes"))}
	for _, f := range hub.PartnerFields {
		if is("partner.carried." + string(f)) {
			p.Carried = append(p.Carried, f)
		}
	}
	switch len(p.Carried) {
	case len(hub.PartnerFields):
		p.Carried = nil
	case 0:
		p.Changes = hub.CarryOff
	}
	return p
}
