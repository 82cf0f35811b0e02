package store

import "github.com/vienti/vienti/internal/hub"

// OpenTasks says what the newest plan of a transfer asks of a person: one task
// for each code. What has been marked done for that plan stays so.
func (tx *Tx) OpenTasks(t *hub.Transfer, codes []string) error {
	if _, err := tx.Exec(`delete from task where transfer = $1 and plan = $2 and done_at = 0`, t.ID, t.Plan); err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := tx.Exec(`insert into task (transfer, plan, code, done_by, done_at, note) values ($1,$2,$3,'',0,'')
			on conflict (transfer, plan, code) do nothing`, t.ID, t.Plan, code); err != nil {
			return err
		}
	}
	return nil
}

// TasksOf returns what the newest plan of a transfer asks of a person, done or not.
func (tx *Tx) TasksOf(t *hub.Transfer) (list []hub.Task, err error) {
	if t.State != hub.DoneWithWarning {
		return nil, nil
	}
	err = tx.Each(func(scan func(...any) error) error {
		k := hub.Task{Transfer: t.ID, Plan: t.Plan}
		var done int64
		err := scan(&k.Code, &k.DoneBy, &done, &k.Note)
		k.DoneAt = momentOf(done)
		list = append(list, k)
		return err
	}, `select code, done_by, done_at, note from task where transfer = $1 and plan = $2 order by code`, t.ID, t.Plan)
	return list, err
}

// SaveTask stores whether a task is done, by whom and when. One that was done, or
// open, already is [ErrNotFound]: somebody was quicker.
func (tx *Tx) SaveTask(k hub.Task) error {
	return tx.ExecOne(`update task set done_by = $4, done_at = $5, note = $6 where transfer = $1 and plan = $2 and code = $3
		and (done_at = 0) = (cast($5 as bigint) <> 0)`, k.Transfer, k.Plan, k.Code, k.DoneBy, moment(k.DoneAt), k.Note)
}
