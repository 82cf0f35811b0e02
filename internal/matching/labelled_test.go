package matching_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vienti/vienti/internal/finland"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/sweden"
)

// A firm is the truth behind entries of a register and parties of documents.
type firm struct {
	name, number, country string
	digits                string // of its id, without separators
	address               hub.Address
}

func finnishID(n int) (string, bool) {
	for check := range 10 {
		if b, err := finland.ParseBusinessID(fmt.Sprintf("%07d-%d", n, check)); err == nil {
			return b.Digits(), true
		}
	}
	return "", false // one in eleven has no check digit
}

func swedishID(n int) string {
	for check := range 10 {
		if o, err := sweden.ParseOrganisationNumber(fmt.Sprintf("556%06d%d", n%1_000_000, check)); err == nil {
			return o.Digits()
		}
	}
	panic("no check digit")
}

// genFirms makes firms that are told apart by their ids, and by the pair of name
// and number. Names repeat, and so do numbers, as two systems that count their
// customers from 1001 make them.
func genFirms(t *rapid.T) []firm {
	names := []string{"Kuvitelma Oy", "Tarina Oy", "Oy Tarina Ab", "Satu Palvelut Oy", "Sadun Palvelu"}
	var out []firm
	taken := map[string]bool{}
	for i := range rapid.IntRange(2, 12).Draw(t, "firms") {
		f := firm{name: rapid.SampledFrom(names).Draw(t, "name"), number: fmt.Sprint(1001 + rapid.IntRange(0, 5).Draw(t, "number")), country: "FI"}
		n := rapid.IntRange(100_000, 3_999_999).Draw(t, "id")
		if rapid.IntRange(0, 3).Draw(t, "swedish") == 0 {
			f.country, f.digits = "SE", swedishID(n)
		} else if d, ok := finnishID(n); ok {
			f.digits = d
		} else {
			continue
		}
		f.address = hub.Address{Street: fmt.Sprintf("Katu %d", rapid.IntRange(1, 3).Draw(t, "street")), Zip: "00100", City: "Helsinki", Country: f.country}
		pair := matching.NameForm(f.name) + "/" + f.number
		if taken[f.digits] {
			continue
		}
		if taken[pair] {
			f.number = fmt.Sprintf("%d-%d", 2000+i, i)
			pair = matching.NameForm(f.name) + "/" + f.number
		}
		taken[pair], taken[f.digits] = true, true
		out = append(out, f)
	}
	return out
}

// spell writes a firm's id in one of the ways that registers and sources do.
func spell(t *rapid.T, f firm) string {
	if f.country == "SE" {
		return rapid.SampledFrom([]string{f.digits, f.digits[:6] + "-" + f.digits[6:], "SE" + f.digits + "01", "16" + f.digits, "SE " + f.digits[:6] + "-" + f.digits[6:] + " 01"}).Draw(t, "spelling")
	}
	dashed := f.digits[:7] + "-" + f.digits[7:]
	return rapid.SampledFrom([]string{dashed, f.digits, "FI" + f.digits, "FI-" + dashed, " " + dashed + " ", strings.TrimLeft(f.digits, "0")}).Draw(t, "spelling")
}

func maybe(t *rapid.T, label, s string) string {
	if rapid.IntRange(0, 2).Draw(t, label) == 0 {
		return ""
	}
	return s
}

// However a register and a document write a firm, a link is to that firm.
func TestNoWrongLinks(t *testing.T) {
	linked, held, made := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		firms := genFirms(t)
		var entries []register.Partner
		truth := map[int64]int{}
		for i, f := range firms {
			for range rapid.IntRange(0, 2).Draw(t, "entries") {
				p := register.Partner{ID: int64(len(entries) + 1), Type: register.Customer, Name: f.name, Active: rapid.IntRange(0, 4).Draw(t, "inactive") > 0,
					CustomerNumber: maybe(t, "entry number", f.number), Address: f.address}
				if id := maybe(t, "entry id", spell(t, f)); id != "" {
					p.BusinessID, p.IDType = id, map[string]string{"FI": "YHD", "SE": "SE"}[f.country]
				}
				entries = append(entries, p)
				truth[p.ID] = i
			}
		}
		if len(firms) == 0 {
			return
		}
		i := rapid.IntRange(0, len(firms)-1).Draw(t, "meant")
		f := firms[i]
		p := hub.Party{Name: f.name, Number: maybe(t, "number given", f.number), BusinessID: maybe(t, "id given", spell(t, f)), Address: f.address}
		p.Address.Country = rapid.SampledFrom([]string{"", f.country}).Draw(t, "country")

		// What the store looks up by keys must be enough: a decision does not depend
		// on entries that share none.
		var found []register.Partner
		keys := map[matching.Key]bool{}
		for _, k := range matching.Keys(p) {
			keys[k] = true
		}
		for _, e := range entries {
			for _, k := range matching.PartnerKeys(e) {
				if keys[k] {
					found = append(found, e)
					break
				}
			}
		}
		policy := hub.PartnerPolicy{Create: rapid.Bool().Draw(t, "create")}
		d := matching.Match(p, register.Customer, policy, entries)
		byKeys := matching.Match(p, register.Customer, policy, found)
		if (d.Partner == nil) != (byKeys.Partner == nil) || d.Create != byKeys.Create || d.Key != byKeys.Key {
			t.Fatalf("decided %+v among all, %+v among those with a key in common", d, byKeys)
		}
		stops := hub.Stops(d.Faults)
		outcomes := 0
		for _, b := range []bool{d.Partner != nil, d.Create, stops} {
			if b {
				outcomes++
			}
		}
		if outcomes != 1 {
			t.Fatalf("not one outcome: %+v", d)
		}
		switch {
		case d.Partner != nil:
			linked++
			if truth[d.Partner.ID] != i {
				t.Fatalf("%+v was linked to %+v, which is firm %+v", p, *d.Partner, firms[truth[d.Partner.ID]])
			}
		case d.Create:
			made++
			for _, e := range entries {
				if truth[e.ID] == i && e.BusinessID != "" && p.BusinessID != "" {
					t.Fatalf("%+v would be made, and is there as %+v", p, e)
				}
			}
		default:
			held++
		}
	})
	t.Logf("%d linked, %d made, %d held", linked, made, held)
	// A short run is too small to show them all.
	if linked+made+held > 60 && (linked == 0 || made == 0 || held == 0) {
		t.Errorf("the set shows only some outcomes: %d linked, %d made, %d held", linked, made, held)
	}
}
