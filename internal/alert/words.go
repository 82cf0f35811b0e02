package alert

import (
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/remedy"
)

// Letters are plain text. They name companies, reasons and counts, and lead to the
// page; sums, partners and keys stay on it.

func stopWords(say locale.Speaker, causes []Cause, base string) (subject, body string) {
	e := remedy.For(say, hub.Fault{Code: causes[0].Code})
	return say.T("mail.stop-subject", "title", e.Title) + whose(say, causes),
		text(base+"/companies", say, e.Title+".", e.Cause, names(say.T("mail.companies"), causes), say.T("mail.do", "remedy", e.Remedy))
}

func endWords(say locale.Speaker, causes []Cause, base string) (subject, body string) {
	e := remedy.For(say, hub.Fault{Code: causes[0].Code})
	return say.T("mail.end-subject", "title", e.Title) + whose(say, causes),
		text(base+"/companies", say, say.T("mail.end", "title", e.Title), names(say.T("mail.companies"), causes))
}

func digestWords(say locale.Speaker, causes []Cause, base string) (subject, body string) {
	total := 0
	var lines []string
	for i := 0; i < len(causes); {
		code, n, fresh := causes[i].Code, 0, false
		var where []string
		for ; i < len(causes) && causes[i].Code == code; i++ {
			n, fresh = n+causes[i].Count, fresh || !causes[i].Told
			if !slices.Contains(where, causes[i].Name) {
				where = append(where, causes[i].Name)
			}
		}
		total += n
		line := say.N("mail.line", n, "title", title(say, code), "companies", strings.Join(where, ", "))
		if fresh {
			line = say.T("mail.new", "line", line)
		}
		lines = append(lines, "- "+line)
	}
	return say.N("mail.digest-subject", total), text(base+"/tasks", say, say.N("mail.digest", total), strings.Join(lines, "\n"))
}

// title is the reason's own; the words of Procountor, which may hold anything, stay on the page.
func title(say locale.Speaker, code string) string {
	if e := remedy.For(say, hub.Fault{Code: code}); !e.Known {
		return e.Title
	}
	return remedy.Title(say, code)
}

// whose ends a subject with the company, or how many there are.
func whose(say locale.Speaker, causes []Cause) string {
	if len(causes) == 1 {
		return ": " + causes[0].Name
	}
	return ": " + say.N("page.companies", len(causes))
}

func names(head string, causes []Cause) string {
	lines := []string{head}
	for _, c := range causes {
		lines = append(lines, "- "+c.Name)
	}
	return strings.Join(lines, "\n")
}

func text(link string, say locale.Speaker, parts ...string) string {
	return strings.Join(append(parts, link, "-- \n"+say.T("mail.foot")), "\n\n") + "\n"
}

// Waiting is a letter about purchase invoices that wait for somebody.
func Waiting(say locale.Speaker, base, says string) string {
	return text(base+"/rounds", say, says+".")
}

// Invitation is the letter by which somebody chooses a password. The link works
// once, so the letter is sent at once and kept nowhere.
func Invitation(say locale.Speaker, name, link, until string) (subject, body string) {
	return say.T("mail.invite-subject"), text(link, say, say.T("mail.invite", "name", name, "time", until))
}

// Test is the letter of vienti mail --test.
func Test(say locale.Speaker, base string) (subject, body string) {
	return say.T("mail.test-subject"), text(base, say, say.T("mail.test"))
}
