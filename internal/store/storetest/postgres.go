package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

const (
	templateName = "vienti_template"

	// startTimeout is generous for machines under load; it takes 0.8 s on a quiet one.
	startTimeout = 30 * time.Second
)

var errNoBinaries = errors.New("no initdb and postgres on the path or under /usr/lib/postgresql (Debian: apt-get install postgresql)")

// A postgres is a throw-away cluster on loopback that goes with the test process.
type postgres struct {
	port      int
	admin     *sql.DB
	databases atomic.Int64
	stdin     io.Closer // the keeper's; kept open, closed by the end of this process
}

// server starts PostgreSQL at its first call in the process.
var server = sync.OnceValues(startPostgres)

func (p *postgres) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// keeper runs the server and ends it when its standard input does, which happens
// however the test process ends: a package of tests has no place of its own to
// clean up in, and a panic or a time-out runs no clean-up at all. The server gets
// no terminal and no output of the test, which "go test" would wait for.
const keeper = `
dir=$1; shift
"$@" </dev/null >"$dir/log" 2>&1 &
pid=$!
trap '' INT TERM HUP QUIT
cat >/dev/null
kill -QUIT $pid
wait $pid
cd / && rm -rf "$dir"
`

func startPostgres() (*postgres, error) {
	bin := findPostgres()
	if bin == "" {
		return nil, errNoBinaries
	}
	dir, err := os.MkdirTemp(place(), "vienti-postgres-")
	if err != nil {
		return nil, err
	}
	attr, err := asPostgres(dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-N", "-E", "UTF8", "--locale=C", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	port, err := freePort()
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	cmd := exec.Command("sh", "-c", keeper, "keeper", dir,
		filepath.Join(bin, "postgres"), "-D", data, "-p", fmt.Sprint(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+dir, "-c", "max_connections=300",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off",
		"-c", "autovacuum=off", "-c", "dynamic_shared_memory_type=mmap", "-c", "max_wal_size=4GB")
	cmd.Dir, cmd.SysProcAttr = dir, attr
	in, err := cmd.StdinPipe()
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	p := &postgres{port: port}
	if err := p.prepare(); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		in.Close()
		_ = cmd.Wait() // what it said stands in its log
		return nil, fmt.Errorf("%w: %s", err, log)
	}
	p.stdin = in
	return p, nil
}

// prepare waits for the server and makes the migrated database that tests copy.
func (p *postgres) prepare() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	var err error
	if p.admin, err = sql.Open("pgx", p.url("postgres")); err != nil {
		return err
	}
	for {
		if err = p.admin.PingContext(ctx); err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not up in %v: %w", startTimeout, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if _, err := p.admin.ExecContext(ctx, "create database "+templateName); err != nil {
		return err
	}
	return migrate(p.url(templateName))
}

func findPostgres() string {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	sort.Strings(found)
	return filepath.Dir(found[len(found)-1])
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
