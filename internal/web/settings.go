package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/mapping"
	"github.com/vienti/vienti/internal/register"
)

// A settingsView is the form of a connection's settings.
type settingsView struct {
	page
	Place      place
	Connection hub.Connection
	Groups     []settingGroup
	Faults     int
	Fault      string
	// Units are Procountor's, for the fields about units.
	Units []string
}

// A settingGroup is what stands together on the form.
type settingGroup struct {
	ID, Title, Help string
	Fields          []settingField
}

// A settingField is one setting on the form. Its key is that of the settings.
type settingField struct {
	Key     string
	Control control
	Label   string
	Help    string
	Value   string
	Options []settingOption
	Fault   string
	// With is a second field in the same row: the status of a category that is
	// typed, the unit of a word that is typed.
	With *settingField
	// List is the id of the list on the page from which the browser proposes.
	List string
}

// ID is the field's id on the page: its key, without what an id may not hold.
func (f settingField) ID() string {
	b := strings.Builder{}
	b.WriteString("set-")
	for _, r := range f.Key {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "-%x", r)
		}
	}
	return b.String()
}

type control string

const (
	checkbox control = "checkbox"
	choice   control = "choice"
	dayInput control = "date"
	numeric  control = "number"
	written  control = "text"
	hidden   control = "password"
	lines    control = "lines"
)

type settingOption struct{ Value, Text string }

// Keys of fields that add an entry to a map: the entry's key, and what it means.
const (
	addedCategory = "added.category."
	addedStatus   = "added.status."
	addedUnit     = "added.unit."
	addedMeaning  = "added.meaning."
	addedCard     = "added.card"
	addedClearing = "added.clearing"
	addedAxis     = "added.axis"
	// addedDimension must not begin like a key of the settings.
	addedDimension  = "added.dimension"
	dimensionPrefix = "dimensions."
	unitPrefix      = "units."
	cardPrefix      = "cards."
	vatPrefix       = "vat_statuses."
	// addedUnits is how many units one form may add.
	addedUnits = 3
)

func (s *Server) settingsForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return s.showSettings(w, r, v, http.StatusOK, nil, nil, "")
}

// showSettings shows the form: with what is stored, or with what was sent and is wrong.
func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, v visit, status int, sent url.Values, faults hub.SettingFaults, fault string) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	p, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	registers, err := s.o.Engine.Registers(r.Context(), p.ID)
	if err != nil {
		return err
	}
	view := settingsView{Place: p, Connection: c, Faults: len(faults), Fault: fault, Units: mapping.Units(),
		Groups: settingGroups(v.say, c.Settings, registers, p.Country, sent, faults)}
	if view.page, err = s.page(r, v, v.say.T("settings.change")+" · "+c.Name, "companies", scopeOf(p)); err != nil {
		return err
	}
	view.URL = "/connections/" + url.PathEscape(c.ID) + "/settings"
	return s.show(w, r, status, settingsPage(view))
}

// changeSettings stores what the form says, through the same check as the
// command line.
func (s *Server) changeSettings(w http.ResponseWriter, r *http.Request, v visit) error {
	all, err := s.places(r.Context(), v)
	if err != nil {
		return err
	}
	_, c, ok := all.connection(r.PathValue("id"))
	if !ok {
		return errNotFound
	}
	base, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || base < 1 {
		return errBadRequest
	}
	wanted, faults := readSettings(c.Settings, r.PostForm)
	version := base
	if len(faults) == 0 {
		version, err = s.o.Engine.SetSettings(r.Context(), v.person.ID, c.ID, base, wanted)
	} else if e := wanted.Check(); e != nil {
		err = e
	}
	var wrong hub.SettingFaults
	switch {
	case errors.Is(err, engine.ErrSettingsChanged):
		return s.showSettings(w, r, v, http.StatusConflict, nil, nil, v.say.T("settings.changed-meanwhile"))
	case errors.As(err, &wrong) || len(faults) > 0:
		return s.showSettings(w, r, v, http.StatusUnprocessableEntity, r.PostForm, append(faults, wrong...), "")
	case err != nil:
		return found(err)
	case version == base:
		s.say(r.Context(), true, v.say.T("settings.nothing-changed"))
	default:
		s.say(r.Context(), true, v.say.T("settings.saved", "n", version))
	}
	return back(w, r, "/connections/"+url.PathEscape(c.ID))
}

