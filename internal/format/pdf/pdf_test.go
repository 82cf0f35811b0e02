package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/money"
)

func invoice() *hub.Document {
	p := func(s string) *money.Amount { return new(money.Must(s)) }
	return &hub.Document{
		Kind: hub.SalesInvoice, Number: "VF-10234", Date: civil.Must("2026-03-31"), Currency: "EUR",
		Seller: hub.Party{Name: "Töölön Äly Oy"}, Buyer: hub.Party{Name: "Åbo Köpman Ab", Number: "ASIAKAS-777"},
		Breakdown: &hub.Breakdown{
			Work: []hub.BreakdownEntry{
				{Project: "Verkkokauppa", Subproject: "Ylläpito", Date: civil.Must("2026-03-02"), Person: "Mäki Öljylä", Type: "Suunnittelu", Description: "Maksutavat", Quantity: money.Must("7.5"), Price: p("95.00")},
				{Project: "Verkkokauppa", Subproject: "Ylläpito", Date: civil.Must("2026-03-03"), Person: "Mäki Öljylä", Description: strings.Repeat("pitkä selite ", 60), Quantity: money.Must("0.25"), Price: p("95.005"), Sum: p("23.75")},
				{Project: "Remontti", FixedPrice: true, Date: civil.Must("2026-03-04"), Person: "Åke", Type: "Maalaus", Quantity: money.Must("40")},
			},
			Travel: []hub.BreakdownEntry{
				{Project: "Remontti", FixedPrice: true, Date: civil.Must("2026-03-05"), Person: "Åke", Description: "Helsinki–Turku", Quantity: money.Must("332"), Unit: "km", Price: p("0.55")},
			},
		},
	}
}

// shown is the text of a PDF of ours, in reading order.
func shown(b []byte) string {
	var out []string
	for _, m := range regexp.MustCompile(`\(((?:[^()\\]|\\.)*)\) ?Tj`).FindAllSubmatch(b, -1) {
		s := regexp.MustCompile(`\\([()\\])`).ReplaceAllString(string(m[1]), "$1")
		var text strings.Builder
		for i := range len(s) {
			r := rune(s[i])
			switch s[i] {
			case 0x80:
				r = '€'
			case 0x96:
				r = '–'
			case 0xa0:
				r = ' '
			}
			text.WriteRune(r)
		}
		out = append(out, text.String())
	}
	return strings.Join(out, "|")
}

func speaker(l locale.Language) locale.Speaker { return locale.New(l, time.UTC) }

func TestBreakdown(t *testing.T) {
	for lang, want := range map[locale.Language][]string{
		locale.Finnish: {"Erittely laskuun VF-10234", "31.3.2026", "Verkkokauppa · Ylläpito", "Remontti (kiinteä hinta)", "712,50", "736,25 €", "182,60 €", "918,85 €", "Sivu 1 / 1", "332 km", "7,75 h"},
		locale.Swedish: {"Specifikation till faktura VF-10234", "2026-03-31", "918,85 €", "(fast pris)"},
		locale.English: {"Breakdown of invoice VF-10234", "31 Mar 2026", "€918.85", "(fixed price)"},
		locale.Dutch:   {"Specificatie bij factuur VF-10234", "€ 918,85", "(vaste prijs)"},
	} {
		b, ok := BreakdownOf(invoice(), false)
		if !ok {
			t.Fatal("nothing to make")
		}
		file, err := b.Write(speaker(lang))
		if err != nil {
			t.Fatal(err)
		}
		again, err := b.Write(speaker(lang))
		if err != nil || !bytes.Equal(file, again) {
			t.Errorf("%s: not the same bytes again: %v", lang, err)
		}
		text := shown(file)
		for _, w := range append(want, "Mäki Öljylä", "Töölön Äly Oy", "Åbo Köpman Ab", "Suunnittelu: Maksutavat", "Helsinki–Turku", "VF-10234") {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in %s", lang, w, text)
			}
		}
		if n := strings.Count(text, "pitkä"); n != 60 {
			t.Errorf("%s: %d of 60 words", lang, n)
		}
		for _, never := range []string{"ASIAKAS-777", "Maalaus", "inexact"} {
			if strings.Contains(text, never) {
				t.Errorf("%s: %q is in %s", lang, never, text)
			}
		}
	}
}

// What has a fixed price is left out but for its travel; asked for, it is there.
func TestFixedPrice(t *testing.T) {
	d := invoice()
	d.Breakdown.Work = d.Breakdown.Work[2:]
	d.Breakdown.Travel = nil
	if _, ok := BreakdownOf(d, false); ok {
		t.Error("a breakdown of a fixed price")
	}
	b, ok := BreakdownOf(d, true)
	if !ok {
		t.Fatal("nothing, although asked for")
	}
	file, err := b.Write(speaker(locale.Finnish))
	if text := shown(file); err != nil || !strings.Contains(text, "Maalaus") || !strings.Contains(text, "0,00 €") {
		t.Error(err, text)
	}
	for _, d := range []*hub.Document{{Number: "1"}, {Breakdown: &hub.Breakdown{}}} {
		if _, ok := BreakdownOf(d, true); ok {
			t.Error("a breakdown of nothing")
		}
	}
}

