package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/money"
)

func attached(plan *mapping.Plan) (names []string) {
	for _, s := range plan.Steps {
		if s.Kind == hub.Attach {
			name := s.Detail.Attachment.Name
			if s.Detail.Attachment.ForCustomer {
				name += " →"
			}
			names = append(names, name)
		}
	}
	return names
}

func of(name, mime string, wrong hub.FileProblem, broad ...string) hub.Attachment {
	return hub.Attachment{Name: name, Size: 10, Hash: hub.HashOf([]byte(name)), ForCustomer: true, Found: &hub.FileFound{MIME: mime, Wrong: wrong, Broad: broad}}
}

// A file that is not what it should be holds the document, or goes with a warning
// by the setting; what could do harm always holds.
func TestFileFaults(t *testing.T) {
	for _, tc := range []struct {
		file   hub.Attachment
		policy hub.FilePolicy
		code   string
		always bool
	}{
		{of("a.pdf", "application/pdf", ""), hub.FilePolicy{Kinds: hub.ShownKinds}, "", false},
		{of("a.pdf", "text/html", "", "text/plain"), hub.FilePolicy{}, hub.AttachmentType, false},
		{of("a.pdf", "text/plain", ""), hub.FilePolicy{}, hub.AttachmentType, false},
		{of("a.pdf", "application/pdf", hub.FileBroken), hub.FilePolicy{}, hub.AttachmentBroken, false},
		{of("a.zip", "application/zip", hub.FileBroken), hub.FilePolicy{}, hub.AttachmentBroken, false},
		{of("a.zip", "application/zip", hub.FileBomb), hub.FilePolicy{}, hub.AttachmentSuspect, true},
		{of("a.pdf", "application/pdf", hub.FilePolyglot), hub.FilePolicy{}, hub.AttachmentSuspect, true},
		{of("a.exe", "application/vnd.microsoft.portable-executable", hub.FileProgram), hub.FilePolicy{}, hub.AttachmentSuspect, true},
		{of("a.bin", "application/octet-stream", ""), hub.FilePolicy{}, "", false},
		{of("a.bin", "application/octet-stream", ""), hub.FilePolicy{Kinds: hub.ShownKinds}, hub.AttachmentKind, false},
		{of("a.png", "image/png", ""), hub.FilePolicy{Kinds: hub.ShownKinds}, hub.AttachmentKind, false},
		{of("a.gif", "image/gif", ""), hub.FilePolicy{Kinds: hub.ShownKinds}, "", false},
		{of("a.txt", "text/plain", ""), hub.FilePolicy{Kinds: hub.ShownKinds}, "", false},
		{of("a.heic", "image/heic", ""), hub.FilePolicy{Images: hub.ImagesToPDF}, hub.AttachmentImage, false},
		{hub.Attachment{Name: "a.pdf", Hash: hub.HashOf(nil)}, hub.FilePolicy{}, hub.AttachmentEmpty, true},
		{hub.Attachment{Name: "a.pdf"}, hub.FilePolicy{}, hub.AttachmentMissing, true},
		{hub.Attachment{Name: "a.pdf", Hash: "0123456789", Size: hub.MaxAttachment + 1}, hub.FilePolicy{}, hub.AttachmentTooLarge, true},
	} {
		for _, check := range []hub.Asked{"", hub.AskedHold, hub.AskedWarn} {
			in := sale(t)
			in.Document.Attachments = []hub.Attachment{tc.file}
			in.Connection.Settings.Files = tc.policy
			in.Connection.Settings.Files.Check = check
			if tc.policy.Images == hub.ImagesToPDF {
				in.Files.PDFs = map[string]hub.Attachment{}
			}
			plan, faults := mapping.Make(in)
			goes := tc.code == "" || check == hub.AskedWarn && !tc.always
			if strings.Join(codes(faults), " ") != tc.code || (plan != nil) != goes {
				t.Errorf("%s %s, %q: %+v", tc.file.Name, tc.code, check, faults)
			}
			if tc.code != "" && faults[0].Path != "attachments[0]" {
				t.Errorf("%s: at %q", tc.code, faults[0].Path)
			}
		}
	}
	for n, want := range map[int]string{hub.MaxAttachments: "", hub.MaxAttachments + 1: hub.AttachmentMany, 300: hub.AttachmentMany} {
		in := sale(t)
		for i := range n {
			in.Document.Attachments = append(in.Document.Attachments, of(fmt.Sprintf("%d.txt", i%7), "text/plain", ""))
		}
		plan, faults := mapping.Make(in)
		if strings.Join(codes(faults), " ") != want {
			t.Errorf("%d files: %+v", n, faults)
		}
		if want == "" {
			names := attached(plan)
			slices.Sort(names)
			if len(slices.Compact(names)) != n {
				t.Errorf("%d files, %d names", n, len(names))
			}
		}
	}
}