// readSettings takes over what a form says; what it does not name stays. What is
// no day or no number is a fault.
func readSettings(s hub.Settings, form url.Values) (hub.Settings, hub.SettingFaults) {
	var faults hub.SettingFaults
	text := func(key string) string { return strings.TrimSpace(form.Get(key)) }
	is := func(key string) bool { return form.Get(key) == "yes" }
	whole := func(key string, to *int) {
		n, err := strconv.Atoi(text(key))
		if err != nil {
			faults = append(faults, hub.SettingFault{Key: key, Code: hub.SettingNumber, Value: text(key), Form: "0, 1, 2 …"})
			return
		}
		*to = n
	}
	day := func(key string, was civil.Date) (d civil.Date) {
		if text(key) == "" {
			return d
		}
		d, err := civil.Parse(text(key))
		if err != nil {
			faults = append(faults, hub.SettingFault{Key: key, Code: hub.SettingDay, Value: text(key)})
			return was
		}
		return d
	}
	kinds := map[hub.Kind]hub.KindSettings{}
	statuses := map[hub.Kind]map[string]int{}
	for k, v := range s.Kinds {
		kinds[k] = v
	}
	for _, k := range hub.Kinds {
		key := "kinds." + string(k)
		v := hub.KindSettings{On: is(key + ".on"), Arrival: hub.Arrival(text(key + ".arrival")), Posting: hub.PostedBy(text(key + ".posting")),
			When: hub.When(text(key + ".when")), Early: hub.Early(text(key + ".early")), Rejected: hub.AfterRejection(text(key + ".rejected"))}
		v.FirstDay = day(key+".first_day", kinds[k].FirstDay)
		if v.Posting == hub.PostedInProcountor && kinds[k].Posting == "" {
			v.Posting = "" // says the same
		}
		if v.When == hub.UsualWhen(k) && kinds[k].When == "" {
			v.When = ""
		}
		if v.Early == hub.EarlyUnfinished && kinds[k].Early == "" {
			v.Early = ""
		}
		if v.Rejected == hub.RejectionHeld && kinds[k].Rejected == "" {
			v.Rejected = ""
		}
		v.Files = hub.FileSettings{Goes: hub.FilesGo(text(key + ".files.goes")), Breakdown: hub.BreakdownRule(text(key + ".files.breakdown")),
			CreditNotes: hub.FilesOfCredits(text(key + ".files.credit_notes")), Joined: hub.FilesJoined(text(key + ".files.joined"))}
		v.Files.SayOnce(kinds[k].Files)
		v.LeavesOut = kinds[k].LeavesOut
		for axis := range s.Dimensions {
			switch left := slices.Contains(v.LeavesOut, axis); {
			case text(key+axisPart+axis) == axisInNotes && !left:
				v.LeavesOut = append(slices.Clone(v.LeavesOut), axis)
			case text(key+axisPart+axis) == axisOnRows && left:
				v.LeavesOut = slices.DeleteFunc(slices.Clone(v.LeavesOut), func(a string) bool { return a == axis })
			}
		}
		slices.Sort(v.LeavesOut)
		if _, had := kinds[k]; !had && !v.On {
			continue // says the same
		}
		kinds[k] = v
		if !slices.Contains(hub.VATKinds, k) {
			continue
		}
		statuses[k] = map[string]int{}
		prefix := vatPrefix + string(k) + "."
		for name := range form {
			if category, ok := strings.CutPrefix(name, prefix); ok && text(name) != "" {
				n := 0
				whole(name, &n)
				statuses[k][category] = n
			}
		}
		if category := strings.ReplaceAll(text(addedCategory+string(k)), " ", ""); category != "" {
			n := 0
			whole(addedStatus+string(k), &n)
			statuses[k][category] = n
		}
	}
	s.Kinds, s.VATStatuses = kinds, statuses
	units := map[string]string{}
	for name := range form {
		if from, ok := strings.CutPrefix(name, unitPrefix); ok && text(name) != "" {
			units[from] = text(name)
		}
	}
	for i := range addedUnits {
		n := strconv.Itoa(i)
		if from := text(addedUnit + n); from != "" {
			units[from] = text(addedMeaning + n)
		}
	}
	s.Units = units
	cards := map[string]string{}
	for name := range form {
		if card, ok := strings.CutPrefix(name, cardPrefix); ok && text(name) != "" {
			cards[card] = text(name)
		}
	}
	if card := text(addedCard); card != "" {
		cards[card] = text(addedClearing)
	}
	if s.Cards = cards; len(cards) == 0 {
		s.Cards = nil
	}
	reasons := map[string]string{}
	for name := range form {
		if category, ok := strings.CutPrefix(name, reasonPrefix); ok && text(name) != "" {
			reasons[category] = text(name)
		}
	}
	if s.VATReasons = reasons; len(reasons) == 0 {
		s.VATReasons = nil
	}
	if asked := hub.Asked(text("vat_reason")); asked != hub.AskedWarn || s.VATReason != "" {
		s.VATReason = asked
	}
	dimensions := map[string]string{}
	for name := range form {
		if axis, ok := strings.CutPrefix(name, dimensionPrefix); ok && text(name) != "" {
			dimensions[axis] = text(name)
		}
	}
	if axis := text(addedAxis); axis != "" {
		dimensions[axis] = text(addedDimension)
	}
	s.Dimensions, s.Axes = dimensions, axesOf(form, s.Axes)
	s.OrderBySourceNumber, s.ChangedApproved = is("order_by_source_number"), is("changed_approved")
	s.Sender = hub.Sender(text("sender"))
	s.Channel = hub.ChannelRule{}
	for i := range hub.RuleChannels {
		if c := text(channelKey(i)); c != "" {
			s.Channel = append(s.Channel, hub.Channel(c))
		}
	}
	if unknown := hub.Asked(text("unknown_operator")); unknown != hub.AskedWarn || s.UnknownOperator != "" {
		s.UnknownOperator = unknown
	}
	s.AttachmentsToCustomer, s.BankAccount = is("attachments_to_customer"), text("bank_account")
	s.LinkProducts, s.MakeProducts = is("link_products"), is("make_products")
	s.DefaultCodes = hub.DefaultCodes{Product: text("default_codes.product"), Work: text("default_codes.work"), Travel: text("default_codes.travel")}
	if asked := hub.Asked(text("travel_codes")); asked != hub.AskedHold || s.TravelCodes != "" {
		s.TravelCodes = asked
	}
	s.Difference.Policy = hub.DifferencePolicy(text("difference.policy"))
	whole("difference.cents", &s.Difference.Cents)
	s.Prepaid, s.Rounding = hub.SumRule(text("prepaid")), hub.SumRule(text("rounding"))
	s.Partner = partnerPolicy(text, is)
	s.Language, s.Country = text("language"), strings.ToUpper(text("country"))
	whole("term_days", &s.TermDays)
	if level := hub.Level(text("level")); level != s.Leveled() {
		s.Level = level
	}
	s.Journal = hub.JournalSettings{Per: hub.JournalPer(text("journal.per")), Receivables: text("journal.receivables"), Payables: text("journal.payables")}
	s.Payroll = payrollOf(text, is, whole, s.Payroll)
	s.Payments, s.Payer = hub.Master(text("payments")), hub.Master(text("payer"))
	if asked := hub.Asked(text("supplier_reference")); asked != hub.AskedHold || s.SupplierReference != "" {
		s.SupplierReference = asked
	}
	whole("paid_after_days", &s.PaidAfterDays)
	percent := s.RateLimit()
	if whole("rate_percent", &percent); percent == 0 {
		percent = -1 // said to be wrong, for 0 is what was never said
	}
	if percent != s.RateLimit() {
		s.RatePercent = percent
	}
	s.Offset = hub.Settling(text("offset"))
	s.Back = hub.Back{Purchases: is("back.purchases"), FirstDay: day("back.first_day", s.Back.FirstDay), Dimension: text("back.dimension")}
	s.Telling = tellingOf(s.Telling, hub.Tell(text("telling.status")), hub.Tell(text("telling.payments")))
	was := s.Files
	s.Files = hub.FilePolicy{Check: hub.Asked(text("files.check")), Kinds: hub.FileKinds(text("files.kinds")), Images: hub.FileImages(text("files.images")),
		Confirm: hub.FileLevel(text("files.confirm"))}
	whole("files.sample_percent", &s.Files.SamplePercent)
	s.Files.SayOnce(was)
	if number := hub.Master(text("credited_number")); number != hub.MasterSource || s.CreditedNumber != "" {
		s.CreditedNumber = number
	}
	if place := hub.ReferencePlace(text("buyer_reference")); place != hub.AsReference || s.BuyerReference != "" {
		s.BuyerReference = place
	}
	if place := hub.HeadingPlace(text("headings")); place != hub.HeadingAbove || s.Headings != "" {
		s.Headings = place
	}
	if place := hub.ExplanationPlace(text("explanations")); place != hub.InExplanation || s.Explanations != "" {
		s.Explanations = place
	}
	s.TextTooLong, s.BadCharacter = hub.Excess(text("text_too_long")), hub.Excess(text("bad_character"))
	return s, faults
}

