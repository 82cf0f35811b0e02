package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/channel"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/register"
)

// A setting is one line of a connection's settings in words.
type setting struct{ Group, Name, Value string }

// settingWords says every setting of a connection; VAT statuses with the
// descriptions of the company's own register.
func settingWords(say locale.Speaker, s hub.Settings, r *register.Copy) (list []setting) {
	group := ""
	add := func(key, value string) { list = append(list, setting{group, settingName(say, key), value}) }
	say1 := func(key, value string) { add(key, settingValue(say, key, value)) }
	yes := func(key string, b bool) { say1(key, strconv.FormatBool(b)) }

	group = say.T("settings.documents")
	for _, k := range hub.Kinds {
		ks := s.Kinds[k]
		value := say.T("settings.kind-off")
		if ks.On {
			value = say.T("settings.kind-on", "first", ks.FirstDay, "arrival", say.T("setting.arrival."+string(ks.Arrival)))
			if ks.Posting == hub.PostedByMap {
				value += "; " + say.T("setting.kind-posting") + ": " + say.T("setting.posting.map")
			}
			for _, x := range []struct{ name, value string }{{"when", string(ks.When)}, {"early", string(ks.Early)}, {"rejected", string(ks.Rejected)},
				{"files_goes", string(ks.Files.Goes)}, {"files_breakdown", string(ks.Files.Breakdown)}, {"files_credit_notes", string(ks.Files.CreditNotes)},
				{"files_joined", string(ks.Files.Joined)}} {
				if x.value != "" {
					value += "; " + say.T("setting.kind-"+x.name) + ": " + say.T("setting."+strings.TrimPrefix(x.name, "files_")+"."+x.value)
				}
			}
		}
		for _, axis := range ks.LeavesOut {
			value += "; " + say.T("setting.kind-axis", "axis", axis) + ": " + say.T("setting.axis.notes")
		}
		list = append(list, setting{group, say.T("kind." + string(k) + ".many"), value})
	}
	add("profile", s.Profile)
	yes("order_by_source_number", s.OrderBySourceNumber)
	yes("changed_approved", s.ChangedApproved)

	group = say.T("settings.level")
	say1("level", string(s.Leveled()))
	if s.Leveled() == hub.JournalLevel {
		say1("journal.per", string(cmp.Or(s.Journal.Per, hub.PerDocument)))
		say1("journal.receivables", ledgerOf(r, s.Journal.Receivables))
		say1("journal.payables", ledgerOf(r, s.Journal.Payables))
	}

	if s.Kinds[hub.PayrollJournal].On {
		group = say.T("kind.payroll_journal.many")
		say1("payroll.runs", string(cmp.Or(s.Payroll.Runs, hub.RunIsFile)))
		say1("payroll.closed_period", string(cmp.Or(s.Payroll.ClosedPeriod, hub.ClosedHold)))
		yes("payroll.by_employee", s.Payroll.ByEmployee)
		say1("payroll.max_rows", strconv.Itoa(s.Payroll.RowLimit()))
		say1("payroll.clearing", ledgerOf(r, s.Payroll.Clearing))
		say1("payroll.keep_months", strconv.Itoa(s.Payroll.KeepMonths))
	}

	group = say.T("settings.sending")
	say1("sender", string(s.Sender))
	say1("channel", strings.Join(channelTexts(s.Channel), ", "))
	say1("unknown_operator", string(cmp.Or(s.UnknownOperator, hub.AskedWarn)))
	say1("credited_number", string(cmp.Or(s.CreditedNumber, hub.MasterSource)))
	say1("buyer_reference", string(cmp.Or(s.BuyerReference, hub.AsReference)))
	say1("headings", string(cmp.Or(s.Headings, hub.HeadingAbove)))
	say1("explanations", string(cmp.Or(s.Explanations, hub.InExplanation)))
	add("customers", say.N("channel.rows", len(s.Customers)))
	add("operators", OperatorsWords(say, channel.OperatorsOf(&s)))
	yes("attachments_to_customer", s.AttachmentsToCustomer)
	yes("link_products", s.LinkProducts)
	yes("make_products", s.MakeProducts)
	say1("default_codes.product", s.DefaultCodes.Product)
	say1("default_codes.work", s.DefaultCodes.Work)
	say1("bank_account", s.BankAccount)

	group = say.T("settings.travel")
	say1("default_codes.travel", s.DefaultCodes.Travel)
	say1("travel_codes", string(cmp.Or(s.TravelCodes, hub.AskedHold)))

	group = say.T("settings.cards")
	for _, card := range sortedKeys(s.Cards) {
		list = append(list, setting{group, cardName(say, card), s.Cards[card]})
	}
	group = say.T("settings.files")
	say1("files.check", string(cmp.Or(s.Files.Check, hub.AskedHold)))
	say1("files.kinds", string(cmp.Or(s.Files.Kinds, hub.AnyKind)))
	say1("files.images", string(cmp.Or(s.Files.Images, hub.ImagesStay)))
	say1("files.confirm", string(cmp.Or(s.Files.Confirm, hub.BySize)))
	say1("files.sample_percent", strconv.Itoa(s.Files.SamplePercent))

	group = say.T("settings.payments")
	say1("payments", string(cmp.Or(s.Payments, hub.MasterProcountor)))
	say1("supplier_reference", string(cmp.Or(s.SupplierReference, hub.AskedHold)))
	say1("payer", string(cmp.Or(s.Payer, hub.MasterProcountor)))
	if s.Payer == hub.MasterSource {
		say1("paid_after_days", strconv.Itoa(s.PaidAfterDays))
	}

	say1("offset", string(cmp.Or(s.Offset, hub.OffsetByPerson)))

	group = say.T("settings.back")
	yes("back.purchases", s.Back.Purchases)
	if s.Back.Purchases {
		say1("back.first_day", s.Back.FirstDay.String())
		say1("back.dimension", s.Back.Dimension)
	}

	group = say.T("settings.telling")
	say1("telling.status", string(cmp.Or(s.Telling.Status, hub.TellNothing)))
	say1("telling.payments", string(cmp.Or(s.Telling.Payments, hub.TellNothing)))

	group = say.T("settings.vat-reasons")
	say1("vat_reason", string(cmp.Or(s.VATReason, hub.AskedWarn)))
	for _, c := range sortedKeys(s.VATReasons) {
		list = append(list, setting{group, reasonOf(say, c), s.VATReasons[c]})
	}

	group = say.T("settings.sums")
	difference := say.T("setting.difference-is." + string(s.Difference.Policy))
	if s.Difference.Policy == hub.AcceptDifference {
		difference += " (" + say.N("settings.cents", s.Difference.Cents) + ")"
	}
	add("difference.policy", difference)
	say1("prepaid", string(s.Prepaid))
	say1("rounding", string(s.Rounding))

	group = say.T("settings.partners")
	yes("partner.create", s.Partner.Create)
	yes("partner.without_id", s.Partner.WithoutID)
	say1("partner.collective", s.Partner.Collective)
	say1("partner.number", string(cmp.Or(s.Partner.Number, hub.AlternativeNumber)))
	say1("partner.other_id", string(cmp.Or(s.Partner.OtherID, hub.ConflictRefuse)))
	say1("partner.other_number", string(cmp.Or(s.Partner.OtherNumber, hub.ConflictRefuse)))
	say1("partner.customer_changes", string(s.Partner.Changes(hub.SalesInvoice)))
	say1("partner.supplier_changes", string(s.Partner.Changes(hub.PurchaseInvoice)))
	say1("partner.persons", string(s.Partner.Changes(hub.TravelInvoice)))

	group = say.T("settings.defaults")
	say1("language", s.Language)
	add("country", s.Country)
	say1("term_days", strconv.Itoa(s.TermDays))

	group = say.T("settings.fit")
	say1("text_too_long", string(s.TextTooLong))
	say1("bad_character", string(s.BadCharacter))

	for _, k := range hub.VATKinds {
		group = say.T("settings.vat", "kind", say.T("kind."+string(k)+".many"))
		for _, c := range sortedKeys(s.VATStatuses[k]) {
			list = append(list, setting{group, c + " – " + VATCategory(say, k, c), statusOf(say, r, k, s.VATStatuses[k][c])})
		}
	}
	group = say.T("settings.dimensions")
	for _, axis := range sortedKeys(s.Dimensions) {
		list = append(list, setting{group, settingName(say, dimensionPrefix+axis), s.Dimensions[axis]})
		key := axisPrefix + axis + ".make"
		list = append(list, setting{group, settingName(say, key), settingValue(say, key, string(s.Making(axis)))})
	}
	group = say.T("settings.units")
	for _, u := range sortedKeys(s.Units) {
		list = append(list, setting{group, u, s.Units[u]})
	}
	return list
}

