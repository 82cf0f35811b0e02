package main

import (
	"fmt"
	"strings"
)

// A mutant is one guard taken away.
type mutant struct {
	name    string // what is lost, in words: "a second intent for one step is let through"
	file    string // the file to change, from the root
	search  string // text that stands there exactly once
	replace string
	pkg     string // package of the test, from the root
	test    string // test that must turn red, with / before a subtest
	at      string // list file and line, for messages
}

// parse reads one list. A mutant is
//
//	mutant: what is lost, in words
//	file: internal/store/transfer.go
//	test: internal/store TestIntentOnce
//	--- search
//	exact lines
//	--- replace
//	other lines, or none
//	--- end
//
// Between mutants, lines that are empty or begin with # are passed over.
func parse(file, text string) ([]mutant, error) {
	var all []mutant
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if s := strings.TrimSpace(lines[i]); s == "" || strings.HasPrefix(s, "#") {
			continue
		}
		m := mutant{at: fmt.Sprintf("%s:%d", file, i+1)}
		field := func(name string) (string, error) {
			if i >= len(lines) {
				return "", fmt.Errorf("%s: ends before %q", m.at, name)
			}
			value, ok := strings.CutPrefix(lines[i], name+": ")
			if !ok {
				return "", fmt.Errorf("%s: line %d is %q, want %q", m.at, i+1, lines[i], name+": …")
			}
			i++
			return strings.TrimSpace(value), nil
		}
		block := func(name, until string) (string, error) {
			if i >= len(lines) || lines[i] != "--- "+name {
				return "", fmt.Errorf("%s: want %q on line %d", m.at, "--- "+name, i+1)
			}
			begin := i + 1
			for i++; i < len(lines); i++ {
				if lines[i] == "--- "+until {
					return strings.Join(lines[begin:i], "\n"), nil
				}
			}
			return "", fmt.Errorf("%s: no %q after %q", m.at, "--- "+until, "--- "+name)
		}
		var test string
		var err error
		for _, step := range []func() error{
			func() error { m.name, err = field("mutant"); return err },
			func() error { m.file, err = field("file"); return err },
			func() error { test, err = field("test"); return err },
			func() error { m.search, err = block("search", "replace"); return err },
			func() error { m.replace, err = block("replace", "end"); return err },
		} {
			if err := step(); err != nil {
				return nil, err
			}
		}
		var ok bool
		if m.pkg, m.test, ok = strings.Cut(test, " "); !ok {
			return nil, fmt.Errorf("%s: test is %q, want a package and a test", m.at, test)
		}
		if strings.TrimSpace(m.search) == "" || m.search == m.replace {
			return nil, fmt.Errorf("%s: nothing to search for, or nothing changed", m.at)
		}
		all = append(all, m)
	}
	return all, nil
}

// mutate applies the mutant to the text of its file.
func (m mutant) mutate(text string) (string, error) {
	switch n := strings.Count(text, m.search); n {
	case 1:
		return strings.Replace(text, m.search, m.replace, 1), nil
	case 0:
		return "", fmt.Errorf("%s does not hold the text to search for", m.file)
	default:
		return "", fmt.Errorf("%s holds the text to search for %d times", m.file, n)
	}
}
