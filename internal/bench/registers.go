package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// A large company, as the aim has it.
const (
	largePartners = 20_000
	largeItems    = 10_000
	largeProducts = 5_000
)

// registers measures how long all registers of a large company take to be read
// and stored, and then to be read again when nothing has changed.
func registers(ctx context.Context, o Options) ([]Figure, error) {
	w, err := newWorld(ctx, o, "registers", 0)
	if err != nil {
		return nil, err
	}
	defer w.close()
	seed := procountortest.FinnishDemo()
	seed.Name, seed.BusinessID = "Suuryhtiö Oy", "7890123-2"
	like := seed.Partners[0]
	seed.Partners = make([]procountortest.BusinessPartner, largePartners)
	for i := range seed.Partners {
		info := *like.InvoicingInfo
		info.CustomerNumber, info.Identifier = fmt.Sprint(10_000+i), ""
		p := like
		p.Name, p.InvoicingInfo = fmt.Sprintf("Asiakas %d Oy", i), &info
		seed.Partners[i] = p
	}
	items := make([]string, largeItems)
	for i := range items {
		items[i] = fmt.Sprintf("P%05d Projekti %d", i, i)
	}
	seed.Products = make([]procountortest.Product, largeProducts)
	for i := range seed.Products {
		p := procountortest.FinnishDemo().Products[0]
		p.Code, p.Name = fmt.Sprintf("T%05d", i), fmt.Sprintf("Tuote %d", i)
		seed.Products[i] = p
	}
	seed.Dimensions = []procountortest.DimensionSeed{{Name: "Project", Items: items}}
	demo := w.sandbox.Demo()
	id := w.sandbox.AddCompany(seed)
	key := w.sandbox.AddAPIKey(id, w.sandbox.AddUser(id, "integration", "Ilona", "Integraatio", procountortest.AllRights()), demo.ClientID, "")
	if err := w.store.Tx(ctx, func(tx *store.Tx) error {
		return tx.InsertCompany(hub.Company{ID: "large", Client: "client", ProcountorID: id, Name: seed.Name, BusinessID: seed.BusinessID, Country: "FI",
			Currency: "EUR", Environment: hub.Sandbox, BaseURL: w.url}, secret.New(key))
	}); err != nil {
		return nil, err
	}
	var took [2]time.Duration
	for i := range took {
		start := time.Now()
		c, err := w.engine.Refresh(ctx, "large")
		if err != nil {
			return nil, err
		}
		if took[i] = time.Since(start); len(c.Dimensions) != 1 || len(c.Dimensions[0].Items) != largeItems || len(c.Products) != largeProducts {
			return nil, fmt.Errorf("the copy has %d dimensions and %d products", len(c.Dimensions), len(c.Products))
		}
	}
	return []Figure{
		{"large_registers_first", took[0].Seconds(), "s", "<=5"},
		{"large_registers_again", took[1].Seconds(), "s", "<=5"},
	}, nil
}
