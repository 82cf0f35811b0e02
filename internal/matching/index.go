package matching

import (
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// An Index holds a register in memory, to ask about many parties at once.
type Index struct {
	list  []register.Partner
	byKey map[Key][]int32
}

// NewIndex makes the index of a register. It keeps list, which nobody may change.
func NewIndex(list []register.Partner) *Index {
	x := &Index{list: list, byKey: make(map[Key][]int32, 3*len(list))}
	for i, p := range list {
		for _, k := range PartnerKeys(p) {
			x.byKey[k] = append(x.byKey[k], int32(i))
		}
	}
	return x
}

// perKey is how many partners of one key are looked at, as with the database.
const perKey = 50

// Candidates are the partners that a party may mean, as [Match] wants them.
func (x *Index) Candidates(p hub.Party, policy hub.PartnerPolicy) (found []register.Partner) {
	var seen []int32
	for _, k := range Wanted(p, policy) {
		at := x.byKey[k]
	next:
		for _, i := range at[:min(len(at), perKey)] {
			for _, s := range seen {
				if s == i {
					continue next
				}
			}
			seen, found = append(seen, i), append(found, x.list[i])
		}
	}
	return found
}

// Match is [Match] among the partners of the index.
func (x *Index) Match(p hub.Party, typ register.PartnerType, policy hub.PartnerPolicy) Decision {
	return Match(p, typ, policy, x.Candidates(p, policy))
}
