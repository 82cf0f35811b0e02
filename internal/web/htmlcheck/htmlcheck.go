// Package htmlcheck says things about HTML by selector, for tests.
package htmlcheck

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// A Doc is a parsed page.
type Doc struct{ root *html.Node }

// Parse reads a page. Like a browser it never says no to bad markup.
func Parse(r io.Reader) (Doc, error) {
	n, err := html.Parse(r)
	return Doc{n}, err
}

// A Node is one element.
type Node struct{ n *html.Node }

// All returns the elements that a selector chooses, in order. A selector is
// simple selectors (tag, #id, .class, [name], [name=value], in any combination
// without blanks) one inside the other, with blanks between.
func (d Doc) All(selector string) []Node { return Node{d.root}.All(selector) }

// First returns the first of [Doc.All], and whether there is one.
func (d Doc) First(selector string) (Node, bool) { return Node{d.root}.First(selector) }

// Text is all the text of the page in one line.
func (d Doc) Text() string { return Node{d.root}.Text() }

// All is [Doc.All] below the element.
func (n Node) All(selector string) (found []Node) {
	at := []Node{n}
	for _, part := range strings.Fields(selector) {
		s, err := parse(part)
		if err != nil {
			panic(err) // the selector is written in a test
		}
		var next []Node
		seen := map[*html.Node]bool{}
		for _, a := range at {
			for d := range a.n.Descendants() {
				if d.Type == html.ElementNode && !seen[d] && s.fits(d) {
					seen[d] = true
					next = append(next, Node{d})
				}
			}
		}
		at = next
	}
	return at
}

// First is [Doc.First] below the element.
func (n Node) First(selector string) (Node, bool) {
	if all := n.All(selector); len(all) > 0 {
		return all[0], true
	}
	return Node{}, false
}

// Tag is the element's name.
func (n Node) Tag() string { return n.n.Data }

// Attr is an attribute's value, and whether it is there.
func (n Node) Attr(name string) (string, bool) {
	for _, a := range n.n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Attrs are the names of all attributes.
func (n Node) Attrs() (names []string) {
	for _, a := range n.n.Attr {
		names = append(names, a.Key)
	}
	return names
}

// Text is the text inside, blanks folded.
func (n Node) Text() string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(x *html.Node) {
		if x.Type == html.TextNode {
			b.WriteString(x.Data + " ")
		}
		if x.Type == html.ElementNode && (x.Data == "script" || x.Data == "style") {
			return
		}
		for c := x.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n.n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// simple is one simple selector.
type simple struct {
	tag     string
	classes []string
	attrs   [][2]string
	has     []string
}

func parse(s string) (simple, error) {
	var out simple
	i := strings.IndexAny(s, "#.[")
	if i < 0 {
		i = len(s)
	}
	out.tag, s = s[:i], s[i:]
	for s != "" {
		switch s[0] {
		case '[':
			end := strings.IndexByte(s, ']')
			if end < 0 {
				return out, fmt.Errorf("selector %q: ] is missing", s)
			}
			name, value, eq := strings.Cut(s[1:end], "=")
			if eq {
				out.attrs = append(out.attrs, [2]string{name, strings.Trim(value, `"'`)})
			} else {
				out.has = append(out.has, name)
			}
			s = s[end+1:]
		case '#', '.':
			end := strings.IndexAny(s[1:], "#.[") + 1
			if end == 0 {
				end = len(s)
			}
			if s[0] == '#' {
				out.attrs = append(out.attrs, [2]string{"id", s[1:end]})
			} else {
				out.classes = append(out.classes, s[1:end])
			}
			s = s[end:]
		default:
			return out, fmt.Errorf("selector: cannot read %q", s)
		}
	}
	return out, nil
}

func (s simple) fits(n *html.Node) bool {
	if s.tag != "" && s.tag != "*" && n.Data != s.tag {
		return false
	}
	node := Node{n}
	class, _ := node.Attr("class")
	for _, c := range s.classes {
		if !strings.Contains(" "+strings.Join(strings.Fields(class), " ")+" ", " "+c+" ") {
			return false
		}
	}
	for _, a := range s.attrs {
		if v, ok := node.Attr(a[0]); !ok || v != a[1] {
			return false
		}
	}
	for _, h := range s.has {
		if _, ok := node.Attr(h); !ok {
			return false
		}
	}
	return true
}
