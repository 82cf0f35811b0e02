package severa

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/money"
	"github.com/vienti/vienti/internal/source"
)

// Travel invoices: what Severa calls travel reimbursements, in the status that is set up.
// They have a client of their own, so that a scope or an add-on that only they need keeps
// no sales invoice from being read.

// claiming and claimTelling are the scopes of reading and of telling them.
var (
	claiming     = []string{"files:read", "organization:read", "projects:read", "settings:read", "travels:read", "users:read"}
	claimTelling = []string{"settings:read", "travels:read", "travels:write"}
)

// claimPrefix tells the id of a travel invoice from that of a sales invoice.
const claimPrefix = "travel/"

// statusOfClaim is the path of the status that we replace, inferred as that of invoices is.
const statusOfClaim = "/travelReimbursementStatus/guid"

// A claim is a travel reimbursement (TravelReimbursementOutputModel).
type claim struct {
	raw     json.RawMessage
	Created string      `json:"createdDateTime"`
	Updated string      `json:"lastUpdatedDateTime"`
	Guid    string      `json:"guid"`
	Number  json.Number `json:"number"`
	Title   string      `json:"title"`
	Date    string      `json:"date"`
	User    ref         `json:"user"`
	Advance *sum        `json:"advancePayment"`
	Total   *sum        `json:"total"`
	All     *sum        `json:"totalExpenses"`
	Status  ref         `json:"travelReimbursementStatus"`
}

func (c *claim) changed() time.Time {
	if t := moment(c.Updated); !t.IsZero() {
		return t
	}
	return moment(c.Created)
}

// An expense is a row of a claim (ProjectTravelExpenseOutputModel).
type expense struct {
	raw     json.RawMessage
	Guid    string `json:"guid"`
	Updated string `json:"lastUpdatedDateTime"`
	Project ref    `json:"project"`
	User    struct {
		Company string `json:"companyGuid"`
	} `json:"user"`
	Type struct {
		Name  string `json:"name"`
		Code  string `json:"code"`
		Class string `json:"expenseClass"`
	} `json:"travelExpense"`
	Text       string      `json:"description"`
	Cost       *sum        `json:"unitCost"`
	Quantity   json.Number `json:"quantity"`
	Unit       string      `json:"measurementUnit"`
	VATRate    json.Number `json:"purchaseVatRate"`
	Day        string      `json:"eventDate"`
	Start      string      `json:"travelStartTime"`
	End        string      `json:"travelEndTime"`
	Claim      ref         `json:"travelReimbursement"`
	Account    *ref        `json:"costAccount"`
	CostCentre *ref        `json:"costCenter"`
	Files      int         `json:"attachmentCount"`
}

// A traveller is what is taken of a user: never the social security number.
type traveller struct {
	First string `json:"firstName"`
	Last  string `json:"lastName"`
	Code  string `json:"code"`
	Email string `json:"email"`
	IBAN  string `json:"bankAccountNumber"`
}

// claims are what a run has found of travel invoices.
type claims struct {
	looked   bool
	left     []claimItem
	seen     map[print]bool
	keep     []print // of what is there now
	last     time.Time
	users    map[string]*traveller
	accounts map[string]string // numbers of cost accounts, by guid
	company  string
	after    string // guid of the status after the transfer, "" for none
}

type claimItem struct {
	claim claim
	rows  []expense
	print print
}

// claimed adds travel invoices to the last page of sales invoices, as far as there is
// room. What keeps only them from being read is the page's part that is missing.
func (d *Driver) claimed(ctx context.Context, s *snapshot, page *source.Page, limit int) error {
	if !d.client.env.Kinds[hub.TravelInvoice].On {
		return nil
	}
	if !s.claims.looked {
		err := d.lookForClaims(ctx, s)
		if errors.Is(err, source.ErrDenied) || errors.Is(err, source.ErrOptions) {
			page.Part = err
			return nil
		}
		if err != nil {
			return err
		}
	}
	for len(s.claims.left) > 0 && len(page.Documents) < limit {
		x := s.claims.left[0]
		found, err := d.claimDocument(ctx, s, x)
		if err != nil && !errors.Is(err, errGone) {
			return err
		}
		if err == nil {
			page.Documents = append(page.Documents, found)
		}
		s.claims.left = s.claims.left[1:]
	}
	page.More = len(s.claims.left) > 0
	// Remembered is what was shown; what is left is not.
	var all []byte
	for _, p := range s.claims.keep {
		if !slices.ContainsFunc(s.claims.left, func(x claimItem) bool { return x.print == p }) {
			all = append(all, p[:]...)
		}
	}
	s.Claims = base64.RawStdEncoding.EncodeToString(all)
	if !page.More && s.claims.last.After(s.ClaimsSince) {
		if s.ClaimsSince = s.claims.last; s.ClaimsSince.After(d.client.env.Now()) {
			s.ClaimsSince = d.client.env.Now()
		}
	}
	return nil
}

