package hub

import (
	"slices"
	"time"
)

// FileSettings say what goes with documents of one kind.
type FileSettings struct {
	// Goes says which files of the source go; empty means all.
	Goes FilesGo `json:"goes,omitempty"`
	// Breakdown says when our own PDF of hours and travel goes; empty means when
	// the customer wants it.
	Breakdown BreakdownRule `json:"breakdown,omitempty"`
	// CreditNotes says what goes with credit notes; empty means as with invoices.
	CreditNotes FilesOfCredits `json:"credit_notes,omitempty"`
	// Joined says whether the files of a travel invoice go as one PDF, the picture of the
	// claim first; empty means that they do.
	Joined FilesJoined `json:"joined,omitempty"`
}

// SayOnce leaves out what is the usual and was not said before either, so that a
// form that was only looked at changes nothing.
func (f *FileSettings) SayOnce(was FileSettings) {
	unsaid(&f.Goes, FilesAll, was.Goes)
	unsaid(&f.Breakdown, BreakdownWanted, was.Breakdown)
	unsaid(&f.CreditNotes, CreditsAlike, was.CreditNotes)
	unsaid(&f.Joined, JoinedOne, was.Joined)
}

func unsaid[T ~string](v *T, usual, was T) {
	if *v == usual && was == "" {
		*v = ""
	}
}

// FilesGo says which of the source's files go.
type FilesGo string

// The image is the picture of the source's own invoice; files are all others.
const (
	FilesAll   FilesGo = "all"   // image and files: "the PDF with attachments"
	FilesOnly  FilesGo = "files" // files without the image: "specification and attachments"
	FilesImage FilesGo = "image" // the image alone
	// FilesGrouped is all, if there are files besides the image and the rows of the
	// invoice sum up entries of its breakdown; else nothing.
	FilesGrouped FilesGo = "grouped"
	FilesNone    FilesGo = "none"
)

// FilesGos lists every choice, the usual one first.
var FilesGos = []FilesGo{FilesAll, FilesOnly, FilesImage, FilesGrouped, FilesNone}

// A BreakdownRule says when the breakdown goes. A person's word about one
// document stands above it.
type BreakdownRule string

// When the document or the customer's data asks for it; always; never.
const (
	BreakdownWanted BreakdownRule = "wanted"
	BreakdownAlways BreakdownRule = "always"
	BreakdownNever  BreakdownRule = "never"
)

// FilesOfCredits says what goes with credit notes.
type FilesOfCredits string

// As with invoices, or nothing.
const (
	CreditsAlike FilesOfCredits = "alike"
	CreditsBare  FilesOfCredits = "none"
)

// FilesJoined says whether files go as one.
type FilesJoined string

// One PDF, or each as it is.
const (
	JoinedOne   FilesJoined = "joined"
	JoinedApart FilesJoined = "apart"
)

// Joins reports whether the files of documents of a kind go as one PDF.
func (s *Settings) Joins(kind Kind) bool {
	return kind == TravelInvoice && s.Kinds[kind].Files.Joined != JoinedApart
}

// A FilePolicy says how the files of a connection are checked and confirmed.
type FilePolicy struct {
	// Check says what becomes of a document with a file that is not what its name
	// says, is broken, or is of a kind that does not go; empty means held.
	Check Asked `json:"check,omitempty"`
	// Kinds says which kinds of files go; empty means any, as Procountor's API says.
	Kinds FileKinds `json:"kinds,omitempty"`
	// Images says what becomes of pictures; empty means that they stay as they are.
	Images FileImages `json:"images,omitempty"`
	// Confirm says how it is made sure that a file has arrived; empty means by size,
	// where Procountor lets us ask for it.
	Confirm FileLevel `json:"confirm,omitempty"`
	// SamplePercent of the files are read back whole.
	SamplePercent int `json:"sample_percent,omitempty"`
}

// SayOnce is that of [FileSettings.SayOnce].
func (p *FilePolicy) SayOnce(was FilePolicy) {
	unsaid(&p.Check, AskedHold, was.Check)
	unsaid(&p.Kinds, AnyKind, was.Kinds)
	unsaid(&p.Images, ImagesStay, was.Images)
	unsaid(&p.Confirm, BySize, was.Confirm)
}

// FileKinds says which kinds of files go.
type FileKinds string

// Any; or those that Procountor's app shows: GIF, JPEG, PDF and text.
const (
	AnyKind    FileKinds = "any"
	ShownKinds FileKinds = "shown"
)

// FileImages says what becomes of pictures.
type FileImages string

// They stay as they are, or become PDFs.
const (
	ImagesStay  FileImages = "stay"
	ImagesToPDF FileImages = "pdf"
)

// A FileLevel says how sure it is that a file has arrived as it was sent.
type FileLevel string

// By name: it stands at the voucher, with its name and its receiver. By size:
// with as many bytes. By content: it was read back and is the same.
const (
	ByName    FileLevel = "name"
	BySize    FileLevel = "size"
	ByContent FileLevel = "content"
)

// FileLevels in rising order.
var FileLevels = []FileLevel{ByName, BySize, ByContent}

// A FileSeen is what Procountor has shown of a file since.
type FileSeen struct {
	ID    int64     `json:"id"` // Procountor's
	Level FileLevel `json:"level"`
	At    time.Time `json:"at"`
	// Wrong says that what is there is not what was sent: Size bytes of it.
	Wrong bool  `json:"wrong,omitempty"`
	Size  int64 `json:"size,omitempty"`
}

// A FileFound is what a file is by its content, whatever its name says.
type FileFound struct {
	MIME string `json:"mime"` // without parameters
	// Broad are wider types that it is as well, such as application/zip for a
	// workbook.
	Broad []string    `json:"broad,omitempty"`
	Wrong FileProblem `json:"wrong,omitempty"`
}

// Is reports whether the content is of a type, or of a kind of it.
func (f *FileFound) Is(mime string) bool { return f.MIME == mime || slices.Contains(f.Broad, mime) }

// A FileProblem is what is wrong with a content by itself.
type FileProblem string

// Broken: cut off, or not readable as what it begins like. Bomb: an archive that
// unpacks to far more than it is. Polyglot: two kinds of file at once. Program:
// something that a computer would run.
const (
	FileBroken   FileProblem = "broken"
	FileBomb     FileProblem = "bomb"
	FilePolyglot FileProblem = "polyglot"
	FileProgram  FileProblem = "program"
)

// A FileChoice is what people have said about the files of one document. It is no
// part of its version, and outlives every version.
type FileChoice struct {
	// Breakdown says that it goes, or does not, whatever the settings say; nil:
	// nobody has said.
	Breakdown *bool `json:"breakdown,omitempty"`
	// Added are files that people have added, kept by hash; of a document from
	// Procountor, the files that it has there.
	Added []Attachment `json:"added,omitempty"`
}

// MaxAttachments of one document.
const MaxAttachments = 100
