// Package valueframefake is a ValueFrame in memory: the headers and paging that its
// vendor documents, over resources whose records a test puts there. It has its own
// types and knows nothing of the connector.
package valueframefake

import (
	"crypto/md5" //nolint:gosec // the vendor's own scheme
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
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
	// Listing is the resource in which purchases and sales are listed, "" for none.
	Listing string
	// Silent lets a POST answer with nothing, for what it answers is not described.
	Silent bool

	mu      sync.Mutex
	records map[string][]map[string]any
	writes  int
	denied  bool
	answer  func(http.ResponseWriter, *http.Request) bool
	sales   []map[string]any
	lastID  int
	lose    int
}

// Lose lets the next n requests that write be carried out without an answer.
func (s *Server) Lose(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lose = n
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
	if r.Method == http.MethodPost {
		s.post(w, r, resource)
		return
	}
	if r.Method != http.MethodGet {
		http.Error(w, `{"error":"method not allowed"}`, http.StatusMethodNotAllowed)
		return
	}
	list, there := s.records[resource]
	if resource == s.Listing {
		list, there = append([]map[string]any{}, s.sales...), true // never null
	}
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

// salesFields are those that the vendor names for Sales, and those of them that a
// POST must have.
var (
	salesFields = []string{"subProjectId", "description", "purchasePrice", "amount", "unit", "purchaseDate", "sellingPrice", "sellingPriceInvoicingCurrency",
		"sellingPriceCorporationCurrency", "exchangeRateInvoicingHomeCurrency", "invoicingType", "status", "approvedDate", "approvedBy", "invoiceNumber", "invoiceId",
		"type", "code", "salesVat", "salesVatId", "invoicingDate", "productId", "saleRowId"}
	salesNeeded = []string{"subProjectId", "purchasePrice"}
)

// post makes a record of Sales; unknown elements and empty required ones are refused,
// as the vendor says.
func (s *Server) post(w http.ResponseWriter, r *http.Request, resource string) {
	if resource != "Sales" {
		http.Error(w, `{"error":"bad resource"}`, http.StatusBadRequest)
		return
	}
	var record map[string]any
	dec := json.NewDecoder(r.Body)
	dec.UseNumber()
	if err := dec.Decode(&record); err != nil || r.Header.Get("X-VF-REST-TYPE") != "JSON" {
		http.Error(w, `{"error":"parse error"}`, http.StatusBadRequest)
		return
	}
	for name := range record {
		if !slices.Contains(salesFields, name) {
			http.Error(w, `{"error":"unknown element `+name+`"}`, http.StatusBadRequest)
			return
		}
	}
	for _, name := range salesNeeded {
		if v, ok := record[name]; !ok || v == "" || v == nil {
			http.Error(w, `{"error":"missing element `+name+`"}`, http.StatusBadRequest)
			return
		}
	}
	s.lastID++
	record["id"], record["creationDateTime"] = s.lastID, s.Now().UTC().Format(time.RFC3339)
	s.sales = append(s.sales, record)
	if s.lose > 0 {
		s.lose--
		panic(http.ErrAbortHandler)
	}
	if s.Silent {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(record)
}

// Sales are the records of purchases and sales, oldest first.
func (s *Server) Sales() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []map[string]any
	for _, r := range s.sales {
		list = append(list, maps.Clone(r))
	}
	return list
}

// RemoveSale takes a record away, as a person may.
func (s *Server) RemoveSale(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sales = slices.DeleteFunc(s.sales, func(r map[string]any) bool { return r["id"] == id })
}

func number(r *http.Request, name string, usual int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 0 {
		return usual
	}
	return n
}
