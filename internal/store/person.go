package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
)

const (
	personColumns = "id, login, name, role, kinds, payroll, language, disabled, created, sessions_since, no_mail"

	// setupTime is how long the token of the first start lets someone in.
	setupTime = 24 * time.Hour

	// linkTime is how long a link lets a person choose a password: over a weekend.
	linkTime = 3 * 24 * time.Hour
)

// ErrSetup says that a setup token is wrong, used or too old, or that there are users already.
var ErrSetup = errors.New("the setup token is not valid")

// ErrLastAdmin keeps the door open.
var ErrLastAdmin = errors.New("this is the last administrator who can sign in")

// ErrLink says that a link for choosing a password is wrong, used or too old.
var ErrLink = errors.New("the link is not valid")

// scanPerson reads a user but for the roles in single companies: see [Tx.person].
func scanPerson(scan func(...any) error, more ...any) (u people.User, err error) {
	var role, kinds, noMail string
	var created, since int64
	err = scan(append([]any{&u.ID, &u.Login, &u.Name, &role, &kinds, &u.Payroll, &u.Language, &u.Disabled, &created, &since, &noMail}, more...)...)
	u.Role, u.Created, u.SessionsSince = people.Role(role), instant(created), instant(since)
	u.Kinds, u.NoMail = kindsIn(kinds), strings.Fields(noMail)
	return u, err
}

// kindsIn reads what kindText has written; "" is all.
func kindsIn(text string) (kinds []hub.Kind) {
	for _, k := range strings.Fields(text) {
		kinds = append(kinds, hub.Kind(k))
	}
	return kinds
}

func kindText(kinds []hub.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, " ")
}

// person reads one user with the roles in single companies.
func (tx *Tx) person(where string, arg any, more ...any) (u people.User, err error) {
	if u, err = scanPerson(tx.QueryRow("select "+personColumns+where, arg).Scan, more...); err != nil {
		return u, err
	}
	if u.Role == people.ByCompany {
		err = tx.companyRoles(map[string]*people.User{u.ID: &u}, " where person = $1", u.ID)
	}
	return u, err
}

// companyRoles adds to users their roles in single companies.
func (tx *Tx) companyRoles(users map[string]*people.User, where string, args ...any) error {
	return tx.Each(func(scan func(...any) error) error {
		var person, company, role string
		if err := scan(&person, &company, &role); err != nil {
			return err
		}
		if u := users[person]; u != nil {
			if u.Companies == nil {
				u.Companies = map[string]people.Role{}
			}
			u.Companies[company] = people.Role(role)
		}
		return nil
	}, "select person, company, role from person_company"+where, args...)
}

// setCompanyRoles stores the roles of a user in single companies over those that are there.
func (tx *Tx) setCompanyRoles(u people.User) error {
	if _, err := tx.Exec("delete from person_company where person = $1", u.ID); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(u.Companies)) {
		if _, err := tx.Exec("insert into person_company (person, company, role) values ($1, $2, $3)", u.ID, id, string(u.Companies[id])); err != nil {
			return fmt.Errorf("role in %s: %w", id, err)
		}
	}
	return nil
}

