package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/sheet"
)

// A mapView is the page of a connection's account map.
type mapView struct {
	page
	mapped
	Search string
	Rules  []ruleRow // those that the search finds
	Gaps   []gapRow
	More   int // gaps that are not listed
	Used   bool
	Fault  string
	// Table is what is wrong with a table that was handed in.
	Table tableWords
}

// A gapRow is a gap in words.
type gapRow struct {
	posting.Gap
	Text string
}

// mapped is a connection with what its account map is about.
type mapped struct {
	Place      place
	Connection hub.Connection
	Registers  *register.Copy
}

func (m mapped) path(rest string) string {
	return "/connections/" + url.PathEscape(m.Connection.ID) + "/accounts" + rest
}

// A ruleRow is a rule in words.
type ruleRow struct {
	N                                        int
	For, Account, Name, VATStatus, Deduction string
	Sales, Purchases, Payroll                bool
}

// tableWords say what is wrong with a table, row by row.
type tableWords struct {
	Count, More int
	Rows        []string
}

const (
	// maxUpload bounds a table or a chart: some thousand accounts.
	maxUpload = 1 << 20
	// maxListed is how many gaps or faults a page lists.
	maxListed = 50
)

// uploads are the addresses that take a file, or as much as one holds. What is
// around a file in a form fits besides.
var uploads = map[string]int64{
	"POST /documents/{id}/files":                hub.MaxAttachment + maxForm,
	"POST /connections/{id}/accounts/table":     maxUpload + maxForm,
	"POST /connections/{id}/accounts/proposals": maxUpload + maxForm,
	"POST /connections/{id}/accounts/take":      maxUpload + maxForm,
	"POST /connections/{id}/channels/table":     maxUpload + maxForm,
	"POST /connections/{id}/channels/operators": maxUpload + maxForm,
	"POST /connections/{id}/partners/compare":   maxUpload + maxForm,
	"POST /connections/{id}/lists":              2*maxUpload + maxForm, // the file comes back as text
	"POST /connections/{id}/payroll":            2*maxRunFile + maxForm,
}

// mapped finds the connection of a request.
func (s *Server) mapped(r *http.Request, v visit) (m mapped, err error) {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return m, err
	}
	ok := false
	if m.Place, m.Connection, ok = all.connection(r.PathValue("id")); !ok {
		return m, errNotFound
	}
	m.Registers, err = s.o.Engine.Registers(r.Context(), m.Place.ID)
	return m, err
}

func (s *Server) accountMap(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	return s.showMap(w, r, v, http.StatusOK, mapView{mapped: m, Search: strings.TrimSpace(r.URL.Query().Get("q"))})
}

