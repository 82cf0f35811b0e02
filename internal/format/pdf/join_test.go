package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	page, err := FromImage(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// onePage is a PDF of one page with deflated content.
func onePage(packed []byte) []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, o := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", len(packed), packed)} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// One PDF has the pages of all, in their order.
func TestJoin(t *testing.T) {
	one := picture(t)
	two, err := Join([][]byte{one, one})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Join([][]byte{two, one})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := Pages(all); n != 3 || err != nil || Joinable(all) != nil {
		t.Errorf("%d pages, %v, %v", n, err, Joinable(all))
	}
}

// What is cut off, no PDF at all, or unpacks to what fills the memory is refused, and
// nothing panics.
func TestNotJoinable(t *testing.T) {
	good := picture(t)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	for range maxUnpacked/1_000_000 + 1 {
		if _, err := z.Write(make([]byte, 1_000_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := onePage(packed.Bytes())
	small := bytes.Buffer{}
	z = zlib.NewWriter(&small)
	if _, err := z.Write([]byte("q Q")); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	if err := Joinable(onePage(small.Bytes())); err != nil {
		t.Fatalf("the same page with little on it: %v", err)
	}
	for name, b := range map[string][]byte{"cut off": good[:len(good)/2], "empty": nil, "text": []byte("kuitti"), "header alone": []byte("%PDF-1.4\n%%EOF\n"),
		"bomb": bomb, "long": append(bytes.Clone(good), make([]byte, maxJoined)...)} {
		if err := Joinable(b); !errors.Is(err, ErrJoin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := 0; i < len(good); i += 7 { // each part of it wrong
		b := bytes.Clone(good)
		b[i] ^= 0x55
		if err := Joinable(b); err != nil && !errors.Is(err, ErrJoin) {
			t.Error(fmt.Sprint(i), err)
		}
	}
}
