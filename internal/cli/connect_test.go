package cli

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The narrow rights of a technical user are enough; each one that is taken away
// is named, with where to give it, and no other.
func TestConnectNamesEachMissingRight(t *testing.T) {
	feature.Covers(t, "E-15", "E-16", "E-17", "S-42")
	sandbox := procountortest.New(procountortest.Options{})
	srv := httptest.NewServer(sandbox.Handler())
	defer srv.Close()
	defer sandbox.Close()
	demo := sandbox.Demo()
	check := func(t *testing.T, rights procountortest.UserPermissions) (code int, missing []string) {
		t.Helper()
		sandbox.SetRights(demo.CompanyID, demo.UserID, rights)
		env, out, errs := testEnv(t)
		env.System.Getenv = func(name string) string {
			return map[string]string{"VIENTI_CLIENT_SECRET": demo.ClientSecret, "VIENTI_API_KEY": demo.APIKey}[name]
		}
		code = Run(t.Context(), []string{"connect", "--check", "--json", "--environment", "sandbox", "--base-url", srv.URL + "/api", "--client-id", demo.ClientID}, env)
		var got connected
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v\n%s%s", err, out, errs)
		}
		for _, c := range got.Checks {
			if c.OK || !c.Needed {
				continue
			}
			missing = append(missing, c.Name)
			if !strings.Contains(c.Remedy, "Management > Users and access rights") {
				t.Errorf("%s: the remedy does not say where: %q", c.Name, c.Remedy)
			}
		}
		return code, missing
	}
	yes := true
	for name, c := range map[string]struct {
		change func(*procountortest.UserPermissions)
		want   []string
	}{
		"narrow":          {func(*procountortest.UserPermissions) {}, nil},
		"sales invoices":  {func(p *procountortest.UserPermissions) { p.Sales.SalesOrGroupInvoices = procountortest.AllowView }, []string{"write-sales"}},
		"customers":       {func(p *procountortest.UserPermissions) { p.Sales.CustomerRegister = procountortest.AllowView }, []string{"write-customers"}},
		"purchases":       {func(p *procountortest.UserPermissions) { p.Purchases.PurchaseInvoices = procountortest.AllowView }, []string{"write-purchases"}},
		"suppliers":       {func(p *procountortest.UserPermissions) { p.Purchases.SupplierRegister = procountortest.AllowView }, []string{"write-suppliers"}},
		"own sales only":  {func(p *procountortest.UserPermissions) { p.Sales.PersonalSalesInvoicesOnly = &yes }, []string{"own-sales-only"}},
		"own purchases":   {func(p *procountortest.UserPermissions) { p.Purchases.PersonalPurchaseInvoicesOnly = &yes }, []string{"own-purchases-only"}},
		"no editing":      {func(p *procountortest.UserPermissions) { p.Accounting.PreventCreatingEditingInvoices = &yes }, []string{"no-editing"}},
		"some dimensions": {func(p *procountortest.UserPermissions) { p.User.LimitedDimensions = &yes }, []string{"some-dimensions"}},
		"company data": {func(p *procountortest.UserPermissions) {
			p.Management.BasicCompanyInfo = procountortest.NoAccess
		}, []string{"company", "bank-accounts"}},
	} {
		t.Run(name, func(t *testing.T) {
			rights := procountortest.IntegrationRights()
			c.change(&rights)
			code, missing := check(t, rights)
			want := codeOK
			if c.want != nil {
				want = codePerson
			}
			if !slices.Equal(missing, c.want) || code != want {
				t.Errorf("missing %v, exit code %d; want %v, %d", missing, code, c.want, want)
			}
		})
	}
}

// Where Procountor lets invoices be paid before they are approved, connecting says
// so; where purchases do not travel, or it does not, nothing is said.
func TestConnectSaysWhatIsPaidUnapproved(t *testing.T) {
	sandbox := procountortest.New(procountortest.Options{})
	defer sandbox.Close()
	safe := procountortest.FinnishDemo()
	safe.PayOnlyApproved = true
	for name, c := range map[string]struct {
		seed  procountortest.CompanySeed
		kinds []hub.Kind
		want  bool
	}{"paid before": {procountortest.FinnishDemo(), hub.Kinds, true}, "only approved": {safe, hub.Kinds, false},
		"no purchases": {procountortest.FinnishDemo(), []hub.Kind{hub.SalesInvoice}, false}} {
		d := sandbox.AddCompanyWithKey(c.seed)
		trial, err := engine.Try(t.Context(), sandbox.Client(), nil, engine.Join{Environment: hub.Sandbox, BaseURL: procountortest.BaseURL, ClientID: d.ClientID,
			Secret: secret.New(d.ClientSecret), APIKey: secret.New(d.APIKey)}, c.kinds)
		if err != nil || trial.PaidUnapproved != c.want {
			t.Errorf("%s: %+v, %v", name, trial, err)
		}
	}
}
