package mapping

import (
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// putTexts writes the printed text and the internal notes.
//
// Printed (additionalInformation), in this order: what the document credits,
// what has no field of its own, the reason for a VAT of zero, the document's own
// text. Notes: what the document says internally, then what is of use only to
// the company. The mark comes below, when the invoice is sent.
func (b *builder) putTexts() {
	b.putCredited()
	b.checkReason()
	own := b.characters("text", b.d.Text)
	printed := lines(strings.Join(b.info, "\n"), own)
	b.inv.AdditionalInformation = b.text("text", printed, maxInformation)
	notes := b.characters("notes", b.d.Notes)
	if n := length(notes); n > maxNotes-markRoom {
		b.inv.Notes = b.text("notes", notes, maxNotes-markRoom)
		return
	}
	b.inv.Notes = notes
	for i, line := range b.notes {
		longer := lines(b.inv.Notes, line)
		if length(longer) > maxNotes-markRoom {
			b.warn(hub.TextCut, "notes", strings.Join(b.notes[i:], "\n"), "length", itoa(length(strings.Join(b.notes, "\n"))), "limit", itoa(maxNotes-markRoom))
			return
		}
		b.inv.Notes = longer
	}
}

// putCredited: the API cannot link a credit note to its invoice, so the text
// names number and date of the original, as the law asks of a credit note, and
// both stay open until a person offsets them.
func (b *builder) putCredited() {
	if !b.d.CreditNote {
		return
	}
	var info, credited []string
	for i, c := range b.d.Credits {
		number := b.characters(index("credits", i)+".number", c.Number)
		if number == "" {
			continue
		}
		printed := number
		if _, one := Credited(b.d); one && b.s.CreditedNumber == hub.MasterProcountor && b.in.CreditedNumber != 0 {
			// The number that the customer has seen when Procountor sent the invoice.
			printed = strconv.FormatInt(b.in.CreditedNumber, 10)
		}
		say := func(w words, language string) string {
			s := w.credited + " " + printed
			if day := dateText(language, c); day != "" {
				s += ", " + w.dated + " " + day
			}
			return s
		}
		info, credited = append(info, say(b.printed, b.language())), append(credited, number)
		b.notes = append(b.notes, say(b.internal, b.s.Language))
	}
	if len(info) == 0 {
		b.warn(hub.CreditedUnknown, "credits", "")
	}
	b.info = append(info, b.info...)
	if _, one := Credited(b.d); b.s.Offset == hub.OffsetByVienti && one {
		return
	}
	b.warn(hub.OffsetByHand, "credits", strings.Join(credited, ", "), "number", b.d.Number, "credited", strings.Join(credited, ", "))
}

// Credited is the number of the one invoice that a credit note takes back; ok is
// false when it names none, or several.
func Credited(d *hub.Document) (number string, ok bool) {
	for _, c := range d.Credits {
		switch n := strings.TrimSpace(c.Number); {
		case n == "" || n == number:
		case number != "":
			return "", false
		default:
			number = n
		}
	}
	return number, number != ""
}
