package store

import "github.com/vienti/vienti/internal/hub"

// RunsWaiting are the keys of the payroll runs of a company of which a journal waits for
// the others; see [hub.RunKey].
func (tx *Tx) RunsWaiting(company string) (keys []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		keys = append(keys, key)
		return err
	}, `select distinct waits_for from transfer where company = $1 and waits_for <> '' and waits_for >= $2 and waits_for < $3 order by waits_for`,
		company, hub.RunKey("", ""), hub.RunKey("~", ""))
	return keys, err
}

// TransfersOfRun are those of the journals of a payroll run, by its id in its source, in
// the order of their days.
func (tx *Tx) TransfersOfRun(connection, run string) (list []hub.Transfer, err error) {
	var subjects []string
	rows, err := tx.DocumentsOfClaim(connection, run)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	for _, row := range rows {
		subjects = append(subjects, row.ID)
	}
	c := &chooser{dialect: tx.Dialect()}
	err = tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		list = append(list, t)
		return err
	}, `select `+transferColumns+` from transfer where kind = 'document' and direction = 'in' and `+inList(c, "subject", subjects)+` order by date, id`, c.args...)
	return list, err
}

// twinRun returns a journal of another payroll run, perhaps of another connection, that is
// in Procountor or on its way there under the same name, for the same day: the run came by
// two ways.
func (tx *Tx) twinRun(t *hub.Transfer) (hub.Transfer, error) {
	return scanTransfer(tx.QueryRow(`select `+transferColumns+` from transfer where id = (select t.id from journal_document j
		cross join transfer t where j.company = $1 and j.number = $2 and j.state = 'in' and j.document <> $3
		and t.company = j.company and t.kind = 'document' and t.direction = 'in' and t.subject = j.document and t.doc_kind = 'payroll_journal' and t.date = $4
		and not exists (select 1 from document o join document d on d.connection = o.connection and d.claim = o.claim where o.id = j.document and d.id = $3)
		order by t.id limit 1)`, t.Company, t.Number, t.Subject, t.Date).Scan)
}
