package procountortest

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // what may be attached is read whatever it is
	"image/jpeg"
	"image/png"
	"slices"
)

// imageFormats are the values of the parameter format, and what each is.
var imageFormats = map[string]string{"": "png", "PNG": "png", "JPG": "jpeg", "JPEG": "jpeg"}

// getInvoiceImage answers one page of the image of an invoice: here each picture that is
// attached to it is a page.
func getInvoiceImage(c *call) (any, error) {
	inv, err := c.invoice(0)
	if err != nil {
		return nil, err
	}
	q := c.query()
	page, given := q.id("page")
	if !given {
		page = 1
	}
	format, known := imageFormats[q.text("format")]
	if !known {
		q.fault("format", invalid("format", short(q.text("format"))))
	}
	if err := q.err(); err != nil {
		return nil, err
	}
	c.assume(assumeImage)
	pages := slices.DeleteFunc(slices.Clone(c.co.attachmentsOf("INVOICE", inv.ID)), func(a Attachment) bool {
		return a.MimeType != "image/png" && a.MimeType != "image/jpeg" && a.MimeType != "image/gif"
	})
	if page < 1 || page > int64(len(pages)) {
		return nil, notFound()
	}
	c.assume(assumeImageForm)
	f := c.co.files.get(pages[page-1].ID)
	content := f.Content
	if f.MimeType != "image/"+format {
		if content, err = drawnAs(content, format); err != nil {
			return nil, notFound()
		}
	}
	extension := format
	if format == "jpeg" {
		extension = "jpg"
	}
	return inParts(Attachment{ID: f.ID, Name: fmt.Sprintf("%d-%d.%s", inv.ID, page, extension), ReferenceType: "INVOICE", ReferenceID: inv.ID, MimeType: "image/" + format}, content)
}

// maxPixels bounds what is unpacked of a picture: a large scan.
const maxPixels = 50_000_000

// drawnAs is a picture in another format.
func drawnAs(content []byte, format string) ([]byte, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if size.Width > maxPixels/max(size.Height, 1) {
		return nil, fmt.Errorf("a picture of %d × %d is too large", size.Width, size.Height)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if format == "png" {
		err = png.Encode(&b, picture)
	} else {
		err = jpeg.Encode(&b, picture, nil)
	}
	return b.Bytes(), err
}
