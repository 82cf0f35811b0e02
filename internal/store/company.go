package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
)

// toJSON and fromJSON keep small values in text columns; "" is the zero value.
func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	if s := string(b); s != "null" && s != "{}" && s != "[]" {
		return s, nil
	}
	return "", nil
}

func fromJSON(s string, v any) error {
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), v)
}

// moment is millis that keeps "no time" as 0.
func moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func momentOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return instant(ms)
}

// InsertClient keeps a Procountor client; its secret is sealed.
func (tx *Tx) InsertClient(c hub.Client, s secret.Secret) error {
	sealed, err := tx.seal("client/"+c.ID, s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into client (id, name, client_id, secret, per_second, created) values ($1,$2,$3,$4,$5,$6)`,
		c.ID, c.Name, c.ClientID, sealed, c.PerSecond, millis(tx.Now()))
	return err
}

// SetClientSecret replaces the secret of a client.
func (tx *Tx) SetClientSecret(id string, s secret.Secret) error {
	sealed, err := tx.seal("client/"+id, s)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update client set secret = $2 where id = $1`, id, sealed)
}

// SetClientRate changes how many requests a second the client may make.
func (tx *Tx) SetClientRate(id string, perSecond int) error {
	return tx.ExecOne(`update client set per_second = $2 where id = $1`, id, perSecond)
}

// Clients returns every client, by name.
func (tx *Tx) Clients() (list []hub.Client, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		var c hub.Client
		err := scan(&c.ID, &c.Name, &c.ClientID, &c.PerSecond)
		list = append(list, c)
		return err
	}, `select id, name, client_id, per_second from client order by name`)
	return list, err
}

// ClientOf returns the client by which a company is reached.
func (tx *Tx) ClientOf(company string) (c hub.Client, err error) {
	err = tx.QueryRow(`select k.id, k.name, k.client_id, k.per_second from company c join client k on k.id = c.client where c.id = $1`,
		company).Scan(&c.ID, &c.Name, &c.ClientID, &c.PerSecond)
	return c, err
}

// InsertCompany keeps a company; its API key is sealed. Without one it is opened by
// [Tx.SetCompanyLogin].
func (tx *Tx) InsertCompany(c hub.Company, apiKey secret.Secret) error {
	sealed, err := tx.sealMaybe("company/"+c.ID, apiKey)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into company (id, client, procountor_id, name, business_id, country, currency, environment, base_url,
		api_key, paused, paused_until, registers, registers_at, history_from, history_version, history_at, partners_at, created)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'',0,'',0,'','',0,0,$11)`,
		c.ID, c.Client, c.ProcountorID, c.Name, c.BusinessID, c.Country, c.Currency, string(c.Environment), c.BaseURL,
		sealed, millis(tx.Now()))
	return err
}

// SetCompanyKey replaces the API key and ends a pause that the old key caused. A
// company that is detached, or about to be, is connected again.
func (tx *Tx) SetCompanyKey(id string, apiKey secret.Secret) error {
	sealed, err := tx.seal("company/"+id, apiKey)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update company set api_key = $2, login = '', login_at = 0, login_by = '', login_lease = '', login_lease_until = 0,
		paused = '', paused_until = 0, leaving = '', detached_by = '', detached = 0 where id = $1`, id, sealed)
}

// SetCompanyClient says by which client a company is reached from now on.
func (tx *Tx) SetCompanyClient(id, client string) error {
	return tx.ExecOne(`update company set client = $2 where id = $1`, id, client)
}

// PauseCompany lets the whole company rest until a time; no fault ends the pause.
func (tx *Tx) PauseCompany(id string, f *hub.Fault, until time.Time) error {
	text := ""
	if f != nil {
		var err error
		if text, err = toJSON(f); err != nil {
			return err
		}
	} else {
		until = time.Time{}
	}
	return tx.ExecOne(`update company set paused = $2, paused_until = $3 where id = $1`, id, text, moment(until))
}

const companyColumns = `id, client, procountor_id, name, business_id, country, currency, environment, base_url, paused, paused_until, created,
	leaving, detached_by, detached, login_at, login_by`

func scanCompany(scan func(...any) error) (c hub.Company, err error) {
	var paused, env, leaving string
	var until, created, detached, login int64
	if err := scan(&c.ID, &c.Client, &c.ProcountorID, &c.Name, &c.BusinessID, &c.Country, &c.Currency, &env, &c.BaseURL,
		&paused, &until, &created, &leaving, &c.DetachedBy, &detached, &login, &c.LoggedInBy); err != nil {
		return c, err
	}
	c.Leaving, c.Detached, c.LoggedIn = hub.Leaving(leaving), momentOf(detached), momentOf(login)
	c.Environment, c.PausedUntil, c.Created = hub.Environment(env), momentOf(until), momentOf(created)
	if paused != "" {
		c.PausedFault = new(hub.Fault)
		err = fromJSON(paused, c.PausedFault)
	}
	return c, err
}

