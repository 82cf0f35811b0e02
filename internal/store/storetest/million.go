package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A Crowd says what [Crowded] fills a database with.
type Crowd struct {
	Companies   []string
	Connections []string // two of each company, in the same order
	Small       []string // companies of one document in ten thousand
	Parties     int      // different names
	First, Last string   // days of the oldest and the newest document
}

// Crowded opens a database with transfers as they are after years: five years of
// forty companies and two small ones, most of them moved, some in two hundred not. Only
// lists can be tried on it: the rows are laid below the laws, without documents or steps,
// and the indexes are made afterwards. A large one of SQLite's is kept in the temporary
// folder, for the next time that the same is wanted.
func Crowded(tb testing.TB, d store.Dialect, transfers int) (*store.Store, Crowd) {
	tb.Helper()
	c := Crowd{Parties: 20_011, First: "2022-01-01", Last: "2026-12-31"}
	for i := range 40 {
		c.Companies = append(c.Companies, fmt.Sprint("company", i))
		c.Connections = append(c.Connections, fmt.Sprint("connection", 2*i), fmt.Sprint("connection", 2*i+1))
	}
	c.Small = []string{"small0", "small1"}
	url := ""
	switch d {
	case store.Postgres:
		url = Postgres(tb)
		c.fill(tb, url, transfers)
	default:
		file := filepath.Join(tb.TempDir(), "vienti.db")
		url = "sqlite:" + file
		kept := keptCrowd(tb, transfers)
		if transfers >= keepCrowd && copyFile(file, kept) == nil {
			break
		}
		b, err := sqliteTemplate()
		if err == nil {
			err = os.WriteFile(file, b, 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
		c.fill(tb, url, transfers)
		if transfers >= keepCrowd {
			if err := errors.Join(copyFile(kept+".begun", file), os.Rename(kept+".begun", kept)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return Open(tb, url, store.Options{}), c
}

// keepCrowd is from how many transfers on a crowd is kept.
const keepCrowd = 100_000

// keptCrowd is where a crowd is kept: another schema, or other rows, have another place.
func keptCrowd(tb testing.TB, transfers int) string {
	tb.Helper()
	b, err := sqliteTemplate()
	if err != nil {
		tb.Fatal(err)
	}
	db := filepath.Join(tb.TempDir(), "schema.db")
	if err := os.WriteFile(db, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	h := sha256.New()
	fmt.Fprintln(h, transfers, crowdRows, crowdSeries, crowdMore)
	if err := Open(tb, "sqlite:"+db, store.Options{}).Read(context.Background(), func(tx *store.Tx) error {
		return tx.Each(func(scan func(...any) error) error {
			var text string
			err := scan(&text)
			fmt.Fprintln(h, text)
			return err
		}, "select coalesce(sql, '') from sqlite_master order by name")
	}); err != nil {
		tb.Fatal(err)
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("vienti-crowd-%x.db", h.Sum(nil)[:8]))
}

func copyFile(to, from string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

// fill lays the rows into an empty database and closes it.
func (c Crowd) fill(tb testing.TB, url string, transfers int) {
	tb.Helper()
	vault, err := secret.NewVault(secret.NewKey())
	if err != nil {
		tb.Fatal(err)
	}
	st, err := store.Open(context.Background(), url, store.Options{NoSync: true, Vault: vault, Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = st.Tx(context.Background(), func(tx *store.Tx) error { return c.lay(tx, transfers) })
		if err == nil && st.Dialect() == store.Postgres {
			_, err = st.DB().Exec("vacuum analyze") // as it does by itself
		}
		err = errors.Join(err, st.Close())
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func (c Crowd) lay(tx *store.Tx, transfers int) error {
	if err := tx.InsertClient(hub.Client{ID: "crowd", Name: "Crowd", ClientID: "CrowdClient", PerSecond: 20}, secret.New("secret")); err != nil {
		return err
	}
	for i, id := range slices.Concat(c.Companies, c.Small) {
		if err := tx.InsertCompany(hub.Company{ID: id, Client: "crowd", ProcountorID: int64(1000 + i), Name: fmt.Sprintf("Yhtiö %02d Oy", i), Country: "FI", Currency: "EUR",
			Environment: hub.Sandbox, BaseURL: "http://127.0.0.1:1/api"}, secret.New("key")); err != nil {
			return err
		}
		connections := []string{"connection-" + id}
		if i < len(c.Companies) {
			connections = c.Connections[2*i : 2*i+2]
		}
		for _, conn := range connections {
			if err := tx.InsertConnection(hub.Connection{ID: conn, Company: id, Name: "Lähde " + conn, System: "Severa"}, "crowd"); err != nil {
				return err
			}
		}
	}
	run := func(text string, args ...any) error {
		if _, err := tx.Exec(text, args...); err != nil {
			return fmt.Errorf("%.60s: %w", text, err)
		}
		return nil
	}
	d := tx.Dialect()
	var drop, remake []string
	if err := tx.Each(func(scan func(...any) error) error {
		var what, name, text string
		err := scan(&what, &name, &text)
		drop, remake = append(drop, "drop "+what+" "+name), append(remake, text)
		return err
	}, crowdIndexes[d]); err != nil {
		return err
	}
	if d == store.Postgres {
		drop, remake = append(drop, "alter table transfer disable trigger user"), append(remake, "alter table transfer enable trigger user", "analyze")
	} else {
		drop = append(drop, "pragma cache_size = -1000000")
	}
	for _, text := range drop {
		if err := run(text); err != nil {
			return err
		}
	}
	if err := run(crowdRows+crowdSeries[d]+`) s) m) x`, transfers); err != nil {
		return err
	}
	for _, text := range append(slices.Clone(crowdMore), remake...) {
		if err := run(text); err != nil {
			return err
		}
	}
	return nil
}

// crowdRows makes the rows out of the numbers n and days of a series. The moduli have
// nothing in common, so that each company has some of everything.
const crowdRows = `insert into transfer (id, company, connection, kind, direction, subject, goal, state, faults, plan, step_at, steps, wake_at, waits_for,
	rounds, doc_kind, credit_note, number, sort_key, partner_name, date, due_date, gross, currency, version, standing, asked, invoice_id,
	invoice_number, reference, partner_id, created, changed, lease, lease_until, code, day, number_key, number_tail, party_key)
	select id, company, connection, 'document', 'in', id, 'deliver', state, case when code = '' then '' else '[{"code":"' || code || '"}]' end, moved, moved, moved,
		case when state = 'waiting' then 1 else 0 end, '', 0, doc_kind, credit, number, number, party, day, day, gross, 'EUR', 'v', '', '', moved * (n + 1),
		moved * (n + 1), case when moved = 1 then cast(n * 10 + 7 as text) else '' end, 0, 1, 1, '', 0, code, day, number, '', party
	from (select n, day, 't' || cast(1000000000000 + n as text) as id, case when n % 10007 < 2 then 'small' || cast(n % 10007 as text) else 'company' || cast(n % 80 / 2 as text) end as company,
			case when n % 10007 < 2 then 'connection-small' || cast(n % 10007 as text) else 'connection' || cast(n % 80 as text) end as connection,
			case when r < 977 then 'done' when r < 982 then 'done_with_warning' when r < 984 then 'linked' when r < 987 then 'skipped' when r < 991 then 'held'
				when r < 992 then 'refused' when r < 994 then 'waiting' when r < 995 then 'ready' else 'noticed' end as state,
			case when r < 984 then 1 else 0 end as moved, case when r < 987 or r > 991 then '' when n % 3 = 0 then 'period-closed' else 'account-unmapped' end as code,
			case when n % 101 = 0 then 'journal' when n % 101 < 20 then 'purchase_invoice' else 'sales_invoice' end as doc_kind, n % 103 = 0 as credit,
			cast(100000 + n / 80 as text) as number, cast(c / 100 as text) || '.' || case when c % 100 < 10 then '0' else '' end || cast(c % 100 as text) as gross,
			trim(substr('aallon  harjun  lumin   niemen  salmen  tammen  kuusen  peltolanrantalankosken virran  ', cast(1 + 8 * (p % 12) as int), 8)) || ' ' ||
			trim(substr('huolto  kone    nosto   laskentaapteekkisähkö   maalaus puutyö  muotoilurakennusvene    siivous ', cast(1 + 8 * (p / 12 % 12) as int), 8)) || ' ' || cast(p as text) || ' oy' as party
		from (select n, day, n * 7919 % 997 as r, n * 7919 % 1000003 as c, n * 31 % 20011 as p from (`

var (
	crowdSeries = map[store.Dialect]string{
		store.SQLite: `with recursive s (n) as (select 0 union all select n + 1 from s where n + 1 < $1)
			select n, date('2022-01-01', '+' || cast(n * 1826 / $1 as text) || ' days') as day from s`,
		store.Postgres: `select n, cast(date '2022-01-01' + cast(n * 1826 / cast($1 as bigint) as int) as text) as day from generate_series(0, cast($1 as bigint) - 1) n`,
	}
	crowdIndexes = map[store.Dialect]string{
		store.SQLite:   `select type, name, sql from sqlite_master where tbl_name in ('transfer', 'watch', 'task') and (type = 'index' and sql is not null or type = 'trigger')`,
		store.Postgres: `select 'index', indexname, indexdef from pg_indexes where tablename = 'transfer' and indexdef not like 'CREATE UNIQUE%'`,
	}
	crowdMore = []string{
		`insert into party_name (name) select distinct party_key from transfer`,
		`insert into task (transfer, plan, code, done_by, done_at, note) select id, 1, 'offset-by-hand', '', 0, '' from transfer where state = 'done_with_warning' and invoice_number % 2 = 0`,
		`update transfer set asks = true where id in (select transfer from task)`,
		`insert into watch (company, invoice_id, transfer, since, sent_at, due_at, read_at, status, paid, currency, total, open, paid_on, payments, returned)
			select company, invoice_id, id, 1, 0, 0, 1, 'SENT', case when invoice_id % 1000 = 0 then 'partly' when invoice_id % 40 = 0 then 'open' else 'paid' end,
			'EUR', gross, '0', '', 0, '' from transfer where invoice_id > 0 and invoice_id % 4 = 0`,
	}
)
