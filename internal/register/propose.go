package register

import (
	"slices"
	"strings"
	"unicode"

	"github.com/vienti/vienti/internal/hub"
)

// A wording is how the descriptions of VAT statuses speak of one category. A
// description fits when it has one word of every group of Has and none of Not.
type wording struct {
	category string // key of hub.Settings.VATStatuses
	has      [][]string
	not      []string
}

// The words are those of Procountor's help pages (REFERENCE 3.9) and of its
// Finnish and Swedish pages. They are beginnings of words, in lower case.
//
// Statuses whose name holds a percentage ("EU 25.5 % (product)") come in
// several, so they are found several times and never proposed: a person chooses.
var wordings = []wording{
	{"S", [][]string{{"domestic", "kotima", "inrikes", "inhemsk"}}, []string{"reverse", "käännet", "omvänd", "tax free", "veroton", "skattefri", "0"}},
	{"K/goods", [][]string{{"eu"}, {"product", "goods", "tavara", "vara", "varor"}}, []string{"tripartite", "kolmikanta", "trepart", "non-community", "import", "maahantuonti"}},
	{"K/service", [][]string{{"eu"}, {"service", "palvelu", "tjänst"}}, []string{"tripartite", "kolmikanta", "trepart", "non-community", "import", "maahantuonti"}},
	// Reverse charge towards another member state is the rule for services; goods
	// go as K. So of a company's statuses only the one for services can be meant.
	{"AE/EU", [][]string{{"eu"}, {"service", "palvelu", "tjänst"}}, []string{"tripartite", "kolmikanta", "trepart", "non-community", "import", "maahantuonti"}},
	{"AE", [][]string{{"reverse", "käännet", "omvänd"}}, []string{"eu"}},
	{"G", [][]string{{"outside", "ulkopuol", "utanför", "export", "vienti"}}, nil},
	{"Z", [][]string{{"0"}, {"turnover", "liikevaihto", "omsättning"}}, nil},
	{"E", [][]string{{"tax free", "veroton", "verottom", "skattefri"}}, []string{"eu"}},
	{"O", [][]string{{"no vat handling", "ei alv", "ei arvonlisävero", "ingen moms"}}, nil},
}

// ProposeVATStatuses reads from the descriptions of the company's own register
// which status probably means which VAT category, per kind of document. A
// category is proposed only where exactly one enabled status fits; nothing is
// concluded from a number. A person confirms.
func ProposeVATStatuses(c *Copy) map[hub.Kind]map[string]int {
	out := map[hub.Kind]map[string]int{}
	for _, kind := range hub.VATKinds {
		out[kind] = map[string]int{}
		for _, w := range wordings {
			found := []int{}
			for _, s := range c.VATStatuses {
				if s.On(kind) && w.fits(s.Description) {
					found = append(found, s.Number)
				}
			}
			if len(found) == 1 {
				out[kind][w.category] = found[0]
			}
		}
	}
	return out
}

// Categories are the VAT categories that a company may have a status for, in the
// order in which people look for them.
func Categories() []string {
	list := make([]string, len(wordings))
	for i, w := range wordings {
		list[i] = w.category
	}
	return list
}

func (w wording) fits(description string) bool {
	text := " " + strings.Join(strings.FieldsFunc(strings.ToLower(description), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '.'
	}), " ")
	begins := func(words []string) bool {
		for _, word := range words {
			if strings.Contains(text, " "+word) {
				return true
			}
		}
		return false
	}
	for _, group := range w.has {
		if !begins(group) {
			return false
		}
	}
	return !begins(w.not)
}

// Names reports whether the name of an account speaks of a VAT category, such as
// "K/goods"; see [Categories].
func Names(category, name string) bool {
	return slices.ContainsFunc(wordings, func(w wording) bool {
		return w.category == category && w.fits(strings.ReplaceAll(name, "-", " "))
	})
}
