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
	var bomb bytes.Buffer
	bomb.WriteString("%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n")
	z := zlib.NewWriter(&bomb)
	for range maxUnpacked/1_000_000 + 1 {
		if _, err := z.Write(make([]byte, 1_000_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb.WriteString("\nendstream\nendobj\n%%EOF")
	for name, b := range map[string][]byte{"cut off": good[:len(good)/2], "empty": nil, "text": []byte("kuitti"), "header alone": []byte("%PDF-1.4\n%%EOF\n"),
		"bomb": bomb.Bytes(), "long": append(bytes.Clone(good), make([]byte, maxJoined)...)} {
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