// A formMaker writes fields with the words of one language.
type formMaker struct {
	say    locale.Speaker
	sent   url.Values // nil: what is stored
	faults hub.SettingFaults
}

// field is one setting. stored is its value as text; "yes" for a box that is ticked.
func (m formMaker) field(c control, key, stored string, options ...settingOption) settingField {
	f := settingField{Key: key, Control: c, Label: settingName(m.say, key), Value: stored, Options: options}
	if m.sent != nil {
		f.Value = m.sent.Get(key)
	}
	if help := "setting-help." + key; m.say.Has(help) {
		f.Help = m.say.T(help)
	}
	for _, x := range m.faults {
		if x.Key == key {
			f.Fault = faultWords(m.say, x)
		}
	}
	return f
}

func (m formMaker) box(key string, on bool) settingField {
	if on {
		return m.field(checkbox, key, "yes")
	}
	return m.field(checkbox, key, "")
}

// choose offers values that have words.
func choose[T ~string](m formMaker, key string, v T, values ...T) settingField {
	var options []settingOption
	for _, o := range values {
		options = append(options, settingOption{string(o), settingValue(m.say, key, string(o))})
	}
	return m.field(choice, key, string(v), options...)
}

// ledger chooses an account of the chart.
func (m formMaker) ledger(key, stored string, r *register.Copy) settingField {
	if r.Accounts == nil {
		return m.field(written, key, stored)
	}
	options, known := []settingOption{{"", "–"}}, stored == ""
	for _, a := range r.Accounts {
		if a.Active {
			options = append(options, settingOption{a.Code, strings.TrimSpace(a.Code + " " + a.Name)})
			known = known || a.Code == stored
		}
	}
	if !known {
		options = append(options, settingOption{stored, m.say.T("settings.not-enabled", "value", stored)})
	}
	return m.field(choice, key, stored, options...)
}