// claimClient is the client for travel invoices.
func (d *Driver) claimClient() *client {
	if d.travel == nil {
		d.travel = d.client.with(claiming)
	}
	return d.travel
}

// lookForClaims finds the travel invoices that are new or have changed: all that wait, and
// of those after the transfer what has changed since. A claim is its rows and the data of
// its employee as well.
func (d *Driver) lookForClaims(ctx context.Context, s *snapshot) error {
	c, now := d.claimClient(), &s.claims
	before, after, err := d.claimStatuses(ctx, c)
	if err != nil {
		return err
	}
	now.after, now.users, now.seen = after, map[string]*traveller{}, map[print]bool{}
	if company, err := d.company(ctx); err != nil {
		return err
	} else if company != nil {
		now.company = company.Guid
	}
	shown, err := base64.RawStdEncoding.DecodeString(s.Claims)
	if err != nil || len(shown)%len(print{}) != 0 {
		return errDamaged
	}
	for x := range slices.Chunk(shown, len(print{})) {
		now.seen[print(x)] = true
	}
	waiting, err := listClaims(ctx, c, before, time.Time{})
	if err != nil {
		return err
	}
	var done []claim
	if after != "" {
		since := s.ClaimsSince
		if !since.IsZero() {
			since = since.Add(-overlap)
		}
		if done, err = listClaims(ctx, c, after, since); err != nil {
			return err
		}
	}
	first := d.client.env.Kinds[hub.TravelInvoice].FirstDay
	here := map[string]bool{}
	for _, x := range slices.Concat(waiting, done) {
		if here[x.Guid] || !first.IsZero() && len(x.Date) >= 10 && x.Date[:10] < first.String() {
			continue
		}
		here[x.Guid] = true
		now.last = later(now.last, x.changed())
		item := claimItem{claim: x}
		if item.rows, err = expensesOf(ctx, c, x.Guid); err != nil {
			return err
		}
		if now.company != "" && slices.ContainsFunc(item.rows, func(e expense) bool { return e.User.Company != "" && e.User.Company != now.company }) {
			continue // another company's
		}
		if _, err = d.user(ctx, now, x.User.Guid); err != nil {
			return err
		}
		if item.print, err = now.printOf(&item); err != nil {
			return err
		}
		if now.keep = append(now.keep, item.print); !now.seen[item.print] {
			now.left = append(now.left, item)
		}
	}
	slices.SortStableFunc(now.left, func(a, b claimItem) int { return a.claim.changed().Compare(b.claim.changed()) })
	now.looked = true
	return nil
}

// printOf is the fingerprint of a claim with its rows and its employee.
func (c *claims) printOf(x *claimItem) (print, error) {
	rows := make([]json.RawMessage, len(x.rows))
	for i, r := range x.rows {
		rows[i] = r.raw
	}
	b, err := json.Marshal(struct {
		Claim json.RawMessage   `json:"claim"`
		Rows  []json.RawMessage `json:"rows"`
		User  *traveller        `json:"user"`
	}{plain(x.claim.raw), rows, c.users[x.claim.User.Guid]})
	if err != nil {
		return print{}, err
	}
	return printOf(b, x.claim.Guid)
}

// plain is a claim without what changes by itself or by us.
func plain(raw json.RawMessage) json.RawMessage {
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil {
		return raw
	}
	for _, name := range []string{"travelReimbursementStatus", "approvalDate", "approvedByUser", "canChangeApproval", "lastUpdatedDateTime", "lastUpdatedBy"} {
		delete(o, name)
	}
	b, err := json.Marshal(o)
	if err != nil {
		return raw
	}
	return b
}

