package circulation

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Who receives an invoice, field after field.
func TestReceiver(t *testing.T) {
	feature.Covers(t, "T-36", "T-37", "T-38")
	c := hub.Circulation{Default: "anna",
		Fields: []hub.ReceiverField{{Field: "order_reference", Means: hub.MeansProject, Pattern: `P-(\d+)`}, {Field: "buyer_reference", Means: hub.MeansPerson},
			{Field: "rows", Means: hub.MeansProject, Pattern: `projekti (\w+)`}},
		Projects: []hub.ReceiverOf{{Number: "1001", Login: "maija"}, {Number: "1002", Login: "pekka"}, {Number: "1003", Login: "maija"}, {Number: "1003", Login: "liisa"},
			{Number: "a7", Login: "liisa"}},
		Persons: []hub.ReceiverOf{{Number: "37", Login: "liisa"}, {Number: "38", Login: "pekka"}}}
	may := func(login string) bool { return login != "pekka" }
	for name, x := range map[string]struct {
		fields map[string]string
		want   Found
	}{
		"project":         {map[string]string{"order_reference": "tilaus P-1001 / kevät"}, Found{Login: "maija", Project: "1001", Field: "order_reference", Value: "1001"}},
		"person":          {map[string]string{"buyer_reference": " 37 "}, Found{Login: "liisa", Field: "buyer_reference", Value: "37"}},
		"project first":   {map[string]string{"order_reference": "P-1001", "buyer_reference": "37"}, Found{Login: "maija", Project: "1001", Field: "order_reference", Value: "1001"}},
		"nothing":         {nil, Found{Login: "anna", Why: Nobody}},
		"a text":          {map[string]string{"buyer_reference": "Matti Meikäläinen"}, Found{Login: "anna", Why: Nobody}},
		"unknown project": {map[string]string{"order_reference": "P-9"}, Found{Login: "anna", Why: UnknownNumber, Project: "9", Field: "order_reference", Value: "9"}},
		"unknown person":  {map[string]string{"buyer_reference": "99"}, Found{Login: "anna", Why: UnknownNumber, Field: "buyer_reference", Value: "99"}},
		"twice":           {map[string]string{"order_reference": "P-1003"}, Found{Login: "anna", Why: NumberTwice, Project: "1003", Field: "order_reference", Value: "1003"}},
		"no right": {map[string]string{"order_reference": "P-1002"},
			Found{Login: "anna", Why: NoRight, Project: "1002", Field: "order_reference", Value: "1002", Named: "pekka"}},
		"no right, then a person": {map[string]string{"order_reference": "P-1002", "buyer_reference": "37"}, Found{Login: "liisa", Field: "buyer_reference", Value: "37"}},
		"second number":           {map[string]string{"order_reference": "P-9 P-1001"}, Found{Login: "maija", Project: "1001", Field: "order_reference", Value: "1001"}},
		"case":                    {map[string]string{"rows": "projekti A7"}, Found{Login: "liisa", Project: "A7", Field: "rows", Value: "A7"}},
	} {
		if got := Receiver(c, x.fields, may); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}

func staff() Who {
	approves := func(p string) bool { return slices.Contains([]string{"maija", "anna", "boss"}, p) }
	return Who{Receives: func(p string) bool { return approves(p) || p == "pre" }, Approves: approves, Leads: func(p string) bool { return p == "anna" },
		StandsIn: func(by, instead string) bool { return by == "boss" && instead == "maija" }, Default: "anna"}
}

// What each may do with a round, and what not.
func TestDecide(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		begin []string
		acts  []Decision
		why   string // of the last
		state State
		waits string
	}{
		"approved":                   {[]string{"maija"}, []Decision{{Act: Approve, By: "maija"}}, "", Approved, ""},
		"two approvals":              {[]string{"maija", "boss"}, []Decision{{Act: Approve, By: "maija"}}, "", Open, "boss"},
		"the last":                   {[]string{"maija", "boss"}, []Decision{{Act: Approve, By: "maija"}, {Act: Approve, By: "boss"}}, "", Approved, ""},
		"not yours":                  {[]string{"maija"}, []Decision{{Act: Approve, By: "anna"}}, NotYours, Open, "maija"},
		"substitute":                 {[]string{"maija"}, []Decision{{Act: Approve, By: "boss"}}, "", Approved, ""},
		"pre-approver approves":      {[]string{"pre"}, []Decision{{Act: Approve, By: "pre"}}, RightMissing, Open, "pre"},
		"pre-approver rejects":       {[]string{"pre"}, []Decision{{Act: Reject, By: "pre", Text: "no"}}, RightMissing, Open, "pre"},
		"pre-approved":               {[]string{"pre"}, []Decision{{Act: PreApprove, By: "pre"}}, "", Open, "anna"},
		"pre-approved to":            {[]string{"pre"}, []Decision{{Act: PreApprove, By: "pre", To: "maija"}}, "", Open, "maija"},
		"pre-approved to pre":        {[]string{"pre"}, []Decision{{Act: PreApprove, By: "pre", To: "other"}}, NoApprover, Open, "pre"},
		"handed on":                  {[]string{"maija"}, []Decision{{Act: HandOn, By: "maija", To: "pre"}}, "", Open, "pre"},
		"handed to nobody":           {[]string{"maija"}, []Decision{{Act: HandOn, By: "maija", To: "viewer"}}, NoReceiver, Open, "maija"},
		"handed to who comes anyway": {[]string{"maija", "boss"}, []Decision{{Act: HandOn, By: "maija", To: "boss"}}, "", Open, "boss"},
		"assigned":                   {[]string{"maija"}, []Decision{{Act: Assign, By: "anna", To: "boss"}}, "", Open, "boss"},
		"assigned by another":        {[]string{"maija"}, []Decision{{Act: Assign, By: "boss", To: "boss"}}, RightMissing, Open, "maija"},
		"rejected":                   {[]string{"maija"}, []Decision{{Act: Reject, By: "maija", Text: "not ours"}}, "", Rejected, ""},
		"rejected without reason":    {[]string{"maija"}, []Decision{{Act: Reject, By: "maija"}}, ReasonMissing, Open, "maija"},
		"reopened":                   {[]string{"maija"}, []Decision{{Act: Reject, By: "maija", Text: "no"}, {Act: Reopen, By: "anna"}}, "", Open, "maija"},
		"after the end":              {[]string{"maija"}, []Decision{{Act: Approve, By: "maija"}, {Act: Reject, By: "maija", Text: "no"}}, Over, Approved, ""},
		"another one required":       {[]string{"maija"}, []Decision{{Act: Approve, By: "maija", To: "boss"}}, "", Open, "boss"},
		"required twice":             {[]string{"maija", "maija"}, []Decision{{Act: Approve, By: "maija"}}, "", Approved, ""},
		"seen before":                {[]string{"maija", "boss"}, []Decision{{Act: Approve, By: "maija"}, {Act: Approve, By: "boss", Seen: -1}}, Moved, Open, "boss"},
		"one approves twice":         {[]string{"maija"}, []Decision{{Act: Approve, By: "maija", To: "maija"}}, NoApprover, Open, "maija"},
	} {
		t.Run(name, func(t *testing.T) {
			r, why := Begin(x.begin[0], x.begin[1:]), ""
			for _, d := range x.acts {
				if d.At = at; d.Seen == 0 {
					d.Seen = r.Version
				}
				r, why = r.Decide(d, staff())
			}
			if why != x.why || r.State != x.state || r.Waits() != x.waits {
				t.Errorf("%q, %+v", why, r)
			}
		})
	}
}

