package circulation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
)

// This file reads and writes the lists of settings as people type them: a line each, the
// login last.

// A BadLine is a line that cannot be read, counted from 1.
type BadLine struct {
	N    int
	Text string
}

func (b *BadLine) Error() string { return fmt.Sprintf("line %d: %s", b.N, b.Text) }

// maxLines bounds a list: the projects of a large company.
const maxLines = 5000

func eachLine(text string, read func(words []string) bool) error {
	lines := strings.Split(text, "\n")
	if len(lines) > maxLines {
		return &BadLine{N: maxLines, Text: "…"}
	}
	for i, l := range lines {
		words := strings.Fields(l)
		if len(words) > 0 && !read(words) {
			return &BadLine{N: i + 1, Text: strings.TrimSpace(l)}
		}
	}
	return nil
}

// ParseFields reads the fields that are searched.
func ParseFields(text string) (list []hub.ReceiverField, err error) {
	err = eachLine(text, func(w []string) bool {
		if len(w) < 2 || !slices.Contains(Fields, w[0]) {
			return false
		}
		f := hub.ReceiverField{Field: w[0], Means: hub.ReceiverMeans(w[1]), Pattern: strings.Join(w[2:], " ")}
		list = append(list, f)
		return (f.Means == hub.MeansProject || f.Means == hub.MeansPerson) && Check(f.Pattern) == ""
	})
	return list, err
}

// FieldLines writes what [ParseFields] reads.
func FieldLines(list []hub.ReceiverField) string {
	var lines []string
	for _, f := range list {
		lines = append(lines, strings.TrimSpace(f.Field+" "+string(f.Means)+" "+f.Pattern))
	}
	return strings.Join(lines, "\n")
}

// ParseReceivers reads whose numbers are.
func ParseReceivers(text string) (list []hub.ReceiverOf, err error) {
	err = eachLine(text, func(w []string) bool {
		if len(w) < 2 {
			return false
		}
		last := len(w) - 1
		list = append(list, hub.ReceiverOf{Number: strings.Join(w[:last], " "), Login: strings.ToLower(w[last])})
		return true
	})
	return list, err
}

// ReceiverLines writes what [ParseReceivers] reads.
func ReceiverLines(list []hub.ReceiverOf) string {
	var lines []string
	for _, r := range list {
		lines = append(lines, r.Number+" "+r.Login)
	}
	return strings.Join(lines, "\n")
}

// ParseFurther reads who approves from a sum on.
func ParseFurther(text string) (list []hub.FurtherApprover, err error) {
	err = eachLine(text, func(w []string) bool {
		if len(w) != 2 {
			return false
		}
		a, err := money.Parse(strings.ReplaceAll(w[0], ",", "."))
		list = append(list, hub.FurtherApprover{From: a.String(), Login: strings.ToLower(w[1])})
		return err == nil && a.Sign() >= 0
	})
	return list, err
}

// FurtherLines writes what [ParseFurther] reads.
func FurtherLines(list []hub.FurtherApprover) string {
	var lines []string
	for _, f := range list {
		lines = append(lines, f.From+" "+f.Login)
	}
	return strings.Join(lines, "\n")
}
