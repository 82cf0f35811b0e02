package mapping

import (
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// unit finds Procountor's unit for what the source wrote: by the connection's
// own map first, then as a unit of Procountor, a UN/ECE rec. 20 code, or a
// common Finnish, Swedish or English word. No unit is NO_UNIT.
func (b *builder) unit(path, written string) procountor.Unit {
	if b.journal {
		return procountor.UnitNoUnit // a journal has no quantities
	}
	w := strings.ToLower(strings.Trim(tidy(written), ". "))
	for _, key := range []string{written, w} {
		if u, ok := b.s.Units[key]; ok {
			if !knownUnit(u) {
				b.fault(hub.UnitUnknown, path+".unit", u, "unit", u)
			}
			return procountor.Unit(u)
		}
	}
	if w == "" {
		return procountor.UnitNoUnit
	}
	if knownUnit(strings.ToUpper(w)) {
		return procountor.Unit(strings.ToUpper(w))
	}
	if u, ok := unitWords[w]; ok {
		return u
	}
	b.fault(hub.UnitUnknown, path+".unit", written, "unit", written)
	return ""
}
