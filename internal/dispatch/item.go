package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// sendItem makes an item of a dimension, or writes one over as a whole. The answer is
// the item as it was saved, and is the proof.
func sendItem(ctx context.Context, c *procountor.Client, o Order) Outcome {
	method := http.MethodPost
	if o.Step.Kind == hub.UpdateItem {
		method = http.MethodPut
	}
	res, err := c.Do(ctx, procountor.Request{Method: method, Path: "/dimensions/" + strconv.FormatInt(o.Step.Detail.Item.Dimension, 10) + "/items", Body: o.Body})
	if err != nil {
		out := failed(err)
		if e, ok := errors.AsType[*procountor.Error](err); ok && out.Verdict == Refused && o.Step.Kind == hub.UpdateItem && (stale(e) || e.Class == procountor.Conflict) {
			// Changed there between our reading and our writing: to be read again.
			return withFault(out, Untouched, false, hub.NewFault(hub.EditedThere, "", "", "number", ""))
		}
		return out
	}
	var saved procountor.DimensionItem
	if err := json.Unmarshal(res.Body, &saved); err != nil || saved.ID == 0 || o.Step.Kind == hub.UpdateItem && saved.ID != o.Step.Detail.Item.Item {
		return unclear(res.Body)
	}
	if is := stand(saved); !sameStand(is, o.Step.Detail.Item.Change.To) {
		f := hub.NewFault(hub.SavedDiffers, "codeName", is.Text, "field", "codeName", "meant", o.Step.Detail.Item.Change.To.Text, "saved", is.Text)
		return Outcome{Verdict: Foreign, Fault: &f, Answer: res.Body}
	}
	return Outcome{Verdict: Proved, Item: &hub.ItemThere{ID: saved.ID, ItemStand: stand(saved)}, Answer: res.Body}
}

// lookItem reads the dimension whole, for how a search by name compares is not known.
//
// One item that was made is known by its text; what somebody else has called otherwise and
// begins with the same code is not certainly ours. One that was written over shows
// what was meant, or nothing was written: before anything else is written it is read and
// compared anew.
func lookItem(ctx context.Context, c *procountor.Client, o Order) Outcome {
	write := o.Step.Detail.Item
	d, err := c.Dimensions.Get(ctx, write.Dimension)
	if err != nil {
		return lookFailed(err)
	}
	var same, alike []hub.ItemThere
	for _, it := range d.Items {
		there := hub.ItemThere{ID: it.ID, ItemStand: stand(it)}
		switch {
		case o.Step.Kind == hub.UpdateItem:
			if it.ID == write.Item && sameStand(there.ItemStand, write.Change.To) {
				return provedItem(there)
			}
		case hub.SameItemText(there.Text, write.Change.To.Text):
			same = append(same, there)
		case write.Code != "" && strings.HasPrefix(hub.ItemKey(there.Text), hub.ItemKey(write.Code)+" "):
			alike = append(alike, there)
		}
	}
	switch {
	case len(same) == 1:
		return provedItem(same[0])
	case len(same)+len(alike) > 0:
		return foreign(hub.NewFault(hub.DimensionAmbiguous, "", write.Change.To.Text, "dimension", d.Name, "item", write.Change.To.Text))
	}
	return Outcome{Verdict: Untouched}
}

func provedItem(there hub.ItemThere) Outcome {
	answer, _ := json.Marshal(there)
	return Outcome{Verdict: Proved, Item: &there, Answer: answer}
}

// stand is an item as it stands there: absent status is active (REFERENCE 3.7).
func stand(it procountor.DimensionItem) hub.ItemStand {
	return hub.ItemStand{Text: it.CodeName, Closed: it.Status != ""}
}

func sameStand(a, b hub.ItemStand) bool {
	return a.Closed == b.Closed && hub.SameItemText(a.Text, b.Text)
}

// sendProduct makes a product.
func sendProduct(ctx context.Context, c *procountor.Client, o Order) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPost, Path: "/products", Body: o.Body})
	if err != nil {
		return failed(err)
	}
	var p procountor.Product
	if err := json.Unmarshal(res.Body, &p); err != nil || p.ID == 0 {
		return unclear(res.Body)
	}
	return provedProduct(p, res.Body)
}

func provedProduct(p procountor.Product, answer []byte) Outcome {
	return Outcome{Verdict: Proved, Item: &hub.ItemThere{ID: p.ID, ItemStand: hub.ItemStand{Text: p.Name, Closed: !p.Active}}, Answer: answer}
}

// lookProduct searches by code; a part of a code is found as well (REFERENCE 3.6).
func lookProduct(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.Product
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	list, err := ProductsOf(ctx, c, meant.Code)
	if err != nil {
		return lookFailed(err)
	}
	switch len(list) {
	case 0:
		return Outcome{Verdict: Untouched}
	case 1:
		answer, _ := json.Marshal(list[0])
		return provedProduct(list[0], answer)
	}
	return foreign(hub.NewFault(hub.ProductAmbiguous, "", meant.Code, "code", meant.Code, "count", fmt.Sprint(len(list))))
}

// ProductsOf are the products for sale with a code, in use or not. Whether a list without
// the question holds those out of use is not known, so both are asked for.
func ProductsOf(ctx context.Context, c *procountor.Client, code string) (list []procountor.Product, err error) {
	for _, active := range []bool{true, false} {
		for p, err := range c.Products.List(ctx, procountor.ProductFilter{Type: procountor.ProductSales, Code: code, Active: &active}) {
			if err != nil {
				return nil, err
			}
			if hub.ItemKey(p.Code) == hub.ItemKey(code) && !slices.ContainsFunc(list, func(x procountor.Product) bool { return x.ID == p.ID }) {
				list = append(list, p)
			}
		}
	}
	return list, nil
}