// An axis of the source goes on the rows of a kind, or into the notes.
const (
	axisPart    = ".axis."
	axisOnRows  = "rows"
	axisInNotes = "notes"
)

// settingGroups is the whole form.
func settingGroups(say locale.Speaker, s hub.Settings, r *register.Copy, country string, sent url.Values, faults hub.SettingFaults) []settingGroup {
	m := formMaker{say, sent, faults}
	group := func(id, title string, fields ...settingField) settingGroup {
		g := settingGroup{ID: id, Title: title, Fields: fields}
		if help := "settings-help." + id; say.Has(help) {
			g.Help = say.T(help)
		}
		return g
	}
	var groups []settingGroup
	for _, k := range hub.Kinds {
		key, ks := "kinds."+string(k), s.Kinds[k]
		arrivals := []hub.Arrival{hub.ArriveUnfinished, hub.ArriveApproved}
		if k == hub.SalesInvoice {
			arrivals = append(arrivals, hub.ArriveSent)
		}
		fields := []settingField{m.box(key+".on", ks.On), m.field(dayInput, key+".first_day", ks.FirstDay.String()), choose(m, key+".arrival", ks.Arrival, arrivals...),
			choose(m, key+".when", cmp.Or(ks.When, hub.UsualWhen(k)), hub.WhensOf(k)...)}
		names := []string{"on", "first_day", "arrival", "when"}
		if k == hub.PayrollJournal { // is posted by the map, always
			for i, name := range names {
				fields[i].Label = say.T("setting.kind-" + name)
			}
			groups = append(groups, group("kind-"+string(k), say.T("kind."+string(k)+".many"), append(fields, m.payrollFields(s.Payroll, r)...)...))
			continue
		}
		fields = append(fields, choose(m, key+".posting", cmp.Or(ks.Posting, hub.PostedInProcountor), hub.PostedInProcountor, hub.PostedByMap))
		names = append(names, "posting")
		if k == hub.PurchaseInvoice {
			fields = append(fields, choose(m, key+".early", cmp.Or(ks.Early, hub.EarlyUnfinished), hub.EarlyUnfinished, hub.EarlyReceived, hub.EarlyVerified),
				choose(m, key+".rejected", cmp.Or(ks.Rejected, hub.RejectionHeld), hub.RejectionHeld, hub.RejectionTakenBack))
			names = append(names, "early", "rejected")
		}
		fields = append(fields, choose(m, key+".files.goes", cmp.Or(ks.Files.Goes, hub.FilesAll), hub.FilesGos...))
		names = append(names, "files_goes")
		if k == hub.TravelInvoice {
			fields = append(fields, choose(m, key+".files.joined", cmp.Or(ks.Files.Joined, hub.JoinedOne), hub.JoinedOne, hub.JoinedApart))
			names = append(names, "files_joined")
		}
		if k == hub.SalesInvoice {
			fields = append(fields, choose(m, key+".files.breakdown", cmp.Or(ks.Files.Breakdown, hub.BreakdownWanted), hub.BreakdownWanted, hub.BreakdownAlways, hub.BreakdownNever))
			names = append(names, "files_breakdown")
		}
		if k != hub.TravelInvoice {
			fields = append(fields, choose(m, key+".files.credit_notes", cmp.Or(ks.Files.CreditNotes, hub.CreditsAlike), hub.CreditsAlike, hub.CreditsBare))
			names = append(names, "files_credit_notes")
		}
		for i, name := range names {
			fields[i].Label = say.T("setting.kind-" + name) // the title of the group says of what
			if help := "setting-help.kind-" + name; say.Has(help) {
				fields[i].Help = say.T(help)
			}
		}
		for _, axis := range sortedKeys(s.Dimensions) {
			place := axisOnRows
			if slices.Contains(ks.LeavesOut, axis) {
				place = axisInNotes
			}
			f := m.field(choice, key+axisPart+axis, place, settingOption{axisOnRows, say.T("setting.axis.rows", "dimension", s.Dimensions[axis])},
				settingOption{axisInNotes, say.T("setting.axis.notes")})
			f.Label = say.T("setting.kind-axis", "axis", axis)
			fields = append(fields, f)
		}
		groups = append(groups, group("kind-"+string(k), say.T("kind."+string(k)+".many"), fields...))
	}
	documents := group("documents", say.T("settings.documents"), m.box("order_by_source_number", s.OrderBySourceNumber))
	if country != "SE" {
		documents.Fields = append(documents.Fields, m.box("changed_approved", s.ChangedApproved))
	}
	account := m.field(written, "bank_account", s.BankAccount)
	if r.BankAccounts != nil {
		account = m.field(choice, "bank_account", s.BankAccount, accountOptions(say, r, s.BankAccount)...)
	}
	groups = append(groups,
		group("level", say.T("settings.level"),
			choose(m, "level", s.Leveled(), hub.DocumentLevel, hub.JournalLevel),
			choose(m, "journal.per", cmp.Or(s.Journal.Per, hub.PerDocument), hub.PerDocument, hub.PerMonth),
			m.ledger("journal.receivables", s.Journal.Receivables, r), m.ledger("journal.payables", s.Journal.Payables, r)),
		documents,
		group("sending", say.T("settings.sending"),
			choose(m, "sender", s.Sender, hub.SenderSource, hub.SenderProcountor, hub.SenderNobody),
			m.wayField(0, s.Channel), m.wayField(1, s.Channel), m.wayField(2, s.Channel), m.wayField(3, s.Channel),
			choose(m, "unknown_operator", cmp.Or(s.UnknownOperator, hub.AskedWarn), hub.AskedWarn, hub.AskedHold),
			choose(m, "credited_number", cmp.Or(s.CreditedNumber, hub.MasterSource), hub.MasterSource, hub.MasterProcountor),
			choose(m, "buyer_reference", cmp.Or(s.BuyerReference, hub.AsReference), hub.AsReference, hub.AsOrder),
			choose(m, "headings", cmp.Or(s.Headings, hub.HeadingAbove), hub.HeadingAbove, hub.HeadingRow),
			choose(m, "explanations", cmp.Or(s.Explanations, hub.InExplanation), hub.InExplanation, hub.InComment, hub.FirstLine),
			m.box("attachments_to_customer", s.AttachmentsToCustomer), m.box("link_products", s.LinkProducts), m.box("make_products", s.MakeProducts),
			m.product("default_codes.product", s.DefaultCodes.Product, r), m.product("default_codes.work", s.DefaultCodes.Work, r), account),
		group("travel", say.T("settings.travel"), m.travelProduct("default_codes.travel", s.DefaultCodes.Travel, r),
			choose(m, "travel_codes", cmp.Or(s.TravelCodes, hub.AskedHold), hub.AskedHold, hub.AskedWarn)),
		m.cardGroup(s.Cards, r),
		group("files", say.T("settings.files"),
			choose(m, "files.check", cmp.Or(s.Files.Check, hub.AskedHold), hub.AskedHold, hub.AskedWarn),
			choose(m, "files.kinds", cmp.Or(s.Files.Kinds, hub.AnyKind), hub.AnyKind, hub.ShownKinds),
			choose(m, "files.images", cmp.Or(s.Files.Images, hub.ImagesStay), hub.ImagesStay, hub.ImagesToPDF),
			choose(m, "files.confirm", cmp.Or(s.Files.Confirm, hub.BySize), hub.FileLevels...),
			m.field(numeric, "files.sample_percent", strconv.Itoa(s.Files.SamplePercent))),
		group("payments", say.T("settings.payments"),
			choose(m, "payments", cmp.Or(s.Payments, hub.MasterProcountor), hub.MasterProcountor, hub.MasterSource),
			choose(m, "payer", cmp.Or(s.Payer, hub.MasterProcountor), hub.MasterProcountor, hub.MasterSource),
			m.field(numeric, "paid_after_days", strconv.Itoa(s.PaidAfterDays)),
			choose(m, "supplier_reference", cmp.Or(s.SupplierReference, hub.AskedHold), hub.AskedHold, hub.AskedWarn),
			choose(m, "offset", cmp.Or(s.Offset, hub.OffsetByPerson), hub.OffsetByPerson, hub.OffsetByVienti)),
		group("back", say.T("settings.back"), m.box("back.purchases", s.Back.Purchases), m.field(dayInput, "back.first_day", s.Back.FirstDay.String()),
			m.dimension("back.dimension", s.Back.Dimension, r)),
		group("telling", say.T("settings.telling"), choose(m, "telling.status", cmp.Or(s.Telling.Status, hub.TellNothing), hub.Tells...),
			choose(m, "telling.payments", cmp.Or(s.Telling.Payments, hub.TellNothing), hub.Tells...)),
		m.reasonGroup(s),
		group("sums", say.T("settings.sums"),
			choose(m, "difference.policy", s.Difference.Policy, hub.HoldDifference, hub.AcceptDifference, hub.RowForDifference),
			m.field(numeric, "difference.cents", strconv.Itoa(s.Difference.Cents)),
			m.field(numeric, "rate_percent", strconv.Itoa(s.RateLimit())),
			choose(m, "prepaid", s.Prepaid, hub.SumHold, hub.SumRow, hub.SumWarn), choose(m, "rounding", s.Rounding, hub.SumHold, hub.SumRow, hub.SumWarn)),
		group("partners", say.T("settings.partners"), m.partnerFields(s.Partner)...),
		group("defaults", say.T("settings.defaults"),
			choose(m, "language", s.Language, hub.InvoiceLanguages...), m.field(written, "country", s.Country), m.field(numeric, "term_days", strconv.Itoa(s.TermDays))),
		group("fit", say.T("settings.fit"),
			choose(m, "text_too_long", s.TextTooLong, hub.Refuse, hub.Cut), choose(m, "bad_character", s.BadCharacter, hub.Refuse, hub.Cut)))
	for _, k := range hub.VATKinds {
		groups = append(groups, m.vatGroup(k, s.VATStatuses[k], r))
	}
	return append(groups, m.unitGroup(s.Units), m.dimensionGroup(&s, r))
}

