// Package archtest keeps the promises of ARCHITECTURE.md: who may import whom,
// one comment per package, no floats near money, nothing secret in recordings,
// nothing that points outside the repository.
package archtest

// module is the path of this module, with the slash that every package has.
const module = "github.com/vienti/vienti/"

// A rule says what some packages may import from this module, and which other
// packages they may not. Rules stand in the order of the table in
// ARCHITECTURE.md: imports point upwards, never down, never sideways.
type rule struct {
	pkgs   []string // relative to the module; "x/..." is x and all below it, "x/*" what lies directly in x
	says   string   // what lives there, for ARCHITECTURE.md
	allow  []string // patterns like pkgs; nil means nothing of ours
	forbid []string // standard or foreign packages; "x/..." as above
	why    string   // shown when the rule is broken
}

var (
	values   = []string{"internal/money", "internal/civil"}
	national = []string{"internal/finland", "internal/sweden", "internal/vat"}
	nouns    = join(values, national, []string{"internal/hub"})
	noIO     = []string{"net/http", "database/sql", "os", "os/exec"}
)

// The first match wins. A package that no rule matches fails the test.
var rules = []rule{
	{pkgs: join(values, []string{"internal/secret", "internal/config", "internal/pipenet", "internal/faulty"}),
		says: "exact amounts; days without a zone; the vault; process settings; an in-memory network; planned faults",
		why:  "these stand at the bottom, each on its own"},
	{pkgs: []string{"internal/outbound"}, allow: []string{"internal/secret"},
		says: "requests to addresses that others have chosen: where they may go, how they are signed",
		why:  "it knows nothing of what it carries"},
	{pkgs: national, allow: join(values), forbid: noIO,
		says: "ids, references and checks of a country; VAT rates with their first day and source",
		why:  "checks of a country are pure"},
	{pkgs: []string{"internal/locale"}, allow: join(values), forbid: []string{"net/http", "database/sql"},
		says: "every text in fi, sv, en, nl; how numbers and days are written",
		why:  "texts know no program"},
	{pkgs: []string{"internal/hub"}, allow: join(values, national), forbid: noIO,
		says: "the nouns and their laws: document, transfer, plan, step, fault",
		why:  "the nouns do no I/O"},
	{pkgs: []string{"internal/remedy"}, allow: join(values, []string{"internal/hub", "internal/locale"}), forbid: noIO,
		says: "every fault code: title, cause, remedy, who must act",
		why:  "a remedy is a fault in words"},

	{pkgs: []string{"procountor/apidescription"},
		says: "Procountor's API description, as found",
		why:  "a file, embedded"},
	{pkgs: []string{"procountor/procountortest/..."}, allow: []string{"internal/pipenet", "internal/faulty", "procountor/apidescription", "procountor/procountortest/..."},
		says: "the sandbox: a local Procountor with its own wire types",
		why:  "a sandbox that shares the client's types shares its mistakes"},
	{pkgs: []string{"procountor"}, forbid: []string{"foreign"},
		says: "the client of Procountor's API, standard library only",
		why:  "the client stands alone, so that anyone can import it"},

	{pkgs: []string{"internal/invented"}, allow: nouns, forbid: noIO,
		says: "for tests: documents of every kind, right, and wrong in the way of each of Procountor's rules",
		why:  "what makes up documents knows neither who maps them nor who judges them"},
	{pkgs: []string{"internal/invented/parties"}, allow: nouns, forbid: noIO,
		says: "for tests and scoring: parties and registers with the mistakes of people, and the right answers",
		why:  "what makes up pairs does not know the rules that they judge"},
	{pkgs: []string{"internal/format"}, allow: nouns, forbid: []string{"net/http", "database/sql"},
		says: "what the readers of files have in common: cutting, encodings, numbers, sums",
		why:  "what formats share knows none of them"},
	{pkgs: []string{"internal/format/pdf"}, allow: join(nouns, []string{"internal/locale", "internal/format"}), forbid: noIO,
		says: "the PDFs that are ours: breakdowns, pictures as pages",
		why:  "what is printed is made of nouns and texts"},
	{pkgs: []string{"internal/format/*"}, allow: join(nouns, []string{"internal/format"}), forbid: []string{"net/http", "database/sql"},
		says: "file formats: Finvoice, UBL, SIE, CSV and others, shared by sources",
		why:  "a format turns bytes into documents; formats do not know each other"},
	{pkgs: []string{"internal/register"}, allow: join(nouns, []string{"procountor"}), forbid: noIO,
		says: "our copy of a company's registers, a value with versions",
		why:  "the register copy is a value"},
	{pkgs: []string{"internal/sheet"}, allow: nouns, forbid: noIO,
		says: "the tables of spreadsheets: what people write, with what is wrong row by row, and what they get",
		why:  "a table knows not what it is about"},
	{pkgs: []string{"internal/channel"}, allow: join(nouns, []string{"internal/sheet"}), forbid: noIO,
		says: "how invoices go to each customer; which e-invoice operators there are",
		why:  "these are values and a list"},
	{pkgs: []string{"internal/posting", "internal/matching", "internal/circulation"}, allow: join(nouns, []string{"internal/register", "internal/sheet"}), forbid: noIO,
		says: "which account and VAT status (tiliöinti); which partner is meant; purchase invoices on their round",
		why:  "these are pure functions"},
	{pkgs: []string{"internal/mapping"}, allow: join(nouns, []string{"internal/format/filetype", "internal/register", "internal/channel", "internal/posting", "internal/matching", "internal/circulation", "procountor"}), forbid: noIO,
		says: "document + settings + registers → a plan, or faults",
		why:  "mapping is a pure function"},
	{pkgs: []string{"internal/dispatch", "internal/proof"}, allow: join(values, []string{"internal/hub", "procountor"}), forbid: []string{"database/sql"},
		says: "carry out one step: look, write, compare, classify; both books compared",
		why:  "a step knows Procountor, but no database and no schedule"},

	{pkgs: []string{"internal/source/all"}, allow: []string{"internal/source/..."},
		says: "the list of connectors",
		why:  "the list knows connectors and nothing else"},
	{pkgs: []string{"internal/source/sourcetest"}, allow: join(nouns, []string{"internal/source", "internal/faulty", "internal/pipenet", "internal/secret"}),
		says: "the suite that every connector passes",
		why:  "the suite knows the contract, no connector"},
	{pkgs: []string{"internal/source/*/*fake"}, allow: []string{"internal/pipenet", "internal/faulty"},
		says: "fakes of business systems, with their own types",
		why:  "a fake that shares the connector's types shares its mistakes"},
	{pkgs: []string{"internal/source"}, allow: join(nouns, []string{"internal/secret"}), forbid: []string{"database/sql"},
		says: "what the hub asks of a business system",
		why:  "the contract knows no connector"},
	{pkgs: []string{"internal/checklist"}, allow: join(nouns, []string{"internal/register", "internal/posting", "internal/source"}), forbid: noIO,
		says: "what must be in order at both ends before a connection writes",
		why:  "who judges registers has not read them"},
	{pkgs: []string{"internal/source/*"}, allow: join(nouns, []string{"internal/source", "internal/format/...", "internal/secret"}), forbid: []string{"database/sql"},
		says: "one connector each",
		why:  "connectors do not know each other; engine brings things together"},

	{pkgs: []string{"internal/people", "internal/audit"}, allow: []string{"internal/hub", "internal/civil", "internal/secret"}, forbid: []string{"net/http", "database/sql"},
		says: "users, roles, rights; the append-only chain of acts",
		why:  "people and acts are values"},
	{pkgs: []string{"internal/store/storetest"}, allow: join(nouns, []string{"internal/store/...", "internal/needs", "internal/secret", "internal/people", "internal/audit"}),
		says: "a fresh database for a test; the suite that both databases pass",
		why:  "the suite knows the store and nothing above it"},
	{pkgs: []string{"internal/store/..."}, allow: join(nouns, []string{"internal/store/...", "internal/secret", "internal/config", "internal/register", "internal/posting", "internal/matching",
		"internal/circulation", "internal/mapping", "internal/source", "internal/people", "internal/audit"}), forbid: []string{"net/http"},
		says: "the database: one type, one SQL text, SQLite and PostgreSQL",
		why:  "the store keeps values; it calls nobody"},
	{pkgs: []string{"internal/alert"}, allow: []string{"internal/civil", "internal/hub", "internal/locale", "internal/remedy", "internal/secret"}, forbid: []string{"database/sql"},
		says: "who is told what, once per cause",
		why:  "an alert is made of nouns and texts"},
	{pkgs: []string{"internal/engine"}, allow: lower,
		says: "moves transfers: plan, intent, write, proof; River wakes it",
		why:  "the engine brings everything above together and knows no page"},
	{pkgs: []string{"internal/engine/*"}, allow: join(lower, []string{"internal/engine/...", "internal/store/storetest", "procountor/procountortest"}),
		says: "worlds for the engine's tests, and the simulation",
		why:  "a world for tests has a sandbox and no page"},
	{pkgs: []string{"internal/api/..."}, allow: join(lower, []string{"internal/engine", "internal/api/..."}), forbid: []string{"database/sql"},
		says: "our REST API",
		why:  "API and pages never know each other, and see the database through store"},
	{pkgs: []string{"internal/web/..."}, allow: join(lower, []string{"internal/engine", "internal/web/...", "internal/needs"}), forbid: []string{"database/sql"},
		says: "the pages",
		why:  "API and pages never know each other, and see the database through store"},
	{pkgs: []string{"internal/bench"}, allow: join(lower, []string{"internal/engine", "procountor/procountortest"}),
		says: "the hub measured against a bare loop",
		why:  "what is measured is the engine with a sandbox, and nothing else"},
	{pkgs: []string{"internal/demo/..."}, allow: join(lower, []string{"internal/engine", "internal/api", "internal/web", "internal/demo/...", "procountor/procountortest"}),
		says: "the demo: sandbox and hub in a temporary folder",
		why:  "the demo is wired like the program, from below the command line"},
	{pkgs: []string{"internal/cli"}, allow: []string{"internal/...", "procountor/..."},
		says: "the commands, and the wiring",
		why:  "commands may know everything"},
	{pkgs: []string{"cmd/procountor-sandbox"}, allow: []string{"procountor/procountortest"},
		says: "main of the sandbox",
		why:  "flags around the sandbox, and nothing else"},
	{pkgs: []string{"cmd/vienti"}, allow: []string{"internal/cli"},
		says: "main: signals, exit code, cli.Run",
		why:  "main only runs the command line"},
	{pkgs: []string{"examples/..."}, allow: []string{"procountor", "procountor/procountortest"},
		says: "programs to start from",
		why:  "examples use what anyone can import"},

	{pkgs: []string{"internal/feature", "internal/needs", "internal/zones", "internal/archtest"},
		says: "for tests: which row of docs/features a test shows; programs a test needs; life in forty time zones; these rules",
		why:  "tools of tests stand alone"},
	{pkgs: []string{"internal/devtool/..."}, allow: []string{"internal/feature"},
		says: "for developers: the programs behind `make features`, `make mutants`, `make bench`",
		why:  "developers' tools know no part of the product"},
}

// lower is all that engine stands on: every row above it.
var lower = []string{
	"internal/money", "internal/civil", "internal/secret", "internal/config", "internal/pipenet", "internal/faulty", "internal/outbound",
	"internal/finland", "internal/sweden", "internal/vat", "internal/locale", "internal/remedy", "internal/hub",
	"procountor", "internal/format/...", "internal/register", "internal/sheet", "internal/channel", "internal/posting", "internal/matching", "internal/circulation",
	"internal/mapping", "internal/dispatch", "internal/proof", "internal/source/...", "internal/checklist", "internal/people", "internal/audit",
	"internal/store", "internal/alert",
}

// planned are packages named in a rule that are not there yet. One that has
// come must leave this list.
var planned = []string{
	"internal/proof",
}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
