package procountortest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A fileLog is the kept file: each line is a JSON array of the rows that one
// write changed, so that a write is there as a whole or not at all. A broken
// last line, from a process that was killed, is cut off at the next start. The
// file is handed to the operating system after each write but not forced to the
// disk.
type fileLog struct {
	mu sync.Mutex
	f  *os.File
}

func (l *fileLog) append(changes []change) error {
	b, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("write kept books: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.f.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write kept books: %w", err)
	}
	return nil
}

func (l *fileLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close kept books: %w", err)
	}
	return nil
}

// commit writes what has changed since the last commit. The company is locked.
func (co *company) commit() error {
	if co.srv.log == nil || len(co.changed) == 0 {
		return nil
	}
	err := co.srv.log.append(co.changed)
	co.changed = co.changed[:0]
	return err
}

// logRoot keeps a client or a key. s.mu is held.
func (s *Server) logRoot(kind string, id int, v any) {
	if s.log == nil {
		return
	}
	b, err := json.Marshal(v)
	if err == nil {
		err = s.log.append([]change{{Kind: kind, ID: int64(id), Value: b}})
	}
	if err != nil {
		panic("procountortest: " + err.Error())
	}
}

// openFile reads the kept books and rewrites them without what is outdated, by
// way of a new file that takes the old one's place at once.
func (s *Server) openFile(name string) error {
	if err := s.readFile(name); err != nil {
		return err
	}
	tmp := name + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep books: %w", err)
	}
	w := bufio.NewWriter(f)
	for _, c := range s.dump() {
		b, err := json.Marshal([]change{c})
		if err != nil {
			return errors.Join(fmt.Errorf("keep books: %w", err), f.Close())
		}
		_, _ = w.Write(append(b, '\n')) // Flush tells
	}
	if err := errors.Join(w.Flush(), f.Sync()); err != nil {
		return errors.Join(fmt.Errorf("keep books: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("keep books: %w", err)
	}
	if err := os.Rename(tmp, name); err != nil {
		return fmt.Errorf("keep books: %w", err)
	}
	f, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep books: %w", err)
	}
	s.log = &fileLog{f: f}
	return nil
}

func (s *Server) readFile(name string) error {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read kept books: %w", err)
	}
	return s.load(b, name)
}

// load takes over the lines of a kept file.
func (s *Server) load(b []byte, name string) error {
	r := bufio.NewReader(bytes.NewReader(b))
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break // no line break at the end: a write that was cut short
		}
		var cs []change
		if err := json.Unmarshal(line, &cs); err != nil {
			return fmt.Errorf("read kept books %s, line %d: %w", name, n, err)
		}
		for _, c := range cs {
			if err := s.take(c); err != nil {
				return fmt.Errorf("read kept books %s, line %d: %w", name, n, err)
			}
		}
	}
	for _, co := range s.companies {
		co.reindex()
	}
	return nil
}

func (s *Server) take(c change) error {
	switch {
	case c.Company == 0 && c.Kind == "client":
		v := new(client)
		if err := json.Unmarshal(c.Value, v); err != nil {
			return err
		}
		s.clients[v.ID] = v
	case c.Company == 0 && c.Kind == "key":
		v := new(apiKey)
		if err := json.Unmarshal(c.Value, v); err != nil {
			return err
		}
		s.keys[v.Key] = v
	case c.Company == 0 && c.Kind == "login":
		v := new(apiKey)
		if err := json.Unmarshal(c.Value, v); err != nil {
			return err
		}
		s.logins[v.Key] = v
	default:
		co := s.companies[c.Company]
		if co == nil {
			co = newCompany(s, c.Company)
			s.companies[c.Company] = co
		}
		t := co.tables[c.Kind]
		if t == nil {
			return fmt.Errorf("unknown kind %q: the file was written by another version", c.Kind)
		}
		return t.restore(c.ID, c.Value)
	}
	return nil
}

// dump is everything that is kept, in one order.
func (s *Server) dump() []change {
	var out []change
	root := func(kind string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			panic("procountortest: " + err.Error())
		}
		out = append(out, change{Kind: kind, ID: int64(len(out) + 1), Value: b})
	}
	for _, k := range sortedKeys(s.clients) {
		root("client", s.clients[k])
	}
	for _, k := range sortedKeys(s.keys) {
		root("key", s.keys[k])
	}
	for _, k := range sortedKeys(s.logins) {
		if g := s.logins[k]; !g.Revoked {
			root("login", g)
		}
	}
	for _, id := range sortedKeys(s.companies) {
		co := s.companies[id]
		for _, kind := range sortedKeys(co.tables) {
			co.tables[kind].dump(func(c change) { out = append(out, c) })
		}
	}
	return out
}

// truncate empties the file.
func (l *fileLog) truncate() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.f.Truncate(0); err != nil {
		return fmt.Errorf("empty kept books: %w", err)
	}
	return nil
}