// statusOf says a VAT status by number and the register's own description.
func statusOf(say locale.Speaker, r *register.Copy, k hub.Kind, n int) string {
	if r.VATStatuses == nil {
		return strconv.Itoa(n)
	}
	i := slices.IndexFunc(r.VATStatuses, func(s register.VATStatus) bool { return s.Number == n && s.On(k) })
	if i < 0 {
		return say.T("settings.not-enabled", "value", strconv.Itoa(n))
	}
	return statusWords(n, r.VATStatuses[i].Description)
}

// ledgerOf says an account by number and the chart's own name.
func ledgerOf(r *register.Copy, code string) string {
	return strings.TrimSpace(code + " " + r.AccountName(code))
}

// VATCategory says a VAT category in words: what is export to the seller is
// import to the buyer.
func VATCategory(say locale.Speaker, k hub.Kind, category string) string {
	key := strings.ReplaceAll(category, "/", "-")
	if k == hub.PurchaseInvoice && say.Has("vat-category."+key+"-purchase") {
		return say.T("vat-category." + key + "-purchase")
	}
	if say.Has("vat-category." + key) {
		return say.T("vat-category." + key)
	}
	if of, supply, ok := cutLast(category, "/"); ok && say.Has("vat-supply."+supply) {
		return VATCategory(say, k, of) + ", " + say.T("vat-supply."+supply)
	}
	return category
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// settingName says what the setting with a key is called.
func reasonOf(say locale.Speaker, category string) string {
	of, language, more := strings.Cut(category, "/")
	words := category + " – " + VATCategory(say, hub.SalesInvoice, of)
	if more {
		words += " (" + language + ")"
	}
	return words
}

// settingName is what people call a setting.
func settingName(say locale.Speaker, key string) string {
	parts := strings.SplitN(key, ".", 3)
	if len(parts) == 3 && parts[0] == "kinds" {
		return say.T("kind."+parts[1]+".many") + ": " + say.T("setting.kind-"+strings.ReplaceAll(parts[2], ".", "_"))
	}
	if len(parts) == 3 && parts[0] == "vat_statuses" {
		k := hub.Kind(parts[1])
		return say.T("settings.vat", "kind", say.T("kind."+parts[1]+".many")) + ": " + parts[2] + " – " + VATCategory(say, k, parts[2])
	}
	if category, ok := strings.CutPrefix(key, reasonPrefix); ok {
		return say.T("settings.vat-reasons") + ": " + reasonOf(say, category)
	}
	if len(parts) > 1 && parts[0] == "dimensions" {
		return say.T("setting.axis_dimension", "axis", AxisWord(say, strings.TrimPrefix(key, dimensionPrefix)))
	}
	if axis, ok := strings.CutPrefix(key, axisPrefix); ok {
		return say.T("setting.axis_make", "axis", AxisWord(say, strings.TrimSuffix(axis, ".make")))
	}
	if len(parts) > 1 && parts[0] == "units" {
		return say.T("settings.unit") + " " + strings.TrimPrefix(key, unitPrefix)
	}
	if card, ok := strings.CutPrefix(key, cardPrefix); ok {
		return say.T("settings.card") + " " + cardName(say, card)
	}
	if of, ok := strings.CutPrefix(key, "claimants."); ok {
		at := strings.LastIndexByte(of, '.')
		word := map[string]string{"number": say.T("staff.number"), "iban": say.T("staff.iban"), "cost_centre": say.T("staff.cost_centre")}[of[at+1:]]
		return say.T("staff.setting", "login", of[:max(at, 0)]) + ": " + word
	}
	if customer, ok := strings.CutPrefix(key, "customers["); ok {
		return say.T("channel.row-of", "customer", strings.TrimSuffix(customer, "]"))
	}
	if name := "setting." + strings.ReplaceAll(key, ".", "_"); say.Has(name) {
		return say.T(name)
	}
	return key
}

// settingValue says the value of a setting, as it stands in a file of settings.
func settingValue(say locale.Speaker, key, value string) string {
	switch {
	case value == "":
		return "–"
	case value == "true":
		return say.T("yes")
	case value == "false":
		return say.T("no")
	case key == "language" && say.Has("invoice-language."+value):
		return say.T("invoice-language." + value)
	case key == "channel" || strings.HasPrefix(key, "customers["):
		return channelValue(say, value)
	case key == "term_days":
		if n, err := strconv.Atoi(value); err == nil && n >= 0 {
			return say.N("settings.days", n)
		}
		return say.T("none")
	case key == "paid_after_days":
		if n, err := strconv.Atoi(value); err == nil {
			return say.N("settings.days", n)
		}
	}
	if d, err := civil.Parse(value); err == nil {
		return say.Date(d)
	}
	words := map[string]string{"sender": "sender-is", "difference.policy": "difference-is", "prepaid": "sum-is", "rounding": "sum-is",
		"payments": "payments-is", "payer": "payer-is", "unknown_operator": "asked-is", "credited_number": "credited-is", "buyer_reference": "buyer-reference-is", "headings": "headings-is", "explanations": "explanations-is", "supplier_reference": "asked-is", "vat_reason": "asked-is", "offset": "offset-is", "travel_codes": "travel-code", "level": "level-is", "journal.per": "journal_per-is", "partner.number": "number-is", "partner.other_id": "conflict-is", "partner.other_number": "conflict-is",
		"payroll.runs": "payroll-runs-is", "payroll.closed_period": "payroll-closed-is",
		"telling.status": "tell-is", "telling.payments": "tell-is",
		"partner.customer_changes": "changes-is", "partner.supplier_changes": "changes-is", "partner.persons": "persons-is",
		"files.check": "asked-is", "files.kinds": "kinds-is", "files.images": "images-is", "files.confirm": "confirm-is", "text_too_long": "excess-is", "bad_character": "excess-is"}[key]
	if strings.HasPrefix(key, axisPrefix) {
		words = "items-is"
	}
	if strings.HasSuffix(key, ".arrival") {
		words = "arrival"
	}
	for _, name := range []string{"posting", "when", "early", "rejected", "goes", "breakdown", "credit_notes", "joined"} {
		if strings.HasPrefix(key, "kinds.") && strings.HasSuffix(key, "."+name) {
			words = name
		}
	}
	if words != "" && say.Has("setting."+words+"."+value) {
		return say.T("setting." + words + "." + value)
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
