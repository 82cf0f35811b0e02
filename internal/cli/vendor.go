package cli

import (
	"crypto/rand"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/store"
)

func (a *app) vendorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vendor",
		Short: "Makers of business systems who have customers connected",
		Long: `A vendor has one token, by which it asks for links (POST /v1/connections) on which its
customers are connected, and which stands for those connections and for no other.`,
		Example: `  vienti vendor add "Shopmaker Oy" --return-url https://app.shopmaker.example/connected
  vienti vendor list
  vienti vendor revoke "Shopmaker Oy"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noArgs,
	}
	cmd.AddCommand(a.vendorAdd(), a.vendorList(), a.vendorRevoke())
	return cmd
}

func (a *app) vendorAdd() *cobra.Command {
	var returns []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a vendor and show its token once", Args: cobra.ExactArgs(1),
		Example: `  vienti vendor add "Shopmaker Oy" --return-url https://app.shopmaker.example/connected`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			text, hash := api.NewToken(rand.Reader)
			v, err := o.engine.AddVendor(cmd.Context(), a.actor(), store.Vendor{Name: args[0], ReturnURLs: returns}, hash)
			switch {
			case errors.Is(err, engine.ErrVendorName):
				return usage("%v", err)
			case errors.Is(err, engine.ErrReturnForm):
				return usage("--return-url: %v", err)
			case err != nil:
				return err
			}
			a.printf("%s\n\n  %s\n\n%s\n", a.say.T("vendor.made", "name", v.Name), text, a.t("token.once"))
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&returns, "return-url", nil, "address to which browsers may be sent once connected, whole; may be given several times")
	return cmd
}

func (a *app) vendorList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List vendors", Args: noArgs, Example: "  vienti vendor list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.openToRead(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			list, err := store.ReadOne(cmd.Context(), o.store, func(tx *store.Tx) ([]store.Vendor, error) { return tx.Vendors() })
			if err != nil {
				return err
			}
			t := table{}
			t.add(a.t("column.name"), a.say.T("vendor.returns"), a.t("column.made"), a.say.T("vendor.used"), a.t("column.revoked"))
			for _, v := range list {
				t.add(clip(v.Name, 40), clip(strings.Join(v.ReturnURLs, " "), 60), a.say.Time(v.Created), a.say.Time(v.Used), a.say.Time(v.Revoked))
			}
			a.printf("%s", t.String())
			return nil
		},
	}
}

func (a *app) vendorRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "End the token of a vendor, and its open links", Args: cobra.ExactArgs(1),
		Example: `  vienti vendor revoke "Shopmaker Oy"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer o.close()
			list, err := store.ReadOne(cmd.Context(), o.store, func(tx *store.Tx) ([]store.Vendor, error) { return tx.Vendors() })
			if err != nil {
				return err
			}
			for _, v := range list {
				if v.Name != args[0] || !v.Revoked.IsZero() {
					continue
				}
				if err := o.engine.RevokeVendor(cmd.Context(), a.actor(), v.ID); err != nil {
					return err
				}
				a.printf("%s\n", a.say.T("vendor.revoked", "name", v.Name))
				return nil
			}
			return usage("no vendor in use is called %q; see vienti vendor list", args[0])
		},
	}
}
