// Package valueframefake is a ValueFrame in memory: the headers and paging that its
// vendor documents, over resources whose records a test puts there. It has its own
// types and knows nothing of the connector.
package valueframefake

import (
	"crypto/md5" //nolint:gosec // the vendor's own scheme
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxLimit is the documented most of one answer.
const maxLimit = 100

// A Server answers under /rest/v2/.
type Server struct {
	User, Token string
	Now         func() time.Time

	mu      sync.Mutex
	records map[string][]map[string]any
	writes  int
	denied  bool
	answer  func(http.ResponseWriter, *http.Request) bool
}

// New returns an empty server.
func New(user, token string, now func() time.Time) *Server {
	return &Server{User: user, Token: token, Now: now, records: map[string][]map[string]any{}}
}

// Put replaces the records of a resource.
func (s *Server) Put(resource string, records []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[resource] = records
}

// Deny refuses everything from now on.
func (s *Server) Deny() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = true
}

// Answer lets f answer instead, as long as it reports true.
func (s *Server) Answer(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

// Writes counts requests that were not reads.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet {
		s.writes++
	}
	if s.answer != nil && s.answer(w, r) {
		return
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/rest/v2/")
	if !ok {
		http.Error(w, `{"error":"not found"}`, http.StatusNotFound)
		return
	}
	resource := strings.Trim(path, "/")
	stamp := r.Header.Get("X-VF-REST-TIMESTAMP")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	age := s.Now().Sub(time.Unix(seconds, 0)).Abs()
	sum := md5.Sum([]byte(stamp + "/" + resource + "/" + s.Token)) //nolint:gosec // as above
	switch {
	case s.denied, r.Header.Get("X-VF-REST-USER") != s.User, r.Header.Get("X-VF-REST-HASH") != hex.EncodeToString(sum[:]):
		http.Error(w, `{"error":"authentication failed"}`, http.StatusUnauthorized)
		return
	case err != nil, age > 5*time.Minute:
		http.Error(w, `{"error":"Request is out of date"}`, http.StatusUnauthorized)
		return
	}
	list, there := s.records[resource]
	if !there {
		http.Error(w, `{"error":"bad resource"}`, http.StatusBadRequest)
		return
	}
	limit, offset := number(r, "limit", maxLimit), number(r, "offset", 0)
	limit = min(limit, maxLimit)
	list = list[min(offset, len(list)):]
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list[:min(limit, len(list))])
}

func number(r *http.Request, name string, usual int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 0 {
		return usual
	}
	return n
}
