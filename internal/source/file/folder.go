package file

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/format"
	"github.com/vienti/vienti/internal/format/pcfile"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/source"
)

// Where files go once their documents are stored: to Done, or to Failed when
// nothing in them could be read.
const (
	Done   = "done"
	Failed = "failed"
)

const (
	// defaultQuiet is how long a file must not have changed before it is read, so
	// that one which is still being written is left alone.
	defaultQuiet = 2 * time.Second
	// maxPage bounds the bytes of a page, whatever its number of documents.
	maxPage = 20_000_000
	// aheadClock: a time of change so far in the future is not that of a file
	// being written, but of a wrong clock; such a file would wait for ever.
	aheadClock = time.Hour
)

// Kind is the connector "files in a folder".
func Kind() source.Kind {
	k := source.Kind{
		Name:  "file",
		Title: "Files in a folder",
		Help:  "Reads Finvoice, Peppol BIS 3, Procountor and Heeros invoice files, payroll runs (SIE 4, journal XML), and lists (Excel, CSV) whose columns have been explained, that appear in a folder, and moves them to its subfolders done and failed.",
		Options: []source.Option{
			{Name: "folder", Required: true, Help: "Full path of the folder on the machine where Vienti runs. Vienti must be allowed to read it and to move files inside it."},
			{Name: "kind", Default: string(hub.SalesInvoice), Choices: []string{string(hub.SalesInvoice), string(hub.PurchaseInvoice)},
				Help: "What an invoice is when neither its seller nor its buyer is the company itself."},
			{Name: "own", Help: "Business ids and VAT numbers of the company, with commas: an invoice that it sells is a sale, one that it buys is a purchase. Empty: that of the company in Procountor."},
			{Name: "purchase_letter", Help: "Type letter of purchase invoices in Procountor's own invoice file. No published file shows one; without it they are held."},
			{Name: "credit_code", Choices: []string{"t", "f"}, Help: "What column K of Procountor's own invoice file says on a credit note. Programs differ; without it the sign of the sum tells."},
			{Name: "dimension_columns", Help: "What row columns after N of Procountor's own invoice file are, with commas: O=project, P=cost centre. What stands in any other column stops the invoice."},
			{Name: "quiet", Default: strconv.Itoa(int(defaultQuiet / time.Second)),
				Help: "How many seconds a file must not have changed before it is read. Raise it when files arrive over a slow line."},
		},
	}
	k.Open = func(env source.Env, c source.Config) (source.Driver, error) {
		if err := k.Check(c); err != nil {
			return nil, err
		}
		seconds, err := strconv.Atoi(k.Value(c, "quiet"))
		if err != nil || seconds < 0 || seconds > 3600 {
			return nil, errors.New("option quiet is a number of seconds up to 3600")
		}
		o := Options{Options: format.Options{Kind: hub.Kind(k.Value(c, "kind")), Payroll: env.Payroll},
			Settings: pcfile.Settings{Purchase: k.Value(c, "purchase_letter"), Credit: k.Value(c, "credit_code")}, Tables: env.Tables, Secret: env.Kinds[hub.PayrollJournal].On}
		if o.Dimensions, err = pcfile.ParseDimensions(k.Value(c, "dimension_columns")); err != nil {
			return nil, fmt.Errorf("option dimension_columns: %w", err)
		}
		for own := range strings.SplitSeq(cmp.Or(k.Value(c, "own"), env.Own), ",") {
			if own = strings.TrimSpace(own); own != "" {
				o.Own = append(o.Own, own)
			}
		}
		return &Folder{Path: k.Value(c, "folder"), Quiet: time.Duration(seconds) * time.Second, Options: o, Now: env.Now}, nil
	}
	return k
}

// A Folder is a driver of the files in one folder; subfolders and hidden files are
// not looked at.
//
// Nothing is lost and nothing is read twice: a file stays where it is until all of
// its documents are stored, which the cursor says, and then moves away. Whatever
// stops in between starts again from the cursor. A file that was replaced by
// another of the same name is another file.
type Folder struct {
	Path    string
	Quiet   time.Duration
	Options Options
	Now     func() time.Time
}

