package severa

import (
	"context"
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// maxFile is what one file may have: what Procountor refuses is still taken, to be
// shown with that reason.
const maxFile = 25_000_000

// A file of an invoice (InvoiceFileModel).
type file struct {
	Guid     string `json:"guid"`
	FileGuid string `json:"fileGuid"`
	Name     string `json:"name"`
	Type     string `json:"contentType"`
	Internal bool   `json:"isInternal"`
}

// files reads what the settings let go: the image of the invoice, its files, and the
// breakdown that Severa prints for rows that are groups. Severa makes its PDFs anew
// each time, so their bytes are no part of the document's version.
func (d *Driver) files(ctx context.Context, x *reader, doc *hub.Document) error {
	goes := d.filesGo()
	if goes == hub.FilesNone {
		return nil
	}
	base := "/v1/invoices/" + url.PathEscape(x.inv.Guid)
	if goes != hub.FilesImage {
		grouped, err := d.grouped(ctx, x)
		if err != nil || goes == hub.FilesGrouped && !grouped {
			return err
		}
		if err := d.attached(ctx, base, doc); err != nil {
			return err
		}
		if err := d.breakdown(ctx, base, x, doc); err != nil {
			return err
		}
	}
	if goes == hub.FilesOnly || goes == hub.FilesGrouped && len(doc.Attachments) == 0 {
		return nil
	}
	return d.pdf(ctx, base, "InvoiceOnly", doc, hub.Attachment{Name: "lasku-" + doc.Number + ".pdf", Image: true, Of: "invoice"})
}

func (d *Driver) attached(ctx context.Context, base string, doc *hub.Document) error {
	all, err := listRows(ctx, d.client, base+"/files", nil, func(f *file) string { return f.Guid })
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	for _, f := range all {
		b, err := d.client.file(ctx, "/v1/files/"+url.PathEscape(f.FileGuid)+"/filedata", nil, maxFile)
		if errors.Is(err, errGone) {
			// Named and not there: an attachment without a hash is held as missing.
			doc.Attachments = append(doc.Attachments, hub.Attachment{Name: f.Name, MIME: f.Type})
			continue
		}
		if err != nil {
			return err
		}
		doc.Attachments = append(doc.Attachments, hub.Attachment{Name: f.Name, MIME: f.Type, Size: int64(len(b)), Hash: hub.HashOf(b), ForCustomer: !f.Internal, Content: b})
	}
	return nil
}

// settings are how an invoice is printed, as far as that says something of it.
type settings struct {
	Reverse bool   `json:"isReverseCharged"`
	Reason  string `json:"reverseChargeDescription"`
	Hours   string `json:"workHourGrouping"`
	Fees    string `json:"projectFeeGrouping"`
	Travel  string `json:"projectTravelExpenseGrouping"`
}

// settings reads them, once an invoice.
func (d *Driver) settings(ctx context.Context, x *reader) (*settings, error) {
	if x.settings == nil {
		s := &settings{}
		if err := d.client.get(ctx, "/v1/invoices/"+url.PathEscape(x.inv.Guid)+"/invoicesettings", nil, s); err != nil && !errors.Is(err, errGone) {
			return nil, err
		}
		x.settings = s
	}
	return x.settings, nil
}

// grouped says whether rows of the invoice are groups of hours, fees or journeys.
func (d *Driver) grouped(ctx context.Context, x *reader) (bool, error) {
	s, err := d.settings(ctx, x)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc([]string{s.Hours, s.Fees, s.Travel}, func(g string) bool { return strings.HasPrefix(g, "Group") }), nil
}

// breakdown reads the pages that list what is in the rows, where Severa prints them. It
// repeats the files: those stay all the same, for a spreadsheet is on no page.
func (d *Driver) breakdown(ctx context.Context, base string, x *reader, doc *hub.Document) error {
	grouped, err := d.grouped(ctx, x)
	if err != nil || !grouped {
		return err
	}
	doc.Breakdown = &hub.Breakdown{Grouped: true}
	if s := x.settings; !slices.Contains([]string{s.Hours, s.Fees, s.Travel}, "Group+Attachment") {
		return nil
	}
	return d.pdf(ctx, base, "AttachmentAndBreakdown", doc, hub.Attachment{Name: "erittely-" + doc.Number + ".pdf", Of: "breakdown", ForCustomer: true})
}

// pdf reads one that Severa makes; none where it has nothing to print.
func (d *Driver) pdf(ctx context.Context, base, what string, doc *hub.Document, a hub.Attachment) error {
	b, err := d.client.file(ctx, base+"/pdf", url.Values{"invoiceType": {"Invoice"}, "pdfGetOptions": {what}}, maxFile)
	if errors.Is(err, errGone) || err == nil && len(b) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	a.Name = path.Base(a.Name)
	a.MIME, a.Size, a.Hash, a.Content = "application/pdf", int64(len(b)), hub.HashOf(b), b
	doc.Attachments = append(doc.Attachments, a)
	return nil
}
