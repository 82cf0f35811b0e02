package sie

import (
	"bufio"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// Limits on a file; the standard sets none (7.5).
const (
	maxLine    = 64 << 10 // bytes; a row has some hundred
	maxFields  = 200      // of a record; the longest has seven, and one pair for each dimension
	maxKnown   = 200_000  // accounts and items that are declared
	maxFaults  = 200      // of a file or voucher are reported; nobody reads more
	maxStrings = 50_000   // texts that are kept once
)

// A Head is what a file says of itself. It grows while the file is read.
type Head struct {
	Flag, Type, Format string
	OrgNumber, Name    string
	OrgLine            int // where OrgNumber stands
	Currency           string
	Years              []civil.Period
	Accounts           map[string]string // names by number
	Items              map[Item]string   // names
}

// An Item is one of a dimension, by the number of the dimension.
type Item struct{ Dimension, Code string }

// A Voucher is one #VER with its rows.
type Voucher struct {
	Series, Number, Text string
	Date                 civil.Date
	Rows                 []Row
	Struck               bool // there are rows, and all of them were struck out
	Line                 int
	// Raw are its lines, until the next voucher is read.
	Raw    []byte
	Faults []hub.Fault
}

// A Row is one #TRANS, or #RTRANS.
type Row struct {
	Account string
	Items   []Item
	Amount  money.Amount
	Date    civil.Date // zero when that of the voucher
	Text    string
	Line    int
}

func (r *Row) same(s *Row) bool {
	return r.Account == s.Account && r.Amount.Equal(s.Amount) && r.Date == s.Date && r.Text == s.Text && slices.Equal(r.Items, s.Items)
}

// A Reader reads a file of types 1 to 4 as a stream: it keeps one voucher, and what the
// head declares.
type Reader struct {
	Head Head
	// Faults of the file as a whole, all of them once Next has returned io.EOF.
	Faults []hub.Fault

	r       *bufio.Reader
	line    int
	current []byte // the line, until the next one
	raw     []byte // lines of the voucher
	voucher *Voucher

	// One record: the label and the fields behind each other, without what is not part
	// of them, and where each ends. That is what is summed for #KSUMMA (10.14).
	arena []byte
	ends  []int
	items [2]int // the fields within braces, [first, last)
	label string // in capital letters, "" of a brace
	again bool   // the record was read and not used yet
	brace byte   // '{' or '}' alone on its line

	set      charset
	assumed  bool // bytes outside ASCII were read as is stated, for they told nothing
	told     bool // of what is wrong with the character set
	strings  map[string]string
	summing  bool
	summed   bool
	sum, bin uint32 // over code page 437, as the standard says; over the bytes as they are
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, maxLine), strings: map[string]string{},
		Head: Head{Accounts: map[string]string{}, Items: map[Item]string{}}}
}

func (r *Reader) at(label string) string { return place(r.line, label) }

func place(line int, label string) string {
	at := "L" + strconv.Itoa(line)
	if label != "" {
		at += "/" + label
	}
	return at
}

// fault adds a fault of the record to those of its voucher, or of the file.
func (r *Reader) fault(code, label, value string, args ...string) {
	list := &r.Faults
	if r.voucher != nil && code != hub.EncodingWrong && code != hub.SIECharset {
		list = &r.voucher.Faults
	}
	if len(*list) < maxFaults {
		*list = append(*list, hub.NewFault(code, r.at(label), value, append(args, "line", strconv.Itoa(r.line))...))
	}
}

// Next returns the next voucher, io.EOF after the last one, or the error of reading.
func (r *Reader) Next() (*Voucher, error) {
	v, err := r.next()
	r.voucher = nil
	return v, err
}

