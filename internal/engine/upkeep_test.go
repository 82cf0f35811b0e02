package engine_test

import (
	"testing"

	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/procountor/procountortest"
)

// What the key may not read is unknown; once it may, it is kept although nothing has
// changed in Procountor, and told as no change.
func TestRegistersGrowWithTheKey(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{})
	allow := func(change func(*procountortest.UserPermissions)) {
		rights := procountortest.AllRights()
		change(&rights)
		w.Sandbox.SetRights(w.Company.ProcountorID, w.Sandbox.Demo().UserID, rights)
	}
	read := func() *register.Copy {
		t.Helper()
		c, err := w.Engine.Refresh(t.Context(), w.Company.ID)
		w.Must(err)
		return c
	}
	allow(func(p *procountortest.UserPermissions) { p.Sales.ProductRegister, p.Purchases.ProductRegister = procountortest.NoAccess, procountortest.NoAccess })
	if c := read(); c.Products != nil || c.Company.Payment != register.PaidUnapproved {
		t.Fatalf("%d products, %+v", len(c.Products), c.Company)
	}
	allow(func(*procountortest.UserPermissions) {})
	if c := read(); len(c.Products) == 0 || c.Version != 1 {
		t.Errorf("%d products, version %d", len(c.Products), c.Version)
	}
	n, err := w.Engine.News(t.Context(), w.Company.ID)
	w.Must(err)
	if len(n.Readings) != 0 || len(n.Copy.Products) == 0 {
		t.Errorf("%+v", n.Readings)
	}
}
