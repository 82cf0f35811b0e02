package matching

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/register"
)

// A Pair is a party of a document, what a register holds, and the right answer.
// docs/partners.md describes its two formats.
type Pair struct {
	Says     string               `json:"says"`
	Expect   Answer               `json:"expect"`
	Partner  int64                `json:"partner"` // the right one, where Expect is AnswerLink
	Type     register.PartnerType `json:"type"`
	Policy   *hub.PartnerPolicy   `json:"policy"` // nil: that of the scoring
	Party    hub.Party            `json:"party"`
	Partners []register.Partner   `json:"partners"`
	// Line is where the pair begins in its file, from 1.
	Line int `json:"-"`
}

// An Answer is the right one to a [Pair].
type Answer string

// It is that partner; nobody can know without asking; it is none of these.
const (
	AnswerLink Answer = "link"
	AnswerAsk  Answer = "ask"
	AnswerNone Answer = "none"
)

// A Score counts what became of pairs.
type Score struct {
	Pairs int `json:"pairs"`
	// True are those that have a right partner, Automatic those of them that were
	// linked to it.
	True      int `json:"true"`
	Automatic int `json:"automatic"`
	// Wrong were linked to a partner that is not theirs, or that nobody can know.
	Wrong int `json:"wrong"`
	// Doubled would be made although they are there, or may be.
	Doubled int `json:"doubled"`
	// Failed says what became of those that are not as they ought to be.
	Failed []Failure `json:"failed,omitempty"`
}

// A Failure is a pair that did not get its right answer.
type Failure struct {
	Line   int    `json:"line"`
	Says   string `json:"says,omitempty"`
	Name   string `json:"name"`
	Expect Answer `json:"expect"`
	// Got is "link", "make", or the code of the fault that holds it.
	Got string `json:"got"`
	// Partner is whom it was linked to.
	Partner int64 `json:"partner,omitempty"`
}

// Percent is the share of true pairs that were linked, in percent.
func (s Score) Percent() float64 {
	if s.True == 0 {
		return 100
	}
	return 100 * float64(s.Automatic) / float64(s.True)
}

// ScorePairs decides about every pair. With together all partners of all pairs
// stand in one register; their ids must then differ.
func ScorePairs(pairs []Pair, policy hub.PartnerPolicy, together bool) Score {
	var all *Index
	if together {
		var list []register.Partner
		for _, p := range pairs {
			list = append(list, p.Partners...)
		}
		all = NewIndex(list)
	}
	s := Score{Pairs: len(pairs)}
	for _, p := range pairs {
		by := policy
		if p.Policy != nil {
			by = *p.Policy
		}
		x := all
		if x == nil {
			x = NewIndex(p.Partners)
		}
		d := x.Match(p.Party, cmp.Or(p.Type, register.Customer), by)
		f := Failure{Line: p.Line, Says: p.Says, Name: p.Party.Name, Expect: p.Expect}
		right := false
		switch {
		case d.Partner != nil:
			f.Got, f.Partner = "link", d.Partner.ID
			right = p.Expect == AnswerLink && d.Partner.ID == p.Partner
			if !right {
				s.Wrong++
			}
		case d.Create:
			f.Got = "make"
			right = p.Expect == AnswerNone
			if !right {
				s.Doubled++
			}
		default:
			f.Got = d.Faults[0].Code
			right = p.Expect != AnswerLink // whom it is none of may be asked for
		}
		if p.Expect == AnswerLink {
			s.True++
			if right {
				s.Automatic++
			}
		}
		if !right {
			s.Failed = append(s.Failed, f)
		}
	}
	return s
}

// Limits on a file of pairs.
const (
	// MaxPairs bounds a file of pairs; a list of customers is shorter.
	MaxPairs = 200_000
	// maxPairLine bounds a line: a party and the fifty partners that resemble it.
	maxPairLine = 1 << 20
)

