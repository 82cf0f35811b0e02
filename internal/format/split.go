package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/vienti/vienti/internal/hub"
)

// A Part is one XML document of a file.
type Part struct {
	// Name is that of the root element, also when the part could not be read.
	Name string
	// Root is nil when the part could not be read; Fault then says why.
	Root  *Node
	Fault *hub.Fault
	// Warnings are about the encoding.
	Warnings []hub.Fault
	// Raw holds the bytes of the part, up to the limit when TooLarge.
	Raw      []byte
	TooLarge bool
}

// Parts cuts a file into its XML documents, each of which may bring its own
// declaration and encoding, and reads them one at a time: memory is bounded by
// the largest document, and that by [MaxFile]. A broken document ends where the
// next declaration begins. The error is that of reading r; what was complete
// before has been yielded.
func Parts(r io.Reader) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		s := splitter{r: bufio.NewReaderSize(r, 64<<10), line: 1}
		seen, encoding := map[string]int{}, ""
		for n := 1; ; n++ {
			raw, err := s.next()
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Part{}, err)
				return
			}
			if len(raw.bytes) == 0 {
				return
			}
			if n > MaxDocuments {
				f := hub.NewFault(hub.TooDeep, "file", strconv.Itoa(MaxDocuments), "limit", strconv.Itoa(MaxDocuments))
				yield(Part{Fault: &f, Raw: raw.bytes}, nil)
				return
			}
			seen[raw.root]++
			p, stated := raw.part(seen[raw.root], encoding)
			encoding = firstOf(stated, encoding)
			if !yield(p, nil) || raw.tooLarge {
				return
			}
		}
	}
}

// cut is a part as the splitter leaves it.
type cut struct {
	bytes    []byte
	root     string // name of the root element as written, "" when there is none
	line     int    // of the file, where the part begins
	doctype  bool   // declares a document type
	entity   string // an entity other than the five of XML
	junk     bool   // text outside the root element
	tooLarge bool
}

// part reads what was cut, and returns the encoding that it declares.
func (c *cut) part(nth int, encoding string) (Part, string) {
	name := "file"
	if c.root != "" {
		name = fmt.Sprintf("%s[%d]", local(c.root), nth)
	}
	p := Part{Raw: c.bytes, Name: local(c.root)}
	fail := func(code, value string, args ...string) (Part, string) {
		f := hub.NewFault(code, name, value, args...)
		p.Fault = &f
		return p, ""
	}
	line := strconv.Itoa(c.line)
	switch {
	case c.tooLarge:
		p.TooLarge = true
		return fail(hub.FileTooLarge, "", "limit", strconv.Itoa(MaxFile))
	case bytes.HasPrefix(c.bytes, utf16Mark[0]), bytes.HasPrefix(c.bytes, utf16Mark[1]):
		return fail(hub.EncodingWrong, "UTF-16", "form", readable)
	case c.doctype:
		return fail(hub.EntityForbidden, "<!DOCTYPE", "line", line)
	case c.entity != "":
		return fail(hub.EntityForbidden, "&"+c.entity+";", "line", line)
	case c.root == "":
		return fail(hub.FormatUnknown, string(bytes.ToValidUTF8(c.bytes[:min(len(c.bytes), 60)], []byte("?"))))
	case c.junk:
		return fail(hub.XMLBroken, "", "line", line, "reason", "text before the first element")
	}
	text, stated, warn, fault := decodeText(c.bytes, encoding)
	if fault != nil {
		fault.Path = name
		p.Fault = fault
		return p, stated
	}
	if warn != nil {
		warn.Path = name
		p.Warnings = append(p.Warnings, *warn)
	}
	root, fault := parseXML(text, c.line)
	if fault != nil {
		fault.Path = name
		p.Fault = fault
		return p, stated
	}
	root.nth, root.indexed = nth, true
	p.Root = root
	return p, stated
}

// splitter finds where one XML document ends and the next begins. It knows just
// enough XML not to be deceived by comments, CDATA and attribute values, and works
// on bytes: all encodings that are read have ASCII in common.
type splitter struct {
	r     *bufio.Reader
	carry []byte // read already, belongs to the next part
	total int    // bytes taken so far
	line  int
}

// state of the splitter inside one part.
type state int

const (
	inText state = iota
	afterLess
	inStartTag
	inEndTag
	inInstruction
	afterBang
	inComment
	inCDATA
	inDeclaration
)