// AddPerson stores a new user and gives the id. Without a password nobody can
// sign in as the user. A login that is taken is an error for which [IsDuplicate] is true.
func (tx *Tx) AddPerson(u people.User, password secret.Secret) (people.User, error) {
	u.ID, u.Created = tx.store.NewID(), instant(millis(tx.Now()))
	u.SessionsSince = u.Created
	if err := u.Check(); err != nil {
		return u, err
	}
	hash := ""
	if !password.IsZero() {
		if err := people.CheckPassword(u.Login, password); err != nil {
			return u, err
		}
		hash = people.HashPassword(password)
	}
	_, err := tx.Exec("insert into person ("+personColumns+", password) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		u.ID, u.Login, u.Name, string(u.Role), kindText(u.Kinds), u.Payroll, u.Language, u.Disabled, millis(u.Created), millis(u.SessionsSince), strings.Join(u.NoMail, " "), hash)
	if err == nil {
		err = tx.setCompanyRoles(u)
	}
	if err != nil {
		return u, fmt.Errorf("add user: %w", err)
	}
	return u, nil
}

// Person returns a user by id, or [ErrNotFound].
func (tx *Tx) Person(id string) (people.User, error) {
	return tx.person(" from person where id = $1", id)
}

// HoldPerson keeps what a person may, and who stands in for them, as it is until this
// transaction ends: what is decided by it cannot be outrun. Of nobody it holds nothing.
func (tx *Tx) HoldPerson(id string) error {
	if tx.Dialect() == SQLite {
		return nil // one writer at a time
	}
	_, err := tx.Exec("select 1 from person where id = $1 for share", id)
	return err
}

// People returns all users by name.
func (tx *Tx) People() (all []people.User, err error) {
	if err := tx.Each(func(scan func(...any) error) error {
		u, err := scanPerson(scan)
		all = append(all, u)
		return err
	}, "select "+personColumns+" from person order by name, login"); err != nil {
		return nil, err
	}
	byID := map[string]*people.User{}
	for i := range all {
		if all[i].Role == people.ByCompany {
			byID[all[i].ID] = &all[i]
		}
	}
	if len(byID) == 0 {
		return all, nil
	}
	return all, tx.companyRoles(byID, "")
}

// PersonByLogin returns the user with a login and what is stored of the password,
// for [people.VerifyPassword]. Without such a user it is [ErrNotFound] and an
// empty hash, which must be verified all the same so that both take as long;
// verify outside a transaction, since that takes 25 ms.
func (tx *Tx) PersonByLogin(login string) (u people.User, hash string, err error) {
	u, err = tx.person(", password from person where login = $1", people.NormalLogin(login), &hash)
	return u, hash, err
}

// SetPerson stores login, name, rights, language and whether the user may sign in.
// When rights or disabled change, sessions begun before end. The last administrator
// of all companies cannot be taken away.
func (tx *Tx) SetPerson(u people.User) error {
	if err := u.Check(); err != nil {
		return err
	}
	was, err := tx.person(" from person where id = $1"+tx.Dialect().forUpdate(), u.ID)
	if err != nil {
		return fmt.Errorf("change user: %w", err)
	}
	since := was.SessionsSince
	if !was.SameReach(u) || was.Disabled != u.Disabled {
		since = tx.Now()
		if err := tx.keepsAdmin(was, u); err != nil {
			return err
		}
	}
	if u.Disabled {
		if err := tx.endLink(u.ID); err != nil {
			return err
		}
	}
	err = tx.ExecOne("update person set login = $2, name = $3, role = $4, kinds = $5, language = $6, disabled = $7, sessions_since = $8, no_mail = $9, payroll = $10 where id = $1",
		u.ID, u.Login, u.Name, string(u.Role), kindText(u.Kinds), u.Language, u.Disabled, millis(since), strings.Join(u.NoMail, " "), u.Payroll)
	if err == nil && !was.SameReach(u) {
		err = tx.setCompanyRoles(u)
	}
	if err != nil {
		return fmt.Errorf("change user: %w", err)
	}
	return nil
}

func (tx *Tx) keepsAdmin(was, will people.User) error {
	if !was.Can(people.SetPeople, "", "") || will.Can(people.SetPeople, "", "") {
		return nil
	}
	// Two administrators who remove each other at the same moment meet here. Who
	// has not chosen a password yet cannot sign in, and does not count.
	admins := 0
	if err := tx.Each(func(scan func(...any) error) error { admins++; return scan(new(string)) },
		"select id from person where role = $1 and disabled = false and password <> '' and id <> $2 order by id"+tx.Dialect().forUpdate(),
		string(people.Admin), was.ID); err != nil {
		return err
	}
	if admins < 1 {
		return ErrLastAdmin
	}
	return nil
}

// SetPassword stores a new password, ends all sessions of the user, and makes a
// link void.
func (tx *Tx) SetPassword(id string, password secret.Secret) error {
	u, err := tx.Person(id)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if err := people.CheckPassword(u.Login, password); err != nil {
		return err
	}
	if err := tx.endLink(id); err != nil {
		return err
	}
	return tx.ExecOne("update person set password = $2, sessions_since = $3 where id = $1", id, people.HashPassword(password), millis(tx.Now()))
}

// HasPassword says whether a user has chosen a password yet.
func (tx *Tx) HasPassword(id string) (has bool, err error) {
	err = tx.QueryRow("select password <> '' from person where id = $1", id).Scan(&has)
	return has, err
}

// NewPasswordToken makes the token by which a user chooses a password, once and
// for some days; an earlier one is void. Who may not sign in gets none.
func (tx *Tx) NewPasswordToken(id string) (token secret.Secret, expires time.Time, err error) {
	u, err := tx.Person(id)
	if err != nil {
		return token, expires, fmt.Errorf("make link: %w", err)
	}
	if u.Disabled {
		return token, expires, fmt.Errorf("make link for %s: %w", id, ErrLink)
	}
	token, hash := people.NewToken()
	expires = tx.Now().Add(linkTime)
	_, err = tx.Exec(`insert into password_token (person, hash, expires) values ($1, $2, $3)
		on conflict (person) do update set hash = excluded.hash, expires = excluded.expires`, id, hash, millis(expires))
	return token, expires, err
}

// PasswordTokenOf returns whose password a token lets them choose, or [ErrLink].
func (tx *Tx) PasswordTokenOf(token secret.Secret) (people.User, error) {
	var id string
	var u people.User
	err := tx.QueryRow("select id from person where disabled = false and id in (select person from password_token where hash = $1 and expires > $2)",
		people.HashToken(token), millis(tx.Now())).Scan(&id)
	if err == nil {
		u, err = tx.Person(id)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrLink
	}
	return u, err
}

// UsePasswordToken stores the password and uses the token up.
func (tx *Tx) UsePasswordToken(token, password secret.Secret) (people.User, error) {
	u, err := tx.PasswordTokenOf(token)
	if err != nil {
		return u, err
	}
	// Before the token goes, so that a poor password does not use it up.
	if err := people.CheckPassword(u.Login, password); err != nil {
		return u, err
	}
	// The second of two who use it at the same moment waits here and finds it gone.
	if err := tx.ExecOne("delete from password_token where hash = $1", people.HashToken(token)); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = ErrLink
		}
		return u, err
	}
	return u, tx.SetPassword(u.ID, password)
}

