package engine_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/circulation"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor"
	"github.com/vienti/vienti/procountor/procountortest"
)

// picture is a PNG of that many points.
func picture(side int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// scanned attaches pages to an invoice in Procountor.
func (c *circle) scanned(id int64, pages ...[]byte) {
	c.T.Helper()
	client, err := c.Engine.Client(c.T.Context(), c.Company)
	c.Must(err)
	for _, p := range pages {
		_, err := client.Attachments.Create(c.T.Context(), procountor.Attachment{Name: "lasku.png", ReferenceType: procountor.AtInvoice, ReferenceID: id}, p)
		c.Must(err)
	}
}

func (c *circle) images(number string) []store.RoundImage {
	c.T.Helper()
	list, err := store.ReadOne(c.T.Context(), c.Store, func(tx *store.Tx) ([]store.RoundImage, error) { return tx.Images(c.round(number).ID) })
	c.Must(err)
	return list
}

func (c *circle) imageIs(number string, want store.ImageState) {
	c.T.Helper()
	if list := c.images(number); len(list) == 0 || list[0].State != want {
		c.T.Errorf("%s: the image is %+v, want %s", number, list, want)
	}
}

// The image of an invoice is there when its round has begun; that there is none, or none
// that can be shown, is remembered. Further pages are read when somebody turns to them, and
// a changed invoice has its image read anew.
func TestRoundImage(t *testing.T) {
	feature.Covers(t, "T-34")
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		c := circled(t, world, enginetest.Config{})
		first, second := picture(3), picture(5)
		id := c.bought("P1", "10", "", "")
		c.scanned(id, first, second)
		c.bought("P2", "10", "", "")
		c.scanned(c.bought("P3", "10", "", ""), []byte("<html><script>alert(1)</script></html>"))
		c.Sandbox.ForgetRequests()
		c.seen()
		c.imageIs("P1", store.ImageKept)
		c.imageIs("P2", store.ImageNone)
		c.imageIs("P3", store.ImageBad)
		hours(c.World, 30)
		if n := c.Sandbox.Requests()["getInvoiceImage"]; n != 3 {
			t.Errorf("%d images asked for", n)
		}
		turn := func(number string, page int) ([]byte, error) {
			mime, content, err := c.Engine.RoundImage(t.Context(), c.round(number).ID, page)
			if err == nil && mime != "image/png" {
				t.Errorf("page %d is %s", page, mime)
			}
			return content, err
		}
		for page, want := range [][]byte{first, second} {
			for range 2 {
				if got, err := turn("P1", page+1); err != nil || !bytes.Equal(got, want) {
					t.Errorf("page %d: %d bytes, %v", page+1, len(got), err)
				}
			}
		}
		for range 2 {
			if _, err := turn("P1", 3); !store.IsNotFound(err) {
				t.Errorf("beyond the last page: %v", err)
			}
		}
		for _, page := range []int{0, -1, 5, 1000} {
			if _, err := turn("P1", page); !store.IsNotFound(err) {
				t.Errorf("page %d: %v", page, err)
			}
		}
		if _, err := turn("P2", 1); !store.IsNotFound(err) {
			t.Errorf("without an image: %v", err)
		}
		if _, err := turn("P3", 1); !errors.Is(err, engine.ErrImageBad) {
			t.Errorf("no picture: %v", err)
		}
		if n := c.Sandbox.Requests()["getInvoiceImage"]; n != 5 { // pages two and three
			t.Errorf("%d images asked for", n)
		}
		c.Sandbox.EditInvoice(c.Company.ProcountorID, id, func(inv *procountortest.Invoice) { inv.InvoiceRows[0].UnitPrice = procountortest.Num("12") })
		hours(c.World, 2)
		if list := c.images("P1"); len(list) != 1 || list[0].State != store.ImageKept {
			t.Errorf("after a change: %+v", list)
		}
		if n := c.Sandbox.Requests()["getInvoiceImage"]; n != 6 {
			t.Errorf("%d images asked for", n)
		}
	})
}

// An image that cannot be read now keeps no round back and is read later; whoever dies
// over it has it read again.
func TestRoundImageFaults(t *testing.T) {
	for name, f := range map[string]faulty.Kind{"before": faulty.Before, "after": faulty.After, "html": procountortest.FaultHTMLBefore, "busy": procountortest.FaultTooMany} {
		t.Run(name, func(t *testing.T) {
			c := circled(t, enginetest.OnSQLite(t), enginetest.Config{})
			c.scanned(c.bought("P1", "10", "", ""), picture(3))
			c.Sandbox.PlanFault(procountortest.Rule{Method: "GET", Path: "*/image", Times: 1000, Fault: procountortest.Fault{Kind: f}})
			c.seen()
			c.imageIs("P1", store.ImageWanted)
			if why := c.does("anna", "P1", circulation.Decision{Act: circulation.Comment, Text: "odotan kuvaa"}); why != "" {
				t.Error(why)
			}
			c.Sandbox.ClearFaults()
			hours(c.World, 2)
			c.imageIs("P1", store.ImageKept)
		})
	}
	t.Run("crash", func(t *testing.T) {
		died := 0
		c := circled(t, enginetest.OnSQLite(t), enginetest.Config{Crash: func(p string) {
			if p == "image/read" && died == 0 {
				died++
				panic(enginetest.Crash(p))
			}
		}})
		c.scanned(c.bought("P1", "10", "", ""), picture(3))
		c.Clock.Add(2 * time.Minute)
		for range 5 {
			_, _ = c.TryStep()
		}
		if died != 1 {
			t.Fatal("it did not die")
		}
		c.Restart(nil)
		c.imageIs("P1", store.ImageWanted)
		hours(c.World, 1)
		c.imageIs("P1", store.ImageKept)
		if n := c.Sandbox.Requests()["getInvoiceImage"]; n != 2 {
			t.Errorf("%d images asked for", n)
		}
	})
}
