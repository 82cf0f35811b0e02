package engine_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/internal/feature"
	"github.com/vienti/vienti/internal/format/pdf"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/procountor/procountortest"
)

func claims(arrival hub.Arrival) func(*hub.Settings) {
	return func(s *hub.Settings) { enginetest.Travels(s, arrival) }
}

// An employee's claim arrives unfinished, for the person of the register, with the
// travel products of its days; another one is approved.
func TestClaim(t *testing.T) {
	enginetest.Each(t, func(t *testing.T, world func(enginetest.Config) *enginetest.World) {
		w := world(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
		w.Receive(enginetest.Claim("M-1", "113.50"))
		w.Settle()
		wantState(t, w, "M-1", hub.Done, "")
		v := w.Vouchers("M-1")
		if len(v) != 1 || v[0].Type != "TRAVEL_INVOICE" || v[0].Status != "UNFINISHED" || v[0].VATStatus != nil || v[0].InvoiceRows[0].ProductID == nil ||
			len(v[0].TravelInformationItems) != 1 || v[0].PaymentInfo.BankAccount.AccountNumber != "FI1350001520000081" {
			t.Fatalf("%+v", v)
		}
		if p := w.Sandbox.Partners(w.Company.ProcountorID); *v[0].PartnerID != p[len(p)-2].ID {
			t.Errorf("partner %d", *v[0].PartnerID)
		}
		enginetest.Travels(&w.Connection.Settings, hub.ArriveApproved)
		w.SetSettings(w.Connection.Settings)
		w.Receive(enginetest.Claim("M-2", "20.00"))
		w.Settle()
		wantState(t, w, "M-2", hub.Done, "")
		if v := w.Vouchers("M-2"); len(v) != 1 || v[0].Status != "APPROVED" {
			t.Errorf("%+v", v)
		}
		// Changed while unfinished: replaced, not a second one.
		w.Receive(enginetest.Claim("M-1", "120.00"))
		w.Settle()
		if v := w.Vouchers("M-1"); len(v) != 1 || v[0].InvoiceSumInfo[0].InvoiceSumTotal.String() != "193.20" {
			t.Errorf("%+v", v)
		}
	})
}

// The answer to the post is lost, before and after it has landed: one voucher.
func TestClaimUnclear(t *testing.T) {
	for _, kind := range []faulty.Kind{faulty.Before, faulty.After} {
		w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveApproved)})
		w.Sandbox.PlanFault(fault(hub.PostInvoice, kind))
		w.Receive(enginetest.Claim("M-1", "113.50"))
		w.Settle()
		wantState(t, w, "M-1", hub.Done, "")
		if v := w.Vouchers("M-1"); len(v) != 1 || v[0].Status != "APPROVED" {
			t.Errorf("%s: %+v", kind, v)
		}
	}
}

// A claim without the employee's data is held, with the field to fill; when the
// source has it, the claim goes.
func TestClaimWithoutPersonalData(t *testing.T) {
	feature.Covers(t, "S-59")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
	bare := enginetest.Claim("M-1", "113.50")
	bare.Seller.Number, bare.Payment.IBAN = "", ""
	w.Receive(bare)
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.PersonNumber)
	if tr := w.Transfer("M-1"); len(tr.Faults) < 2 || tr.Faults[1].Code != hub.PersonAccount || tr.Faults[1].Args["name"] != "Maija Matkaaja" {
		t.Errorf("%+v", tr.Faults)
	}
	unpaid := enginetest.Claim("M-4", "20.00")
	unpaid.Payment.IBAN = "FI1350001520000082"
	w.Receive(unpaid)
	w.Settle()
	wantState(t, w, "M-4", hub.Held, hub.PersonAccount)
	w.Receive(enginetest.Claim("M-1", "113.50"))
	w.Settle()
	wantState(t, w, "M-1", hub.Done, "")
	// A number that another person has.
	other := enginetest.Claim("M-2", "10.00")
	other.Seller.Number = "H-102"
	w.Receive(other)
	w.Settle()
	wantState(t, w, "M-2", hub.Held, hub.PartnerProposed)
	// And one that nobody has.
	nobody := enginetest.Claim("M-3", "10.00")
	nobody.Seller = hub.Party{Name: "Uuno Uusi", Number: "H-999"}
	w.Receive(nobody)
	w.Settle()
	wantState(t, w, "M-3", hub.Held, hub.PartnerMissing)
	if v := w.Vouchers("M-2"); len(v) != 0 {
		t.Errorf("%+v", v)
	}
}