// channelKey is the field of a place in the channel rule.
func channelKey(i int) string { return "channel[" + strconv.Itoa(i) + "]" }

// wayField chooses what stands in one place of the channel rule.
func (m formMaker) wayField(i int, rule hub.ChannelRule) settingField {
	stored := ""
	if i < len(rule) {
		stored = string(rule[i])
	}
	options := []settingOption{{"", "–"}}
	for _, c := range hub.RuleChannels {
		options = append(options, settingOption{string(c), ChannelWord(m.say, c)})
	}
	f := m.field(choice, channelKey(i), stored, options...)
	f.Label = m.say.T("channel.place", "n", i+1)
	return f
}

// reasonPrefix begins the names of the texts that say why there is no VAT.
const reasonPrefix = "vat_reasons."

// reasonGroup holds what is printed where the source gives no reason for a sale
// without VAT. What Vienti prints of itself is shown as that, a proposal.
func (m formMaker) reasonGroup(s hub.Settings) settingGroup {
	g := settingGroup{ID: "vat-reasons", Title: m.say.T("settings.vat-reasons"), Help: m.say.T("settings-help.vat-reasons"),
		Fields: []settingField{choose(m, "vat_reason", cmp.Or(s.VATReason, hub.AskedWarn), hub.AskedWarn, hub.AskedHold)}}
	categories := slices.Clone(hub.WithoutVAT)
	for _, c := range sortedKeys(s.VATReasons) {
		if !slices.Contains(categories, c) {
			categories = append(categories, c)
		}
	}
	for _, c := range categories {
		f := m.field(written, reasonPrefix+c, s.VATReasons[c])
		f.Label = reasonOf(m.say, c)
		if text := mapping.OwnReason(c, s.Language); text != "" {
			f.Help = m.say.T("settings.reason-proposed", "text", text)
		}
		g.Fields = append(g.Fields, f)
	}
	return g
}