// stamp tells a file from another that takes its name.
type stamp struct {
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	Mod    time.Time `json:"mod"`
	Failed bool      `json:"failed,omitempty"` // nothing in it could be read
}

func (s stamp) same(t stamp) bool { return s.Name == t.Name && s.Size == t.Size && s.Mod.Equal(t.Mod) }

// position is what a cursor says.
type position struct {
	// Whole lists the files of the page before, all of whose documents were shown.
	Whole []stamp `json:"whole,omitempty"`
	// Part is a file of which Shown documents were shown, if any.
	Part  *stamp `json:"part,omitempty"`
	Shown int    `json:"shown,omitempty"`
	// Good: among those there was one that could be read.
	Good bool `json:"good,omitempty"`
}

func (p position) cursor() (source.Cursor, error) {
	if len(p.Whole) == 0 && p.Part == nil {
		return "", nil
	}
	b, err := json.Marshal(p)
	return source.Cursor(b), err
}

func parseCursor(c source.Cursor) (p position, err error) {
	if c == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(c), &p); err != nil {
		return p, fmt.Errorf("cursor of a folder: %w", err)
	}
	return p, nil
}

// Settle moves away the files that the cursor covers.
func (f *Folder) Settle(ctx context.Context, stored source.Cursor) error {
	at, err := parseCursor(stored)
	if err != nil || len(at.Whole) == 0 {
		return err
	}
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	for _, s := range at.Whole {
		if err := ctx.Err(); err != nil {
			return err
		}
		now, err := look(root, s.Name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !now.same(s) {
			continue // moved before, or another file by now
		}
		if err == nil {
			err = away(root, s)
		}
		if err != nil {
			return denied(fmt.Errorf("move %s away: %w", s.Name, err))
		}
	}
	return nil
}

// away moves a file into its subfolder, beside others of the same name.
func away(root *os.Root, s stamp) error {
	folder := Done
	if s.Failed {
		folder = Failed
	}
	if err := root.Mkdir(folder, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	ext := filepath.Ext(s.Name)
	base := strings.TrimSuffix(s.Name, ext)
	const most = 10_000 // files of one name; nobody looks further
	for n := 1; n <= most; n++ {
		to := filepath.Join(folder, s.Name)
		if n > 1 {
			to = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", base, n, ext))
		}
		if _, err := root.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return root.Rename(s.Name, to)
		} else if err != nil {
			return err
		}
	}
	return fmt.Errorf("there are %d files of that name in %s", most, folder)
}

// Pull returns the documents of the files that have been quiet for a while, in
// the order of their times of change. A file that cannot be opened does not hold
// up the others.
func (f *Folder) Pull(ctx context.Context, cursor source.Cursor, limit int) (source.Page, error) {
	at, err := parseCursor(cursor)
	if err != nil {
		return source.Page{}, err
	}
	root, err := f.open()
	if err != nil {
		return source.Page{}, err
	}
	defer root.Close()
	files, err := f.files(root, at)
	if err != nil {
		return source.Page{}, err
	}
	b := pageBuilder{limit: limit, ids: map[string]bool{}}
	var failures []error
	left := false
	for _, s := range files {
		if b.full() {
			left = true
			break
		}
		skip, good := 0, false
		if at.Part != nil && at.Part.same(s) {
			skip, good = at.Shown, at.Good
		}
		err := f.read(ctx, root, s, skip, good, &b)
		if ctx.Err() != nil {
			return source.Page{}, ctx.Err()
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("file %s: %w", s.Name, err))
		}
	}
	if len(b.page.Documents) == 0 && len(failures) > 0 {
		return source.Page{}, denied(errors.Join(failures...))
	}
	b.page.More = left || b.next.Part != nil
	b.page.Next, err = b.next.cursor()
	return b.page, err
}

