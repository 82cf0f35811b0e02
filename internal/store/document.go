package store

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
)

// A DocumentRow is what a source has shown of one document.
type DocumentRow struct {
	ID         string
	Connection string
	SourceID   string
	Version    string // of the newest content
	Seen       time.Time
	Changed    time.Time
	// Standing is where the document stands on its source's side, as said last.
	Standing hub.Standing
	// Dates are those that a person has chosen; nil for the source's own.
	Dates *hub.ChosenDates
	// Choice is what people have said about its files.
	Choice hub.FileChoice
}

// A DocumentVersion is one content that a document has had.
type DocumentVersion struct {
	Document string
	Version  string
	Content  string // blob reference of the document in our words
	Raw      string // blob reference of what the source handed over
	Place    string // root element of the document in a file that may hold several
	Faults   []hub.Fault
	At       time.Time
}

// DocumentBySource finds a document by the id it has in its source.
func (tx *Tx) DocumentBySource(connection, sourceID string) (DocumentRow, error) {
	return scanDocument(tx.QueryRow(`select `+documentColumns+` from document
		where connection = $1 and source_id = $2`, connection, sourceID).Scan)
}

// DocumentsOfClaim lists the documents that were made of a claim or a payroll run, by its id
// in its source: itself, or its parts.
func (tx *Tx) DocumentsOfClaim(connection, claim string) (list []DocumentRow, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		d, err := scanDocument(scan)
		list = append(list, d)
		return err
	}, `select `+documentColumns+` from document where connection = $1 and claim = $2 order by source_id`, connection, claim)
	return list, err
}

// DocumentByID finds a document by its row id.
func (tx *Tx) DocumentByID(id string) (DocumentRow, error) {
	return scanDocument(tx.QueryRow(`select `+documentColumns+` from document where id = $1`, id).Scan)
}

const documentColumns = `id, connection, source_id, version, seen, changed, standing, dates, choice`

func scanDocument(scan func(...any) error) (d DocumentRow, err error) {
	var seen, changed int64
	var standing, dates, choice string
	if err := scan(&d.ID, &d.Connection, &d.SourceID, &d.Version, &seen, &changed, &standing, &dates, &choice); err != nil {
		return d, err
	}
	d.Seen, d.Changed = momentOf(seen), momentOf(changed)
	return d, errors.Join(fromJSON(standing, &d.Standing), fromJSON(dates, &d.Dates), fromJSON(choice, &d.Choice))
}

// SetDates stores the dates that a person has chosen for a document; nil for the
// source's own.
func (tx *Tx) SetDates(document string, c *hub.ChosenDates) error {
	text := ""
	if c != nil {
		var err error
		if text, err = toJSON(c); err != nil {
			return err
		}
	}
	return tx.ExecOne(`update document set dates = $2 where id = $1`, document, text)
}

// SetStanding stores where a document stands on its source's side.
func (tx *Tx) SetStanding(document string, s hub.Standing) error {
	text := ""
	if !s.IsZero() {
		var err error
		if text, err = toJSON(s); err != nil {
			return err
		}
	}
	return tx.ExecOne(`update document set standing = $2, round = $3 where id = $1`, document, text, string(s.Round()))
}

