package api_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/api"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
)

// types are those of the changes after a cursor, and the next one.
func (w *world) types(after string) (list []string, last object, next string) {
	w.T.Helper()
	a := w.want(http.StatusOK, "GET", "/v1/changes?after="+after, nil)
	for _, c := range a.Body["changes"].([]any) {
		last = c.(object)
		list = append(list, last["type"].(string))
	}
	return list, last, a.str("next")
}

// What becomes of a document is read in its order from the feed, once: that it goes,
// its number and reference, that it is done; what is wrong with it at its place in the
// document as it was pushed; and that it goes again when it is mended.
func TestChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := newWorld(t, st, enginetest.Config{Writing: true})
		if list, _, next := w.types(""); len(list) != 0 || next != "0" {
			t.Fatalf("before anything: %v, next %s", list, next)
		}
		a := w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
		w.Settle()
		list, last, next := w.types("0")
		if want := []string{"document.accepted", "document.posted", "document.done"}; !slices.Equal(list, want) {
			t.Fatalf("%v, want %v", list, want)
		}
		data := last["data"].(object)
		voucher, there := w.Vouchers("5001"), data["procountor"].(object)
		if data["document"] != a.str("id") || data["source_id"] != "id-5001" || data["number"] != "5001" || data["state"] != "done" ||
			there["invoice_id"] != float64(voucher[0].ID) || there["invoice_number"] != float64(*voucher[0].InvoiceNumber) || there["reference"] == nil {
			t.Errorf("%v", last)
		}
		w.want(http.StatusOK, "POST", "/v1/documents", sale("5001", "100.00"))
		if list, _, again := w.types(next); len(list) != 0 || again != next {
			t.Errorf("the same push again told of %v", list)
		}
		wrong := sale("5002", "100.00")
		wrong["lines"].([]any)[0].(object)["vat_percent"] = 23
		w.want(http.StatusAccepted, "POST", "/v1/documents", wrong)
		w.Settle()
		list, last, next = w.types(next)
		if len(list) == 0 || list[len(list)-1] != "document.held" {
			t.Fatalf("%v", list)
		}
		fault := last["data"].(object)["faults"].([]any)[0].(object)
		if fault["path"] != "lines[0].vat_percent" || fault["remedy"] == "" || fault["value"] != "23" {
			t.Errorf("%v", fault)
		}
		w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5002", "100.00"))
		w.Settle()
		if list, _, _ = w.types(next); !slices.Equal(list, []string{"document.accepted", "document.posted", "document.done"}) {
			t.Errorf("mended: %v", list)
		}
		all, _, _ := w.types("0")
		var one []string
		for at := "0"; ; {
			a := w.want(http.StatusOK, "GET", "/v1/changes?limit=1&after="+at, nil)
			for _, c := range a.Body["changes"].([]any) {
				one = append(one, c.(object)["type"].(string))
			}
			if at = a.str("next"); a.Body["more"] != true {
				break
			}
		}
		if !slices.Equal(one, all) {
			t.Errorf("one by one %v, at once %v", one, all)
		}
		w.want(http.StatusUnprocessableEntity, "GET", "/v1/changes?after=99", nil)
		w.want(http.StatusUnprocessableEntity, "GET", "/v1/changes?after=x", nil)
		w.Must(st.Tx(context.Background(), func(tx *store.Tx) error { _, err := tx.ForgetChanges(tx.Now().Add(time.Hour)); return err }))
		gone := w.want(http.StatusGone, "GET", "/v1/changes?after=1", nil)
		w.want(http.StatusOK, "GET", "/v1/changes?after="+gone.str("next"), nil)
		if list, _, _ := w.types(""); len(list) != 0 {
			t.Errorf("%v are there still", list)
		}
	})
}

// A token of one kind of documents reads of no other, and goes on past them.
func TestChangesOfKinds(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{Writing: true})
	text, hash := api.NewToken(rand.NewChaCha8([32]byte{9}))
	w.Must(w.Store.Tx(context.Background(), func(tx *store.Tx) error {
		return tx.InsertPushToken(hash, w.Connection.ID, "purchases", people.TokenRights{Reads: true, Kinds: []hub.Kind{hub.PurchaseInvoice}})
	}))
	w.want(http.StatusAccepted, "POST", "/v1/documents", sale("5001", "100.00"))
	w.token = text
	if list, _, next := w.types("0"); len(list) != 0 || next != "1" {
		t.Errorf("told of %v, next %s", list, next)
	}
}

// Who waits is answered as soon as something has happened.
func TestChangesWait(t *testing.T) {
	w := newWorld(t, sqlite(t), enginetest.Config{})
	began := time.Now()
	time.AfterFunc(300*time.Millisecond, func() {
		_ = w.Store.Tx(context.Background(), func(tx *store.Tx) error {
			tx.AppendChange(hub.Change{Connection: w.Connection.ID, Kind: hub.RegisterChanged, Subject: "register"})
			return nil
		})
	})
	a := w.want(http.StatusOK, "GET", "/v1/changes?wait=20", nil)
	if took := time.Since(began); !strings.Contains(string(a.Raw), "register.changed") || took > 15*time.Second {
		t.Errorf("after %v: %s", took, a.Raw)
	}
	began = time.Now()
	if a := w.want(http.StatusOK, "GET", "/v1/changes?wait=1&after=1", nil); a.str("next") != "1" || time.Since(began) < 900*time.Millisecond {
		t.Errorf("nothing to tell: %s after %v", a.Raw, time.Since(began))
	}
}
