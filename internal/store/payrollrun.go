package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vienti/vienti/internal/hub"
)

// A PayrollRun is a payroll run as lists show it: its journals with where they stand,
// and nothing of what is in them.
type PayrollRun struct {
	ID        string // of the run at its source
	Reference string
	Ordinary  hub.Month
	Journals  []PayrollPart // by period
}

// A PayrollPart is the journal of one period of a run.
type PayrollPart struct {
	hub.Transfer
	Period hub.Month
	source string
}

// PayrollRuns are the runs of a connection, the newest first.
func (tx *Tx) PayrollRuns(connection string) ([]PayrollRun, error) {
	return tx.payrollRuns(connection, "")
}

// PayrollRun is one run of a connection, by its id at its source.
func (tx *Tx) PayrollRun(connection, id string) (PayrollRun, error) {
	runs, err := tx.payrollRuns(connection, id)
	if err == nil && (len(runs) == 0 || id == "") {
		err = ErrNotFound
	}
	if err != nil {
		return PayrollRun{}, err
	}
	return runs[0], nil
}

func (tx *Tx) payrollRuns(connection, only string) (runs []PayrollRun, err error) {
	whose, source := map[string]string{}, map[string]string{}
	if err := tx.Each(func(scan func(...any) error) error {
		var id, of, run string
		err := scan(&id, &of, &run)
		whose[id], source[id] = run, of
		return err
	}, `select id, source_id, claim from document where connection = $1 and claim <> '' and ($2 = '' or claim = $2)`, connection, only); err != nil {
		return nil, err
	}
	at := map[string]int{}
	if err := tx.Each(func(scan func(...any) error) error {
		t, err := scanTransfer(scan)
		run, ok := whose[t.Subject]
		if err != nil || !ok {
			return err
		}
		n, known := at[run]
		if !known {
			n = len(runs)
			at[run] = n
			runs = append(runs, PayrollRun{ID: run, Reference: t.Number})
		}
		p := PayrollPart{Transfer: t, source: source[t.Subject], Period: hub.PeriodOf(run, source[t.Subject], t.Date)}
		runs[n].Journals = append(runs[n].Journals, p)
		runs[n].Ordinary = max(runs[n].Ordinary, p.Period)
		return nil
	}, `select `+transferColumns+` from transfer where connection = $1 and doc_kind = $2 and kind = 'document' and direction = 'in'
		and ($3 = '' or subject in (select id from document where connection = $1 and claim = $3))`, connection, string(hub.PayrollJournal), only); err != nil {
		return nil, err
	}
	for i := range runs {
		slices.SortFunc(runs[i].Journals, func(a, b PayrollPart) int {
			return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(len(a.source), len(b.source)), strings.Compare(a.source, b.source))
		})
	}
	slices.SortFunc(runs, func(a, b PayrollRun) int {
		return cmp.Or(cmp.Compare(b.Ordinary, a.Ordinary), strings.Compare(b.Reference, a.Reference), strings.Compare(b.ID, a.ID))
	})
	return runs, nil
}
