package matching_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/invented/parties"
	"github.com/vienti/vienti/internal/matching"
	"github.com/vienti/vienti/internal/register"
)

var defaults = hub.DefaultSettings(civil.Date{}).Partner

// 2 000 pairs with the mistakes of users: nobody is linked wrongly, nobody made who
// is there, and nearly all that are there are found; each pair by itself, and all
// partners in one register.
func TestTwoThousandPairs(t *testing.T) {
	seeds := []uint64{1, 2, 3, 4, 5}
	if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		pairs, err := matching.ReadPairs(bytes.NewReader(parties.Lines(seed, 2000)))
		if err != nil {
			t.Fatal(err)
		}
		for _, together := range []bool{false, true} {
			s := matching.ScorePairs(pairs, defaults, together)
			t.Logf("seed %d, one register %v: %d pairs, %d true, %.2f %% automatic, %d wrong, %d doubled", seed, together, s.Pairs, s.True, s.Percent(), s.Wrong, s.Doubled)
			if s.Wrong > 0 || s.Doubled > 0 || s.Percent() < 98 || s.True < 1000 || s.Pairs-s.True < 400 {
				t.Errorf("seed %d, one register %v", seed, together)
			}
			for _, f := range s.Failed {
				t.Logf("%+v", f)
			}
		}
	}
}

// However conflicts are answered, nobody is linked wrongly.
func TestPairsByEveryPolicy(t *testing.T) {
	pairs, err := matching.ReadPairs(bytes.NewReader(parties.Lines(7, 1000)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []hub.Conflict{hub.ConflictRefuse, hub.ConflictAsk, hub.ConflictCreate} {
		for _, trusting := range []bool{false, true} {
			policy := hub.PartnerPolicy{Create: true, WithoutID: trusting, OtherID: c, OtherNumber: c}
			for i := range pairs {
				if pairs[i].Policy != nil {
					pairs[i].Policy = &policy
				}
			}
			s := matching.ScorePairs(pairs, policy, true)
			for _, f := range s.Failed {
				if f.Got == "link" && !(trusting && f.Says == "a consumer") || f.Got == "make" && !trusting {
					t.Errorf("%s, numbers trusted %v: %+v", c, trusting, f)
				}
			}
		}
	}
}

// A wrong answer is seen as what it is.
func TestScore(t *testing.T) {
	firm := register.Partner{ID: 1, Type: register.Customer, Name: "Kuvitelma Oy", BusinessID: "2345678-0", IDType: "YHD", CustomerNumber: "1001", Active: true}
	party := hub.Party{Name: "Kuvitelma Oy", BusinessID: "2345678-0", Number: "1001"}
	stranger := hub.Party{Name: "Tarina Oy", BusinessID: "3456789-3", Number: "1002"}
	s := matching.ScorePairs([]matching.Pair{
		{Expect: matching.AnswerLink, Partner: 1, Party: party, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerLink, Partner: 2, Party: party, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerNone, Party: party, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerAsk, Party: party, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerNone, Party: stranger, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerLink, Partner: 1, Party: stranger, Partners: []register.Partner{firm}},
		{Expect: matching.AnswerLink, Partner: 1, Party: hub.Party{Name: "Kuvitelma Oy"}, Partners: []register.Partner{firm}},
	}, defaults, false)
	if s.Pairs != 7 || s.True != 4 || s.Automatic != 1 || s.Wrong != 3 || s.Doubled != 1 || len(s.Failed) != 5 || s.Percent() != 25 {
		t.Errorf("%+v", s)
	}
}

// The same pairs as a table, as people send them.
func TestPairsAsTable(t *testing.T) {
	pairs, err := matching.ReadPairs(strings.NewReader("\ufeffPair;expect;partner;party_name;party_business_id;party_number;party_consumer;id;name;business_id;customer_number;active\n" +
		"a;link;2;Kuvitelma Oy;FI23456780;1001;;1;Kuvitelma Oy;2345678-0;1001;no\n" +
		"a;link;2;;;;;2;Kuvitelma Oy;2345678-0;1001;yes\n" +
		"b;none;;Maija Mallikas;;7;yes;;;;;\n"))
	if err != nil || len(pairs) != 2 || len(pairs[0].Partners) != 2 || pairs[0].Partners[0].Active || !pairs[1].Party.Consumer || pairs[1].Line != 4 {
		t.Fatalf("%+v, %v", pairs, err)
	}
	if s := matching.ScorePairs(pairs, defaults, false); s.Automatic != 1 || len(s.Failed) != 0 {
		t.Errorf("%+v", s)
	}
	for in, want := range map[string]string{
		"": "empty", "name,id\n": `no column "pair"`, "pair,expect\nx,perhaps\n": "may be link, ask or none",
		"pair,expect,partner\nx,link,7\n": "not among", "pair,expect,partner\nx,link,y\n": "not the id", "pair,expect,id\nx,none,y\n": "not a number",
		`{"expect":"none","colour":"red"}`: "colour", "{}\n": `expect is ""`,
	} {
		if _, err := matching.ReadPairs(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
