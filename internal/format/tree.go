package format

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// A Node is an element of an XML document. All methods accept a nil Node, which
// is an element that is not there.
type Node struct {
	Name string // without namespace prefix
	// Space is the namespace.
	Space string

	attr    []xml.Attr
	text    strings.Builder
	kids    []*Node
	parent  *Node
	nth     int  // among the parent's children of the same name, from 1
	indexed bool // there are several of that name
}

// carriers may hold a whole file as text.
var carriers = map[string]bool{"EmbeddedDocumentBinaryObject": true}

// parseXML builds the tree. No entity is ever expanded but the five of XML: the
// decoder knows no others, and declarations have been refused before.
func parseXML(text []byte, firstLine int) (*Node, *hub.Fault) {
	d := xml.NewDecoder(bytes.NewReader(text))
	// The text is UTF-8 by now, whatever its declaration says.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	fail := func(code string, args ...string) (*Node, *hub.Fault) {
		line, _ := d.InputPos()
		f := hub.NewFault(code, "", "", append(args, "line", strconv.Itoa(line+firstLine-1))...)
		return nil, &f
	}
	var root, at *Node
	depth, elements := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			reason := err.Error()
			if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
				reason = e.Msg
			}
			return fail(hub.XMLBroken, "reason", reason)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			elements++
			if depth > maxDepth {
				return fail(hub.TooDeep, "limit", strconv.Itoa(maxDepth))
			}
			if elements > maxElements {
				return fail(hub.TooDeep, "limit", strconv.Itoa(maxElements))
			}
			n := &Node{Name: t.Name.Local, Space: t.Name.Space, attr: t.Attr, parent: at, nth: 1}
			if at == nil {
				if root != nil {
					return fail(hub.XMLBroken, "reason", "more than one root element")
				}
				root = n
			} else {
				at.add(n)
			}
			at = n
		case xml.EndElement:
			depth--
			at = at.parent
		case xml.CharData:
			if at == nil {
				continue
			}
			if at.text.Len()+len(t) > maxText && !carriers[at.Name] {
				return fail(hub.TooDeep, "limit", strconv.Itoa(maxText))
			}
			at.text.Write(t)
		case xml.Directive:
			return fail(hub.EntityForbidden)
		}
	}
	if root == nil {
		return fail(hub.XMLBroken, "reason", "no element")
	}
	return root, nil
}

func (n *Node) add(kid *Node) {
	// Same-named siblings stand together, so looking back a little finds them;
	// what is counted wrong otherwise is only a number in a path.
	for i := len(n.kids) - 1; i >= 0; i-- {
		if n.kids[i].Name == kid.Name {
			n.kids[i].indexed = true
			kid.nth, kid.indexed = n.kids[i].nth+1, true
			break
		}
		if len(n.kids)-i > 64 {
			break
		}
	}
	n.kids = append(n.kids, kid)
}

// Child returns the first element by that path of names, or nil.
func (n *Node) Child(path ...string) *Node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		var found *Node
		for _, k := range n.kids {
			if k.Name == name {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

// All returns the children of that name.
func (n *Node) All(name string) []*Node {
	if n == nil {
		return nil
	}
	var list []*Node
	for _, k := range n.kids {
		if k.Name == name {
			list = append(list, k)
		}
	}
	return list
}

// Kids returns all children.
func (n *Node) Kids() []*Node {
	if n == nil {
		return nil
	}
	return n.kids
}

// Find returns the first element of that name at or below n.
func (n *Node) Find(name string) *Node {
	if n == nil || n.Name == name {
		return n
	}
	for _, k := range n.kids {
		if f := k.Find(name); f != nil {
			return f
		}
	}
	return nil
}

// Text returns the text of the element by that path, without spaces around it and
// with line breaks as \n.
func (n *Node) Text(path ...string) string {
	n = n.Child(path...)
	if n == nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(n.text.String()), "\r\n", "\n")
}

// Texts returns the texts of all children of that name that have one.
func (n *Node) Texts(name string) []string {
	var list []string
	for _, k := range n.All(name) {
		if t := k.Text(); t != "" {
			list = append(list, t)
		}
	}
	return list
}

// Attr returns an attribute by its name without prefix.
func (n *Node) Attr(name string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// Path says where the element stands: Finvoice[2]/InvoiceRow[3]/RowVatRatePercent.
func (n *Node) Path(more ...string) string {
	if n == nil {
		return strings.Join(more, "/")
	}
	own := n.Name
	if n.indexed {
		own = fmt.Sprintf("%s[%d]", n.Name, n.nth)
	}
	path := strings.Join(append([]string{own}, more...), "/")
	if n.parent == nil {
		return path
	}
	return n.parent.Path(path)
}