// Company returns one company.
func (tx *Tx) Company(id string) (hub.Company, error) {
	return scanCompany(tx.QueryRow(`select `+companyColumns+` from company where id = $1`, id).Scan)
}

// Companies returns every company, by name.
func (tx *Tx) Companies() (list []hub.Company, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		c, err := scanCompany(scan)
		list = append(list, c)
		return err
	}, `select `+companyColumns+` from company order by name, id`)
	return list, err
}

// Credentials are what a client of one company logs in with.
type Credentials struct {
	ClientID     string
	PerSecond    int
	ClientSecret secret.Secret
	// APIKey is the zero value where a person has logged in, whose tokens are
	// [Tx.CompanyLogin]; LoggedIn is since when.
	APIKey   secret.Secret
	LoggedIn time.Time
}

// ErrDetached says that the key of a company has been erased, because somebody
// has detached it.
var ErrDetached = errors.New("the company is detached")

// Credentials opens the secrets of a company; [ErrDetached] when it has none.
func (tx *Tx) Credentials(company string) (Credentials, error) {
	var c Credentials
	var client, clientSecret, key string
	var login int64
	if err := tx.QueryRow(`select k.id, k.client_id, k.per_second, k.secret, c.api_key, c.login_at from company c join client k on k.id = c.client
		where c.id = $1`, company).Scan(&client, &c.ClientID, &c.PerSecond, &clientSecret, &key, &login); err != nil {
		return c, err
	}
	c.LoggedIn = momentOf(login)
	if key == "" && login == 0 {
		return c, ErrDetached
	}
	var err error
	if c.ClientSecret, err = tx.open("client/"+client, clientSecret); err != nil || key == "" {
		return c, err
	}
	c.APIKey, err = tx.open("company/"+company, key)
	return c, err
}

func (tx *Tx) seal(row string, s secret.Secret) (string, error) {
	if tx.store.vault == nil {
		return "", fmt.Errorf("keep a secret: the store has no vault")
	}
	return tx.store.vault.Seal(row, s), nil
}

func (tx *Tx) open(row, sealed string) (secret.Secret, error) {
	if tx.store.vault == nil {
		return secret.Secret{}, fmt.Errorf("read a secret: the store has no vault")
	}
	return tx.store.vault.Open(row, sealed)
}

// Upkeep says how fresh the copies of one company are.
type Upkeep struct {
	Registers      string // blob reference of the register copy, "" before the first
	RegistersAt    time.Time
	PartnersAt     time.Time
	PartnersAllAt  time.Time // when all of them were read, not only those that had changed
	HistoryFrom    string    // first day of the history copy, "" before the first
	HistoryVersion string    // Procountor's version time up to which it is read
	HistoryAt      time.Time
}

// Upkeep returns the freshness of a company's copies.
func (tx *Tx) Upkeep(company string) (u Upkeep, err error) {
	var at, partners, all, history int64
	err = tx.QueryRow(`select registers, registers_at, partners_at, partners_all, history_from, history_version, history_at from company where id = $1`,
		company).Scan(&u.Registers, &at, &partners, &all, &u.HistoryFrom, &u.HistoryVersion, &history)
	u.RegistersAt, u.PartnersAt, u.PartnersAllAt, u.HistoryAt = momentOf(at), momentOf(partners), momentOf(all), momentOf(history)
	return u, err
}

// SetUpkeep stores it.
func (tx *Tx) SetUpkeep(company string, u Upkeep) error {
	return tx.ExecOne(`update company set registers = $2, registers_at = $3, partners_at = $4, history_from = $5, history_version = $6,
		history_at = $7, partners_all = $8 where id = $1`, company, u.Registers, moment(u.RegistersAt), moment(u.PartnersAt), u.HistoryFrom,
		u.HistoryVersion, moment(u.HistoryAt), moment(u.PartnersAllAt))
}

// ExpireRegisters says that the register copy is not to be relied on any more: it
// is read anew before the next document.
func (tx *Tx) ExpireRegisters(company string) error {
	return tx.ExecOne(`update company set registers_at = 0 where id = $1`, company)
}

