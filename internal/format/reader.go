package format

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// A Reader takes values out of a tree, and collects faults and places as it goes.
type Reader struct {
	// Comma says that decimals follow a comma; a point is taken as well.
	Comma bool
	// Compact says that days are written YYYYMMDD.
	Compact bool
	// Currency of the document; a sum that states another is a fault.
	Currency money.Currency

	Faults []hub.Fault
	Places map[string]string
}

// Fault adds a fault at the element, or at the child of it that is missing.
func (r *Reader) Fault(code string, n *Node, missing string, args ...string) {
	var f hub.Fault
	if missing != "" {
		f = hub.NewFault(code, n.Path(strings.Split(missing, "/")...), "", args...)
	} else {
		f = hub.NewFault(code, n.Path(), n.Text(), args...)
	}
	r.Faults = append(r.Faults, f)
}

// Warn is Fault for what does not keep the document from going.
func (r *Reader) Warn(code string, n *Node, missing string, args ...string) {
	r.Fault(code, n, missing, args...)
	r.Faults[len(r.Faults)-1].Warning = true
}

// Few returns the elements unless there are more than any invoice has of a kind
// that each row is compared with; then it adds a fault and returns none.
func (r *Reader) Few(list []*Node) []*Node {
	if len(list) > maxFew {
		r.Fault(hub.TooDeep, list[0], "", "limit", strconv.Itoa(maxFew))
		return nil
	}
	return list
}

// Place remembers that the value at path came from n.
func (r *Reader) Place(path string, n *Node) {
	if n == nil {
		return
	}
	if r.Places == nil {
		r.Places = map[string]string{}
	}
	r.Places[path] = n.Path()
}

// Number reads a decimal; nil when the element is not there or empty.
func (r *Reader) Number(n *Node) *money.Amount {
	t := n.Text()
	if t == "" {
		return nil
	}
	if r.Comma && strings.Count(t, ",") == 1 && !strings.Contains(t, ".") {
		t = strings.Replace(t, ",", ".", 1)
	}
	a, err := money.Parse(t)
	if err != nil {
		r.Fault(hub.FieldInvalid, n, "", "field", n.Name, "form", "1250.50")
		return nil
	}
	return &a
}

// Sum reads a decimal that states its currency.
func (r *Reader) Sum(n *Node, currencyAttr string) *money.Amount {
	a := r.Number(n)
	if a == nil {
		return nil
	}
	if c := n.Attr(currencyAttr); c != "" && r.Currency != "" && c != string(r.Currency) && !a.IsZero() {
		r.Fault(hub.FieldInvalid, n, "", "field", n.Name, "form", n.Text()+" "+string(r.Currency))
		return nil
	}
	return a
}

// Percent reads a percentage; the % sign that some programs add is dropped.
func (r *Reader) Percent(n *Node) *money.Amount {
	if t := n.Text(); strings.HasSuffix(t, "%") {
		trimmed := &Node{Name: n.Name, parent: n.parent, nth: n.nth, indexed: n.indexed}
		trimmed.text.WriteString(strings.TrimSuffix(t, "%"))
		n = trimmed
	}
	a := r.Number(n)
	if a != nil && (a.Sign() < 0 || a.Cmp(money.FromInt(1000)) > 0) {
		r.Fault(hub.FieldInvalid, n, "", "field", n.Name, "form", "25.5")
		return nil
	}
	return a
}

// Day reads a day; the zero day when the element is not there or empty.
func (r *Reader) Day(n *Node) civil.Date {
	t := n.Text()
	if t == "" {
		return civil.Date{}
	}
	var d civil.Date
	var err error
	switch form := "YYYY-MM-DD"; {
	case r.Compact && len(t) == 8:
		d, err = civil.ParseCompact(t)
	case len(t) == 16 || len(t) == 11: // xs:date may carry a zone, which moves no day
		d, err = civil.Parse(t[:10])
	default:
		if r.Compact {
			form = "YYYYMMDD"
		}
		if d, err = civil.Parse(t); err != nil {
			r.Fault(hub.FieldInvalid, n, "", "field", n.Name, "form", form)
			return civil.Date{}
		}
	}
	if err != nil {
		r.Fault(hub.FieldInvalid, n, "", "field", n.Name, "form", "YYYY-MM-DD")
		return civil.Date{}
	}
	return d
}

// Country reads an ISO 3166 code.
func (r *Reader) Country(n *Node) string {
	t := strings.ToUpper(n.Text())
	if t == "" {
		return ""
	}
	if len(t) != 2 || t[0] < 'A' || t[0] > 'Z' || t[1] < 'A' || t[1] > 'Z' {
		r.Warn(hub.CountryUnknown, n, "")
		return ""
	}
	return t
}

// Distinct returns the faults without those that were found twice, as an element
// may be read for more than one purpose.
func (r *Reader) Distinct() []hub.Fault {
	var list []hub.Fault
	for _, f := range r.Faults {
		if !slices.ContainsFunc(list, func(g hub.Fault) bool {
			return g.Code == f.Code && g.Path == f.Path && g.Value == f.Value && g.Warning == f.Warning && maps.Equal(g.Args, f.Args)
		}) {
			list = append(list, f)
		}
		if len(list) == maxFaults {
			break
		}
	}
	return list
}

// Join puts texts under each other, leaving out the empty ones.
func Join(texts ...string) string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return strings.Join(list, "\n")
}
