package main

import (
	"fmt"
	"strings"
)

// The table of docs/measurements.md: name, value, unit, aim, command.
const columns = 5

// row splits a line of the table; ok is false for any other line.
func row(line string) (cells []string, ok bool) {
	if !strings.HasPrefix(line, "| `") {
		return nil, false
	}
	cells = strings.Split(strings.Trim(line, "| "), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	cells[0] = strings.Trim(cells[0], "`")
	return cells, len(cells) == columns
}

// aims returns the aims of the page by name.
func aims(page string) map[string]string {
	m := map[string]string{}
	for line := range strings.SplitSeq(page, "\n") {
		if c, ok := row(line); ok {
			m[c[0]] = c[3]
		}
	}
	return m
}

// fill puts the values into the rows that bear their names. Figures without a
// row are left out: a row is made by hand, with its aim.
func fill(page string, figures []figure) string {
	lines := strings.Split(page, "\n")
	for i, line := range lines {
		c, ok := row(line)
		if !ok {
			continue
		}
		for _, f := range figures {
			if f.Name == c[0] {
				lines[i] = fmt.Sprintf("| `%s` | %s | %s | %s | %s |", c[0], f.Value, f.Unit, c[3], c[4])
			}
		}
	}
	return strings.Join(lines, "\n")
}