// Whatever people do, and in whatever order: approved only when every stage has an approval of
// its own, each of another person who may approve.
func TestNeverApprovedTooEarly(t *testing.T) {
	all := []string{"maija", "anna", "boss", "pre", "nobody"}
	acts := []Act{PreApprove, Approve, Reject, HandOn, Assign, Split, Comment, Reopen}
	rapid.Check(t, func(t *rapid.T) {
		who := staff()
		r := Begin(rapid.SampledFrom(all[:4]).Draw(t, "receiver"), rapid.SliceOfN(rapid.SampledFrom(all[:3]), 0, 3).Draw(t, "further"))
		for range rapid.IntRange(1, 15).Draw(t, "acts") {
			d := Decision{Act: rapid.SampledFrom(acts).Draw(t, "act"), By: rapid.SampledFrom(all).Draw(t, "by"), To: rapid.SampledFrom(append(all, "")).Draw(t, "to"),
				Text: rapid.SampledFrom([]string{"", "why"}).Draw(t, "text"), Seen: r.Version - rapid.IntRange(0, 1).Draw(t, "late")}
			next, why := r.Decide(d, who)
			if why == "" && next.Version != r.Version+1 || why != "" && next.Version != r.Version {
				t.Fatalf("%+v: %q, version %d after %d", d, why, next.Version, r.Version)
			}
			if why == "" && d.Act != Comment && d.Seen != r.Version {
				t.Fatalf("%+v was decided on an older version", d)
			}
			r = next
			if (r.State == Open) != (r.Waits() != "") {
				t.Fatalf("waits for %q in %s", r.Waits(), r.State)
			}
			var by []string
			for _, s := range r.Stages {
				if s.By != "" {
					if !who.Approves(s.By) || slices.Contains(by, s.By) {
						t.Fatalf("approved by %s: %+v", s.By, r)
					}
					by = append(by, s.By)
				}
			}
			if r.State == Approved && len(by) != len(r.Stages) {
				t.Fatalf("approved too early: %+v", r)
			}
		}
	})
}

