package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) logCommand() *cobra.Command {
	var f store.TransferFilter
	var states []string
	var connection, since string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "log [NUMBER]",
		Short: "List documents and where they stand",
		Long: `Lists documents, the newest first, with their state. A number lists the documents
that carry it.`,
		Example: `  vienti log
  vienti log --needs-person                   what waits for someone
  vienti log --state held,refused --since 2026-01-01
  vienti log --search "kuvitelma 1500"
  vienti log --payments --state held          payments that are not marked, and why
  vienti log --json | jq '.documents[].state'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, s := range states {
				if !slices.Contains(hub.States, hub.State(s)) {
					return usage("--state: there is no %q; there are %s", s, join(hub.States))
				}
				f.States = append(f.States, hub.State(s))
			}
			if since != "" {
				if _, err := civil.Parse(since); err != nil {
					return usage("--since: %q is not a day; write YYYY-MM-DD", since)
				}
				f.From = since
			}
			number := ""
			if len(args) == 1 {
				number = args[0]
				f.Search = strings.TrimSpace(f.Search + " " + number)
			}
			return a.list(cmd.Context(), f, connection, number, asJSON)
		},
	}
	p := cmd.Flags()
	p.StringSliceVar(&states, "state", nil, "only these states: "+join(hub.States))
	p.BoolVar(&f.Needs, "needs-person", false, "only what stands still until someone acts, or has arrived and asks something")
	p.BoolVar(&f.Payments, "payments", false, "payments instead of documents")
	p.StringVar(&f.Search, "search", "", "words of number, partner, sum, reference; all must be there")
	p.StringVar(&since, "since", "", "documents dated on this day or later")
	p.StringVar(&connection, "connection", "", "only this connection")
	p.StringVar(&f.Code, "code", "", "only what stands still for this reason, such as period-closed; with --needs-person also what asks for it")
	p.IntVar(&f.Limit, "limit", 50, "how many at most, up to 500")
	p.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func join[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

func (a *app) list(ctx context.Context, f store.TransferFilter, connection, number string, asJSON bool) error {
	o, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	if connection != "" {
		p, err := o.connection(ctx, connection)
		if err != nil {
			return err
		}
		f.Connection = p.ID
	}
	var list []hub.Transfer
	var counts map[hub.State]int
	if err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		if list, err = tx.ListTransfers(f); err != nil {
			return err
		}
		counts, err = tx.CountTransfers(f)
		return err
	}); err != nil {
		return err
	}
	if number != "" {
		// The search looks for parts; a number means that very number, if there is one.
		if exact := withNumber(list, number); len(exact) > 0 {
			list = exact
		}
	}
	rows := make([]row, len(list))
	for i := range list {
		rows[i] = a.row(&list[i])
	}
	if asJSON {
		all := 0
		for _, n := range counts {
			all += n
		}
		return a.json(struct {
			Documents []row             `json:"documents"`
			All       int               `json:"all"`
			Counts    map[hub.State]int `json:"counts"`
		}{rows, all, counts})
	}
	if len(rows) == 0 {
		a.printf("%s\n", a.say.T("list.nothing-fits"))
		return nil
	}
	t := table{right: []int{3}}
	t.add(a.t("column.number"), a.t("column.partner"), a.t("column.date"), a.t("column.sum"), a.t("column.state"), a.t("column.procountor"), a.t("column.reason"))
	for _, r := range rows {
		there, why := "", ""
		if r.Procountor != 0 {
			there = fmt.Sprint(r.Procountor)
		}
		if len(r.Reasons) > 0 {
			why = r.Reasons[0].Title
			if n := len(r.Reasons) - 1; n > 0 {
				why += fmt.Sprintf(" (+%d)", n)
			}
		}
		t.add(clip(a.name(r), 26), clip(r.Partner, 28), a.say.Day(r.Date), a.sum(r), a.state(r), there, clip(why, 60))
	}
	a.printf("%s", t.String())
	var sums []string
	for _, s := range hub.States {
		if counts[s] > 0 {
			sums = append(sums, fmt.Sprintf("%s %d", a.say.T("state."+string(s)), counts[s]))
		}
	}
	a.printf("\n%s\n", strings.Join(sums, " · "))
	return nil
}

func withNumber(list []hub.Transfer, number string) (exact []hub.Transfer) {
	for _, t := range list {
		if strings.EqualFold(t.Number, number) || t.ID == number || fmt.Sprint(t.InvoiceNumber) == number && t.InvoiceNumber != 0 {
			exact = append(exact, t)
		}
	}
	return exact
}

// find returns the documents that a person means by a number: the source's, the
// one in Procountor, or our own id.
func (o *opened) find(ctx context.Context, number string) ([]hub.Transfer, error) {
	list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]hub.Transfer, error) {
		if t, err := tx.Transfer(number); err == nil {
			return []hub.Transfer{t}, nil
		}
		return tx.ListTransfers(store.TransferFilter{Search: number})
	})
	if err != nil {
		return nil, err
	}
	if exact := withNumber(list, number); len(exact) > 0 {
		return exact, nil
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no document has the number %q", number)
	}
	var near []string
	for _, t := range list[:min(len(list), 5)] {
		near = append(near, t.Number)
	}
	return nil, fmt.Errorf("no document has the number %q; near are %s", number, strings.Join(near, ", "))
}
