package store

import "fmt"

// MaxChosen bounds how many documents a person has chosen at once: what can be
// looked through, added up and sent in one go.
const MaxChosen = 5000

// Choose adds documents to those that a person has chosen, as far as [MaxChosen].
func (tx *Tx) Choose(person string, ids []string) error {
	c := &chooser{dialect: tx.Dialect()}
	p := c.arg(person)
	_, err := tx.Exec(`insert into chosen (person, transfer) select `+p+`, id from transfer where kind = 'document' and `+inList(c, "id", ids)+`
		and (select count(*) from chosen where person = `+p+`) + `+c.arg(len(ids))+` <= `+fmt.Sprint(MaxChosen)+` on conflict do nothing`, c.args...)
	return err
}

// ChooseAll chooses all documents of a filter and no others: the newest
// [MaxChosen]. more says that there are more.
func (tx *Tx) ChooseAll(person string, f TransferFilter) (more bool, err error) {
	f.Partners, f.Limit, f.After = false, 0, ""
	if err := tx.ChooseNone(person); err != nil {
		return false, err
	}
	c, by, err := tx.listed(&f)
	if err != nil {
		return false, err
	}
	where, args := c.where(), c.args
	if _, err := tx.Exec(`insert into chosen (person, transfer) select `+c.arg(person)+`, id from transfer`+tx.Dialect().by(by)+` where `+where+
		` order by day desc, id desc limit `+c.arg(MaxChosen), c.args...); err != nil {
		return false, err
	}
	c.args = args
	n := 0
	err = tx.QueryRow(`select count(*) from (select id from transfer`+tx.Dialect().by(by)+` where `+where+` limit `+c.arg(MaxChosen+1)+`) found`, c.args...).Scan(&n)
	return n > MaxChosen, err
}

// Unchoose takes documents out of those that a person has chosen.
func (tx *Tx) Unchoose(person string, ids []string) error {
	c := &chooser{dialect: tx.Dialect()}
	_, err := tx.Exec(`delete from chosen where person = `+c.arg(person)+` and `+inList(c, "transfer", ids), c.args...)
	return err
}

// ChooseNone lets all go that a person has chosen.
func (tx *Tx) ChooseNone(person string) error {
	_, err := tx.Exec(`delete from chosen where person = $1`, person)
	return err
}

// Chosen returns what a person has chosen, in the order of the list.
func (tx *Tx) Chosen(person string) (ids []string, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, `select t.id from chosen c cross join transfer t where t.id = c.transfer and c.person = $1 order by t.day desc, t.id desc`, person)
	return ids, err
}

// SumChosen adds up what a person has chosen.
func (tx *Tx) SumChosen(person string) (n int, sums []Sum, err error) {
	up := sumUp{}
	err = tx.Each(func(scan func(...any) error) error {
		var s summand
		if err := s.scan(scan); err != nil {
			return err
		}
		n++
		up.add(s)
		return nil
	}, `select `+summandColumns+` from chosen c cross join transfer t where t.id = c.transfer and c.person = $1`, person)
	return n, up.sorted(), err
}
