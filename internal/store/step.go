package store

import (
	"github.com/vienti/vienti/internal/hub"
)

const stepColumns = `id, transfer, plan, seq, kind, state, attempt, key, request, answer, detail, intended_at, ended_at, looked_at, looks, fault`

func scanStep(scan func(...any) error) (s hub.Step, err error) {
	var kind, state, detail, fault string
	var intended, ended, looked int64
	if err := scan(&s.ID, &s.Transfer, &s.Plan, &s.Seq, &kind, &state, &s.Attempt, &s.Key, &s.Request, &s.Answer, &detail,
		&intended, &ended, &looked, &s.Looks, &fault); err != nil {
		return s, err
	}
	s.Kind, s.State = hub.StepKind(kind), hub.StepState(state)
	s.IntendedAt, s.EndedAt, s.LookedAt = momentOf(intended), momentOf(ended), momentOf(looked)
	if err := fromJSON(detail, &s.Detail); err != nil {
		return s, err
	}
	if fault != "" {
		s.Fault = new(hub.Fault)
		err = fromJSON(fault, s.Fault)
	}
	return s, err
}

func stepTexts(s *hub.Step) (detail, fault string, err error) {
	if detail, err = toJSON(s.Detail); err != nil {
		return "", "", err
	}
	if s.Fault != nil {
		fault, err = toJSON(s.Fault)
	}
	return detail, fault, err
}

// InsertStep stores a new step and gives it its id.
func (tx *Tx) InsertStep(s *hub.Step) error {
	detail, fault, err := stepTexts(s)
	if err != nil {
		return err
	}
	s.ID = tx.store.NewID()
	_, err = tx.Exec(`insert into step (`+stepColumns+`) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`,
		s.ID, s.Transfer, s.Plan, s.Seq, string(s.Kind), string(s.State), s.Attempt, s.Key, s.Request, s.Answer, detail,
		moment(s.IntendedAt), moment(s.EndedAt), moment(s.LookedAt), s.Looks, fault)
	return err
}

// SaveStep stores s, whose state was from when it was read. It is an error if it
// has another state by now.
func (tx *Tx) SaveStep(s *hub.Step, from hub.StepState) error {
	detail, fault, err := stepTexts(s)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update step set state=$2, attempt=$3, key=$4, request=$5, answer=$6, detail=$7, intended_at=$8, ended_at=$9,
		looked_at=$10, looks=$11, fault=$12 where id=$1 and state=$13`,
		s.ID, string(s.State), s.Attempt, s.Key, s.Request, s.Answer, detail, moment(s.IntendedAt), moment(s.EndedAt),
		moment(s.LookedAt), s.Looks, fault, string(from))
}

// FileSteps returns the proved steps by which transfers have sent files, in the order of
// the plans; and how many files the sources of their documents have handed over, by document.
func (tx *Tx) FileSteps(transfers []hub.Transfer) (steps map[string][]hub.Step, handed map[string]int, err error) {
	var ids, subjects []string
	for i := range transfers {
		ids, subjects = append(ids, transfers[i].ID), append(subjects, transfers[i].Subject)
	}
	steps, handed = map[string][]hub.Step{}, map[string]int{}
	c := &chooser{dialect: tx.Dialect()}
	if err := tx.Each(func(scan func(...any) error) error {
		s, err := scanStep(scan)
		steps[s.Transfer] = append(steps[s.Transfer], s)
		return err
	}, `select `+stepColumns+` from step where kind = 'attach' and state = 'proved' and `+inList(c, "transfer", ids)+` order by transfer, plan, seq`, c.args...); err != nil {
		return nil, nil, err
	}
	c = &chooser{dialect: tx.Dialect()}
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		var n int
		err := scan(&id, &n)
		handed[id] = n
		return err
	}, `select document, count(*) from document_file where `+inList(c, "document", subjects)+` group by document`, c.args...)
	return steps, handed, err
}

// Steps returns the steps of one plan of a transfer in order; plan 0 means all plans.
func (tx *Tx) Steps(transfer string, plan int) (list []hub.Step, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		s, err := scanStep(scan)
		list = append(list, s)
		return err
	}, `select `+stepColumns+` from step where transfer = $1 and ($2 = 0 or plan = $2) order by plan, seq`, transfer, plan)
	return list, err
}

// StepByKey finds the step whose mark carries key. Only the newest attempt has it.
func (tx *Tx) StepByKey(key string) (hub.Step, error) {
	return scanStep(tx.QueryRow(`select `+stepColumns+` from step where key = $1 and key <> ''`, key).Scan)
}
