package enginetest

import (
	"fmt"
	"strings"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// File is an attachment with its content.
func File(name, content string) hub.Attachment {
	return hub.Attachment{Name: name, MIME: "text/plain", Size: int64(len(content)), Hash: hub.HashOf([]byte(content)), Content: []byte(content)}
}

// Stored is every row of every table as text, and every body beside the database that
// whoever has the files can read: all but the sealed ones.
func (w *World) Stored() map[string]string {
	w.T.Helper()
	all := map[string]string{}
	w.Must(w.Store.Read(w.T.Context(), func(tx *store.Tx) error {
		texts := func(query string, args ...any) (list []string, err error) {
			err = tx.Each(func(scan func(...any) error) error {
				var s string
				err := scan(&s)
				list = append(list, s)
				return err
			}, query, args...)
			return list, err
		}
		names := `select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name`
		if tx.Dialect() == store.Postgres {
			names = `select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`
		}
		tables, err := texts(names)
		if err != nil {
			return err
		}
		for _, table := range tables {
			row := `t::text`
			if tx.Dialect() == store.SQLite {
				columns, err := texts(`select name from pragma_table_info($1)`, table)
				if err != nil {
					return err
				}
				for i, c := range columns {
					columns[i] = `coalesce(cast("` + c + `" as text), '')`
				}
				row = strings.Join(columns, ` || '|' || `)
			}
			rows, err := texts(`select ` + row + ` from "` + table + `" t`)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			for i, text := range rows {
				all[fmt.Sprintf("%s %d", table, i)] = text
			}
		}
		refs, err := texts(`select ref from blob where not sealed`)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			b, err := tx.Blob(ref)
			if err != nil {
				return err
			}
			all["body "+ref] = string(b)
		}
		return nil
	}))
	return all
}
