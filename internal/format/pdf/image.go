package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // read here, and its first picture is the page
	"image/jpeg"
	"image/png"

	"codeberg.org/go-pdf/fpdf"
)

// maxPixels of a picture: what a scanner makes of an A4 page at 600 dpi, and some
// room. A small file may claim a picture that fills the memory.
const maxPixels = 60_000_000

// ErrImage says that a content is no picture that can be made a page.
var ErrImage = errors.New("no JPEG, PNG or GIF that can be read")

// FromImage makes a PDF of one page out of a JPEG, PNG or GIF. What is transparent
// becomes white. The picture is turned as the camera says.
func FromImage(content []byte) ([]byte, error) {
	config, kind, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("make a PDF: %w", ErrImage)
	}
	if config.Width*config.Height > maxPixels {
		return nil, fmt.Errorf("make a PDF of %d × %d points: %w", config.Width, config.Height, ErrImage)
	}
	wide, high := config.Width, config.Height
	turn := 1
	if kind == "jpeg" {
		turn = orientation(content)
	}
	typ := "JPG"
	if kind != "jpeg" || turn != 1 || config.ColorModel == color.CMYKModel {
		img, _, err := image.Decode(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("make a PDF: %w", ErrImage)
		}
		flat := turned(img, turn)
		wide, high = flat.Bounds().Dx(), flat.Bounds().Dy()
		var b bytes.Buffer
		if kind == "jpeg" {
			err = jpeg.Encode(&b, flat, &jpeg.Options{Quality: 92})
		} else {
			typ = "PNG"
			err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, flat)
		}
		if err != nil {
			return nil, fmt.Errorf("make a PDF: %w", err)
		}
		content = b.Bytes()
	}
	side, pageWide, pageHigh := "P", 210.0, 297.0
	if wide > high {
		side, pageWide, pageHigh = "L", 297.0, 210.0
	}
	f := newFile(side)
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.AddPage()
	const margin = 10
	scale := min((pageWide-2*margin)/float64(wide), (pageHigh-2*margin)/float64(high))
	w, h := float64(wide)*scale, float64(high)*scale
	f.RegisterImageOptionsReader("picture", fpdf.ImageOptions{ImageType: typ}, bytes.NewReader(content))
	f.ImageOptions("picture", (pageWide-w)/2, margin, w, h, false, fpdf.ImageOptions{ImageType: typ}, 0, "")
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("make a PDF: %w: %w", ErrImage, err)
	}
	return out.Bytes(), nil
}

// turned draws a picture on white, turned by its orientation (EXIF 2.32, 0x0112).
func turned(img image.Image, turn int) *image.RGBA {
	b := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Over)
	if turn < 2 || turn > 8 {
		return flat
	}
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := [...]image.Point{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y}, 5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x}}[turn]
			copy(out.Pix[out.PixOffset(to.X, to.Y):][:4], flat.Pix[flat.PixOffset(x, y):][:4])
		}
	}
	return out
}

// orientation reads how a camera was held from a JPEG's EXIF; 1 when it does not
// say.
func orientation(b []byte) int {
	for at := 2; at+4 <= len(b) && b[at] == 0xff && b[at+1] != 0xda; {
		size := int(b[at+2])<<8 | int(b[at+3])
		if size < 2 || at+2+size > len(b) {
			return 1
		}
		if b[at+1] == 0xe1 && size > 8+14 && string(b[at+4:at+10]) == "Exif\x00\x00" {
			return tag(b[at+10 : at+2+size])
		}
		at += 2 + size
	}
	return 1
}

// tag finds the orientation in the first directory of a TIFF header.
func tag(t []byte) int {
	u16 := func(i int) int { return int(t[i])<<8 | int(t[i+1]) }
	if t[0] == 'I' {
		u16 = func(i int) int { return int(t[i]) | int(t[i+1])<<8 }
	}
	at := u16(4)<<16 | u16(6)
	if t[0] == 'I' {
		at = u16(4) | u16(6)<<16
	}
	if at < 8 || at+2 > len(t) {
		return 1
	}
	for i := range u16(at) {
		e := at + 2 + 12*i
		if e+12 > len(t) {
			return 1
		}
		if u16(e) == 0x0112 {
			if v := u16(e + 8); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
	}
	return 1
}