// ReadPairs reads pairs as JSON lines, or as CSV when the first line names columns.
func ReadPairs(r io.Reader) ([]Pair, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3) // what was peeked is there
	}
	head, err := b.Peek(1)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	var list []Pair
	if head[0] == '{' {
		list, err = readPairLines(b)
	} else {
		list, err = readPairTable(b)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		switch {
		case p.Expect != AnswerLink && p.Expect != AnswerAsk && p.Expect != AnswerNone:
			return nil, fmt.Errorf("line %d: expect is %q, and may be link, ask or none", p.Line, p.Expect)
		case p.Expect == AnswerLink && !slices.ContainsFunc(p.Partners, func(x register.Partner) bool { return x.ID == p.Partner }):
			return nil, fmt.Errorf("line %d: partner %d, which is expected, is not among the partners", p.Line, p.Partner)
		}
	}
	return list, nil
}

func readPairLines(r io.Reader) (list []Pair, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPairLine)
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if len(list) == MaxPairs {
			return nil, fmt.Errorf("line %d: more than %d pairs", n, MaxPairs)
		}
		p := Pair{Line: n}
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		for i := range p.Partners {
			if p.Partners[i].Type == "" {
				p.Partners[i].Type = cmp.Or(p.Type, register.Customer)
			}
		}
		list = append(list, p)
	}
	return list, lines.Err()
}

// readPairTable reads one partner a row; rows with the same pair belong together.
func readPairTable(r *bufio.Reader) (list []Pair, err error) {
	rows := csv.NewReader(r)
	rows.Comma = separatorOf(r)
	rows.FieldsPerRecord = -1
	head, err := rows.Read()
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, must := range []string{"pair", "expect"} {
		if _, ok := at[must]; !ok {
			return nil, fmt.Errorf("line 1: there is no column %q", must)
		}
	}
	before := ""
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		get := func(column string) string {
			if i, ok := at[column]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		typ := register.PartnerType(cmp.Or(get("type"), string(register.Customer)))
		if name := get("pair"); len(list) == 0 || name != before {
			if len(list) == MaxPairs {
				return nil, fmt.Errorf("line %d: more than %d pairs", line, MaxPairs)
			}
			before = name
			p := Pair{Line: line, Says: get("says"), Expect: Answer(get("expect")), Type: typ, Party: hub.Party{
				Name: get("party_name"), BusinessID: get("party_business_id"), VATNumber: get("party_vat_number"), Number: get("party_number"),
				Alternative: get("party_alternative_number"), Consumer: yes(get("party_consumer")), Email: get("party_email"),
				Address: hub.Address{Street: get("party_street"), Zip: get("party_zip"), City: get("party_city"), Country: get("party_country")}}}
			if n := get("partner"); n != "" {
				if p.Partner, err = strconv.ParseInt(n, 10, 64); err != nil {
					return nil, fmt.Errorf("line %d: partner %q is not the id of one", line, n)
				}
			}
			list = append(list, p)
		}
		if get("id") == "" {
			continue // a register that holds nobody
		}
		id, err := strconv.ParseInt(get("id"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: id %q is not a number", line, get("id"))
		}
		p := &list[len(list)-1]
		p.Partners = append(p.Partners, register.Partner{ID: id, Type: typ, Name: get("name"), BusinessID: get("business_id"), IDType: get("id_type"),
			VATNumber: get("vat_number"), CustomerNumber: get("customer_number"), Email: get("email"), Active: get("active") == "" || yes(get("active")),
			Address: hub.Address{Street: get("street"), Zip: get("zip"), City: get("city"), Country: get("country")}})
	}
}

// separatorOf guesses the separator of a table by its first line.
func separatorOf(r *bufio.Reader) rune {
	head, _ := r.Peek(r.Buffered())
	line, _, _ := bytes.Cut(head, []byte("\n"))
	for _, c := range []rune{';', '\t'} {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func yes(s string) bool {
	switch strings.ToLower(s) {
	case "yes", "true", "1", "x", "y":
		return true
	}
	return false
}