func listClaims(ctx context.Context, c *client, status string, since time.Time) (all []claim, err error) {
	q := url.Values{"travelReimbursementStatusGuids": {status}}
	if !since.IsZero() {
		q.Set("changedSince", since.UTC().Format(time.RFC3339Nano))
	}
	raw, err := list[json.RawMessage](ctx, c, "/v1/travelreimbursements", q)
	for _, r := range raw {
		x := claim{raw: r}
		if err := parse("/v1/travelreimbursements", r, &x); err != nil {
			return nil, err
		}
		if x.Guid == "" {
			return nil, errors.New("/v1/travelreimbursements: one without a guid")
		}
		all = append(all, x)
	}
	return all, err
}

func expensesOf(ctx context.Context, c *client, guid string) (all []expense, err error) {
	path := "/v1/travelreimbursements/" + url.PathEscape(guid) + "/projecttravelexpenses"
	raw, err := list[json.RawMessage](ctx, c, path, nil)
	if err != nil && !errors.Is(err, errGone) {
		return nil, err
	}
	for _, r := range raw {
		x := expense{raw: r}
		if err := parse(path, r, &x); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// user reads an employee, once a run; an empty one where Severa has it no more.
func (d *Driver) user(ctx context.Context, c *claims, guid string) (*traveller, error) {
	if u, known := c.users[guid]; known {
		return u, nil
	}
	u := &traveller{}
	err := d.claimClient().get(ctx, "/v1/users/"+url.PathEscape(guid), nil, u)
	if err != nil && !errors.Is(err, errGone) {
		return nil, err
	}
	c.users[guid] = u
	return u, nil
}

// claimStatuses are the statuses before and after the transfer.
func (d *Driver) claimStatuses(ctx context.Context, c *client) (before, after string, err error) {
	all, err := listRows(ctx, c, "/v1/travelreimbursementstatuses", nil, func(x *invoiceStatus) string { return x.Guid })
	if err != nil {
		return "", "", err
	}
	if before, err = claimStatus(all, "travel_status", d.option["travel_status"]); err != nil {
		return "", "", err
	}
	if name := d.option["travel_status_after"]; name != "" {
		if after, err = claimStatus(all, "travel_status_after", name); err == nil && after == before {
			after = ""
		}
	}
	return before, after, err
}

func claimStatus(all []invoiceStatus, option, name string) (string, error) {
	if name == "" {
		return "", fmt.Errorf("%w: say in option %s from which travel invoice status travel invoices are fetched", source.ErrOptions, option)
	}
	var names []string
	for _, x := range all {
		if x.Guid == name || x.IsActive && strings.EqualFold(strings.TrimSpace(x.Name), name) {
			return x.Guid, nil
		}
		if x.IsActive {
			names = append(names, x.Name)
		}
	}
	return "", fmt.Errorf("%w: Severa has no travel invoice status %q, which option %s names; it has %s", source.ErrOptions, name, option, strings.Join(names, ", "))
}

// claimDocument makes a travel invoice of a claim.
func (d *Driver) claimDocument(ctx context.Context, s *snapshot, item claimItem) (source.Found, error) {
	c, now := &item.claim, &s.claims
	x := &reader{inv: &invoice{}, places: map[string]string{}}
	if c.All != nil {
		x.inv.Currency.Code = c.All.Currency
	}
	user := now.users[c.User.Guid]
	doc := &hub.Document{Kind: hub.TravelInvoice, SourceID: claimPrefix + c.Guid, Number: c.Number.String(), Date: x.day(c.Date, "date", "claim.date"), GrossPrices: true,
		Lines: []hub.Line{}, Notes: strings.TrimSpace(c.Title), Buyer: hub.Party{BusinessID: d.client.env.Own},
		Seller:  hub.Party{Name: orElse(strings.TrimSpace(user.First+" "+user.Last), c.User.Name), FirstName: strings.TrimSpace(user.First), Number: strings.TrimSpace(user.Code), Email: strings.TrimSpace(user.Email)},
		Payment: hub.Payment{IBAN: strings.ReplaceAll(user.IBAN, " ", "")}}
	x.place("number", "claim.number")
	x.place("seller.number", "user.code")
	x.place("payment.iban", "user.bankAccountNumber")
	if cur, err := money.ParseCurrency(x.inv.Currency.Code); err == nil {
		doc.Currency = cur
	} else {
		x.faults = append(x.faults, hub.NewFault(hub.CurrencyUnknown, "claim.totalExpenses.currencyCode", x.inv.Currency.Code))
	}
	doc.Totals.Gross = x.sum(c.All, "totals.gross", "claim.totalExpenses")
	if a := x.sum(c.Advance, "totals.prepaid", "claim.advancePayment"); a != nil && !a.IsZero() {
		doc.Totals.Prepaid = a
	}
	var start, end string
	for i := range item.rows {
		l, err := d.expenseLine(ctx, s, x, i, &item.rows[i])
		if err != nil {
			return source.Found{}, err
		}
		if l.Start != "" && (start == "" || l.Start < start) {
			start = l.Start
		}
		end = max(end, l.End)
		doc.Lines = append(doc.Lines, l)
	}
	if trip := (hub.Trip{Departure: strings.ReplaceAll(start, "T", " "), Arrival: strings.ReplaceAll(end, "T", " "), Purpose: strings.TrimSpace(c.Title)}); trip != (hub.Trip{}) {
		doc.Trips = []hub.Trip{trip}
	}
	if err := d.claimFiles(ctx, doc, item); err != nil {
		return source.Found{}, err
	}
	whole := struct {
		Claim json.RawMessage   `json:"claim"`
		Rows  []json.RawMessage `json:"rows"`
		User  *traveller        `json:"user"`
	}{c.raw, []json.RawMessage{}, user}
	for _, r := range item.rows {
		whole.Rows = append(whole.Rows, r.raw)
	}
	raw, err := json.Marshal(whole)
	return source.Found{Document: doc, Faults: x.faults, Raw: raw, Places: x.places, Name: "Severa " + doc.Number, Past: now.after != "" && c.Status.Guid == now.after}, err
}

func (d *Driver) expenseLine(ctx context.Context, s *snapshot, x *reader, i int, r *expense) (l hub.Line, err error) {
	at := func(theirs string) string { return fmt.Sprintf("rows[%d].%s", i, theirs) }
	path := func(ours string) string { return fmt.Sprintf("lines[%d].%s", i, ours) }
	l = hub.Line{Name: strings.TrimSpace(r.Type.Name), Description: strings.TrimSpace(r.Text), Code: strings.TrimSpace(r.Type.Code), Unit: strings.TrimSpace(r.Unit),
		Quantity: x.amount(r.Quantity, path("quantity"), at("quantity")), UnitPrice: x.sum(r.Cost, path("unit_price"), at("unitCost"))}
	x.place(path("name"), at("travelExpense.name"))
	x.place(path("code"), at("travelExpense.code"))
	if v := x.amount(r.VATRate, path("vat_percent"), at("purchaseVatRate")); v != nil {
		l.VATPercent = *v
	}
	l.Period.First = x.day(r.Day, path("period"), at("eventDate"))
	l.Period.Last = l.Period.First
	l.Start, l.End = tripTime(r.Start), tripTime(r.End)
	x.place(path("start"), at("travelStartTime"))
	if r.Account != nil && r.Account.Guid != "" {
		if l.Account, err = d.costAccount(ctx, s, r.Account); err != nil {
			return l, err
		}
		x.place(path("account"), at("costAccount"))
	}
	if g := r.Project.Guid; g != "" {
		if err := d.needProject(ctx, g); err != nil {
			return l, err
		}
	}
	l.Dimensions = d.dimensions(&row{CostCentre: r.CostCentre}, r.Project.Guid)
	return l, nil
}

// needProject reads a project, once a run.
func (d *Driver) needProject(ctx context.Context, guid string) error {
	if _, known := d.reg.projects[guid]; known {
		return nil
	}
	d.reg.projects[guid] = nil
	err := need(ctx, d.claimClient(), "/v1/projects", "projectGuids", []string{guid}, func(p *project) { d.reg.projects[p.Guid] = p })
	if err != nil {
		delete(d.reg.projects, guid)
	}
	return err
}

// costAccount is the number of a cost account, its name where Severa has no number.
func (d *Driver) costAccount(ctx context.Context, s *snapshot, a *ref) (string, error) {
	if s.claims.accounts == nil {
		all, err := listRows(ctx, d.claimClient(), "/v1/costaccounts", nil, func(x *account) string { return x.Guid })
		if err != nil && !errors.Is(err, errGone) {
			return "", err
		}
		s.claims.accounts = map[string]string{}
		for _, x := range all {
			s.claims.accounts[x.Guid] = x.Number
		}
	}
	return orElse(s.claims.accounts[a.Guid], a.Name), nil
}

// tripTime is a time of a journey as it is written there, without its zone.
func tripTime(text string) string {
	if len(text) < len(hub.TripTime) {
		return text
	}
	return text[:len(hub.TripTime)]
}

// claimFiles reads the claim's PDF and all receipts, as far as the settings want them.
// Severa makes its PDF anew each time.
func (d *Driver) claimFiles(ctx context.Context, doc *hub.Document, item claimItem) error {
	goes, c := d.client.env.Kinds[hub.TravelInvoice].Files.Goes, d.claimClient()
	if goes == hub.FilesNone {
		return nil
	}
	if goes != hub.FilesOnly {
		b, err := c.file(ctx, "/v1/travelreimbursements/"+url.PathEscape(item.claim.Guid)+"/pdf", nil, maxFile)
		if err != nil && !errors.Is(err, errGone) {
			return err
		}
		if err == nil && len(b) > 0 {
			doc.Attachments = append(doc.Attachments, hub.Attachment{Name: "matkalasku-" + doc.Number + ".pdf", MIME: "application/pdf", Image: true, Of: "claim",
				Size: int64(len(b)), Hash: hub.HashOf(b), Content: b})
		}
	}
	if goes == hub.FilesImage {
		return nil
	}
	for _, r := range item.rows {
		if r.Files == 0 {
			continue
		}
		all, err := listRows(ctx, c, "/v1/projecttravelexpenses/"+url.PathEscape(r.Guid)+"/files", nil, func(f *file) string { return f.Guid })
		if err != nil && !errors.Is(err, errGone) {
			return err
		}
		for _, f := range all {
			b, err := c.file(ctx, "/v1/files/"+url.PathEscape(f.FileGuid)+"/filedata", nil, maxFile)
			if err != nil && !errors.Is(err, errGone) {
				return err
			}
			a := hub.Attachment{Name: f.Name, MIME: f.Type}
			if err == nil {
				a.Size, a.Hash, a.Content = int64(len(b)), hub.HashOf(b), b
			}
			doc.Attachments = append(doc.Attachments, a)
		}
	}
	return nil
}

// reportClaim compares the status of a claim with the one after the transfer. What was
// paid has no place there.
func (d *Driver) reportClaim(ctx context.Context, guid string, r hub.Report) (rep source.Reporting, err error) {
	c := d.tellingClaims()
	var raw json.RawMessage
	var x claim
	err = c.get(ctx, "/v1/travelreimbursements/"+url.PathEscape(guid), nil, &raw)
	if errors.Is(err, errGone) {
		return rep, fmt.Errorf("%w: the travel invoice is not in Severa any more", source.ErrRefused)
	}
	if err == nil {
		err = parse("/v1/travelreimbursements", raw, &x)
	}
	if err != nil {
		return rep, err
	}
	before, after, err := d.claimStatuses(ctx, c)
	if err != nil {
		return rep, err
	}
	rep.Shown, rep.Says = raw, said(x.Status.Name, "")
	if !r.Arrived || after == "" || x.Status.Guid == after {
		return rep, nil
	}
	rep.Would = said(d.option["travel_status_after"], "")
	if x.Status.Guid != before {
		rep.Fault = new(hub.NewFault(hub.ReportLeft, "", x.Status.Name, "now", words(rep.Says), "would", words(rep.Would)).Warn())
		return rep, nil
	}
	rep.Body, err = json.Marshal([]edit{replace(statusOfClaim, after)})
	return rep, err
}

// tellClaim replaces the status of a claim.
func (d *Driver) tellClaim(ctx context.Context, guid string, body []byte) (rep source.Reporting, err error) {
	var raw json.RawMessage
	if err := d.tellingClaims().write(ctx, http.MethodPatch, "/v1/travelreimbursements/"+url.PathEscape(guid), json.RawMessage(body), &raw); err != nil {
		return rep, err
	}
	rep.Body, rep.Shown = body, raw
	var edits []edit
	if err := json.Unmarshal(body, &edits); err != nil {
		return rep, err
	}
	var list []claim
	if unshown := parse("/v1/travelreimbursements", raw, &list); unshown != nil || len(edits) != 1 {
		return rep, nil //nolint:nilerr // taken, and not shown: it is looked at
	}
	for _, x := range list {
		if x.Guid == guid && x.Status.Guid == edits[0].Value {
			rep.Body, rep.Says = nil, said(x.Status.Name, "")
		}
	}
	return rep, nil
}

func (d *Driver) tellingClaims() *client {
	if d.back.claims == nil {
		d.back.claims = d.client.with(claimTelling)
	}
	return d.back.claims
}