// Which files go, for each choice, with the picture of the invoice never to the
// customer.
func TestFilesByChoice(t *testing.T) {
	picture, hours := of("lasku.pdf", "application/pdf", ""), of("tunnit.pdf", "application/pdf", "")
	picture.Image = true
	name := func(a hub.Attachment, place string) string {
		return strings.TrimSuffix(a.Name, ".pdf") + "-" + place + "-" + a.Hash[:8] + ".pdf"
	}
	image, file, added := name(picture, "1"), name(hours, "2")+" →", name(hours, "a1")+" →"
	grouped := &hub.Breakdown{Grouped: true}
	for _, tc := range []struct {
		goes      hub.FilesGo
		breakdown *hub.Breakdown
		files     []hub.Attachment
		want      []string
	}{
		{"", nil, []hub.Attachment{picture, hours}, []string{image, file}},
		{hub.FilesAll, nil, []hub.Attachment{picture, hours}, []string{image, file}},
		{hub.FilesOnly, nil, []hub.Attachment{picture, hours}, []string{file}},
		{hub.FilesImage, nil, []hub.Attachment{picture, hours}, []string{image}},
		{hub.FilesGrouped, nil, []hub.Attachment{picture, hours}, nil},
		{hub.FilesGrouped, grouped, []hub.Attachment{picture, hours}, []string{image, file}},
		{hub.FilesGrouped, grouped, []hub.Attachment{picture}, nil},
		{hub.FilesNone, grouped, []hub.Attachment{picture, hours}, nil},
	} {
		for _, credit := range []bool{false, true} {
			for _, on := range []hub.FilesOfCredits{hub.CreditsAlike, hub.CreditsBare} {
				in := sale(t)
				in.Document.Attachments, in.Document.Breakdown, in.Document.CreditNote = tc.files, tc.breakdown, credit
				in.Document.Choice.Added = []hub.Attachment{hours}
				if credit {
					in.Document.Lines[0].Quantity = new(in.Document.Lines[0].Quantity.Neg())
				}
				ks := in.Connection.Settings.Kinds[hub.SalesInvoice]
				ks.Files = hub.FileSettings{Goes: tc.goes, CreditNotes: on}
				in.Connection.Settings.Kinds = map[hub.Kind]hub.KindSettings{hub.SalesInvoice: ks}
				in.Connection.Settings.AttachmentsToCustomer = true
				plan, faults := mapping.Make(in)
				if plan == nil {
					t.Fatalf("%s: %+v", tc.goes, faults)
				}
				want := append(slices.Clone(tc.want), added)
				if credit && on == hub.CreditsBare {
					want = []string{added} // what a person has added goes all the same
				}
				if got := attached(plan); !slices.Equal(got, want) {
					t.Errorf("%q %v %s: %q, want %q", tc.goes, credit, on, got, want)
				}
			}
		}
	}
}

