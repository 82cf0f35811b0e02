package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/channel"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/sheet"
)

// A channelsView is the page of how invoices go to the customers of a connection.
type channelsView struct {
	page
	mapped
	Search string
	Rows   []customerLine // those that the search finds
	More   int            // rows that are not listed
	List   *hub.OperatorList
	Fault  string
	Table  tableWords // what is wrong with a table that was handed in
}

// A customerLine is a customer's row in words.
type customerLine struct {
	N                                               int
	Customer, Name, Channel, Email, EInvoice, Speak string
}

// maxCustomers is how many customers a page lists.
const maxCustomers = 200

// operatorList is the id of the list of operators among which a field chooses.
const operatorList = "einvoice-operators"

func channelPath(c hub.Connection, rest string) string {
	return "/connections/" + url.PathEscape(c.ID) + "/channels" + rest
}

func (s *Server) channels(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	return s.showChannels(w, r, v, http.StatusOK, channelsView{mapped: m, Search: strings.TrimSpace(r.URL.Query().Get("q"))})
}

func (s *Server) showChannels(w http.ResponseWriter, r *http.Request, v visit, status int, view channelsView) (err error) {
	settings := &view.Connection.Settings
	view.List = channel.OperatorsOf(settings)
	for i := range settings.Customers {
		line := customerWords(v.say, i, &settings.Customers[i], view.List)
		switch {
		case !line.has(view.Search):
		case len(view.Rows) >= maxCustomers:
			view.More++
		default:
			view.Rows = append(view.Rows, line)
		}
	}
	if view.page, err = s.page(r, v, v.say.T("channel.title")+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.URL = channelPath(view.Connection, "")
	return s.show(w, r, status, channelsPage(view))
}

func customerWords(say locale.Speaker, n int, r *hub.CustomerRow, l *hub.OperatorList) customerLine {
	line := customerLine{N: n, Customer: r.Customer, Name: r.Name, Channel: say.T("channel.by-rule"), Email: r.Email, EInvoice: strings.TrimSpace(r.EInvoice + " " + r.Operator)}
	if r.Channel != "" {
		line.Channel = ChannelWord(say, r.Channel)
	}
	if o, ok := l.Find(r.Operator); ok {
		line.EInvoice += " " + o.Name
	}
	if r.Language != "" {
		line.Speak = say.T("invoice-language." + r.Language)
	}
	return line
}

// has reports whether every word of a search stands in the line.
func (l customerLine) has(search string) bool {
	text := strings.ToLower(strings.Join([]string{l.Customer, l.Name, l.Channel, l.Email, l.EInvoice, l.Speak}, " "))
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// saveChannels stores settings as a new version; message is said when there is
// one. A form that is older than the settings is shown the present ones; done is
// false then only for faults, which are returned.
func (s *Server) saveChannels(w http.ResponseWriter, r *http.Request, v visit, m mapped, from int, wanted hub.Settings, message func(locale.Speaker, int) string) (done bool, err error) {
	version, err := s.o.Engine.SetSettings(r.Context(), v.person.ID, m.Connection.ID, from, wanted)
	switch {
	case errors.Is(err, engine.ErrSettingsChanged):
		return true, s.staleChannels(w, r, v)
	case err != nil:
		return false, found(err)
	case version == from:
		s.say(r.Context(), true, v.say.T("settings.nothing-changed"))
	default:
		s.say(r.Context(), true, message(v.say, version))
	}
	return true, back(w, r, channelPath(m.Connection, ""))
}

func saidChannels(say locale.Speaker, version int) string {
	return say.T("channel.saved", "n", version)
}

func saidOperators(say locale.Speaker, version int) string {
	return say.T("channel.operators-saved", "n", version)
}

// staleChannels shows the present rows to whom has changed older ones.
func (s *Server) staleChannels(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	return s.showChannels(w, r, v, http.StatusConflict, channelsView{mapped: m, Fault: v.say.T("settings.changed-meanwhile")})
}

// A customerView is the form of one customer's row.
type customerView struct {
	page
	mapped
	N      int // -1 for a new one
	Fields []settingField
	List   *hub.OperatorList
	Faults int
	Fault  string
}

// customerForm shows the form of a customer: a row, the row of the customer that
// the address names, or a new one for it.
func (s *Server) customerForm(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	q, rows := r.URL.Query(), m.Connection.Settings.Customers
	if n := q.Get("n"); n != "" {
		i, err := strconv.Atoi(n)
		if err != nil || i < 0 || i >= len(rows) || q.Get("version") != strconv.Itoa(m.Connection.SettingsVersion) {
			return s.staleChannels(w, r, v)
		}
		return s.showCustomer(w, r, v, http.StatusOK, customerView{mapped: m, N: i}, rows[i], nil, nil)
	}
	row := hub.CustomerRow{Customer: cmp.Or(q.Get("customer"), q.Get("id")), Name: q.Get("name")}
	if known := m.Connection.Settings.RowOf(&hub.Party{Number: q.Get("customer"), BusinessID: q.Get("id")}); known != nil {
		n := slices.IndexFunc(rows, func(x hub.CustomerRow) bool { return x == *known })
		return s.showCustomer(w, r, v, http.StatusOK, customerView{mapped: m, N: n}, *known, nil, nil)
	}
	return s.showCustomer(w, r, v, http.StatusOK, customerView{mapped: m, N: -1}, row, nil, nil)
}

func (s *Server) showCustomer(w http.ResponseWriter, r *http.Request, v visit, status int, view customerView, row hub.CustomerRow, sent url.Values, faults hub.SettingFaults) (err error) {
	view.Faults, view.List = len(faults), channel.OperatorsOf(&view.Connection.Settings)
	view.Fields = customerFields(v.say, row, sent, faults)
	title := v.say.T("channel.change")
	if view.N < 0 {
		title = v.say.T("channel.new")
	}
	if view.page, err = s.page(r, v, title+" · "+view.Connection.Name, "companies", scopeOf(view.Place)); err != nil {
		return err
	}
	view.Title = title
	if r.Method == http.MethodPost {
		view.URL = channelPath(view.Connection, "")
	}
	return s.show(w, r, status, customerPage(view))
}

func customerFields(say locale.Speaker, row hub.CustomerRow, sent url.Values, faults hub.SettingFaults) []settingField {
	m := formMaker{say, sent, faults}
	channels, languages := []settingOption{{"", say.T("channel.by-rule")}}, []settingOption{{"", "–"}}
	for _, c := range hub.Channels {
		channels = append(channels, settingOption{string(c), ChannelWord(say, c)})
	}
	for _, l := range hub.InvoiceLanguages {
		languages = append(languages, settingOption{l, say.T("invoice-language." + l)})
	}
	fields := []settingField{m.field(written, "customer", row.Customer), m.field(written, "name", row.Name), m.field(choice, "channel", string(row.Channel), channels...),
		m.field(written, "email", row.Email), m.field(written, "einvoice", row.EInvoice), m.field(written, "operator", row.Operator),
		m.field(choice, "language", row.Language, languages...)}
	labels := []string{say.T("channel.customer"), say.T("channel.name"), say.T("channel.channel"), say.T("channel.email"), say.T("channel.einvoice"), say.T("channel.operator"), say.T("channel.language")}
	helps := []string{say.T("channel.customer-help"), "", say.T("channel.channel-help"), say.T("channel.email-help"), say.T("channel.einvoice-help"), say.T("channel.operator-help"), say.T("channel.language-help")}
	for i := range fields {
		fields[i].Label, fields[i].Help = labels[i], helps[i]
		if fields[i].Key == "operator" {
			fields[i].List = operatorList
		}
	}
	return fields
}

// saveCustomer adds a customer's row or changes one.
func (s *Server) saveCustomer(w http.ResponseWriter, r *http.Request, v visit) error {
	m, from, n, err := s.ruleOf(r, v)
	if err != nil {
		return err
	}
	rows := slices.Clone(m.Connection.Settings.Customers)
	if from != m.Connection.SettingsVersion || n >= len(rows) {
		return s.staleChannels(w, r, v)
	}
	text := func(key string) string { return strings.TrimSpace(r.PostFormValue(key)) }
	row := channel.Tidy(hub.CustomerRow{Customer: text("customer"), Name: text("name"), Channel: hub.Channel(text("channel")), Email: text("email"),
		EInvoice: text("einvoice"), Operator: text("operator"), Language: text("language")})
	at := n
	if n < 0 {
		at, rows = len(rows), append(rows, row)
	} else {
		rows[n] = row
	}
	wanted := m.Connection.Settings
	wanted.Customers = rows
	done, err := s.saveChannels(w, r, v, m, from, wanted, saidChannels)
	var wrong, faults hub.SettingFaults
	if done || !errors.As(err, &wrong) {
		return err
	}
	view := customerView{mapped: m, N: n}
	for _, f := range wrong {
		key, ok := strings.CutPrefix(f.Key, "customers["+strconv.Itoa(at)+"].")
		if !ok {
			view.Fault = faultWords(v.say, f)
			continue
		}
		f.Key = key
		faults = append(faults, f)
	}
	return s.showCustomer(w, r, v, http.StatusUnprocessableEntity, view, row, r.PostForm, faults)
}

// removeCustomer takes a customer's row away.
func (s *Server) removeCustomer(w http.ResponseWriter, r *http.Request, v visit) error {
	m, from, n, err := s.ruleOf(r, v)
	if err != nil {
		return err
	}
	rows := slices.Clone(m.Connection.Settings.Customers)
	if n < 0 {
		return errBadRequest
	}
	if from != m.Connection.SettingsVersion || n >= len(rows) {
		return s.staleChannels(w, r, v)
	}
	wanted := m.Connection.Settings
	wanted.Customers = slices.Delete(rows, n, n+1)
	_, err = s.saveChannels(w, r, v, m, from, wanted, saidChannels)
	return err
}

// customerTable hands the customers over as a table.
func (s *Server) customerTable(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	b, err := channel.WriteCSV(m.Connection.Settings.Customers)
	if err != nil {
		return err
	}
	handOver(w, m.Connection.Name+" channels.csv", b)
	return nil
}

// setCustomerTable takes a table as the customers.
func (s *Server) setCustomerTable(w http.ResponseWriter, r *http.Request, v visit) error {
	m, b, from, fault, err := s.uploaded(r, v, "table")
	switch {
	case err != nil:
		return err
	case fault != "":
		return s.showChannels(w, r, v, http.StatusUnprocessableEntity, channelsView{mapped: m, Fault: fault})
	}
	rows, at, err := channel.ReadCSV(b)
	if err == nil {
		wanted := m.Connection.Settings
		wanted.Customers = rows
		var done bool
		if done, err = s.saveChannels(w, r, v, m, from, wanted, saidChannels); done || err == nil {
			return err
		}
		err = sheet.InTable(err, "customers", at)
	}
	return s.wrongTable(w, r, v, m, err)
}

func (s *Server) wrongTable(w http.ResponseWriter, r *http.Request, v visit, m mapped, err error) error {
	var wrong sheet.Faults
	if !errors.As(err, &wrong) {
		return err
	}
	return s.showChannels(w, r, v, http.StatusUnprocessableEntity, channelsView{mapped: m, Table: tableFaults(v.say, wrong)})
}

// operatorTable hands the list of operators over as a table.
func (s *Server) operatorTable(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	list := channel.OperatorsOf(&m.Connection.Settings)
	b, err := channel.WriteOperators(list.List)
	if err != nil {
		return err
	}
	handOver(w, "operators "+list.Date.String()+".csv", b)
	return nil
}

// setOperators takes a table as the connection's list of operators.
func (s *Server) setOperators(w http.ResponseWriter, r *http.Request, v visit) error {
	m, b, from, fault, err := s.uploaded(r, v, "table")
	if err != nil {
		return err
	}
	day, dayErr := civil.Parse(strings.TrimSpace(r.PostFormValue("day")))
	if fault == "" && dayErr != nil {
		fault = v.say.T("channel.operators-day") + ": " + faultWords(v.say, hub.SettingFault{Code: hub.SettingDay, Value: r.PostFormValue("day")})
	}
	if fault != "" {
		return s.showChannels(w, r, v, http.StatusUnprocessableEntity, channelsView{mapped: m, Fault: fault})
	}
	list, err := channel.ReadOperators(b)
	if err != nil {
		return s.wrongTable(w, r, v, m, err)
	}
	wanted := m.Connection.Settings
	wanted.Operators = &hub.OperatorList{Date: day, Source: strings.TrimSpace(r.PostFormValue("source")), List: list}
	done, err := s.saveChannels(w, r, v, m, from, wanted, saidOperators)
	var wrong hub.SettingFaults
	if done || !errors.As(err, &wrong) {
		return err
	}
	return s.showChannels(w, r, v, http.StatusUnprocessableEntity, channelsView{mapped: m, Fault: faultWords(v.say, wrong[0])})
}

// backToOperators takes the list that comes along again.
func (s *Server) backToOperators(w http.ResponseWriter, r *http.Request, v visit) error {
	from, err := base(r)
	if err != nil {
		return err
	}
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	wanted := m.Connection.Settings
	wanted.Operators = nil
	_, err = s.saveChannels(w, r, v, m, from, wanted, saidOperators)
	return err
}

// channel is how the document's invoice goes to its customer: as it was written
// last, else as it would be.
func (v documentView) channel() *hub.ChannelChoice {
	for _, s := range slices.Backward(v.Steps) {
		if s.Detail.Channel != nil {
			return s.Detail.Channel
		}
	}
	if v.Forecast != nil {
		for _, s := range v.Forecast.Steps {
			if s.Detail.Channel != nil {
				return s.Detail.Channel
			}
		}
	}
	return nil
}

// customerLink is the form of the row of the document's customer.
func (v documentView) customerLink() string {
	q := url.Values{}
	if v.Document != nil {
		p := v.Document.Counterparty()
		q = url.Values{"customer": {p.Number}, "id": {cmp.Or(p.BusinessID, p.VATNumber)}, "name": {p.Name}}
	}
	return channelPath(v.Connection, "/customer?"+q.Encode())
}