// SetFileChoice stores what people have said about the files of a document.
func (tx *Tx) SetFileChoice(document string, c hub.FileChoice) error {
	text, err := toJSON(c)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update document set choice = $2 where id = $1`, document, text)
}

// A PackedDocument is a content of a document, ready to be stored.
type PackedDocument struct {
	// Version is the fingerprint of the content; see [hub.Document.Version].
	Version string
	// Place is the document's root element in a file that may hold several.
	Place   string
	claim   string // or payroll run, of which it is a part
	content PackedBlob
	raw     PackedBlob
	faults  string
	files   []PackedFile
}

// A PackedFile is the body of an attachment, ready to be stored.
type PackedFile struct {
	hash, found string
	body        PackedBlob
}

// PackFile does the work of [Tx.PutFile] that needs no transaction; private is whether
// the document is.
func PackFile(a hub.Attachment, private bool) (p PackedFile, err error) {
	p.hash = a.Hash
	if a.Found != nil {
		if p.found, err = toJSON(a.Found); err != nil {
			return p, err
		}
	}
	p.body, err = PackFor(private, a.Content)
	return p, err
}

// PackDocument does the work of [Tx.PutDocument] that needs no transaction. raw
// is what the source handed over; nil stands for the document itself.
func PackDocument(doc *hub.Document, raw []byte, faults []hub.Fault) (p PackedDocument, err error) {
	return packDocument(doc, raw, faults, doc.Private())
}

// PackSealedDocument is PackDocument for what may be private though nobody can read it.
func PackSealedDocument(doc *hub.Document, raw []byte, faults []hub.Fault) (p PackedDocument, err error) {
	return packDocument(doc, raw, faults, true)
}

func packDocument(doc *hub.Document, raw []byte, faults []hub.Fault, private bool) (p PackedDocument, err error) {
	content, err := json.Marshal(doc)
	if err != nil {
		return p, err
	}
	if p.content, err = PackFor(private, content); err != nil {
		return p, err
	}
	p.Version, p.raw = strings.TrimSuffix(p.content.Ref, sealedMark), p.content // both are the SHA-256 of the same bytes
	if raw != nil {
		if p.raw, err = PackFor(private, raw); err != nil {
			return p, err
		}
	}
	if private {
		faults = hub.Discreet(faults)
	}
	switch {
	case doc.Part != nil:
		p.claim = doc.Part.Claim
	case doc.Run != nil:
		p.claim = doc.Run.ID
	case doc.Kind == hub.TravelInvoice:
		p.claim = doc.SourceID
	}
	if p.faults, err = toJSON(faults); err != nil {
		return p, err
	}
	for _, a := range doc.Attachments {
		if a.Content == nil {
			continue
		}
		f, err := PackFile(a, private)
		if err != nil {
			return p, err
		}
		p.files = append(p.files, f)
	}
	return p, nil
}

// PutDocument stores a content of a document: a new document, or a new version
// of one that is there. The row's id comes back in row.
func (tx *Tx) PutDocument(row *DocumentRow, p PackedDocument) error {
	now := millis(tx.Now())
	row.Version = p.Version
	if row.ID == "" {
		row.ID = tx.store.NewID()
		if _, err := tx.Exec(`insert into document (id, connection, source_id, version, seen, changed, claim) values ($1,$2,$3,$4,$5,$5,$6)`,
			row.ID, row.Connection, row.SourceID, row.Version, now, p.claim); err != nil {
			return err
		}
	} else if err := tx.ExecOne(`update document set version = $2, changed = $3 where id = $1`, row.ID, row.Version, now); err != nil {
		return err
	}
	if err := tx.PutPacked(p.content); err != nil {
		return err
	}
	if p.raw.Ref != p.content.Ref {
		if err := tx.PutPacked(p.raw); err != nil {
			return err
		}
	}
	// A document may return to a content it had before.
	if _, err := tx.Exec(`insert into document_version (document, version, content, raw, place, faults, at) values ($1,$2,$3,$4,$5,$6,$7)
		on conflict (document, version) do update set content = excluded.content, raw = excluded.raw, place = excluded.place, faults = excluded.faults, at = excluded.at`,
		row.ID, row.Version, p.content.Ref, p.raw.Ref, p.Place, p.faults, now); err != nil {
		return err
	}
	for _, f := range p.files {
		if err := tx.PutFile(row.ID, f); err != nil {
			return err
		}
	}
	return nil
}

// PutFile stores the body of an attachment of a document, if it is not there yet.
func (tx *Tx) PutFile(document string, f PackedFile) error {
	if err := tx.PutPacked(f.body); err != nil {
		return err
	}
	_, err := tx.Exec(`insert into document_file (document, hash, ref, found) values ($1,$2,$3,$4) on conflict (document, hash) do nothing`,
		document, f.hash, f.body.Ref, f.found)
	return err
}

// DocumentVersion returns one content of a document without its bodies.
func (tx *Tx) DocumentVersion(document, version string) (v DocumentVersion, err error) {
	var faults string
	var at int64
	err = tx.QueryRow(`select document, version, content, raw, place, faults, at from document_version where document = $1 and version = $2`,
		document, version).Scan(&v.Document, &v.Version, &v.Content, &v.Raw, &v.Place, &faults, &at)
	if err != nil {
		return v, err
	}
	v.At = momentOf(at)
	return v, fromJSON(faults, &v.Faults)
}

// Document returns one content of a document, in our words and as received.
func (tx *Tx) Document(document, version string) (*hub.Document, DocumentVersion, error) {
	v, err := tx.DocumentVersion(document, version)
	if err != nil {
		return nil, v, err
	}
	b, err := tx.Blob(v.Content)
	if err != nil {
		return nil, v, err
	}
	doc := new(hub.Document)
	return doc, v, json.Unmarshal(b, doc)
}

// EachDocument calls f with the newest content of every document of a connection, the
// oldest first.
func (tx *Tx) EachDocument(connection string, f func(*hub.Document) error) error {
	var refs []string
	if err := tx.Each(func(scan func(...any) error) error {
		var ref string
		err := scan(&ref)
		refs = append(refs, ref)
		return err
	}, `select v.content from document d join document_version v on v.document = d.id and v.version = d.version where d.connection = $1 order by d.id`,
		connection); err != nil {
		return err
	}
	for _, ref := range refs {
		b, err := tx.Blob(ref)
		if errors.Is(err, ErrMasked) {
			continue
		}
		if err != nil {
			return err
		}
		doc := new(hub.Document)
		if err := json.Unmarshal(b, doc); err != nil {
			return err
		}
		if err := f(doc); err != nil {
			return err
		}
	}
	return nil
}

// ShareFiles lets a document have the files of another as well.
func (tx *Tx) ShareFiles(from, to string) error {
	_, err := tx.Exec(`insert into document_file (document, hash, ref, found) select $2, hash, ref, found from document_file where document = $1
		on conflict (document, hash) do nothing`, from, to)
	return err
}

// FilesFound says what the files of a document are by their content, by hash.
func (tx *Tx) FilesFound(document string) (map[string]hub.FileFound, error) {
	list := map[string]hub.FileFound{}
	err := tx.Each(func(scan func(...any) error) error {
		var hash, text string
		if err := scan(&hash, &text); err != nil {
			return err
		}
		var f hub.FileFound
		err := fromJSON(text, &f)
		list[hash] = f
		return err
	}, `select hash, found from document_file where document = $1 and found <> ''`, document)
	return list, err
}

// DocumentFile returns the body of an attachment.
func (tx *Tx) DocumentFile(document, hash string) ([]byte, error) {
	var ref string
	if err := tx.QueryRow(`select ref from document_file where document = $1 and hash = $2`, document, hash).Scan(&ref); err != nil {
		return nil, err
	}
	return tx.Blob(ref)
}

// IsNotFound reports whether err says that there is no such row.
func IsNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