func (m formMaker) vatGroup(k hub.Kind, stored map[string]int, r *register.Copy) settingGroup {
	g := settingGroup{ID: "vat-" + string(k), Title: m.say.T("settings.vat", "kind", m.say.T("kind."+string(k)+".many")), Help: m.say.T("settings.help-vat")}
	categories := register.Categories()
	for _, c := range sortedKeys(stored) {
		if !slices.Contains(categories, c) {
			categories = append(categories, c)
		}
	}
	status := func(key string, n int) settingField {
		value := ""
		if n != 0 {
			value = strconv.Itoa(n)
		}
		if r.VATStatuses == nil {
			return m.field(numeric, key, value)
		}
		return m.field(choice, key, value, statusOptions(m.say, r, k, n)...)
	}
	for _, c := range categories {
		f := status(vatPrefix+string(k)+"."+c, stored[c])
		f.Label = c + " – " + VATCategory(m.say, k, c)
		g.Fields = append(g.Fields, f)
	}
	added, with := m.field(written, addedCategory+string(k), ""), status(addedStatus+string(k), 0)
	added.Label, with.Label, added.With = m.say.T("settings.other-category"), m.say.T("settings.status"), &with
	// A category that was typed wrong is found again where it was typed.
	for _, x := range m.faults {
		if c, ok := strings.CutPrefix(x.Key, vatPrefix+string(k)+"."); ok && !slices.Contains(categories, c) {
			added.Fault = faultWords(m.say, x)
		}
	}
	g.Fields = append(g.Fields, added)
	return g
}