// next returns the next part; an empty one at the end.
func (s *splitter) next() (cut, error) {
	c := cut{line: s.line}
	var (
		buf      []byte
		st       = inText
		mark     int // where the markup began
		depth    int
		quote    byte
		brackets int
		entityAt = -1 // where an entity began
	)
	finish := func() cut { c.bytes = s.trim(buf, &c); return c }
	for {
		b, err := s.read()
		if err != nil {
			// What ends in the middle is broken, which parsing says.
			if errors.Is(err, io.EOF) && !c.junk && c.root == "" && !c.doctype && blank(buf) {
				return cut{}, io.EOF
			}
			return finish(), err
		}
		buf = append(buf, b)
		if s.total > MaxFile {
			c.tooLarge = true
			return finish(), nil
		}
		if entityAt >= 0 {
			if b == ';' {
				if name := string(buf[entityAt : len(buf)-1]); !known(name) && c.entity == "" {
					c.entity = name
				}
				entityAt = -1
			} else if !nameByte(b) && b != '#' || len(buf)-entityAt > 40 {
				entityAt = -1
			}
		}
		if b == '&' && (st == inText || quote != 0 && st == inStartTag) {
			entityAt = len(buf)
		}
		switch st {
		case inText:
			switch {
			case b == '<':
				st, mark = afterLess, len(buf)-1
			case depth == 0 && !space(b) && !bom(buf, b):
				c.junk = true
			}
		case afterLess:
			switch {
			case b == '<':
				mark = len(buf) - 1
			case b == '?':
				st = inInstruction
			case b == '!':
				st = afterBang
			case b == '/':
				st = inEndTag
			case nameByte(b) && (b < '0' || b > '9'):
				st, quote = inStartTag, 0
			default:
				st = inText // "<" alone: parsing will say so
			}
		case inInstruction:
			at := len(buf) - mark
			if at == 6 && space(b) && bytes.EqualFold(buf[mark:mark+5], []byte("<?xml")) && (depth > 0 || c.junk) {
				// A declaration inside a document: that one never ended.
				s.carry = append(bytes.Clone(buf[mark:]), s.carry...)
				s.total -= len(buf) - mark
				buf = buf[:mark]
				return finish(), nil
			}
			if b == '>' && at > 3 && buf[len(buf)-2] == '?' {
				st = inText
			}
		case afterBang:
			head := buf[mark+2:]
			switch {
			case bytes.Equal(head, []byte("--")):
				st = inComment
			case bytes.Equal(head, []byte("[CDATA[")):
				st = inCDATA
			case bytes.HasPrefix([]byte("--"), head), bytes.HasPrefix([]byte("[CDATA["), head):
			default:
				st, c.doctype, quote, brackets = inDeclaration, true, 0, 0
			}
		case inComment:
			if b == '>' && len(buf)-mark >= 7 && bytes.HasSuffix(buf, []byte("-->")) {
				st = inText
			}
		case inCDATA:
			if b == '>' && bytes.HasSuffix(buf, []byte("]]>")) {
				st = inText
			}
		case inDeclaration:
			switch {
			case quote != 0:
				if b == quote {
					quote = 0
				}
			case b == '"' || b == '\'':
				quote = b
			case b == '[':
				brackets++
			case b == ']':
				brackets--
			case b == '>' && brackets <= 0:
				st = inText
			}
		case inStartTag:
			switch {
			case b == '<': // the tag was never closed; go on with this one
				if depth == 0 {
					c.root, depth = tagName(buf[mark+1:]), 1
				}
				st, mark, quote = afterLess, len(buf)-1, 0
			case quote != 0:
				if b == quote {
					quote = 0
				}
			case b == '"' || b == '\'':
				quote = b
			case b == '>':
				if depth == 0 {
					c.root = tagName(buf[mark+1:])
				}
				st = inText
				if buf[len(buf)-2] == '/' {
					if depth == 0 {
						return finish(), nil
					}
				} else {
					depth++
				}
			}
		case inEndTag:
			if b == '>' {
				st = inText
				if depth--; depth <= 0 {
					if c.root == "" {
						c.root = tagName(buf[mark+2:])
					}
					return finish(), nil
				}
			}
		}
	}
}

func (s *splitter) read() (byte, error) {
	if len(s.carry) > 0 {
		b := s.carry[0]
		s.carry = s.carry[1:]
		s.total++
		return b, nil
	}
	b, err := s.r.ReadByte()
	if err == nil {
		s.total++
	}
	return b, err
}

// trim drops what stands before the first markup and moves the line count on.
func (s *splitter) trim(buf []byte, c *cut) []byte {
	lines := bytes.Count(buf, []byte{'\n'})
	s.line += lines
	t := bytes.TrimLeft(buf, " \t\r\n\x00\x1a")
	c.line += bytes.Count(buf[:len(buf)-len(t)], []byte{'\n'})
	return t
}

// blank reports whether buf holds nothing but spaces, comments and instructions.
func blank(buf []byte) bool {
	for {
		buf = bytes.TrimLeft(buf, " \t\r\n\x00\x1a")
		buf = bytes.TrimPrefix(buf, []byte("\xef\xbb\xbf"))
		var end string
		switch {
		case len(buf) == 0:
			return true
		case bytes.HasPrefix(buf, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(buf, []byte("<?")):
			end = "?>"
		default:
			return false
		}
		i := bytes.Index(buf, []byte(end))
		if i < 0 {
			return false
		}
		buf = buf[i+len(end):]
	}
}

func known(entity string) bool {
	switch entity {
	case "amp", "lt", "gt", "quot", "apos":
		return true
	}
	return len(entity) > 1 && entity[0] == '#'
}

// space includes what old programs leave at the end of files: NUL and Ctrl-Z.
func space(b byte) bool {
	return b == ' ' || b == '\t' || b == '\r' || b == '\n' || b == 0 || b == 0x1a
}

// bom reports whether b is a byte of a UTF-8 byte order mark; b ends buf.
func bom(buf []byte, b byte) bool {
	const mark = "\xef\xbb\xbf"
	switch b {
	case mark[0]:
		return true
	case mark[1]:
		return bytes.HasSuffix(buf, []byte(mark[:2]))
	case mark[2]:
		return bytes.HasSuffix(buf, []byte(mark))
	}
	return false
}

func nameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == ':' || b == '-' || b == '.' || b >= 0x80
}

func tagName(b []byte) string {
	for i, c := range b {
		if !nameByte(c) {
			return string(b[:min(i, 60)])
		}
	}
	return string(b[:min(len(b), 60)])
}

func local(name string) string {
	for i := range len(name) {
		if name[i] == ':' {
			return name[i+1:]
		}
	}
	return name
}