// InsertConnection keeps a connection with its first settings. It is harmless:
// writing is off, whatever c says.
func (tx *Tx) InsertConnection(c hub.Connection, author string) error {
	settings, err := toJSON(c.Settings)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into connection (id, company, name, system, settings, settings_version, writing, cursor, created)
		values ($1,$2,$3,$4,$5,1,$6,'',$7)`, c.ID, c.Company, c.Name, c.System, settings, false, millis(tx.Now())); err != nil {
		return err
	}
	return tx.keepSettings(c.ID, 1, settings, author)
}

// SetSettings stores new settings as the next version and returns its number.
func (tx *Tx) SetSettings(connection string, s hub.Settings, author string) (int, error) {
	settings, err := toJSON(s)
	if err != nil {
		return 0, err
	}
	var version int
	if err := tx.QueryRow(`update connection set settings = $2, settings_version = settings_version + 1 where id = $1
		returning settings_version`, connection, settings).Scan(&version); err != nil {
		return 0, err
	}
	return version, tx.keepSettings(connection, version, settings, author)
}

func (tx *Tx) keepSettings(connection string, version int, settings, author string) error {
	_, err := tx.Exec(`insert into settings_version (connection, version, settings, author, at) values ($1,$2,$3,$4,$5)`,
		connection, version, settings, author, millis(tx.Now()))
	return err
}

const settingsColumns = `version, settings, author, at`

func scanSettings(scan func(...any) error) (v hub.SettingsVersion, err error) {
	var settings string
	var at int64
	if err := scan(&v.Version, &settings, &v.Author, &at); err != nil {
		return v, err
	}
	v.At = momentOf(at)
	return v, fromJSON(settings, &v.Settings)
}

// SettingsVersions returns up to limit versions of a connection's settings older
// than before (0: from the present one on), newest first.
func (tx *Tx) SettingsVersions(connection string, before, limit int) (list []hub.SettingsVersion, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		v, err := scanSettings(scan)
		list = append(list, v)
		return err
	}, `select `+settingsColumns+` from settings_version where connection = $1 and ($2 = 0 or version < $2) order by version desc limit $3`,
		connection, before, limit)
	return list, err
}

// SettingsAt returns one version of a connection's settings.
func (tx *Tx) SettingsAt(connection string, version int) (hub.SettingsVersion, error) {
	return scanSettings(tx.QueryRow(`select `+settingsColumns+` from settings_version where connection = $1 and version = $2`, connection, version).Scan)
}

// SetWriting switches writing of a connection on or off.
func (tx *Tx) SetWriting(connection string, on bool) error {
	return tx.ExecOne(`update connection set writing = $2 where id = $1`, connection, on)
}

const connectionColumns = `id, company, name, system, settings, settings_version, writing, created`

func scanConnection(scan func(...any) error) (c hub.Connection, err error) {
	var settings string
	var created int64
	if err := scan(&c.ID, &c.Company, &c.Name, &c.System, &settings, &c.SettingsVersion, &c.Writing, &created); err != nil {
		return c, err
	}
	c.Created = momentOf(created)
	return c, fromJSON(settings, &c.Settings)
}

// Connection returns one connection.
func (tx *Tx) Connection(id string) (hub.Connection, error) {
	return scanConnection(tx.QueryRow(`select `+connectionColumns+` from connection where id = $1`, id).Scan)
}

// LockConnection returns one connection that this transaction is about to change.
func (tx *Tx) LockConnection(id string) (hub.Connection, error) {
	return scanConnection(tx.QueryRow(`select `+connectionColumns+` from connection where id = $1`+tx.Dialect().forUpdate(), id).Scan)
}

// Connections returns the connections of a company, or all for "", by name.
func (tx *Tx) Connections(company string) (list []hub.Connection, err error) {
	err = tx.Each(func(scan func(...any) error) error {
		c, err := scanConnection(scan)
		list = append(list, c)
		return err
	}, `select `+connectionColumns+` from connection where $1 = '' or company = $1 order by name, id`, company)
	return list, err
}

// Cursor is how far a source has been read; "" at the beginning.
func (tx *Tx) Cursor(connection string) (cursor string, err error) {
	err = tx.QueryRow(`select cursor from connection where id = $1`, connection).Scan(&cursor)
	return cursor, err
}

// SetCursor stores it, in the transaction that stores what was read.
func (tx *Tx) SetCursor(connection, cursor string) error {
	return tx.ExecOne(`update connection set cursor = $2 where id = $1`, connection, cursor)
}

// ReadOne runs fn in a reading transaction and returns what it found.
func ReadOne[T any](ctx context.Context, s *Store, fn func(tx *Tx) (T, error)) (v T, err error) {
	err = s.Read(ctx, func(tx *Tx) error {
		v, err = fn(tx)
		return err
	})
	return v, err
}

// Blob returns a stored body.
func (s *Store) Blob(ctx context.Context, ref string) ([]byte, error) {
	return ReadOne(ctx, s, func(tx *Tx) ([]byte, error) { return tx.Blob(ref) })
}