func (r *Reader) next() (*Voucher, error) {
	var v *Voucher
	open := false
	var added *Row // what #RTRANS has added, until the like #TRANS that must follow
	for {
		err := r.record()
		if errors.Is(err, io.EOF) {
			switch {
			case v != nil:
				r.fault(hub.SIETruncated, "", "")
				v.Raw = r.raw
				return v, nil
			case r.summing:
				r.summing = false
				r.fault(hub.SIETruncated, "#KSUMMA", "")
			}
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		label := r.label
		if v != nil && (label == "#VER" || !open && r.brace != '{') {
			r.again, v.Raw = true, r.raw // the voucher before never ended, or never began
			if open {
				r.fault(hub.SIELine, label, "")
			}
			return v, nil
		}
		switch {
		case r.brace == '{':
			if v == nil || open {
				r.fault(hub.SIELine, "{", "")
			}
			open = true
		case r.brace == '}':
			if v == nil {
				r.fault(hub.SIELine, "}", "")
				continue
			}
			v.Raw = r.raw
			return v, nil
		case label == "#VER":
			v = &Voucher{Line: r.line}
			r.raw, r.voucher = append(r.raw[:0], r.current...), v
			v.Series, v.Number, v.Text = r.field(0), r.field(1), r.field(3)
			v.Date = r.day(2, true)
			added = nil
		case label == "#TRANS", label == "#RTRANS", label == "#BTRANS":
			if v == nil {
				r.fault(hub.SIELine, label, "")
				continue
			}
			if label == "#BTRANS" {
				v.Struck, added = true, nil
				continue
			}
			row := r.row(label)
			if label == "#TRANS" && added != nil && added.same(&row) {
				added = nil
				continue
			}
			v.Rows = append(v.Rows, row)
			if added = nil; label == "#RTRANS" {
				added = &v.Rows[len(v.Rows)-1]
			}
		default:
			r.head(label)
		}
	}
}

// row reads account, items, amount, day, text. What else there is, quantity and signature,
// no journal has.
func (r *Reader) row(label string) Row {
	row := Row{Account: r.field(0), Line: r.line, Text: r.field(3)}
	if row.Account == "" {
		r.fault(hub.FieldMissing, label, "", "field", "account")
	}
	first, last := r.items[0], r.items[1]
	if (last-first)%2 != 0 {
		r.fault(hub.SIELine, label, "")
	} else if last > first {
		row.Items = make([]Item, 0, (last-first)/2)
		for i := first; i < last; i += 2 {
			row.Items = append(row.Items, Item{r.text(r.bytes(i)), r.text(r.bytes(i + 1))})
		}
	}
	text := string(r.value(1))
	if strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	a, err := money.Parse(text)
	switch {
	case text == "":
		r.fault(hub.FieldMissing, label, "", "field", "amount")
	case err != nil || a.Trim(2).Decimals() > 2:
		r.fault(hub.FieldInvalid, label, "", "field", "amount", "form", "-1250.50") // never the value: it may be a salary
	default:
		row.Amount = a
	}
	row.Date = r.day(2, false)
	return row
}

func (r *Reader) day(n int, must bool) civil.Date {
	b := r.value(n)
	if len(b) == 0 {
		if must {
			r.fault(hub.FieldMissing, r.label, "", "field", "date")
		}
		return civil.Date{}
	}
	d, err := civil.ParseCompact(string(b))
	if err != nil {
		r.fault(hub.FieldInvalid, r.label, "", "field", "date", "form", "20260331")
	}
	return d
}

// head takes in a record that is of no voucher. Labels that nobody knows are ignored, as
// the standard wants it (7.1).
func (r *Reader) head(label string) {
	h := &r.Head
	switch label {
	case "#FLAGGA":
		h.Flag = r.field(0)
	case "#SIETYP":
		h.Type = r.field(0)
	case "#FORMAT":
		h.Format = r.field(0)
	case "#ORGNR":
		h.OrgNumber, h.OrgLine = r.field(0), r.line
	case "#FNAMN":
		h.Name = r.field(0)
	case "#VALUTA":
		h.Currency = strings.ToUpper(r.field(0))
	case "#RAR":
		first, last := r.day(1, true), r.day(2, true)
		if len(h.Years) < maxFields && !first.IsZero() && !last.IsZero() {
			h.Years = append(h.Years, civil.Period{First: first, Last: last})
		}
	case "#KONTO":
		if len(h.Accounts) < maxKnown {
			h.Accounts[r.field(0)] = r.field(1)
		}
	case "#OBJEKT":
		if len(h.Items) < maxKnown {
			h.Items[Item{r.field(0), r.field(1)}] = r.field(2)
		}
	}
}

// labelled sets the label of the record that was cut.
func (r *Reader) labelled() {
	r.label = ""
	if len(r.ends) > 0 {
		r.label = strings.ToUpper(r.keep(r.arena[:r.ends[0]]))
	}
}

// bytes are those of a field counted with the label and those in braces.
func (r *Reader) bytes(i int) []byte { return r.arena[r.ends[i-1]:r.ends[i]] }

// value is the n-th field behind the label, from 0; what stands in braces is no field.
func (r *Reader) value(n int) []byte {
	i := n + 1
	if i >= r.items[0] && r.items[1] > r.items[0] {
		i += r.items[1] - r.items[0]
	}
	if i >= len(r.ends) {
		return nil
	}
	return r.bytes(i)
}

func (r *Reader) field(n int) string { return r.text(r.value(n)) }

// text decodes, and keeps what comes again and again once.
func (r *Reader) text(b []byte) string {
	if s, ok := r.strings[string(b)]; ok {
		return s
	}
	if ascii(b) {
		return r.keep(b)
	}
	set := r.set
	if set == undecided {
		set = statedBy(r.Head.Format)
	}
	s, ok := set.text(b)
	if !ok {
		r.charset(set)
	}
	return r.remember(b, s)
}

func (r *Reader) keep(b []byte) string {
	if s, ok := r.strings[string(b)]; ok {
		return s
	}
	return r.remember(b, string(b))
}

func (r *Reader) remember(b []byte, s string) string {
	if len(r.strings) >= maxStrings {
		clear(r.strings)
	}
	r.strings[string(b)] = s
	return s
}

// charset says, once, that the bytes of the file are not of one character set.
func (r *Reader) charset(set charset) {
	if !r.told {
		r.told = true
		r.fault(hub.EncodingWrong, "", set.String(), "form", "PC8 (code page 437), UTF-8")
	}
}

// record reads the next line that is not empty and cuts it into fields.
func (r *Reader) record() error {
	if r.again {
		r.again = false
		return nil
	}
	for {
		line, err := r.readLine()
		if err != nil {
			return err
		}
		if line = bytes.Trim(line, " \t\r\n\x00\x1a"); len(line) == 0 {
			continue
		}
		if !ascii(line) {
			r.decide(line)
		}
		ok := r.cut(line)
		switch {
		case !ok:
			r.fault(hub.SIELine, "", "")
			continue
		case r.brace == 0 && r.arena[0] != '#':
			r.fault(hub.SIELine, "", "")
			continue
		}
		r.labelled()
		if r.checksum() {
			continue
		}
		return nil
	}
}

// readLine returns a line, with what ends it.
func (r *Reader) readLine() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	if r.line++; r.line == 1 && bytes.HasPrefix(line, []byte("\xef\xbb\xbf")) {
		line, r.set = line[3:], utf
	}
	if errors.Is(err, bufio.ErrBufferFull) {
		r.fault(hub.TooDeep, "", "", "limit", strconv.Itoa(maxLine))
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.r.ReadSlice('\n')
		}
		line = nil
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if r.current = line; r.voucher != nil {
		r.raw = append(r.raw, line...)
	}
	return line, nil
}

