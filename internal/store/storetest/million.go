package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// A Crowd says what [Crowded] fills a database with.
type Crowd struct {
	Companies   []string
	Connections []string // two of each company, in the same order
	Parties     int      // different names
	First, Last string   // days of the oldest and the newest document
}

// Crowded fills st with transfers as they are after years: five years of forty
// companies, most of them moved, some in two hundred not. Only lists can be tried
// on it: the rows are laid below the laws, without documents or steps, and the
// indexes are made afterwards, so that a million takes seconds.
func Crowded(tb testing.TB, st *store.Store, transfers int) Crowd {
	tb.Helper()
	const companies = 40
	c := Crowd{Parties: 20_000, First: "2022-01-01", Last: "2026-12-31"}
	d := st.Dialect()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(st.Tx(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertClient(hub.Client{ID: "crowd", Name: "Crowd", ClientID: "CrowdClient", PerSecond: 20}, secret.New("secret")); err != nil {
			return err
		}
		for i := range companies {
			id := fmt.Sprint("company", i)
			c.Companies = append(c.Companies, id)
			if err := tx.InsertCompany(hub.Company{ID: id, Client: "crowd", ProcountorID: int64(1000 + i), Name: fmt.Sprintf("Yhtiö %02d Oy", i), Country: "FI", Currency: "EUR",
				Environment: hub.Sandbox, BaseURL: "http://127.0.0.1:1/api"}, secret.New("key")); err != nil {
				return err
			}
			for k := range 2 {
				conn := hub.Connection{ID: fmt.Sprint("connection", 2*i+k), Company: id, Name: fmt.Sprintf("Lähde %d", k), System: "Severa"}
				c.Connections = append(c.Connections, conn.ID)
				if err := tx.InsertConnection(conn, "crowd"); err != nil {
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
		var drop, remake []string
		if err := tx.Each(func(scan func(...any) error) error {
			var name, text string
			err := scan(&name, &text)
			what := "index "
			if name == "party_new" {
				what = "trigger "
			}
			drop, remake = append(drop, "drop "+what+name), append(remake, text)
			return err
		}, crowdIndexes[d]); err != nil {
			return err
		}
		if d == store.Postgres {
			drop, remake = append(drop, "alter table transfer disable trigger user"), append(remake, "alter table transfer enable trigger user", "analyze")
		}
		for _, text := range drop {
			if err := run(text); err != nil {
				return err
			}
		}
		if err := run(crowdRows+crowdSeries[d]+`) s) m) x`, transfers); err != nil {
			return err
		}
		for _, text := range append([]string{
			`insert into party_name (name) select distinct party_key from transfer`,
			`insert into task (transfer, plan, code, done_by, done_at, note) select id, 1, 'offset-by-hand', '', 0, '' from transfer where state = 'done_with_warning' and invoice_number % 2 = 0`,
			`insert into watch (company, invoice_id, transfer, since, sent_at, due_at, read_at, status, paid, currency, total, open, paid_on, payments, returned)
				select company, invoice_id, id, 1, 0, 0, 1, 'SENT', case when invoice_id % 1000 = 0 then 'partly' when invoice_id % 40 = 0 then 'open' else 'paid' end,
				'EUR', gross, '0', '', 0, '' from transfer where invoice_id > 0 and invoice_id % 4 = 0`}, remake...) {
			if err := run(text); err != nil {
				return err
			}
		}
		return nil
	}))
	return c
}

// crowdRows makes the rows out of the numbers n and days of a series. The moduli have
// nothing in common, so that each company has some of everything.
const crowdRows = `insert into transfer (id, company, connection, kind, direction, subject, goal, state, faults, plan, step_at, steps, wake_at, waits_for,
	rounds, doc_kind, credit_note, number, sort_key, partner_name, date, due_date, gross, currency, version, standing, asked, invoice_id,
	invoice_number, reference, partner_id, created, changed, lease, lease_until, code, day, number_key, number_tail, party_key)
	select id, company, connection, 'document', 'in', id, 'deliver', state, case when code = '' then '' else '[{"code":"' || code || '"}]' end, moved, moved, moved,
		case when state = 'waiting' then 1 else 0 end, '', 0, doc_kind, credit, number, number, party, day, day, gross, 'EUR', 'v', '', '', moved * (n + 1),
		moved * (n + 1), case when moved = 1 then cast(n * 10 + 7 as text) else '' end, 0, 1, 1, '', 0, code, day, number, '', party
	from (select n, day, 't' || cast(1000000000000 + n as text) as id, 'company' || cast(n % 80 / 2 as text) as company, 'connection' || cast(n % 80 as text) as connection,
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
		store.SQLite: `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = 'transfer'
			union all select name, sql from sqlite_master where type = 'trigger' and name = 'party_new'`,
		store.Postgres: `select indexname, indexdef from pg_indexes where tablename = 'transfer' and indexdef not like 'CREATE UNIQUE%'`,
	}
)