// statusOptions are the statuses that the company has switched on for the kind.
func statusOptions(say locale.Speaker, r *register.Copy, k hub.Kind, stored int) []settingOption {
	options := []settingOption{{"", say.T("settings.no-status")}}
	known := stored == 0
	for _, s := range r.VATStatuses {
		if s.On(k) {
			options = append(options, settingOption{strconv.Itoa(s.Number), statusWords(s.Number, s.Description)})
			known = known || s.Number == stored
		}
	}
	if !known {
		options = append(options, settingOption{strconv.Itoa(stored), say.T("settings.not-enabled", "value", strconv.Itoa(stored))})
	}
	return options
}

func statusWords(n int, description string) string {
	if description == "" {
		return strconv.Itoa(n)
	}
	return strconv.Itoa(n) + " – " + description
}

func accountOptions(say locale.Speaker, r *register.Copy, stored string) []settingOption {
	options := []settingOption{{"", say.T("settings.no-account")}}
	known := stored == ""
	for _, a := range r.BankAccounts {
		if a.Active {
			options = append(options, settingOption{a.IBAN, strings.TrimSuffix(a.IBAN+" · "+a.BIC, " · ")})
			known = known || a.IBAN == stored
		}
	}
	if !known {
		options = append(options, settingOption{stored, stored})
	}
	return options
}