// decide compares what the bytes of a line can be with what those before were.
func (r *Reader) decide(line []byte) {
	is, mixed := evidence(line)
	switch {
	case mixed, is != undecided && r.set != undecided && is != r.set, is != undecided && r.assumed && is != statedBy(r.Head.Format):
		r.charset(r.set)
	case is != undecided && r.set == undecided:
		r.set = is
		if stated := statedBy(r.Head.Format); stated != is && r.Head.Format != "" {
			r.fault(hub.SIECharset, "", "", "form", r.Head.Format, "encoding", is.String())
			r.Faults[len(r.Faults)-1].Warning = true
		}
	case is == undecided && r.set == undecided:
		r.assumed = true
	case is == undecided && r.set == utf:
		r.charset(r.set)
	}
}

// cut fills the record with the fields of a line; false for a line that has none.
func (r *Reader) cut(line []byte) bool {
	r.arena, r.ends, r.items, r.brace = r.arena[:0], r.ends[:0], [2]int{}, 0
	if len(line) == 1 && (line[0] == '{' || line[0] == '}') {
		r.brace = line[0]
		return true
	}
	inList := false
	for i := 0; i < len(line); {
		c := line[i]
		switch {
		case c == ' ' || c == '\t':
			i++
			continue
		case c == '{' && !inList && r.items[0] == 0:
			inList, r.items[0] = true, len(r.ends)
			i++
			continue
		case c == '}' && inList:
			inList, r.items[1] = false, len(r.ends)
			i++
			continue
		case len(r.ends) == maxFields:
			return false
		}
		quoted := c == '"'
		if quoted {
			i++
		}
		closed := false
		for ; i < len(line); i++ {
			c := line[i]
			if c < ' ' && c != '\t' || c == 0x7f {
				return false
			}
			if c == '\\' && i+1 < len(line) && line[i+1] == '"' {
				r.arena = append(r.arena, '"')
				i++
				continue
			}
			if quoted && c == '"' || !quoted && (c == ' ' || c == '\t' || inList && c == '}') {
				closed = true
				break
			}
			r.arena = append(r.arena, c)
		}
		if quoted {
			if i++; !closed || i < len(line) && line[i] != ' ' && line[i] != '\t' && line[i] != '}' {
				return false
			}
		}
		r.ends = append(r.ends, len(r.arena))
	}
	return !inList && len(r.ends) > 0 && r.ends[0] > 0
}

// checksum follows #KSUMMA: what stands between the first and the second is summed.
// It reports whether the record was one of the two.
func (r *Reader) checksum() bool {
	if r.brace != 0 {
		return false
	}
	if r.label == "#KSUMMA" {
		switch {
		case !r.summing:
			r.summing = len(r.value(0)) == 0 && !r.summed
		default:
			r.summing, r.summed = false, true
			// Some write it with a sign.
			n, err := strconv.ParseInt(string(r.value(0)), 10, 64)
			if err != nil || uint32(n) != r.sum && uint32(n) != r.bin { //nolint:gosec // 32 bits, signed or not
				r.fault(hub.SIEChecksum, "#KSUMMA", "")
			}
		}
		return true
	}
	if !r.summing {
		return false
	}
	r.bin = crc32.Update(r.bin, crc32.IEEETable, r.arena)
	if r.set == pc8 || ascii(r.arena) {
		r.sum = crc32.Update(r.sum, crc32.IEEETable, r.arena)
		return false
	}
	set := r.set
	if set == undecided {
		set = statedBy(r.Head.Format)
	}
	s, _ := set.text(r.arena)
	r.sum = crc32.Update(r.sum, crc32.IEEETable, encodePC8(s))
	return false
}

// encodePC8 writes a text in code page 437; what it does not have becomes "?".
func encodePC8(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, c := range s {
		e, ok := charmap.CodePage437.EncodeRune(c)
		if !ok {
			e = '?'
		}
		b = append(b, e)
	}
	return b
}
