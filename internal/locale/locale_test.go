package locale

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/money"
)

// untranslated is how many texts of each language are still shown in English.
// It may fall; a text that is added in English is translated with it.
var untranslated = map[Language]int{Finnish: 0, Swedish: 0, Dutch: 0}

var placePattern = regexp.MustCompile(`\{([a-z_]*)\}`)

// Every language has the keys of English and no others, with the same places
// and balanced brackets.
func TestCatalogues(t *testing.T) {
	english, err := readCatalogue(files, English)
	if err != nil {
		t.Fatal(err)
	}
	places := func(s string) []string {
		var list []string
		for _, m := range placePattern.FindAllStringSubmatch(s, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	for key, text := range english {
		if strings.TrimSpace(text) == "" {
			t.Errorf("en: %s is empty", key)
		}
		if form, plural := strings.CutSuffix(key, ".one"); plural {
			if _, ok := english[form+".other"]; !ok {
				t.Errorf("en: %s has no form for many", form)
			}
		}
	}
	for _, l := range Languages {
		texts, err := readCatalogue(files, l)
		if err != nil {
			t.Fatal(err)
		}
		empty := 0
		for key, text := range texts {
			source, ok := english[key]
			if !ok {
				t.Errorf("%s: %s is not in English", l, key)
				continue
			}
			for _, pair := range []string{"{}", "[]"} {
				if strings.Count(text, pair[:1]) != strings.Count(text, pair[1:]) {
					t.Errorf("%s: %s: brackets do not match: %s", l, key, text)
				}
			}
			if text == "" {
				empty++
			} else if !slices.Equal(places(text), places(source)) {
				t.Errorf("%s: %s has places %v, English %v", l, key, places(text), places(source))
			}
		}
		for key := range english {
			if _, ok := texts[key]; !ok {
				t.Errorf("%s: %s is missing", l, key)
			}
		}
		if empty > untranslated[l] {
			t.Errorf("%s: %d texts are not translated, at most %d may be", l, empty, untranslated[l])
		}
	}
}

// made are the beginnings of keys that code puts together, with the test that
// holds their ends. Their texts are not looked for in the code.
var made = map[string]string{
	"fault.":                 "remedy.TestEveryCodeHasTexts",
	"procountor.":            "remedy.TestEveryReasonHasTexts",
	"who.":                   "remedy.TestEveryCodeHasTexts",
	"why.":                   "remedy.TestWhyAlreadyThere",
	"field.":                 "names that Procountor gives",
	"cli.":                   "the tests of package cli",
	"state.":                 "web.TestWordsForEveryValue",
	"list-field.":            "web.TestWordsOfListFields",
	"journal-field.":         "web.TestWordsOfListFields",
	"state-says.":            "web.TestWordsForEveryValue",
	"checklist.":             "web.TestChecklistWords",
	"checklist.at.":          "web.TestChecklistWords",
	"checklist.state.":       "web.TestChecklistWords",
	"status.":                "web.TestWordsForEveryValue",
	"paid-state.":            "web.TestWordsForEveryValue",
	"step.":                  "web.TestWordsForEveryValue",
	"stepstate.":             "web.TestWordsForEveryValue",
	"kind.":                  "web.TestWordsForEveryValue",
	"connector.":             "web.TestConnectorsHaveWords",
	"booked-as.":             "web.TestWordsForEveryValue",
	"env.":                   "web.TestWordsForEveryValue",
	"env-says.":              "web.TestWordsForEveryValue",
	"role.":                  "web.TestWordsForEveryValue",
	"role-says.":             "web.TestWordsForEveryValue",
	"act.":                   "web.TestWordsForEveryValue",
	"sent-as.":               "web.TestWordsForEveryValue",
	"due-rule.":              "web.TestWordsForEveryValue",
	"correction-is.":         "web.TestWordsForEveryValue",
	"setting.arrival.":       "web.TestWordsForEveryValue",
	"channel-is.":            "web.TestWordsForEveryValue",
	"channel-by.":            "web.TestWordsForEveryValue",
	"einvoice-form.":         "web.TestWordsForEveryValue",
	"setting.difference-is.": "web.TestWordsForEveryValue",
	"setting.kind-":          "web.TestWordsForEveryValue",
	"setting.":               "web.TestWordsForEveryValue",
	"setting-help.":          "web.TestWordsForEveryValue",
	"setting-fault.":         "web.TestWordsForEveryValue",
	"settings-help.":         "web.TestWordsForEveryValue",
	"invoice-language.":      "web.TestWordsForEveryValue",
	"vat-category.":          "web.TestWordsForEveryValue",
	"vat-supply.":            "web.TestWordsForEveryValue",
	"round.":                 "web.TestWordsForEveryValue",
	"action.":                "web.TestWordsForEveryValue",
	"tab.":                   "web.TestWordsForEveryValue",
	"voucher.":               "web.TestWordsForEveryValue",
	"basis.":                 "web.TestWordsForEveryValue",
	"connect.":               "web.TestConnectWords",
	"detach.":                "web.TestConnectWords",
	"detach.leaving-":        "web.TestConnectWords",
	"connect.before-":        "web.TestConnectWords",
	"connect.check.":         "cli.TestTextsExist",
	"connect.sign.":          "cli.TestTextsExist",
	"connect.step-":          "web.TestConnectWords",
	"setting.sender-is.":     "web.TestWordsForEveryValue",
	"form.":                  "remedy.TestEveryFormHasWords",
	"xml-reason.":            "remedy.TestEveryFormHasWords",
	"rule.":                  "web.TestWordsForEveryValue",
	"rule.confidence.":       "web.TestWordsForEveryValue",
	"rule.gap-":              "web.TestWordsForEveryValue",
	"entries.":               "web.TestWordsForEveryValue",
	"candidate-reason.":      "web.TestWordsForEveryValue",
	"compared.":              "web.TestWordsForEveryValue",
	"card-field.":            "web.TestWordsForEveryValue",
	"card-do.":               "web.TestWordsForEveryValue",
	"item-do.":               "web.TestWordsForEveryValue",
	"axis.":                  "web.TestWordsForEveryValue",
	"rule.gap-seen-":         "web.TestWordsForEveryValue",
	"register-of.":           "web.TestWordsForEveryValue",
	"register-many.":         "web.TestWordsForEveryValue",
	"register-change.":       "web.TestWordsForEveryValue",
	"rule.help.":             "web.TestWordsForEveryValue",
	"rule.label.":            "web.TestWordsForEveryValue",
	"rule.reason.":           "web.TestWordsForEveryValue",
	"month.":                 "TestMonth",
	"choice.":                "web.TestChoicesHaveWords",
	"back-says.":             "web.TestWordsForEveryValue",
	"back-action.":           "web.TestWordsForEveryValue",
	"report-says.":           "web.TestWordsForEveryValue",
	"report-action.":         "web.TestWordsForEveryValue",
	"webhook-is.":            "web.TestWebhookPage",
	"delivery.":              "web.TestWebhookPage",
	"round.did.":             "web.TestRoundWords",
	"run-state.":             "web.TestPayrollWords",
	"run-says.":              "web.TestPayrollWords",
	"payroll-decide.":        "web.TestPayrollWords",
	"round.set.":             "web.TestRoundWords",
	"round.why.":             "web.TestRoundWords",
	"round.noted.":           "web.TestRoundWords",
	"round.field.":           "web.TestRoundWords",
	"round.state-is.":        "web.TestRoundWords",
	"staff-named.":           "web.TestRoundWords",
}

var usePattern = regexp.MustCompile(`\b([TN])\(\s*"([^"\\]+)"(\s*[,)]|\s*\+)`)

// Every key that code names has a text, and every text is named somewhere.
func TestKeysInCode(t *testing.T) {
	english, err := readCatalogue(files, English)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	root := filepath.Join("..", "..")
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == ".git" || name == "testdata" || name == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".templ") ||
			strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range usePattern.FindAllStringSubmatch(string(b), -1) {
			key := m[2]
			switch {
			case strings.HasSuffix(m[3], "+"):
				if _, ok := made[key]; !ok {
					t.Errorf("%s: key begins with %q: name the test that holds its ends, in made", path, key)
				}
			case m[1] == "N":
				used[key+".one"], used[key+".other"] = true, true
			default:
				used[key] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range used {
		if _, ok := english[key]; !ok {
			t.Errorf("code uses %s, which has no text", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(english)) {
		prefix := key[:strings.Index(key, ".")+1]
		if _, ok := made[prefix]; !ok && !used[key] {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func TestMonth(t *testing.T) {
	for _, l := range Languages {
		s := New(l, nil)
		for m := 1; m <= 12; m++ {
			if got := s.Month(fmt.Sprintf("2026-%02d", m)); strings.HasPrefix(got, "month.") || !strings.HasSuffix(got, " 2026") {
				t.Errorf("%s: %s", l, got)
			}
		}
	}
	for text, want := range map[string]string{"2026-03": "maaliskuu 2026", "2026-13": "2026-13", "March": "March", "": ""} {
		if got := New(Finnish, nil).Month(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestFill(t *testing.T) {
	s := New(English, nil)
	args := []any{"name", "Aalto {x} [y]", "n", 1234, "empty", "", "day", civil.Must("2026-03-02"), "sum", money.Must("-1234.5")}
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"{name}!", "Aalto {x} [y]!"},
		{"{n} on {day}", "1,234 on 2\u00a0Mar\u00a02026"},
		{"a[ ({empty})]b", "ab"},
		{"a[ ({name})]b", "a (Aalto {x} [y])b"},
		{"a[ ({name}, {empty})]b", "ab"},
		{"{sum}", "-1,234.5"},
		{"{missing}.", "."},
		{"torn {name", "torn {name"},
	} {
		got := fill(c.text, func(p string) string { return s.argument(args, p) })
		if got != c.want {
			t.Errorf("fill(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if got := s.T("no.such.key"); got != "no.such.key" {
		t.Errorf("an unknown key became %q", got)
	}
}

func TestNumbersAndDays(t *testing.T) {
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	// 23:30 UTC is the next day in Helsinki, two hours later in winter.
	late := time.Date(2026, 3, 2, 22, 30, 5, 0, time.UTC)
	for _, c := range []struct {
		l                                              Language
		sum, foreign, negative, percent, day, at, secs string
	}{
		{English, "€1,234,567.80", "SEK 12.50", "-€0.05", "25.5%", "3 Mar 2026", "3 Mar 2026 00:30", "00:30:05"},
		{Finnish, "1 234 567,80 €", "12,50 SEK", "−0,05 €", "25,5 %", "3.3.2026", "3.3.2026 00.30", "00.30.05"},
		{Swedish, "1 234 567,80 €", "12,50 SEK", "−0,05 €", "25,5 %", "2026-03-03", "2026-03-03 00:30", "00:30:05"},
		{Dutch, "€ 1.234.567,80", "SEK 12,50", "€ -0,05", "25,5%", "3-3-2026", "3-3-2026 00:30", "00:30:05"},
	} {
		s := New(c.l, helsinki)
		got := []string{
			s.Amount(money.Must("1234567.8"), "EUR"), s.Amount(money.Must("12.5"), "SEK"),
			s.Amount(money.Must("-0.05"), "EUR"), s.Percent(money.Must("25.50")),
			s.Date(civil.Must("2026-03-03")), s.Time(late), s.Seconds(late),
		}
		want := []string{c.sum, c.foreign, c.negative, c.percent, c.day, c.at, c.secs}
		for i := range got {
			if plain := strings.ReplaceAll(got[i], "\u00a0", " "); plain != want[i] {
				t.Errorf("%s: %q, want %q", c.l, plain, want[i])
			}
		}
	}
	s := New(Finnish, nil)
	if got := s.Sum(money.Must("0.005")); got != "0,005" {
		t.Errorf("a third decimal was lost: %s", got)
	}
	if got := s.Day("2026-02-30"); got != "2026-02-30" {
		t.Errorf("a day that does not exist became %s", got)
	}
	if got := fmt.Sprint(s.Date(civil.Date{}), s.Time(time.Time{})); got != "" {
		t.Errorf("no day is written %q", got)
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]Language{
		"":                           English,
		"fi":                         Finnish,
		"fi-FI,fi;q=0.9,en;q=0.8":    Finnish,
		"sv-FI":                      Swedish,
		"nl-BE,nl;q=0.9":             Dutch,
		"en-GB,en;q=0.9,fi;q=0.8":    English,
		"de-DE,de;q=0.9":             English,
		"de;q=0.9,sv;q=0.3":          Swedish,
		"et,fi;q=0.2":                Finnish,
		"xx-nonsense;;;q=y":          English,
		strings.Repeat("fi,", 10000): English,
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%.30q) = %s, want %s", header, got, want)
		}
	}
}
