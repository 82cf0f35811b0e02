package engine_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

// persons are worlds in which employees of claims are made and updated, shown, or neither.
func persons(as hub.PartnerChanges) enginetest.Config {
	return enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
		enginetest.Travels(s, hub.ArriveUnfinished)
		s.Partner.Persons = as
	}}
}

// newcomer is a claim of somebody whom Procountor's register of persons lacks.
func newcomer(number string) *hub.Document {
	d := enginetest.Claim(number, "20.00")
	d.Seller = hub.Party{Name: "Anna Maria von Essen", FirstName: "Anna Maria", Number: "H-201", Email: "anna@paja.example"}
	return d
}

// employee is the entry of an employee.
func employee(w *enginetest.World, number string) procountortest.Person {
	w.T.Helper()
	list := slices.DeleteFunc(w.Sandbox.Persons(w.Company.ProcountorID), func(p procountortest.Person) bool { return p.InvoicingInfo.PersonNumber != number })
	if len(list) != 1 {
		w.T.Fatalf("%d persons %s", len(list), number)
	}
	return list[0]
}

// By setting an employee whom Procountor lacks is made, once for all claims, and the
// claims go on; what the source says otherwise later is carried to the entry.
func TestPersonsWritten(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(persons(hub.ChangesWrite))
		w.Receive(newcomer("M-1"), newcomer("M-2"))
		w.Settle()
		wantState(t, w, "M-1", hub.Done, "")
		wantState(t, w, "M-2", hub.Done, "")
		p := employee(w, "H-201")
		if p.FirstName != "Anna Maria" || p.LastName != "von Essen" || p.RegistryInfo.Email != "anna@paja.example" || p.PaymentInfo.AccountNumber != "FI1350001520000081" ||
			p.InvoicingInfo.Identifier != "" || p.InvoicingInfo.Gender != "NOT_APPLICABLE" || p.InvoicingInfo.Language != "FINNISH" {
			t.Errorf("%+v", p)
		}
		if v := w.Vouchers("M-1"); len(v) != 1 || *v[0].PartnerID != p.ID {
			t.Errorf("%+v", v)
		}
		w.Clock.Add(time.Hour)
		d := newcomer("M-3")
		d.Seller.Email = "anna.vonessen@paja.example"
		d.Payment.IBAN = "FI2112345600000785" // an account is a person's to change
		w.Receive(d)
		w.Settle()
		wantState(t, w, "M-3", hub.Done, "")
		if n := employee(w, "H-201"); n.RegistryInfo.Email != "anna.vonessen@paja.example" || n.PaymentInfo != p.PaymentInfo {
			t.Errorf("%+v", n)
		}
	})
}

// Off, nobody is made and nobody may say so; shown, a person says so.
func TestPersonsShown(t *testing.T) {
	w := enginetest.OnSQLite(t)(persons(hub.ChangesOff))
	w.Receive(newcomer("M-1"))
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.PartnerMissing)
	id := w.Transfer("M-1").ID
	if err := w.Engine.ChoosePartner(t.Context(), "person", id, engine.Saying{}); err == nil || !strings.Contains(err.Error(), engine.ErrNoNew.Error()) {
		t.Errorf("%v", err)
	}
	w.Connection.Settings.Partner.Persons = hub.ChangesShow
	w.SetSettings(w.Connection.Settings)
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.PartnerMissing)
	if n := len(w.Sandbox.Persons(w.Company.ProcountorID)); n != 2 {
		t.Fatalf("%d persons", n)
	}
	w.Must(w.Engine.ChoosePartner(t.Context(), "person", id, engine.Saying{}))
	w.Settle()
	wantState(t, w, "M-1", hub.Done, "")
	was := employee(w, "H-201")
	d := newcomer("M-2")
	d.Seller.Email = "anna.vonessen@paja.example"
	w.Clock.Add(time.Hour)
	w.Receive(d)
	w.Settle()
	wantState(t, w, "M-2", hub.Done, "")
	if employee(w, "H-201").RegistryInfo.Email != was.RegistryInfo.Email {
		t.Error("carried without a person")
	}
	n := wantCard(t, w, hub.Held, hub.PartnerChanged)
	w.Must(w.Engine.AnswerCard(t.Context(), "person", n.Transfer.ID, n.Transfer.Version, engine.CarryCard))
	w.Settle()
	if employee(w, "H-201").RegistryInfo.Email != d.Seller.Email {
		t.Error("not carried")
	}
}

// The answer to either write is lost, before and after it has landed: one person, with
// what was meant.
func TestPersonsUnclear(t *testing.T) {
	for _, kind := range []faulty.Kind{faulty.Before, faulty.After} {
		w := enginetest.OnSQLite(t)(persons(hub.ChangesWrite))
		lost := faulty.Rule{Write: true, Path: "/persons", Times: 1, Fault: faulty.Fault{Kind: kind}}
		w.Sandbox.PlanFault(lost)
		w.Receive(newcomer("M-1"))
		w.Settle()
		wantState(t, w, "M-1", hub.Done, "")
		employee(w, "H-201")
		w.Clock.Add(time.Hour)
		d := newcomer("M-2")
		d.Seller.Email = "anna.vonessen@paja.example"
		w.Sandbox.PlanFault(lost)
		w.Receive(d)
		w.Settle()
		if n := employee(w, "H-201"); n.RegistryInfo.Email != d.Seller.Email {
			t.Errorf("%s: %+v", kind, n)
		}
	}
}

