package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/procountor"
)

// This file makes and writes over employees in the register of persons. By what the
// state knows a person is nowhere but in the requests themselves.

// sendNewPerson makes an employee.
func sendNewPerson(ctx context.Context, c *procountor.Client, o Order) Outcome {
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPost, Path: "/persons", Body: o.Body})
	if err != nil {
		return failed(err)
	}
	var p procountor.Person
	if err := json.Unmarshal(res.Body, &p); err != nil || p.ID == 0 {
		return unclear(nil)
	}
	return Outcome{Verdict: Proved, PartnerID: p.ID, Answer: anonymous(res.Body)}
}

// lookNewPerson searches the register for who was meant: the same number and the same
// names.
func lookNewPerson(ctx context.Context, c *procountor.Client, o Order) Outcome {
	var meant procountor.Person
	if err := json.Unmarshal(o.Body, &meant); err != nil {
		return lookFailed(err)
	}
	var alike []int64
	for p, err := range c.Persons.List(ctx, procountor.PersonFilter{Number: meant.InvoicingInfo.PersonNumber, IncludeInactive: new(true)}) {
		if err != nil {
			return lookFailed(err)
		}
		if p.FirstName == meant.FirstName && p.LastName == meant.LastName {
			alike = append(alike, p.ID)
		}
	}
	var hits []int64
	for _, id := range alike { // a part of a number finds it too, and the list need not show numbers
		p, err := c.Persons.Entry(ctx, id)
		if err != nil {
			return lookFailed(err)
		}
		if p.InvoicingInfo.PersonNumber == meant.InvoicingInfo.PersonNumber {
			hits = append(hits, id)
		}
	}
	switch len(hits) {
	case 0:
		return Outcome{Verdict: Untouched}
	case 1:
		return Outcome{Verdict: Proved, PartnerID: hits[0]}
	}
	name := strings.TrimSpace(meant.FirstName + " " + meant.LastName)
	return foreign(hub.NewFault(hub.PartnerAmbiguous, "", name, "name", name, "count", strconv.Itoa(len(hits))))
}

// sendPerson writes an employee's entry as a whole. What identifies the person is read a
// moment before and put back, for Procountor takes what is sent as the whole entry; an
// entry that has moved since it was compared is not written over.
func sendPerson(ctx context.Context, c *procountor.Client, o Order) Outcome {
	id := o.Step.Detail.Card.Partner
	now, err := c.Persons.Entry(ctx, id)
	if err != nil {
		out := failed(err)
		if out.Verdict == Unclear { // it was only read
			return withFault(out, Untouched, false, hub.NewFault(hub.ProcountorBroken, "", "", "reason", "read"))
		}
		return out
	}
	edited := hub.NewFault(hub.PartnerEdited, "", "")
	if now.Version.String() != o.Step.Detail.Version {
		return Outcome{Verdict: Untouched, Fault: &edited}
	}
	body, err := identify(o.Body, now.JSON)
	if err != nil {
		f := hub.NewFault(hub.AnswerUnclear, "", "")
		return Outcome{Verdict: Refused, Fault: &f}
	}
	res, err := c.Do(ctx, procountor.Request{Method: http.MethodPut, Path: personPath(id), Body: body})
	if err != nil {
		if e, ok := errors.AsType[*procountor.Error](err); ok {
			err = withoutSecrets(e, secretsIn(now.JSON))
		}
		out := failed(err)
		if e, ok := errors.AsType[*procountor.Error](err); ok && out.Verdict == Refused && (stale(e) || e.Class == procountor.Conflict) {
			return withFault(out, Untouched, false, edited)
		}
		return out
	}
	var saved procountor.Person
	if err := json.Unmarshal(res.Body, &saved); err != nil || saved.ID != id {
		return unclear(nil)
	}
	if f := personNotAsMeant(o, &saved); f != nil {
		return Outcome{Verdict: Foreign, Fault: f, Answer: anonymous(res.Body)}
	}
	return Outcome{Verdict: Proved, Person: &saved, Answer: anonymous(res.Body)}
}