// Many entries make many pages, each with its number and the head of the table;
// no entry is lost and no cent.
func TestPages(t *testing.T) {
	d := invoice()
	d.Breakdown.Work = nil
	want := money.Zero
	for i := range 500 {
		e := hub.BreakdownEntry{Project: "Iso", Date: civil.Must("2026-03-01").AddDays(i % 31), Person: fmt.Sprintf("Tekijä-%03d", i), Description: strings.Repeat("x", i), Quantity: money.Must("0.1"), Price: new(money.Must("33.33"))}
		a, _ := e.Amount()
		want = want.Add(a)
		d.Breakdown.Work = append(d.Breakdown.Work, e)
	}
	d.Breakdown.Travel = nil
	b, _ := BreakdownOf(d, false)
	file, err := b.Write(speaker(locale.Finnish))
	if err != nil {
		t.Fatal(err)
	}
	text := shown(file)
	pages := strings.Count(string(file), "/Type /Page\n")
	if pages < 10 || strings.Count(text, "Henkilö") < pages || !strings.Contains(text, fmt.Sprintf("Sivu %d / %d", pages, pages)) {
		t.Errorf("%d pages, %d heads", pages, strings.Count(text, "Henkilö"))
	}
	for i := range 500 {
		if strings.Count(text, fmt.Sprintf("Tekijä-%03d", i)) != 1 {
			t.Errorf("entry %d", i)
		}
	}
	if n := strings.Count(text, "x"); n < 500*499/2 {
		t.Errorf("%d letters of %d", n, 500*499/2)
	}
	if sum := speaker(locale.Finnish).Amount(want, "EUR"); !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), strings.ReplaceAll(sum, "\u00a0", " ")) {
		t.Errorf("%s is not there", sum)
	}
}

// Letters that the font does not have lose their marks, and nothing escapes.
func TestEncode(t *testing.T) {
	for in, want := range map[string]string{"åäö€ÅÄÖ": "\xe5\xe4\xf6\x80\xc5\xc4\xd6", "Čapek": "Capek", "−5": "-5", "a\x00\x07b": "ab", "日": "?", "Š": "\x8a"} {
		if got := encode(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFromImage(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 60, 20))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 5)
	}
	img16 := image.NewRGBA64(image.Rect(0, 0, 5, 5))
	pal := image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black, color.White, color.Transparent})
	files := map[string][]byte{}
	put := func(name string, write func(b *bytes.Buffer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	put("png", func(b *bytes.Buffer) error { return png.Encode(b, img) })
	put("png of 16 bits", func(b *bytes.Buffer) error { return png.Encode(b, img16) })
	put("png with a palette", func(b *bytes.Buffer) error { return png.Encode(b, pal) })
	put("gif", func(b *bytes.Buffer) error { return gif.Encode(b, pal, nil) })
	put("jpeg", func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) })
	put("grey jpeg", func(b *bytes.Buffer) error { return jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 4, 8)), nil) })
	files["turned jpeg"] = turnedJPEG(files["jpeg"], 6)
	for name, content := range files {
		got, err := FromImage(content)
		if err != nil || !bytes.HasPrefix(got, []byte("%PDF-")) || !bytes.Contains(got, []byte("%%EOF")) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, _ := FromImage(content)
		if !bytes.Equal(got, again) {
			t.Errorf("%s: not the same bytes again", name)
		}
		high, wide := bytes.Contains(got, []byte("/Width 20")), bytes.Contains(got, []byte("/Width 60"))
		if name == "jpeg" && !wide || name == "turned jpeg" && !high {
			t.Errorf("%s: wide %v, high %v", name, wide, high)
		}
	}
	for name, content := range map[string][]byte{"empty": nil, "text": []byte("x"), "cut": files["png"][:40], "heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"),
		"huge": hugePNG()} {
		if got, err := FromImage(content); err == nil {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

// turnedJPEG puts an EXIF segment with an orientation behind the start.
func turnedJPEG(b []byte, turn byte) []byte {
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	exif = append(exif, turn, 0, 0, 0, 0, 0, 0)
	out := append(bytes.Clone(b[:2]), 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), b[2:]...)
}

// hugePNG claims to be 100 000 points wide and high.
func hugePNG() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)))
	out := b.Bytes()
	binary.BigEndian.PutUint32(out[16:], 100_000)
	binary.BigEndian.PutUint32(out[20:], 100_000)
	return out
}

func FuzzFromImage(f *testing.F) {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	f.Add(turnedJPEG(b.Bytes(), 3))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1<<16 {
			return
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(in)); err == nil && c.Width*c.Height > 1<<20 {
			return
		}
		out, err := FromImage(in)
		if err == nil && !bytes.HasPrefix(out, []byte("%PDF-")) {
			t.Error("not a PDF")
		}
	})
}
