package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/posting"
	"github.com/vienti/vienti/internal/sheet"
)

// A proposalsView offers rules that a person may take over.
type proposalsView struct {
	page
	mapped
	List    []proposalRow
	Unknown []posting.SourceAccount
	Fault   string
}

// A proposalRow is a proposed rule; Value is the rule as the form sends it back.
type proposalRow struct {
	Value, Source, Account, Confidence, Reason string
	Tone                                       tone
}

// heldProposals proposes for the accounts that documents wait for.
func (s *Server) heldProposals(w http.ResponseWriter, r *http.Request, v visit) error {
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	source, err := s.o.Engine.HeldAccounts(r.Context(), m.Connection.ID)
	if err != nil {
		return err
	}
	return s.showProposals(w, r, v, m, source)
}

// chartProposals proposes for a chart of accounts that is handed in. It changes
// nothing.
func (s *Server) chartProposals(w http.ResponseWriter, r *http.Request, v visit) error {
	m, b, _, fault, err := s.uploaded(r, v, "chart")
	switch {
	case err != nil:
		return err
	case fault != "":
		return s.showMap(w, r, v, http.StatusUnprocessableEntity, mapView{mapped: m, Fault: fault})
	}
	source, err := posting.ReadChart(b)
	var wrong sheet.Faults
	switch {
	case errors.As(err, &wrong):
		return s.showMap(w, r, v, http.StatusUnprocessableEntity, mapView{mapped: m, Table: tableFaults(v.say, wrong)})
	case err != nil:
		return err
	}
	return s.showProposals(w, r, v, m, source)
}

func (s *Server) showProposals(w http.ResponseWriter, r *http.Request, v visit, m mapped, source []posting.SourceAccount) error {
	rules := m.Connection.Settings.Accounts
	proposals := posting.Propose(source, m.Registers.Accounts, rules)
	view := proposalsView{mapped: m, Unknown: posting.Unknown(source, proposals, rules)}
	for _, p := range proposals {
		value, err := json.Marshal(p.Rule)
		if err != nil {
			return err
		}
		row := proposalRow{Value: string(value), Source: strings.TrimSpace(p.Rule.Source + " " + p.Rule.Name),
			Account: strings.TrimSpace(p.Rule.Account + " " + m.Registers.AccountName(p.Rule.Account)),
			Tone:    map[string]tone{"high": toneGood, "medium": toneBusy}[p.Reason.Confidence()]}
		row.Confidence, row.Reason = ProposalWords(v.say, p.Reason)
		view.List = append(view.List, row)
	}
	var err error
	if view.page, err = s.page(r, v, v.say.T("accounts.proposals")+" · "+m.Connection.Name, "companies", scopeOf(m.Place)); err != nil {
		return err
	}
	view.URL = m.path("")
	return s.show(w, r, http.StatusOK, proposalsPage(view))
}

// takeProposals adds the rules that were ticked, and no others.
func (s *Server) takeProposals(w http.ResponseWriter, r *http.Request, v visit) error {
	from, err := base(r)
	if err != nil {
		return err
	}
	m, err := s.mapped(r, v)
	if err != nil {
		return err
	}
	rules := slices.Clone(m.Connection.Settings.Accounts)
	for _, value := range r.PostForm["take"] {
		var rule hub.AccountRule
		if json.Unmarshal([]byte(value), &rule) != nil || len(rule.Faults()) > 0 {
			return errBadRequest
		}
		rules = append(rules, rule)
	}
	if len(rules) == len(m.Connection.Settings.Accounts) {
		s.say(r.Context(), false, v.say.T("accounts.none-ticked"))
		return back(w, r, m.path(""))
	}
	_, err = s.saveMap(w, r, v, m, from, rules)
	return err
}

// ruleForSeen is the address of the form of a rule for rows that were seen.
func (m mapped) ruleForSeen(s *posting.Seen) string {
	q := url.Values{}
	if len(s.Samples) > 0 {
		q.Set("document", s.Samples[0].Transfer)
		q.Set("line", strconv.Itoa(s.Samples[0].Line))
	}
	return m.path("/rule?" + q.Encode())
}

// newRule is the address of the form of a rule for an account of the source.
func (m mapped) newRule(a posting.SourceAccount) string {
	q := url.Values{"source": {a.Code}}
	switch {
	case a.Payroll && !a.Sales && !a.Purchases:
		q.Set("side", "payroll")
	case a.Sales && !a.Purchases:
		q.Set("side", "sales")
	case a.Purchases && !a.Sales:
		q.Set("side", "purchases")
	}
	return m.path("/rule?" + q.Encode())
}
