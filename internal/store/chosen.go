package store

import "fmt"

// MaxChosen bounds how many documents a person has chosen at once: what can be
// looked through, added up and sent in one go.
const MaxChosen = 5000

// Choose adds documents to those that a person has chosen, as far as [MaxChosen].
func (tx *Tx) Choose(person string, ids []string) error {
	c := &chooser{dialect: tx.Dialect()}
	p := c.arg(person)
	_, err := tx.Exec(`insert into chosen (person, transfer) select `+p+`, id from transfer where kind = 'document' and direction = 'in' and `+inList(c, "id", ids)+`
		and (select count(*) from chosen where person = `+p+`) + `+c.arg(len(ids))+` <= `+fmt.Sprint(MaxChosen)+` on conflict do nothing`, c.args...)
	return err
}

// ChooseAll chooses all documents of a filter and no others: the newest
// [MaxChosen]. more says that there are more.
func (tx *Tx) ChooseAll(person string, f TransferFilter) (more bool, err error) {
	f.Partners, f.After = false, ""
	if err := tx.ChooseNone(person); err != nil {
		return false, err
	}
	for chosen := 0; ; {
		list, next, err := tx.Page(f)
		if err != nil {
			return false, err
		}
		more := len(list) > MaxChosen-chosen
		var ids []string
		for i := range list[:min(len(list), MaxChosen-chosen)] {
			ids = append(ids, list[i].ID)
		}
		if err := tx.Choose(person, ids); err != nil {
			return false, err
		}
		if chosen += len(ids); more || next == "" {
			return more, nil
		}
		f.After = next
	}
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