func (tx *Tx) endLink(id string) error {
	_, err := tx.Exec("delete from password_token where person = $1", id)
	return err
}

// RenewHash stores the hash of an unchanged password with today's costs.
func (tx *Tx) RenewHash(id string, password secret.Secret) error {
	return tx.ExecOne("update person set password = $2 where id = $1", id, people.HashPassword(password))
}

// EndSessions signs a user out everywhere.
func (tx *Tx) EndSessions(id string) error {
	return tx.ExecOne("update person set sessions_since = $2 where id = $1", id, millis(tx.Now()))
}

// NewSetupToken makes the token that lets the first administrator in, for a day
// and once; an earlier one is void. Where there are users it is [ErrSetup].
func (tx *Tx) NewSetupToken() (secret.Secret, error) {
	if err := tx.nobodyYet(); err != nil {
		return secret.Secret{}, err
	}
	token, hash := people.NewToken()
	_, err := tx.Exec(`insert into setup_token (one, hash, expires) values (1, $1, $2)
		on conflict (one) do update set hash = excluded.hash, expires = excluded.expires`, hash, millis(tx.Now().Add(setupTime)))
	if err != nil {
		return secret.Secret{}, fmt.Errorf("make setup token: %w", err)
	}
	return token, nil
}

// CheckSetupToken is nil while the token would let the first administrator in,
// otherwise [ErrSetup].
func (tx *Tx) CheckSetupToken(token secret.Secret) error {
	if err := tx.nobodyYet(); err != nil {
		return err
	}
	var valid bool
	if err := tx.QueryRow("select exists (select 1 from setup_token where hash = $1 and expires > $2)",
		people.HashToken(token), millis(tx.Now())).Scan(&valid); err != nil {
		return err
	}
	if !valid {
		return ErrSetup
	}
	return nil
}

// UseSetupToken adds the first administrator and uses the token up.
func (tx *Tx) UseSetupToken(token secret.Secret, u people.User, password secret.Secret) (people.User, error) {
	u.Role, u.Disabled = people.Admin, false
	if password.IsZero() {
		return u, people.ErrPasswordShort
	}
	if err := tx.CheckSetupToken(token); err != nil {
		return u, err
	}
	// The second of two who use it at the same moment waits here and finds it gone.
	if err := tx.ExecOne("delete from setup_token where hash = $1", people.HashToken(token)); err != nil {
		if errors.Is(err, ErrNotFound) {
			err = ErrSetup
		}
		return u, err
	}
	return tx.AddPerson(u, password)
}

func (tx *Tx) nobodyYet() error {
	var some bool
	if err := tx.QueryRow("select exists (select 1 from person)").Scan(&some); err != nil {
		return err
	}
	if some {
		return ErrSetup
	}
	return nil
}
