package engine_test

import (
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

var roundsRead = flag.Int("rounds-read", 450, "purchase invoices that TestRoundsAreReadInBatches begins rounds of")

func allRounds(c *circle) []store.Round {
	c.T.Helper()
	list, err := store.ReadOne(c.T.Context(), c.Store, func(tx *store.Tx) ([]store.Round, error) { return tx.Rounds(store.RoundFilter{Limit: 100}) })
	c.Must(err)
	return list
}

func countRounds(c *circle) (n int) {
	c.T.Helper()
	c.Must(c.Store.DB().QueryRowContext(c.T.Context(), "select count(*) from purchase_round").Scan(&n))
	return n
}

// Many invoices begin their rounds with few requests: they and their receipts are read in
// batches, beside the list of what has changed.
func TestRoundsAreReadInBatches(t *testing.T) {
	n := *roundsRead
	c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
	for i := range n {
		c.Foreign(enginetest.Purchase(fmt.Sprintf("P%d", i), "10"))
	}
	for _, inv := range c.Sandbox.Invoices(c.Company.ProcountorID) {
		c.Sandbox.SetInvoiceStatus(c.Company.ProcountorID, inv.ID, "RECEIVED")
	}
	c.Sandbox.ForgetRequests()
	for range n {
		c.Clock.Add(10 * time.Second)
		if c.Settle(); countRounds(c) == n && c.Sandbox.Requests()["getInvoiceImage"] == n {
			break
		}
	}
	requests, images := 0, c.Sandbox.Requests()["getInvoiceImage"]
	for _, k := range c.Sandbox.Requests() {
		requests += k
	}
	if requests -= images; images != n {
		t.Errorf("%d images of %d invoices were asked for", images, n)
	}
	if got := countRounds(c); got != n || float64(requests) > 1.1*float64(n) {
		t.Errorf("%d rounds after %d requests for %d invoices: %v", got, requests, n, c.Sandbox.Requests())
	}
	t.Logf(`{"name":"round_requests_per_invoice","value":%.3f,"unit":"requests","aim":"<=1.1"} of %d`, float64(requests)/float64(n), n)
	t.Logf(`{"name":"round_images_per_invoice","value":%.3f,"unit":"requests","aim":"<=1"} of %d`, float64(images)/float64(n), n)
}

// After a backup from before is restored, rounds go on where they stood in it: what was
// posted since comes back as ours and goes no round, what was approved since asks nobody,
// and nothing is fetched, posted or approved twice.
func TestRoundsAfterARestoredBackup(t *testing.T) {
	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	clock := enginetest.NewClock()
	open := func(url string) *store.Store {
		return storetest.Open(t, url, store.Options{Now: clock.Now, Log: slog.New(slog.DiscardHandler), Vault: vault})
	}
	c := circled(t, func(cfg enginetest.Config) *enginetest.World {
		return enginetest.New(t, open(storetest.SQLite(t)), clock, cfg)
	},
		enginetest.Config{Settings: arriving(hub.ArriveUnfinished)})
	first := c.bought("P1", "10", "", "")
	c.seen()
	kept := filepath.Join(t.TempDir(), "backup.db")
	_, err = c.Store.DB().ExecContext(t.Context(), "vacuum into '"+kept+"'")
	c.Must(err)

	own := enginetest.Purchase("OWN", "100")
	c.Receive(own)
	second := c.bought("P2", "10", "", "")
	c.bought("P3", "10", "", "37")
	c.seen()
	if why := c.does("anna", "P2", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Fatal(why)
	}
	c.seen()
	if c.status(second) != "APPROVED" || len(c.Vouchers("OWN")) != 1 || len(allRounds(c)) != 3 {
		t.Fatalf("before: %s, %d of ours, %d rounds", c.status(second), len(c.Vouchers("OWN")), len(allRounds(c)))
	}

	c.Store = open("sqlite:" + kept)
	c.Engine = c.NewEngine(c.Store, "restored", 1)
	c.Clock.Add(time.Hour)
	c.Settle()
	hours(c.World, 30)
	got := map[string]circulation.State{}
	for _, r := range allRounds(c) {
		got[r.Number] = r.State
	}
	if len(got) != 2 || got["P1"] != circulation.Open || got["P3"] != circulation.Open {
		t.Errorf("rounds after the backup: %v", got)
	}
	c.Receive(own) // its source shows it again
	c.Settle()
	if v := c.Vouchers("OWN"); len(v) != 1 {
		t.Errorf("%d of ours: %s", len(v), enginetest.Describe(c.Transfer("OWN")))
	}
	if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Approve}); why != "" {
		t.Error(why)
	}
	c.seen()
	if c.status(first) != "APPROVED" {
		t.Errorf("P1 is %s", c.status(first))
	}
	approvals := 0
	for _, r := range c.Sandbox.Received() {
		if r.Method == "PUT" && r.Path == fmt.Sprintf("/invoices/%d/approve", second) {
			approvals++
		}
	}
	if approvals != 1 {
		t.Errorf("P2 was approved %d times", approvals)
	}
}
