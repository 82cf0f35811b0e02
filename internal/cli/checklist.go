package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/checklist"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/web"
)

func (a *app) checklistCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "checklist [CONNECTION]",
		Short: "What must be in order at both ends before a connection writes",
		Long: `Tries the key, reads the registers of the source where it shows them, and says line
by line what is in order, what is missing and where it is mended. Nothing is
written. Where the source shows its registers, writing is not switched on while
something is missing.

The exit code is 3 when something is missing.`,
		Example: `  vienti checklist
  vienti checklist Severa --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.checklist(cmd.Context(), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// A checklistLine is a line in JSON.
type checklistLine struct {
	Name   string   `json:"name"`
	At     string   `json:"at"`
	State  string   `json:"state"`
	Title  string   `json:"title"`
	Things []string `json:"things,omitempty"`
	Remedy string   `json:"remedy,omitempty"`
	Where  string   `json:"where,omitempty"`
}

func (a *app) checklist(ctx context.Context, name string, asJSON bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	c, err := o.engine.Checklist(ctx, p.ID)
	if err != nil {
		return err
	}
	if !asJSON {
		return a.tellChecklist(p.System, c)
	}
	lines, left := a.checklistLines(c)
	if err := a.json(lines); err != nil {
		return err
	}
	return left
}

// checklistLines are the lines in words, and the error when something is missing.
func (a *app) checklistLines(c engine.Checklist) (lines []checklistLine, left error) {
	open := 0
	for _, l := range web.ChecklistWords(a.say, c) {
		out := checklistLine{Name: l.Name, At: string(l.At), State: string(l.State), Title: l.Title, Things: l.Things}
		if l.State != checklist.Good {
			out.Remedy, out.Where = l.Remedy, l.Where
		}
		if l.State == checklist.Open {
			open++
		}
		lines = append(lines, out)
	}
	if open > 0 {
		left = &exit{codePerson, errors.New(a.say.N("checklist.open", open))}
	}
	return lines, left
}

func (a *app) tellChecklist(system string, c engine.Checklist) error {
	lines, left := a.checklistLines(c)
	at := ""
	for _, l := range lines {
		if l.At != at {
			at = l.At
			a.printf("%s\n", a.say.T("checklist.at."+at, "system", system))
		}
		a.printf("  %-10s %s\n", a.say.T("checklist.state."+l.State), l.Title)
		for _, x := range l.Things {
			a.printf("             - %s\n", plain(x))
		}
		for _, x := range []string{l.Remedy, l.Where} {
			if x != "" {
				a.printf("             %s\n", x)
			}
		}
	}
	return left
}
