// Package vat knows which VAT rates existed on which day, and where that is
// written. It is a table of facts: which rate a delivery carries, and which VAT
// status a company may use, are decided elsewhere.
//
// The day that counts is the day of delivery or performance, or of the receipt of
// a prepayment, not that of the invoice (Vero, "Arvonlisäverokantojen
// muutostilanteet"). An invoice of September for August's work carries August's
// rate correctly.
package vat

import (
	"slices"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// A Rate is a rate that a country has, or had, from one day to another.
type Rate struct {
	Country string       // ISO 3166, such as FI
	Percent money.Amount // 25.5 for 25.5 %
	First   civil.Date   // first day in force, or the day from which this table is complete
	Last    civil.Date   // last day in force; zero while no end is known
	Note    string       // what moved in or out meanwhile, if anything did
	Source  string       // address of the page or act that says so
}

// On reports whether r was in force on the day.
func (r Rate) On(d civil.Date) bool { return civil.Period{First: r.First, Last: r.Last}.Contains(d) }

// A Move is a day on which goods or services went from one rate to another.
type Move struct {
	Country  string
	Day      civil.Date // first day of the new rate
	From, To money.Amount
	What     string
	Source   string
}

// Covers reports whether the table says everything about country on the day.
// Without it, that a rate is not found means nothing.
func Covers(country string, d civil.Date) bool {
	first, ok := complete[country]
	return ok && !d.Before(first)
}

// RatesOn returns the rates of country on a day, highest first; none when
// [Covers] is false.
func RatesOn(country string, d civil.Date) []Rate {
	if !Covers(country, d) {
		return nil
	}
	var on []Rate
	for _, r := range rates {
		if r.Country == country && r.On(d) {
			on = append(on, r)
		}
	}
	return on
}

// Existed reports whether country had the rate on some day of a period with both
// ends. False where [Covers] is false for all of those days: ask that first.
func Existed(country string, percent money.Amount, in civil.Period) bool {
	return slices.ContainsFunc(rates, func(r Rate) bool {
		return r.Country == country && r.Percent.Equal(percent) && !in.Last.Before(r.First) && (r.Last.IsZero() || !in.First.After(r.Last))
	})
}

// Moves returns what moved in country in the period, in order of days.
func Moves(country string, in civil.Period) []Move {
	var list []Move
	for _, m := range moves {
		if m.Country == country && in.Contains(m.Day) {
			list = append(list, m)
		}
	}
	return list
}

// Pages and acts, checked 2026.
const (
	fi706   = "https://finlex.fi/fi/laki/alkup/2012/20120706"                              // act 706/2012
	he61    = "https://www.eduskunta.fi/FI/vaski/HallituksenEsitys/Sivut/HE_61+2024.aspx"  // bill for 25.5 %
	he141   = "https://www.eduskunta.fi/FI/vaski/HallituksenEsitys/sivut/he_141+2024.aspx" // bill 10 → 14 %
	he93    = "https://www.eduskunta.fi/valtiopaivaasiakirjat/HE+93/2025"                  // bill 14 → 13.5 %
	seTable = "https://www4.skatteverket.se/rattsligvagledning/edition/2022.8/346820.html" // Skatteverket's table since 1992
	seFood  = "https://rkrattsbaser.gov.se/prop?page=6&post_id=10"                         // Prop. 2025/26:55
)

// complete says from which day the rates of a country are all here.
var complete = map[string]civil.Date{
	"FI": civil.Must("2013-01-01"),
	"SE": civil.Must("1996-01-01"),
}

func rate(country, percent, first, last, note, source string) Rate {
	r := Rate{Country: country, Percent: money.Must(percent), First: civil.Must(first), Note: note, Source: source}
	if last != "" {
		r.Last = civil.Must(last)
	}
	return r
}

// rates is ordered by country, then percent downwards.
var rates = []Rate{
	rate("FI", "25.5", "2024-09-01", "", "menstrual and incontinence products and diapers moved to 14 on 2025-01-01", he61),
	rate("FI", "24", "2013-01-01", "2024-08-31", "", fi706),
	rate("FI", "14", "2013-01-01", "2025-12-31", "most of the rate of 10 moved here on 2025-01-01", fi706),
	rate("FI", "13.5", "2026-01-01", "", "", he93),
	rate("FI", "10", "2013-01-01", "", "since 2025-01-01 newspapers, periodicals and public broadcasting only; since 2026-01-01 without broadcasting", fi706),
	rate("FI", "0", "2013-01-01", "", "", fi706),
	rate("SE", "25", "1992-01-01", "", "", seTable),
	rate("SE", "12", "1993-07-01", "", "food is at 6 from 2026-04-01 to 2027-12-31; restaurants stay", seTable),
	rate("SE", "6", "1996-01-01", "", "food is here from 2026-04-01 to 2027-12-31", seTable),
	rate("SE", "0", "1992-01-01", "", "", seTable),
}

func move(country, day, from, to, what, source string) Move {
	return Move{Country: country, Day: civil.Must(day), From: money.Must(from), To: money.Must(to), What: what, Source: source}
}

// moves is ordered by country, then day.
var moves = []Move{
	move("FI", "2024-09-01", "24", "25.5", "everything at the general rate", he61),
	move("FI", "2025-01-01", "10", "14", "passenger transport, accommodation, medicine, books, culture and sport", he141),
	move("FI", "2025-01-01", "25.5", "14", "menstrual and incontinence products, diapers", he141),
	move("FI", "2026-01-01", "14", "13.5", "everything at the rate of 14", he93),
	move("FI", "2026-01-01", "10", "13.5", "public broadcasting", he93),
	move("SE", "2026-04-01", "12", "6", "food, not restaurants", seFood),
	move("SE", "2028-01-01", "6", "12", "food, back again unless the act is prolonged", seFood),
}