// The code of the year of the trip: that of another year is held with what holds, and
// goes on by itself when Procountor has the code.
func TestTravelCode(t *testing.T) {
	feature.Covers(t, "S-22")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
	old := enginetest.Claim("M-1", "113.50")
	old.Lines[0].Code = "KM-2025"
	w.Receive(old)
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.TravelCodeDay)
	if a := w.Transfer("M-1").Faults[0].Args; a["code"] != "KM-2025" || a["day"] != "2026-03-02" || a["proposed"] != "KM-2026" || a["valid"] != "KM-2026, LIPPU, MAJ, OPR-2026, PR-2026" {
		t.Errorf("%v", a)
	}
	s := w.Connection.Settings
	s.TravelCodes, s.DefaultCodes.Travel = hub.AskedWarn, "LIPPU"
	w.SetSettings(s)
	w.Settle()
	wantState(t, w, "M-1", hub.DoneWithWarning, hub.TravelCodeDay)
	if row := w.Vouchers("M-1")[0].InvoiceRows[0]; row.ProductCode != "KM-2026" {
		t.Errorf("%+v", row)
	}
	none := enginetest.Claim("M-2", "20.00")
	none.Lines[1].Code = ""
	w.Receive(none)
	w.Settle()
	wantState(t, w, "M-2", hub.Done, "")
	if row := w.Vouchers("M-2")[0].InvoiceRows[1]; row.ProductCode != "LIPPU" {
		t.Errorf("%+v", row)
	}
	unknown := enginetest.Claim("M-3", "20.00")
	unknown.Lines[1].Code = "TAKSI"
	w.Receive(unknown)
	w.Settle()
	wantState(t, w, "M-3", hub.Held, hub.TravelCodeUnknown)
	w.Sandbox.AddTravelProduct(w.Company.ProcountorID, procountortest.Product{Code: "TAKSI", Name: "Taksi", StartDate: "2026-01-01"})
	w.Clock.Add(20 * time.Minute)
	w.Settle()
	wantState(t, w, "M-3", hub.Done, "")
}

// A claim of a closed fiscal year says so, and goes once the year is open.
func TestClaimInClosedYear(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
	w.Sandbox.CloseTrackingPeriod(w.Company.ProcountorID, "2026-03")
	w.Clock.Add(20 * time.Minute)
	w.Receive(enginetest.Claim("M-1", "113.50"))
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.PeriodClosed)
}

// Sums to the cent: Procountor's total is the claim's, or the claim is held.
func TestClaimSums(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
	off := enginetest.Claim("M-1", "113.50")
	total := off.Totals.Gross.Add(money.Cents(100))
	off.Totals.Gross = &total
	w.Receive(off)
	w.Settle()
	wantState(t, w, "M-1", hub.Held, hub.SumsDisagree)
	early := enginetest.Claim("M-2", "113.50")
	early.Date = civil.Must("2025-12-30")
	w.Receive(early)
	w.Settle()
	wantState(t, w, "M-2", hub.Skipped, hub.BeforeFirstDay)
}