// product is a field for a code of the register of products: one of those in use, as
// far as they are known.
func (m formMaker) product(key, stored string, r *register.Copy) settingField {
	if r.Products == nil {
		return m.field(written, key, stored)
	}
	options := []settingOption{{"", m.say.T("settings.no-product")}}
	seen := map[string]bool{"": true}
	for _, p := range r.Products {
		if p.Active && !seen[p.Code] {
			seen[p.Code] = true
			options = append(options, settingOption{p.Code, p.Code + " · " + p.Name})
		}
	}
	if !seen[stored] {
		options = append(options, settingOption{stored, stored})
	}
	return m.field(choice, key, stored, options...)
}

// travelProduct is a field for a code of the register of travel products.
func (m formMaker) travelProduct(key, stored string, r *register.Copy) settingField {
	if r.Travel == nil {
		return m.field(written, key, stored)
	}
	options := []settingOption{{"", m.say.T("settings.no-product")}}
	seen := map[string]bool{"": true}
	for _, p := range r.Travel {
		if p.Active && !seen[p.Code] {
			seen[p.Code] = true
			options = append(options, settingOption{p.Code, strings.TrimSuffix(p.Code+" · "+p.Name+" · "+p.Days(), " · ")})
		}
	}
	if !seen[stored] {
		options = append(options, settingOption{stored, stored})
	}
	return m.field(choice, key, stored, options...)
}

// cardGroup are the clearing accounts of the company's cards.
func (m formMaker) cardGroup(stored map[string]string, r *register.Copy) settingGroup {
	g := settingGroup{ID: "cards", Title: m.say.T("settings.cards"), Help: m.say.T("settings.help-cards")}
	for _, card := range sortedKeys(stored) {
		f := m.ledger(cardPrefix+card, stored[card], r)
		f.Label = cardName(m.say, card)
		g.Fields = append(g.Fields, f)
	}
	card, account := m.field(written, addedCard, ""), m.ledger(addedClearing, "", r)
	card.Label, account.Label, card.With = m.say.T("settings.card"), m.say.T("settings.clearing"), &account
	g.Fields = append(g.Fields, card)
	return g
}

// cardName is a card as people know it.
func cardName(say locale.Speaker, card string) string {
	if card == hub.AnyCard {
		return say.T("settings.any-card")
	}
	return card
}

// unitList is the id of the list of Procountor's units.
const unitList = "procountor-units"

func (m formMaker) unitGroup(stored map[string]string) settingGroup {
	g := settingGroup{ID: "units", Title: m.say.T("settings.units"), Help: m.say.T("settings.help-units")}
	for _, from := range sortedKeys(stored) {
		f := m.field(written, unitPrefix+from, stored[from])
		f.Label, f.List = from, unitList
		g.Fields = append(g.Fields, f)
	}
	for i := range addedUnits {
		n := strconv.Itoa(i)
		from, to := m.field(written, addedUnit+n, ""), m.field(written, addedMeaning+n, "")
		from.Label, to.Label, to.List, from.With = m.say.T("settings.unit"), m.say.T("settings.unit-means"), unitList, &to
		for _, x := range m.faults {
			if from.Value != "" && x.Key == unitPrefix+from.Value {
				from.Fault = faultWords(m.say, x)
			}
		}
		g.Fields = append(g.Fields, from)
	}
	return g
}
