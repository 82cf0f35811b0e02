package engine_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/engine/enginetest"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/procountor/procountortest"
)

var lostFiles = flag.Int("lost-files", 400, "how many files each level of confirmation is tried with, of which one in a hundred is lost, one emptied and one cut off")

const filesEach = 8 // of a document

// someFile is the nth file of the ith document: of each kind that businesses attach one.
func someFile(t *testing.T, i, n int) hub.Attachment {
	t.Helper()
	text := strings.Repeat(fmt.Sprintf("%d of %d ", n, i), 1+(i*n)%50)
	var b bytes.Buffer
	name, mime := "", ""
	picture := image.NewRGBA(image.Rect(0, 0, 8+n, 8+i%5))
	for k := range picture.Pix {
		picture.Pix[k] = byte(k * (i + 1))
	}
	var err error
	switch n {
	case 0:
		name, mime = "receipt.png", "image/png"
		err = png.Encode(&b, picture)
	case 1:
		name, mime = "photo.jpg", "image/jpeg"
		err = jpeg.Encode(&b, picture, nil)
	case 2:
		name, mime = "stamp.gif", "image/gif"
		err = gif.Encode(&b, picture, nil)
	case 3:
		name, mime = "hours.csv", "text/csv"
		b.WriteString("person;hours\n" + text + ";2\n")
	case 4:
		name, mime = "order.xml", "application/xml"
		b.WriteString(`<?xml version="1.0"?><order>` + text + `</order>`)
	case 5:
		name, mime = "all of it.zip", "application/zip"
		z := zip.NewWriter(&b)
		f, ferr := z.Create("note.txt")
		if ferr == nil {
			_, ferr = f.Write([]byte(text))
		}
		err = errors.Join(ferr, z.Close())
	case 6:
		name, mime = "terms.txt", "text/plain"
		b.WriteString(text)
	default:
		return enginetest.Attach(&hub.Document{}, "contract.pdf", text).Attachments[0]
	}
	if err != nil {
		t.Fatal(err)
	}
	return hub.Attachment{Name: name, MIME: mime, Size: int64(b.Len()), Hash: hub.HashOf(b.Bytes()), Content: b.Bytes()}
}

// Files that a sandbox loses, empties or cuts off on their way into its books: the
// lost ones are always found and sent again, the others wherever the level allows;
// no document is done with a file that the level would show to be wrong.
func TestLostFiles(t *testing.T) {
	for _, tc := range []struct {
		name      string
		unsearch  bool
		policy    hub.FilePolicy
		level     hub.FileLevel
		findsSize bool
	}{
		{"by name, where sizes may not be asked for", true, hub.FilePolicy{}, hub.ByName, false},
		{"by name", false, hub.FilePolicy{Confirm: hub.ByName}, hub.ByName, false},
		{"by size", false, hub.FilePolicy{}, hub.BySize, true},
		{"by content", true, hub.FilePolicy{Confirm: hub.ByContent}, hub.ByContent, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) {
				s.Files = tc.policy
				ks := s.Kinds[hub.SalesInvoice]
				ks.Arrival = hub.ArriveApproved
				s.Kinds[hub.SalesInvoice] = ks
			}, Sandbox: procountortest.Options{Seed: 11, NoDocumentManagement: tc.unsearch, Hostile: procountortest.Hostile{DropFile: 10, EmptyFile: 10, CutFile: 10}}})
			meant := map[string]map[string][]byte{} // by number and name
			var docs []*hub.Document
			for i := range *lostFiles / filesEach {
				d := enginetest.Sale(fmt.Sprint(20001+i), "100.00")
				for n := range filesEach {
					d.Attachments = append(d.Attachments, someFile(t, i, n))
				}
				docs = append(docs, d)
			}
			w.Receive(docs...)
			w.Settle()
			asked := w.Sandbox.Requests()
			sent, right, held, unseen := 0, 0, 0, 0
			for _, d := range docs {
				meant[d.Number] = map[string][]byte{}
				tr := w.Transfer(d.Number)
				v := w.Vouchers(d.Number)
				if len(v) != 1 {
					t.Fatalf("%s: %d vouchers", d.Number, len(v))
				}
				steps, err := store.ReadOne(t.Context(), w.Store, func(tx *store.Tx) ([]hub.Step, error) { return tx.Steps(tr.ID, 0) })
				w.Must(err)
				wrong := 0
				for _, s := range engine.SentFiles(steps) {
					a := s.Detail.Attachment
					i := slices.IndexFunc(v[0].Attachments, func(x procountortest.Attachment) bool { return x.Name == a.Name })
					if i < 0 {
						if tr.State == hub.Held && slices.ContainsFunc(tr.Faults, func(f hub.Fault) bool { return f.Code == hub.AttachmentLost && f.Value == a.Name }) {
							continue
						}
						t.Errorf("%s: %s is not there and nobody has noticed", d.Number, a.Name)
						continue
					}
					sent++
					content, _ := w.Sandbox.Attachment(w.Company.ProcountorID, v[0].Attachments[i].ID)
					original := d.Attachments[slices.IndexFunc(d.Attachments, func(x hub.Attachment) bool { return x.Hash == a.Hash })].Content
					same := bytes.Equal(content, original)
					switch seen := s.Detail.Seen; {
					case seen == nil:
						t.Errorf("%s: %s was never looked at", d.Number, a.Name)
					case seen.Level != tc.level && same:
						t.Errorf("%s: %s is confirmed by %s, not by %s", d.Number, a.Name, seen.Level, tc.level)
					case tc.findsSize && seen.Wrong == same:
						t.Errorf("%s: %s wrong: %v, and same: %v", d.Number, a.Name, seen.Wrong, same)
					case !same && !seen.Wrong:
						unseen++
					}
					if same {
						right++
					} else {
						wrong++
					}
				}
				switch {
				case tr.State == hub.Held && tr.Faults[0].Code == hub.AttachmentThere && wrong > 0 && tc.findsSize:
					held++
					if v[0].Status != "UNFINISHED" {
						t.Errorf("%s is held and %s", d.Number, v[0].Status)
					}
				case tr.State == hub.Done && len(engine.SentFiles(steps)) == filesEach && (wrong == 0 || !tc.findsSize) && len(v[0].Attachments) == filesEach:
				default:
					t.Errorf("%d wrong: %s", wrong, enginetest.Describe(tr))
				}
			}
			asks := asked["getAttachments"] + asked["getAttachment"] + asked["getInvoice"] + asked["searchInvoices"]
			t.Logf("%d requests for %d files, %.2f a file, beside sending them: %v", asks, sent, float64(asks)/float64(sent), asked)
			t.Logf("%d files of %d documents stand in Procountor: %d as sent, %d are not and cannot be seen at this level; %d documents held", sent, len(docs), right, unseen, held)
			if right == 0 || tc.findsSize && held == 0 || !tc.findsSize && unseen == 0 {
				t.Error("nothing was tried")
			}
			if !tc.findsSize {
				return
			}
			// A person removes the damaged file, and retries: it goes again, and only it.
			i := slices.IndexFunc(docs, func(d *hub.Document) bool { return w.Transfer(d.Number).State == hub.Held })
			number := docs[i].Number
			w.Must(w.Engine.Act(t.Context(), "person", w.Transfer(number).ID, engine.Retry, ""))
			w.Settle()
			if tr := w.Transfer(number); tr.State != hub.Held || tr.Faults[0].Code != hub.AttachmentThere {
				t.Errorf("while it is there: %s", enginetest.Describe(tr))
			}
			client, err := w.Engine.Client(t.Context(), w.Company)
			w.Must(err)
			for range 5 {
				tr := w.Transfer(number)
				if tr.State == hub.Done {
					break
				}
				for _, a := range w.Vouchers(number)[0].Attachments {
					if slices.ContainsFunc(tr.Faults, func(f hub.Fault) bool { return f.Value == a.Name }) {
						w.Must(client.Attachments.Delete(t.Context(), a.ID))
					}
				}
				w.Must(w.Engine.Act(t.Context(), "person", tr.ID, engine.Retry, ""))
				w.Settle()
			}
			if tr := w.Transfer(number); tr.State != hub.Done || len(w.Vouchers(number)[0].Attachments) != filesEach || w.Vouchers(number)[0].Status == "UNFINISHED" {
				t.Errorf("after it was removed: %s", enginetest.Describe(tr))
			}
		})
	}
}