func (s *Server) showMap(w http.ResponseWriter, r *http.Request, v visit, status int, view mapView) (err error) {
	settings := &view.Connection.Settings
	for i, rule := range settings.Accounts {
		row := ruleWords(v.say, i, rule, view.Registers)
		if row.has(view.Search) {
			view.Rules = append(view.Rules, row)
		}
	}
	view.Used = posting.InUse(settings)
	gaps, err := s.o.Engine.MapGaps(r.Context(), view.Connection)
	if err != nil {
		return err
	}
	for _, g := range gaps[:min(len(gaps), maxListed)] {
		view.Gaps = append(view.Gaps, gapRow{g, GapWords(v.say, g)})
	}
	view.More = len(gaps) - len(view.Gaps)
	if view.page, err = s.page(r, v, v.say.T("accounts.title")+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = view.path("")
	return s.show(w, r, status, mapPage(view))
}

func ruleWords(say locale.Speaker, n int, r hub.AccountRule, registers *register.Copy) ruleRow {
	row := ruleRow{N: n, For: ruleNamed(say, r, ruleConditions(say, r)), Account: r.Account, Name: registers.AccountName(r.Account), Sales: r.Sales, Purchases: r.Purchases, Payroll: r.Payroll}
	if r.Account == hub.SameAccount {
		row.Account, row.Name = "", say.T("rule.same")
	}
	if r.VATStatus != 0 {
		kind := hub.SalesInvoice
		if !r.Sales {
			kind = hub.PurchaseInvoice
		}
		row.VATStatus = statusOf(say, registers, kind, r.VATStatus)
	}
	if r.Deduction != "" {
		row.Deduction = say.T("rule.deduction", "percent", percentWords(say, r.Deduction))
	}
	return row
}

// has reports whether every word of a search stands in the row.
func (r ruleRow) has(search string) bool {
	text := strings.ToLower(strings.Join([]string{r.For, r.Account, r.Name, r.VATStatus, r.Deduction}, " "))
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// base is the version of the settings that a form was made from.
func base(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || n < 1 {
		return 0, errBadRequest
	}
	return n, nil
}

// saveMap stores rules as a new version of the settings. A form that is older
// than the settings is shown the present ones; done is false then, as for faults
// that are returned.
func (s *Server) saveMap(w http.ResponseWriter, r *http.Request, v visit, m mapped, from int, rules []hub.AccountRule) (done bool, err error) {
	wanted := m.Connection.Settings
	wanted.Accounts = rules
	version, err := s.o.Engine.SetSettings(r.Context(), v.person.ID, m.Connection.ID, from, wanted)
	switch {
	case errors.Is(err, engine.ErrSettingsChanged):
		return false, s.staleMap(w, r, v)
	case err != nil:
		return false, found(err)
	case version == from:
		s.say(r.Context(), true, v.say.T("settings.nothing-changed"))
	default:
		s.say(r.Context(), true, v.say.T("accounts.saved", "n", version))
	}
	return true, back(w, r, m.path(""))
}

// staleMap shows the present map to whom has changed an older one.
func (s *Server) staleMap(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	return s.showMap(w, r, v, http.StatusConflict, mapView{mapped: m, Fault: v.say.T("settings.changed-meanwhile")})
}

// A ruleView is the form of one rule.
type ruleView struct {
	page
	mapped
	N                int // -1 for a new one
	Conditions, Gets []settingField
	Proposal         string
	Of               ruleRowOf
	Faults           int
	Fault            string
}

// ruleForm shows the form of a rule, or of a new one for what the address says.
func (s *Server) ruleForm(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if n := q.Get("n"); n != "" {
		i, err := strconv.Atoi(n)
		if err != nil || i < 0 || i >= len(m.Connection.Settings.Accounts) || q.Get("version") != strconv.Itoa(m.Connection.SettingsVersion) {
			return s.staleMap(w, r, v)
		}
		return s.showRule(w, r, v, http.StatusOK, ruleView{mapped: m, N: i}, m.Connection.Settings.Accounts[i], nil, nil)
	}
	of, err := s.rowOf(r.Context(), v.say, m, q.Get("document"), q.Get("line"))
	if err != nil {
		return err
	}
	if of.Document != "" {
		rule := of.rule()
		rule.Account = q.Get("account")
		rule.VATStatus, _ = strconv.Atoi(q.Get("vat_status")) // 0 is by the category
		return s.showRule(w, r, v, http.StatusOK, ruleView{mapped: m, N: -1, Of: of}, rule, nil, nil)
	}
	rule := hub.AccountRule{Source: q.Get("source"), Product: q.Get("product"), Sales: q.Get("side") == "sales" || q.Get("side") == "",
		Purchases: q.Get("side") == "purchases" || q.Get("side") == "", Payroll: q.Get("side") == "payroll"}
	view := ruleView{mapped: m, N: -1}
	if rule.Source != "" {
		for _, p := range posting.Propose([]posting.SourceAccount{{Code: rule.Source}}, m.Registers.Accounts, nil) {
			confidence, reason := ProposalWords(v.say, p.Reason)
			account := strings.TrimSpace(p.Rule.Account + " " + m.Registers.AccountName(p.Rule.Account))
			view.Proposal = v.say.T("accounts.proposal", "account", account, "confidence", confidence, "reason", reason)
		}
	}
	return s.showRule(w, r, v, http.StatusOK, view, rule, nil, nil)
}

func (s *Server) showRule(w http.ResponseWriter, r *http.Request, v visit, status int, view ruleView, rule hub.AccountRule, sent url.Values, faults hub.SettingFaults) (err error) {
	view.Faults = len(faults)
	view.Conditions, view.Gets = ruleFields(v.say, rule, view.Registers, sent, faults)
	title := v.say.T("accounts.change")
	if view.N < 0 {
		title = v.say.T("accounts.new")
	}
	if view.page, err = s.page(r, v, title+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.Title = title
	if r.Method == http.MethodPost {
		view.URL = view.path("")
	}
	return s.show(w, r, status, rulePage(view))
}

// chartList is the id of the chart of accounts among which a field chooses.
const chartList = "procountor-accounts"

// ruleFields are the fields of a rule: what it is for, and what a row gets.
func ruleFields(say locale.Speaker, rule hub.AccountRule, r *register.Copy, sent url.Values, faults hub.SettingFaults) (conditions, gets []settingField) {
	m := formMaker{say, sent, faults}
	name := func(f settingField) settingField {
		f.Label = say.T("rule.label." + f.Key)
		if say.Has("rule.help." + f.Key) {
			f.Help = say.T("rule.help." + f.Key)
		}
		return f
	}
	one := func(key, value string, values []string, words func(string) string) settingField {
		options := []settingOption{{"", say.T("rule.any")}}
		for _, x := range values {
			options = append(options, settingOption{x, words(x)})
		}
		return name(m.field(choice, key, value, options...))
	}
	text := func(key, value string) settingField { return name(m.field(written, key, value)) }
	conditions = []settingField{text("name", rule.Name), text("source", rule.Source), text("product", rule.Product), text("partner", rule.Partner),
		one("category", strings.ToUpper(rule.Category), hub.VATCategories, func(c string) string { return c + " – " + VATCategory(say, hub.SalesInvoice, c) }),
		text("percent", rule.Percent),
		one("supply", rule.Supply, []string{"goods", "service"}, func(x string) string { return ruleChoice(say, "supply", x) }),
		one("area", string(rule.Area), []string{string(hub.Home), string(hub.EU), string(hub.Abroad)}, func(x string) string { return ruleChoice(say, "area", x) }),
		name(m.box("sales", rule.Sales)), name(m.box("purchases", rule.Purchases)), name(m.box("payroll", rule.Payroll))}
	account := text("account", rule.Account)
	account.List = chartList
	status := name(m.field(numeric, "vat_status", positive(rule.VATStatus)))
	if r.VATStatuses != nil {
		status = name(m.field(choice, "vat_status", positive(rule.VATStatus), ruleStatuses(say, r, rule.VATStatus)...))
	}
	return conditions, []settingField{account, status, text("deduction", rule.Deduction)}
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ruleStatuses are the statuses that the company has switched on, with the side
// for which it has.
func ruleStatuses(say locale.Speaker, r *register.Copy, stored int) []settingOption {
	options, known := []settingOption{{"", say.T("accounts.by-category")}}, stored == 0
	for _, s := range r.VATStatuses {
		sales, purchases := s.On(hub.SalesInvoice), s.On(hub.PurchaseInvoice)
		if !sales && !purchases {
			continue
		}
		text := statusWords(s.Number, s.Description)
		if sales != purchases {
			text += " (" + ruleSides(say, hub.AccountRule{Sales: sales, Purchases: purchases}) + ")"
		}
		options = append(options, settingOption{strconv.Itoa(s.Number), text})
		known = known || s.Number == stored
	}
	if !known {
		options = append(options, settingOption{strconv.Itoa(stored), say.T("settings.not-enabled", "value", strconv.Itoa(stored))})
	}
	return options
}

// saveRule adds a rule or changes one.
func (s *Server) saveRule(w http.ResponseWriter, r *http.Request, v visit) error {
	m, from, n, err := s.ruleOf(r, v)
	if err != nil {
		return err
	}
	rules := slices.Clone(m.Connection.Settings.Accounts)
	if from != m.Connection.SettingsVersion || n >= len(rules) {
		return s.staleMap(w, r, v)
	}
	of, err := s.rowOf(r.Context(), v.say, m, r.PostFormValue("document"), r.PostFormValue("line"))
	if err != nil {
		return err
	}
	rule, faults := readRule(r.PostForm)
	at := n
	if n < 0 {
		at, rules = len(rules), append(rules, rule)
	} else {
		rules[n] = rule
	}
	switch {
	case len(faults) > 0:
		faults = append(faults, rule.Faults()...)
	case r.PostFormValue("show") == "entries" && of.Document != "":
		if faults = rule.Faults(); len(faults) > 0 {
			break
		}
		if of.Entries, err = s.entriesOf(r.Context(), v.say, m, of.Document, rules); err != nil {
			return err
		}
		return s.showRule(w, r, v, http.StatusOK, ruleView{mapped: m, N: n, Of: of}, rule, r.PostForm, nil)
	default:
		done, err := s.saveMap(w, r, v, m, from, rules)
		var wrong hub.SettingFaults
		if done || !errors.As(err, &wrong) {
			return err
		}
		for _, f := range wrong {
			key, ok := strings.CutPrefix(f.Key, "accounts["+strconv.Itoa(at)+"].")
			if !ok {
				return s.showRule(w, r, v, http.StatusUnprocessableEntity, ruleView{mapped: m, N: n, Of: of, Fault: faultWords(v.say, f)}, rule, r.PostForm, nil)
			}
			f.Key = key
			faults = append(faults, f)
		}
	}
	return s.showRule(w, r, v, http.StatusUnprocessableEntity, ruleView{mapped: m, N: n, Of: of}, rule, r.PostForm, faults)
}

// removeRule takes a rule out of the map.
func (s *Server) removeRule(w http.ResponseWriter, r *http.Request, v visit) error {
	m, from, n, err := s.ruleOf(r, v)
	if err != nil {
		return err
	}
	rules := slices.Clone(m.Connection.Settings.Accounts)
	if n < 0 {
		return errBadRequest
	}
	if from != m.Connection.SettingsVersion || n >= len(rules) {
		return s.staleMap(w, r, v)
	}
	_, err = s.saveMap(w, r, v, m, from, slices.Delete(rules, n, n+1))
	return err
}

// ruleOf reads which rule of which version a form is about; -1 is a new one.
func (s *Server) ruleOf(r *http.Request, v visit) (m mapped, from, n int, err error) {
	if from, err = base(r); err != nil {
		return m, 0, 0, err
	}
	if n, err = strconv.Atoi(r.PostFormValue("n")); err != nil || n < -1 {
		return m, 0, 0, errBadRequest
	}
	m, err = s.mapped(r, v)
	return m, from, n, err
}

func readRule(form url.Values) (rule hub.AccountRule, faults hub.SettingFaults) {
	text := func(key string) string { return strings.TrimSpace(form.Get(key)) }
	percent := func(key string) string {
		return strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(text(key), ",", "."), "%"))
	}
	rule = hub.AccountRule{Name: text("name"), Source: text("source"), Product: text("product"), Partner: text("partner"), Category: text("category"),
		Percent: percent("percent"), Supply: text("supply"), Area: hub.Area(text("area")), Sales: form.Get("sales") == "yes",
		Purchases: form.Get("purchases") == "yes", Payroll: form.Get("payroll") == "yes", Account: text("account"), Deduction: percent("deduction")}
	if status := text("vat_status"); status != "" {
		n, err := strconv.Atoi(status)
		if err != nil {
			faults = append(faults, hub.SettingFault{Key: "vat_status", Code: hub.SettingNumber, Value: status, Form: "1, 2, 3 …"})
		}
		rule.VATStatus = n
	}
	return rule, faults
}

func faultWords(say locale.Speaker, f hub.SettingFault) string {
	form := f.Form
	if f.Code == hub.SettingAddress {
		form = say.T("einvoice-form." + form)
	}
	return say.T("setting-fault."+string(f.Code), "value", f.Value, "form", form)
}

// mapTable hands the map over as a table.
func (s *Server) mapTable(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	b, err := posting.WriteCSV(m.Connection.Settings.Accounts)
	if err != nil {
		return err
	}
	handOver(w, m.Connection.Name+".csv", b)
	return nil
}

// setMapTable takes a table as the map.
func (s *Server) setMapTable(w http.ResponseWriter, r *http.Request, v visit) error {
	m, b, from, fault, err := s.uploaded(r, v, "table")
	switch {
	case err != nil:
		return err
	case fault != "":
		return s.showMap(w, r, v, http.StatusUnprocessableEntity, mapView{mapped: m, Fault: fault})
	}
	rules, rows, err := posting.ReadCSV(b)
	if err == nil {
		var done bool
		if done, err = s.saveMap(w, r, v, m, from, rules); done || err == nil {
			return err
		}
		err = sheet.InTable(err, "accounts", rows)
	}
	var wrong sheet.Faults
	if !errors.As(err, &wrong) {
		return err
	}
	return s.showMap(w, r, v, http.StatusUnprocessableEntity, mapView{mapped: m, Table: tableFaults(v.say, wrong)})
}

// uploaded reads a file that a form hands in; fault says why there is none. A
// file too large is one that a person can mend.
func (s *Server) uploaded(r *http.Request, v visit, field string) (m mapped, b []byte, from int, fault string, err error) {
	if m, err = s.mapped(r, v); err != nil {
		return m, nil, 0, "", err
	}
	var large *http.MaxBytesError
	err = r.ParseMultipartForm(maxUpload)
	switch {
	case errors.As(err, &large):
		return m, nil, 0, v.say.T("accounts.too-large"), nil
	case err != nil:
		return m, nil, 0, "", errBadRequest
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // nothing is left on the disk; it all fits into memory
	if from, err = base(r); err != nil {
		return m, nil, 0, "", err
	}
	f, head, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return m, nil, from, v.say.T("accounts.no-file"), nil
	}
	if err != nil {
		return m, nil, 0, "", errBadRequest
	}
	defer f.Close()
	if head.Size > maxUpload {
		return m, nil, from, v.say.T("accounts.too-large"), nil
	}
	b, err = io.ReadAll(f)
	return m, b, from, "", err
}

func tableFaults(say locale.Speaker, faults sheet.Faults) (t tableWords) {
	t.Count = len(faults)
	for _, f := range faults[:min(len(faults), maxListed)] {
		text := faultWords(say, f.SettingFault)
		if f.Key != "" {
			text = f.Key + ": " + text
		}
		if f.Row > 0 {
			text = say.T("accounts.in-row", "n", f.Row) + ", " + text
		}
		t.Rows = append(t.Rows, text)
	}
	t.More = len(faults) - len(t.Rows)
	return t
}

// rulesFor is the address of the rules that name an account.
func (v documentView) rulesFor(e remedy.Explanation) string {
	m := mapped{Connection: v.Connection}
	if e.Value == "" {
		return m.path("")
	}
	return m.path("?" + url.Values{"q": {e.Value}}.Encode())
}