// What identifies a person as the state does stays in Procountor: it is put back when an
// entry is written over, and nothing of it is ever stored.
func TestPersonalIdentityCodes(t *testing.T) {
	const code = "131052-308T"
	w := enginetest.OnSQLite(t)(persons(hub.ChangesWrite))
	maija := employee(w, "H-101")
	w.Clock.Add(time.Hour)
	w.Sandbox.EditPerson(w.Company.ProcountorID, maija.ID, func(p *procountortest.Person) {
		p.InvoicingInfo.Identifier, p.InvoicingInfo.IdentifierType, p.InvoicingInfo.DateOfBirth = code, "HETU", "1952-10-13"
		p.RegistryInfo.Section, p.DeliveryAddress = "Asennus", nil
	})
	d := enginetest.Claim("M-1", "20.00")
	d.Seller.Email = "maija@paja.example"
	w.Receive(d)
	w.Settle()
	wantState(t, w, "M-1", hub.Done, "")
	p := employee(w, "H-101")
	if p.RegistryInfo.Email != d.Seller.Email || p.InvoicingInfo.Identifier != code || p.InvoicingInfo.DateOfBirth != "1952-10-13" || p.RegistryInfo.Section != "Asennus" {
		t.Errorf("%+v", p)
	}
	for _, b := range stored(w) {
		if bytes.Contains(b, []byte(code)) || bytes.Contains(b, []byte("1952-10-13")) {
			t.Errorf("stored: %s", b)
		}
	}
	// Edited between the reading and the writing: read and compared anew, never written over.
	w.Clock.Add(time.Hour)
	d = enginetest.Claim("M-2", "20.00")
	d.Seller.Email = "maija.matkaaja@paja.example"
	w.Restart(func(at string) {
		if at == string(hub.UpdatePartner)+"/intended" && employee(w, "H-101").JobTitle == "" {
			w.Clock.Add(2 * time.Second)
			w.Sandbox.EditPerson(w.Company.ProcountorID, maija.ID, func(p *procountortest.Person) { p.JobTitle = "Päällikkö" })
		}
	})
	w.Receive(d)
	w.Settle()
	if p := employee(w, "H-101"); p.JobTitle != "Päällikkö" || p.RegistryInfo.Email != d.Seller.Email || p.InvoicingInfo.Identifier != code {
		t.Errorf("%+v", p)
	}
}

// stored is all that the database holds: every blob, and every step and transfer as text.
func stored(w *enginetest.World) (all [][]byte) {
	w.T.Helper()
	w.Must(w.Store.Read(w.T.Context(), func(tx *store.Tx) error {
		var refs string
		if err := tx.QueryRow("select group_concat(ref, ' ') from blob").Scan(&refs); err != nil {
			return err
		}
		for _, ref := range strings.Fields(refs) {
			b, err := tx.Blob(ref)
			if err != nil {
				return err
			}
			all = append(all, b)
		}
		return nil
	}))
	if len(all) < 5 {
		w.T.Fatalf("%d blobs", len(all))
	}
	for _, t := range w.Transfers() {
		b, err := json.Marshal(t)
		w.Must(err)
		steps, err := store.ReadOne(w.T.Context(), w.Store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(t.ID, 0) })
		w.Must(err)
		s, err := json.Marshal(steps)
		w.Must(err)
		all = append(all, b, s)
	}
	return all
}

// Wherever the engine dies over an employee that is made, and then written over, one
// person is there in the end, with what was meant.
func TestPersonsCrash(t *testing.T) {
	for _, kind := range []hub.StepKind{hub.MakePartner, hub.UpdatePartner} {
		for _, point := range []string{"intended", "sent", "recorded"} {
			crashed := 0
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: persons(hub.ChangesWrite).Settings, Crash: func(p string) {
				if p == string(kind)+"/"+point && crashed < 2 {
					crashed++
					panic(enginetest.Crash(p))
				}
			}})
			w.Receive(newcomer("M-1"))
			w.Settle()
			w.Clock.Add(time.Hour)
			d := newcomer("M-2")
			d.Seller.Email = "anna.vonessen@paja.example"
			w.Receive(d)
			w.Settle()
			if employee(w, "H-201").RegistryInfo.Email != d.Seller.Email || len(w.Vouchers("M-1")) != 1 || len(w.Vouchers("M-2")) != 1 || crashed == 0 {
				t.Errorf("%s at %s: %d crashes, %+v", kind, point, crashed, employee(w, "H-201"))
			}
		}
	}
}