// A file that never stays is sent a few times, and then a person looks.
func TestFileThatNeverStays(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Sandbox: procountortest.Options{Hostile: procountortest.Hostile{DropFile: 1000}}})
	w.Receive(enginetest.Attach(enginetest.Attach(enginetest.Sale("1001", "10.00"), "a.pdf", "a"), "b.pdf", "b"))
	w.Settle()
	if tr := w.Transfer("1001"); tr.State != hub.Held || tr.Faults[0].Code != hub.AttachmentLost {
		t.Error(enginetest.Describe(tr))
	}
}

// What is read back later and differs is a warning of what is done, and a task;
// when all is well again, it is not.
func TestReadBack(t *testing.T) {
	w := enginetest.OnSQLite(t)(enginetest.Config{Writing: true, Settings: func(s *hub.Settings) { s.Files.Confirm = hub.ByName },
		Sandbox: procountortest.Options{Seed: 3, Hostile: procountortest.Hostile{CutFile: 500}}})
	w.Receive(enginetest.Sale("1000", "10.00"), enginetest.Attach(enginetest.Attach(enginetest.Attach(enginetest.Attach(enginetest.Sale("1001", "10.00"), "a.pdf", "a"), "b.pdf", "b"), "c.pdf", "c"), "d.pdf", "d"))
	w.Settle()
	if _, err := w.Engine.ConfirmFiles(t.Context(), "person", w.Transfer("1000").ID); !errors.Is(err, engine.ErrNotNow) {
		t.Errorf("without files: %v", err)
	}
	files, err := w.Engine.ConfirmFiles(t.Context(), "person", w.Transfer("1001").ID)
	w.Must(err)
	wrong := 0
	for _, f := range files {
		if f.Detail.Seen == nil || f.Detail.Seen.Level != hub.ByContent && !f.Detail.Seen.Wrong {
			t.Errorf("%+v", f.Detail.Seen)
		} else if f.Detail.Seen.Wrong {
			wrong++
		}
	}
	tr := w.Transfer("1001")
	if wrong == 0 || tr.State != hub.DoneWithWarning || len(tr.Faults) != wrong || tr.Faults[0].Code != hub.AttachmentThere {
		t.Errorf("%d wrong: %s", wrong, enginetest.Describe(tr))
	}
}
