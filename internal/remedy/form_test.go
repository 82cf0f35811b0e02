package remedy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
)

var (
	formPattern   = regexp.MustCompile(`"form", "([^"]+)"[,)]|invalid\([^\n]*, "([^"]+)"\)|: +"(a [a-z]+ code such as \w+)"`)
	reasonPattern = regexp.MustCompile(`"reason", "([^"]+)"\)`)
	englishWord   = regexp.MustCompile(`(^|[ (])[a-z]{3,}($|[ ),;])`)
)

// Whatever readers and rules say in English has words in every language.
func TestEveryFormHasWords(t *testing.T) {
	found := map[string]int{}
	look := func(list []wording, prefix, text string) {
		found[prefix]++
		matched := ""
		for _, w := range list {
			if w.text.MatchString(text) {
				matched = w.key
				break
			}
		}
		if matched == "" && englishWord.MatchString(text) && text != "true, false" {
			t.Errorf("%q has no words in other languages", text)
		}
	}
	for _, dir := range []string{"format", "format/finvoice", "format/ubl", "mapping", "api"} {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", dir, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range formPattern.FindAllStringSubmatch(string(b), -1) {
				look(forms, "form", m[1]+m[2]+m[3])
			}
			for _, m := range reasonPattern.FindAllStringSubmatch(string(b), -1) {
				look(xmlReasons, "reason", m[1])
			}
		}
	}
	if found["form"] < 20 || found["reason"] < 3 {
		t.Errorf("too few were found to be true: %v", found)
	}
	english := locale.New(locale.English, nil)
	for prefix, list := range map[string][]wording{"form.": forms, "xml-reason.": xmlReasons} {
		for _, w := range list {
			if !english.Has(prefix + w.key) {
				t.Errorf("%s%s has no text", prefix, w.key)
			}
		}
	}
	fi := locale.New(locale.Finnish, nil)
	for text, f := range map[string]hub.Fault{
		"enintään 50 kohtaa":                      hub.NewFault(hub.FieldInvalid, "lines", "51 elements", "field", "lines", "form", "at most 50 elements"),
		"INV01 tai INV02":                         hub.NewFault(hub.FieldInvalid, "x", "INV03", "field", "InvoiceTypeCode", "form", "INV01 or INV02"),
		"8 tai 11 merkkiä":                        hub.NewFault(hub.FieldInvalid, "payment.bic", "X", "field", "payment.bic", "form", "8 or 11 characters"),
		"muotoa 1250.50.":                         hub.NewFault(hub.FieldInvalid, "x", "y", "field", "x", "form", "1250.50"),
		"tiedosto loppuu kesken":                  hub.NewFault(hub.XMLBroken, "", "", "line", "3", "reason", "unexpected EOF"),
		"<InvoiceRow> päättyy merkintään </Epi>":  hub.NewFault(hub.XMLBroken, "", "", "line", "3", "reason", "element <InvoiceRow> closed by </Epi>"),
		"maksettavaa on 451,98, mutta laskun lop": hub.NewFault(hub.PayableDisagrees, "x", "451.98", "stated", "451.98", "computed", "1240.00"),
	} {
		if got := For(fi, f).Cause; !strings.Contains(got, text) {
			t.Errorf("%q does not say %q", got, text)
		}
	}
}