// pageBuilder fills a page up to its limits.
type pageBuilder struct {
	page  source.Page
	next  position
	limit int
	bytes int
	ids   map[string]bool
}

func (b *pageBuilder) full() bool {
	return b.next.Part != nil || len(b.page.Documents) >= b.limit || b.bytes >= maxPage
}

// read adds the documents of a file after the first skip. When the page is full
// before the file ends, the file becomes its part.
func (f *Folder) read(ctx context.Context, root *os.Root, s stamp, skip int, good bool, b *pageBuilder) error {
	r, err := root.Open(s.Name)
	if err != nil {
		return err
	}
	defer r.Close()
	before := len(b.page.Documents)
	shown := 0
	for d, err := range Decode(r, s.Name, f.Options) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			b.drop(before)
			return err
		}
		if shown++; shown <= skip {
			continue
		}
		// The same invoice twice in one file goes onto two pages.
		if b.full() || b.ids[d.Document.SourceID] {
			b.next.Part, b.next.Shown, b.next.Good = &s, shown-1, good
			break
		}
		good = good || wasRead(d.Document)
		b.ids[d.Document.SourceID] = true
		b.bytes += weight(d)
		b.page.Documents = append(b.page.Documents, d)
	}
	// A file that changed under our hands is read again when it is quiet.
	if now, err := look(root, s.Name); err != nil || !now.same(s) {
		b.drop(before)
		return err
	}
	if b.next.Part == nil {
		s.Failed = !good
		b.next.Whole = append(b.next.Whole, s)
	}
	return nil
}

// wasRead reports whether a document is more than what could not be read.
func wasRead(d *hub.Document) bool {
	return d.Kind != hub.Unreadable && (d.Kind != hub.PayrollJournal || len(d.Journals) > 0)
}

// weight is what a document takes in memory.
func weight(d source.Found) int {
	n := len(d.Raw)
	for _, a := range d.Document.Attachments {
		n += len(a.Content)
	}
	return n
}

// drop takes back what was added after the first n documents.
func (b *pageBuilder) drop(n int) {
	for _, d := range b.page.Documents[n:] {
		delete(b.ids, d.Document.SourceID)
		b.bytes -= weight(d)
	}
	b.page.Documents = b.page.Documents[:n]
	b.next.Part, b.next.Shown, b.next.Good = nil, 0, false
}

// files lists what may be read now, oldest first, the file in progress before all.
func (f *Folder) files(root *os.Root, at position) ([]stamp, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, denied(err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, denied(err)
	}
	var list []stamp
	for _, e := range entries {
		if !e.Type().IsRegular() || unfinished(e.Name()) {
			continue
		}
		if s, err := look(root, e.Name()); err == nil { // else gone since it was listed
			list = append(list, s)
		}
	}
	now := f.Now()
	list = slices.DeleteFunc(list, func(s stamp) bool {
		age := now.Sub(s.Mod)
		writing := age < f.Quiet && age > -aheadClock
		return writing || slices.ContainsFunc(at.Whole, s.same) // shown; waits to be moved
	})
	slices.SortFunc(list, func(a, b stamp) int {
		if at.Part != nil && at.Part.same(a) != at.Part.same(b) {
			if at.Part.same(a) {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Mod.Compare(b.Mod), strings.Compare(a.Name, b.Name))
	})
	return list, nil
}

// unfinished are names that programs give to what they are still writing.
func unfinished(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".part", ".partial", ".crdownload", ".filepart", ".lock":
		return true
	}
	return false
}

func look(root *os.Root, name string) (stamp, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return stamp{}, err
	}
	return stamp{Name: name, Size: info.Size(), Mod: info.ModTime().UTC()}, nil
}

func (f *Folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.Path)
	if err != nil {
		return nil, denied(err)
	}
	return root, nil
}

// denied marks errors that only a person can mend: a folder that is not there, or
// is not ours to read or write.
func denied(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", source.ErrDenied, err)
	}
	return err
}