// The breakdown goes when the customer, the document or the settings want it, and
// a person's word stands above all.
func TestBreakdownGoes(t *testing.T) {
	yes, no := true, false
	for _, tc := range []struct {
		rule                 hub.BreakdownRule
		document, party      bool
		credit               bool
		said                 *bool
		goes, all, purchases bool
	}{
		{rule: "", goes: false},
		{rule: "", document: true, goes: true},
		{rule: "", party: true, goes: true},
		{rule: hub.BreakdownWanted, party: true, said: &no},
		{rule: hub.BreakdownWanted, said: &yes, goes: true, all: true},
		{rule: hub.BreakdownAlways, goes: true},
		{rule: hub.BreakdownAlways, said: &no},
		{rule: hub.BreakdownAlways, credit: true},
		{rule: hub.BreakdownNever, document: true, party: true},
		{rule: hub.BreakdownNever, said: &yes, goes: true, all: true},
		{rule: hub.BreakdownAlways, purchases: true},
	} {
		d := &hub.Document{Kind: hub.SalesInvoice, CreditNote: tc.credit, Breakdown: &hub.Breakdown{Wanted: tc.document}, Buyer: hub.Party{WantsBreakdown: tc.party},
			Choice: hub.FileChoice{Breakdown: tc.said}}
		if tc.purchases {
			d.Kind = hub.PurchaseInvoice
		}
		s := &hub.Settings{Kinds: map[hub.Kind]hub.KindSettings{d.Kind: {Files: hub.FileSettings{Breakdown: tc.rule, CreditNotes: hub.CreditsBare}}}}
		if goes, all := mapping.BreakdownGoes(s, d); goes != tc.goes || all != tc.all {
			t.Errorf("%+v: %v %v", tc, goes, all)
		}
		d.Breakdown = nil
		if goes, _ := mapping.BreakdownGoes(s, d); goes {
			t.Error("a breakdown of nothing")
		}
	}
}

// A breakdown that disagrees with itself holds the document, if it would go.
func TestBreakdownSums(t *testing.T) {
	p := func(s string) *money.Amount { return new(money.Must(s)) }
	entry := func(q string, price, sum *money.Amount) hub.BreakdownEntry {
		return hub.BreakdownEntry{Quantity: money.Must(q), Price: price, Sum: sum}
	}
	for _, tc := range []struct {
		b    hub.Breakdown
		want string
	}{
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("7.5", p("95"), p("712.50")), entry("1", nil, nil)}}, ""},
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("0.333", p("95"), p("31.63"))}}, ""}, // 31.635, cut
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("0.333", p("95"), p("31.64"))}}, ""},
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("1", p("95"), p("95.01"))}}, "breakdown.work[0].sum"},
		{hub.Breakdown{Travel: []hub.BreakdownEntry{entry("1", nil, p("5")), entry("332", p("0.55"), p("182.50"))}}, "breakdown.travel[1].sum"},
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("1", p("1"), nil)}, Travel: []hub.BreakdownEntry{entry("2", p("0.5"), nil)}, Net: p("2.00")}, ""},
		{hub.Breakdown{Work: []hub.BreakdownEntry{entry("1", p("1"), nil)}, Net: p("1.01")}, "breakdown.net"},
	} {
		in := sale(t)
		in.Document.Breakdown = &tc.b
		if plan, faults := mapping.Make(in); plan == nil {
			t.Fatalf("none goes, and yet %+v", faults)
		}
		made := of("erittely.pdf", "application/pdf", "")
		in.Files = mapping.Files{Breakdown: &made, BreakdownKey: "feedbeef00"}
		plan, faults := mapping.Make(in)
		if tc.want == "" {
			if plan == nil || !slices.Equal(attached(plan), []string{"erittely-0-feedbeef.pdf"}) && !slices.Equal(attached(plan), []string{"erittely-0-feedbeef.pdf →"}) {
				t.Errorf("%+v: %+v", tc.b, faults)
			}
			continue
		}
		if plan != nil || len(faults) != 1 || faults[0].Code != hub.BreakdownSums || faults[0].Path != tc.want {
			t.Errorf("%s: %+v", tc.want, faults)
		}
	}
}