// The claim's PDF and its receipts, PDF or picture, go as one PDF, the claim first; what
// cannot be joined goes beside, with a warning; by setting each goes as it is.
func TestClaimAsOnePDF(t *testing.T) {
	feature.Covers(t, "S-29")
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: claims(hub.ArriveUnfinished)})
	page := func(shade byte) []byte {
		img := image.NewGray(image.Rect(0, 0, 60, 30))
		img.Pix[0] = shade
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	asPDF := func(b []byte) []byte {
		p, err := pdf.FromImage(b)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	attach := func(d *hub.Document, name string, b []byte, claim bool) {
		d.Attachments = append(d.Attachments, hub.Attachment{Name: name, Size: int64(len(b)), Hash: hub.HashOf(b), Content: b, Image: claim})
	}
	whole := func(number string) *hub.Document {
		d := enginetest.Claim(number, "113.50")
		attach(d, "kuitti.png", page(1), false)
		attach(d, "hotelli.pdf", asPDF(page(2)), false)
		attach(d, "matkalasku.pdf", asPDF(page(3)), true)
		return d
	}
	w.Receive(whole("M-1"))
	w.Settle()
	wantState(t, w, "M-1", hub.Done, "")
	there := w.Vouchers("M-1")[0].Attachments
	if len(there) != 1 || !strings.HasPrefix(there[0].Name, "Matkalasku M-1-0-") {
		t.Fatalf("%+v", there)
	}
	b, _ := w.Sandbox.Attachment(w.Company.ProcountorID, there[0].ID)
	if n, err := pdf.Pages(b); n != 3 || err != nil {
		t.Errorf("%d pages, %v", n, err)
	}
	// The same documents again make nothing new.
	w.Receive(whole("M-1"))
	w.Settle()
	if v := w.Vouchers("M-1"); len(v) != 1 || len(v[0].Attachments) != 1 {
		t.Errorf("%+v", v)
	}

	odd := whole("M-2")
	attach(odd, "reitti.txt", []byte("Helsinki - Tampere"), false)
	w.Receive(odd)
	w.Settle()
	wantState(t, w, "M-2", hub.DoneWithWarning, hub.AttachmentApart)
	if there := w.Vouchers("M-2")[0].Attachments; len(there) != 2 {
		t.Errorf("%+v", there)
	}

	s := w.Connection.Settings
	ks := s.Kinds[hub.TravelInvoice]
	ks.Files.Joined = hub.JoinedApart
	s.Kinds[hub.TravelInvoice] = ks
	w.SetSettings(s)
	w.Receive(whole("M-3"))
	w.Settle()
	if there := w.Vouchers("M-3")[0].Attachments; len(there) != 3 {
		t.Errorf("%+v", there)
	}
}

// Wherever the engine dies over a claim that is posted by the map, has a file and is
// approved, alone or beside an answer that was lost, one voucher is there in the end.
func TestClaimCrashes(t *testing.T) {
	kinds := []hub.StepKind{hub.PostInvoice, hub.PutReceipt, hub.Attach, hub.Approve}
	for _, point := range []string{"intended", "sent", "recorded", "looked"} {
		for _, lost := range []faulty.Kind{faulty.None, faulty.After, faulty.Before} {
			if point == "looked" && lost == faulty.None {
				continue
			}
			for _, kind := range kinds {
				crashed, broken := 0, false
				var w *enginetest.World
				w = enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
					enginetest.Travels(s, hub.ArriveApproved)
					postedApproved(s)
				}, Crash: func(p string) {
					if p == string(kind)+"/intended" && !broken && lost != faulty.None {
						broken = true
						w.Sandbox.PlanFault(fault(kind, lost))
					}
					if p == string(kind)+"/"+point && crashed < 2 {
						crashed++
						panic(enginetest.Crash(p))
					}
				}})
				w.Receive(enginetest.Attach(enginetest.Claim("M-1", "113.50"), "kuitti.pdf", "A"))
				w.Settle()
				v := w.Vouchers("M-1")
				if len(v) != 1 || v[0].Status != "APPROVED" || len(v[0].Attachments) != 1 || crashed == 0 {
					t.Errorf("%s at %s, %s: %d crashes, %s, %d vouchers", kind, point, lost, crashed, enginetest.Describe(w.Transfer("M-1")), len(v))
				}
			}
		}
	}
}