func TestFurther(t *testing.T) {
	c := hub.Circulation{Further: []hub.FurtherApprover{{From: "10000", Login: "board"}, {From: "1000", Login: "boss"}, {From: "nonsense", Login: "always"}}}
	for sum, want := range map[string][]string{"999.99": {"always"}, "1000": {"always", "boss"}, "-12000": {"always", "boss", "board"}} {
		if got := Further(c, money.Must(sum)); !slices.Equal(got, want) {
			t.Errorf("%s: %v", sum, got)
		}
	}
}

func TestSums(t *testing.T) {
	percent := func(p ...string) (list []Share) {
		for i, x := range p {
			list = append(list, Share{Item: int64(i + 1), Percent: x})
		}
		return list
	}
	sums := func(p ...string) (list []Share) {
		for i, x := range p {
			list = append(list, Share{Item: int64(i + 1), Sum: x})
		}
		return list
	}
	for name, x := range map[string]struct {
		total  string
		shares []Share
		want   string
		why    string
	}{
		"60/40":         {"100.00", percent("60", "40"), "60.00 40.00", ""},
		"thirds":        {"100.00", percent("33.33", "33.33", "33.34"), "33.33 33.33 33.34", ""},
		"a cent":        {"0.01", percent("50", "50"), "0.01 0.00", ""},
		"credit":        {"-10.00", percent("60", "40"), "-6.00 -4.00", ""},
		"sums":          {"100.00", sums("99.99", "0.01"), "99.99 0.01", ""},
		"short":         {"100.00", sums("60", "39"), "", SplitSum},
		"over":          {"100.00", percent("60", "41"), "", SplitPercent},
		"mixed":         {"100.00", append(percent("60"), sums("40")...), "", SplitMixed},
		"other sign":    {"100.00", sums("110", "-10"), "", SplitMixed},
		"no number":     {"100.00", percent("60", "x"), "", SplitMixed},
		"half a cent":   {"100.00", sums("99.995", "0.005"), "", SplitMixed},
		"none at all":   {"100.00", nil, "", ""},
		"nothing given": {"100.00", []Share{{Item: 1}}, "", SplitMixed},
	} {
		got, _, why := Sums(money.Must(x.total), x.shares)
		text := ""
		for i, a := range got {
			if i > 0 {
				text += " "
			}
			text += a.Fixed(2)
		}
		if text != x.want || why != x.why {
			t.Errorf("%s: %q %q", name, text, why)
		}
	}
}

// Spread divides every entry whole, and gives every share its sum, to the cent.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := []money.Amount{}
		for _, c := range rapid.SliceOfN(rapid.Int64Range(1, 100000), 1, 8).Draw(t, "entries") {
			entries = append(entries, money.Cents(c))
		}
		var shares []Share
		left := int64(100)
		for left > 0 {
			p := rapid.Int64Range(1, left).Draw(t, "percent")
			shares, left = append(shares, Share{Item: p, Percent: money.FromInt(p).String()}), left-p
		}
		total := money.Sum(entries...)
		sums, _, why := Sums(total, shares)
		if why != "" || !money.Sum(sums...).Equal(total) {
			t.Fatalf("%v of %s: %s", sums, total, why)
		}
		of := make([]money.Amount, len(sums))
		for i, row := range Spread(entries, sums) {
			if !money.Sum(row...).Equal(entries[i]) {
				t.Fatalf("entry %s became %v", entries[i], row)
			}
			for k := range row {
				of[k] = of[k].Add(row[k])
			}
		}
		for k := range of {
			if !of[k].Equal(sums[k]) {
				t.Fatalf("share %d got %s of %s", k, of[k], sums[k])
			}
		}
	})
}