// lookPerson is [lookCard] for an employee.
func lookPerson(ctx context.Context, c *procountor.Client, o Order) Outcome {
	now, err := c.Persons.Entry(ctx, o.Step.Detail.Card.Partner)
	if errors.Is(err, procountor.NotFound) {
		return Outcome{Verdict: Untouched}
	}
	if err != nil {
		return lookFailed(err)
	}
	if personNotAsMeant(o, &now.Person) != nil {
		return Outcome{Verdict: Untouched}
	}
	return Outcome{Verdict: Proved, Person: &now.Person, Answer: anonymous(now.JSON)}
}

func personNotAsMeant(o Order, saved *procountor.Person) *hub.Fault {
	var sent procountor.Person
	if err := json.Unmarshal(o.Body, &sent); err != nil {
		f := hub.NewFault(hub.AnswerUnclear, "", "")
		return &f
	}
	return differs(o, func(f hub.CardField) (meant, is string) { return personField(&sent, f), personField(saved, f) })
}

func personField(p *procountor.Person, f hub.CardField) string {
	switch f {
	case hub.CardNumber:
		return p.InvoicingInfo.PersonNumber
	case hub.CardEmail:
		return p.RegistryInfo.Email
	case hub.CardAddress:
		if a := p.DeliveryAddress; a != nil {
			return strings.Join([]string{a.Street, a.Zip, a.City, string(a.Country)}, ", ")
		}
		return ""
	}
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

func personPath(id int64) string { return "/persons/" + strconv.FormatInt(id, 10) }

// identify puts what identifies the person of an entry, as it was read now, into the
// bytes that are kept of a write.
func identify(body, entry []byte) ([]byte, error) {
	there := invoicingInfo(entry)
	return withInvoicingInfo(body, func(info map[string]json.RawMessage) {
		for _, name := range procountor.PersonIdentity {
			if v, ok := there[name]; ok {
				info[name] = v
			}
		}
	})
}

// anonymous is an answer without what identifies a person, nil where it cannot be read.
func anonymous(answer []byte) []byte {
	b, err := withInvoicingInfo(answer, func(info map[string]json.RawMessage) {
		for _, name := range procountor.PersonIdentity {
			delete(info, name)
		}
	})
	if err != nil {
		return nil
	}
	return b
}

func withInvoicingInfo(body []byte, change func(info map[string]json.RawMessage)) ([]byte, error) {
	root := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &root); err != nil {
		return nil, err
	}
	info := invoicingInfo(body)
	change(info)
	b, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	root["invoicingInfo"] = b
	return json.Marshal(root)
}

// invoicingInfo are the members of an entry's part of that name.
func invoicingInfo(entry []byte) map[string]json.RawMessage {
	var e struct {
		Info map[string]json.RawMessage `json:"invoicingInfo"`
	}
	if json.Unmarshal(entry, &e) != nil || e.Info == nil {
		return map[string]json.RawMessage{}
	}
	return e.Info
}

// secretsIn are the texts in an entry that identify the person: an error may repeat one.
func secretsIn(entry []byte) (list []string) {
	info := invoicingInfo(entry)
	for _, name := range procountor.PersonIdentity {
		var s string
		if json.Unmarshal(info[name], &s) == nil && s != "" {
			list = append(list, s)
		}
	}
	return list
}

// withoutSecrets is an error that repeats none of the secrets.
func withoutSecrets(e *procountor.Error, secrets []string) *procountor.Error {
	clean := *e
	hide := func(s string) string {
		for _, secret := range secrets {
			s = strings.ReplaceAll(s, secret, "…")
		}
		return s
	}
	clean.Body, clean.Fields = hide(e.Body), nil
	for _, f := range e.Fields {
		f.Message = hide(f.Message)
		clean.Fields = append(clean.Fields, f)
	}
	return &clean
}
