package cli

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/audit"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Tokens by which a business system pushes documents",
		Long: `A token lets a program push documents to one connection, by the REST API that
"vienti serve" offers at /v1/. Its text is shown once; only its hash is kept.`,
		Example: "  vienti token create --connection Webshop --name \"shop server\"\n  vienti token list\n  vienti token revoke 3f9a01c2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args:    noArgs,
	}
	cmd.AddCommand(a.tokenCreate(), a.tokenList(), a.tokenRevoke())
	return cmd
}

func (a *app) tokenCreate() *cobra.Command {
	var connection, name string
	var kinds []string
	var read, write, payroll, asJSON bool
	cmd := &cobra.Command{
		Use: "create", Short: "Make a token and show it once", Args: noArgs,
		Example: `  vienti token create --connection Webshop --name "shop server"
  vienti token create --connection Webshop --name "report" --read
  vienti token create --connection Webshop --name "sales" --write --kind sales_invoice
  vienti token create --connection Payroll --name "payroll" --kind payroll_journal --payroll`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" {
				return usage("--name is missing: say what uses the token")
			}
			may := people.TokenRights{Reads: read || !write, Writes: write || !read, Kinds: kindsNamed(kinds), Payroll: payroll}
			if err := may.Check(); err != nil {
				return usage("%v", err)
			}
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			p, err := o.connection(cmd.Context(), connection)
			if err != nil {
				return err
			}
			text, hash := api.NewToken(rand.Reader)
			if err := o.store.Tx(cmd.Context(), func(tx *store.Tx) error {
				if err := tx.InsertPushToken(hash, p.ID, name, may); err != nil {
					return err
				}
				return tx.AppendAct(audit.Act{Actor: a.actor(), Kind: "token.made", Subject: p.ID, Detail: audit.Detail(map[string]string{"token": hash[:engine.TokenID], "name": name, "may": strings.Join(tokenMay(may), " ")})})
			}); err != nil {
				return err
			}
			if asJSON {
				return a.json(map[string]any{"connection": p.Name, "name": name, "id": hash[:engine.TokenID], "may": tokenMay(may), "token": text})
			}
			a.printf("%s\n\n  %s\n\n%s\n%s\n", a.t("token.made", "connection", p.Name), text, a.t("token.may", "rights", strings.Join(tokenMay(may), " ")), a.t("token.once"))
			return nil
		},
	}
	cmd.Flags().StringVar(&connection, "connection", "", "name of the connection; needed when there are several")
	cmd.Flags().StringVar(&name, "name", "", "what uses the token")
	cmd.Flags().BoolVar(&read, "read", false, "the token reads; without --write it reads only (default: both)")
	cmd.Flags().BoolVar(&write, "write", false, "the token writes; without --read it writes only")
	cmd.Flags().StringArrayVar(&kinds, "kind", nil, "kind of documents that it is for: "+join(people.Kinds())+"; may be given several times (default: all)")
	cmd.Flags().BoolVar(&payroll, "payroll", false, "the token sees the amounts of payroll too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// tokenMay are the rights of a token, in the words of the flags that give them.
func tokenMay(may people.TokenRights) (words []string) {
	if may.Reads {
		words = append(words, "read")
	}
	if may.Writes {
		words = append(words, "write")
	}
	for _, k := range may.Kinds {
		words = append(words, string(k))
	}
	if may.Payroll {
		words = append(words, "payroll")
	}
	return words
}

func (a *app) tokenList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List tokens", Args: noArgs, Example: "  vienti token list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			list, places, err := o.tokens(cmd.Context())
			if err != nil {
				return err
			}
			type shown struct {
				ID         string   `json:"id"`
				Connection string   `json:"connection"`
				Name       string   `json:"name"`
				May        []string `json:"may"`
				Created    string   `json:"created"`
				Used       string   `json:"used,omitempty"`
				Revoked    string   `json:"revoked,omitempty"`
			}
			rows := []shown{}
			t := table{}
			t.add("Id", a.t("column.connection"), a.t("column.name"), a.t("column.may"), a.t("column.made"), a.say.T("vendor.used"), a.t("column.revoked"))
			for _, k := range list {
				rows = append(rows, shown{k.Hash[:engine.TokenID], places[k.Connection], k.Name, tokenMay(k.Rights), a.say.Time(k.Created), a.say.Time(k.Used), a.say.Time(k.Revoked)})
				t.add(k.Hash[:engine.TokenID], clip(places[k.Connection], 32), clip(k.Name, 32), strings.Join(tokenMay(k.Rights), " "), a.say.Time(k.Created), a.say.Time(k.Used), a.say.Time(k.Revoked))
			}
			if asJSON {
				return a.json(rows)
			}
			a.printf("%s", t.String())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (o *opened) tokens(ctx context.Context) ([]store.PushToken, map[string]string, error) {
	names := map[string]string{}
	places, err := o.places(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range places {
		names[p.ID] = p.Name
	}
	list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]store.PushToken, error) { return tx.PushTokens("") })
	return list, names, err
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "End a token for good", Args: cobra.ExactArgs(1), Example: "  vienti token revoke 3f9a01c2b4d5",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			list, names, err := o.tokens(cmd.Context())
			if err != nil {
				return err
			}
			id := args[0]
			if strings.HasPrefix(id, "vnt_") {
				id = api.HashToken(id)
			}
			var hit []store.PushToken
			for _, k := range list {
				if len(id) >= 6 && strings.HasPrefix(k.Hash, id) && k.Revoked.IsZero() {
					hit = append(hit, k)
				}
			}
			if len(hit) != 1 {
				return usage("%d tokens in use begin with %q; see vienti token list", len(hit), args[0])
			}
			if err := o.engine.RevokeToken(cmd.Context(), a.actor(), hit[0]); err != nil {
				return err
			}
			a.printf("%s\n", a.t("token.revoked", "name", hit[0].Name, "connection", names[hit[0].Connection]))
			return nil
		},
	}
}
