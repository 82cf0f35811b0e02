package web

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vienti/vienti/internal/engine"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/remedy"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/store/storetest"
	"github.com/vienti/vienti/internal/web/webtest"
)

var (
	crowd    = flag.Int("documents", 20_000, "how many documents the list of the benchmark has")
	askOnly  = flag.String("questions", "", "only questions with this in their name")
	askTimes = flag.Int("times", 10, "how often the benchmark asks each question of the list")
)

// A question is one thing that people ask the list for, a little different each time.
type question struct {
	name, login string
	times       int
	ask         func(i int) string // the address
}

// BenchmarkList asks for the page of the list as people do, from the request to its
// last byte: the rows, the counts of the tabs, the sums and what is chosen. It reports the
// worst of all questions, by the time that one answer in twenty takes longer than, and says
// each.
func BenchmarkList(b *testing.B) {
	for _, name := range []store.Dialect{store.SQLite, store.Postgres} {
		b.Run(string(name), func(b *testing.B) {
			st, c := storetest.Crowded(b, name, *crowd)
			ask := listReaders(b, st)
			b.ResetTimer()
			for range b.N {
				var all []time.Duration
				var worst time.Duration
				for _, q := range questions(c) {
					if !strings.Contains(q.name, *askOnly) {
						continue
					}
					var took []time.Duration
					rows, cut := 0, 0
					for i := range q.times {
						start := time.Now()
						page := ask(q.login, q.ask(i))
						took = append(took, time.Since(start))
						rows += strings.Count(page, `id="tick-`)
						if strings.Contains(page, `class="note"`) {
							cut++
						}
					}
					all = append(all, took...)
					worst = max(worst, share(took, 95))
					fmt.Fprintf(os.Stderr, "%-8s %-46s p50 %5.1f  p95 %5.1f  max %5.1f ms  %3d rows  not to the end %3d %%\n", name, q.name, ms(share(took, 50)), ms(share(took, 95)), ms(share(took, 100)),
						rows/q.times, 100*cut/q.times)
				}
				of := "list"
				if *crowd < 1_000_000 {
					of = "short_list"
				}
				b.ReportMetric(ms(worst), fmt.Sprintf("%s_p95_%s:ms", of, name))
				b.ReportMetric(ms(share(all, 50)), fmt.Sprintf("%s_p50_%s:ms", of, name))
			}
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// share is the time within which so many of a hundred answers came.
func share(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	return took[(len(took)*percent+99)/100-1]
}

// listReaders signs people in and returns how they ask for a page.
func listReaders(b *testing.B, st *store.Store) func(login, path string) string {
	b.Helper()
	h := New(Options{Store: st, Engine: engine.New(engine.Options{Store: st})})
	b.Cleanup(h.Close)
	cookies := map[string]*http.Cookie{}
	for login, u := range map[string]people.User{
		"all":     {Role: people.Finance},
		"chooser": {Role: people.Finance},
		"one":     {Role: people.ByCompany, Companies: map[string]people.Role{"company7": people.Finance}},
		"two":     {Role: people.ByCompany, Companies: map[string]people.Role{"company3": people.Finance, "company9": people.Viewer}},
		"small":   {Role: people.ByCompany, Companies: map[string]people.Role{"small0": people.Finance, "small1": people.Finance}},
		"kind":    {Role: people.Finance, Kinds: []hub.Kind{hub.PurchaseInvoice}},
		"journal": {Role: people.ByCompany, Companies: map[string]people.Role{"company3": people.Finance, "company9": people.Finance}, Kinds: []hub.Kind{hub.Journal}},
		"many": {Role: people.ByCompany, Companies: func() map[string]people.Role {
			m := map[string]people.Role{}
			for i := range 25 {
				m[fmt.Sprint("company", i)] = people.Viewer
			}
			return m
		}()},
	} {
		u.Login, u.Name, u.Language = login, login, "fi"
		if err := st.Tx(context.Background(), func(tx *store.Tx) (err error) {
			if u, err = tx.AddPerson(u, secret.New(webtest.Password)); err != nil || login != "chooser" {
				return err
			}
			_, err = tx.ChooseAll(u.ID, store.TransferFilter{})
			return err
		}); err != nil {
			b.Fatal(err)
		}
		form := url.Values{"login": {login}, "password": {webtest.Password}}
		r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) == 0 {
			b.Fatalf("sign in as %s: %d", login, w.Code)
		}
		cookies[login] = w.Result().Cookies()[0]
	}
	return func(login, path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.AddCookie(cookies[login])
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatalf("%s: %d %.300s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
}

// questions are what the page offers: every filter by itself, searches that find much,
// little and nothing, pages from the first to the last, and all of it together.
func questions(c storetest.Crowd) (list []question) {
	add := func(name, login string, ask func(i int) url.Values) {
		list = append(list, question{name, login, *askTimes, func(i int) string { return "/documents?" + ask(i).Encode() }})
	}
	still := func(name string, pairs ...string) {
		q := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		add(name, "all", func(int) url.Values { return q })
	}
	any := func(i int) int { return (i*7919 + 13) % *crowd }
	day := func(i int) string { return fmt.Sprintf("%d-%02d-%02d", 2022+i%5, 1+i%12, 1+i%28) }

	still("everything")
	add("a page in the middle", "all", func(i int) url.Values { return url.Values{"after": {day(i) + ".t" + fmt.Sprint(1000000000000+any(i))}} })
	still("the last page", "after", "2022-01-01.t1000000000030")
	for _, t := range tabs[1:] {
		still("tab "+t.Key, "show", t.Key)
		add("tab "+t.Key+", a page in the middle", "all", func(i int) url.Values {
			return url.Values{"show": {t.Key}, "after": {day(i) + ".t" + fmt.Sprint(1000000000000+any(i))}}
		})
	}
	for _, s := range hub.States {
		still("state "+string(s), "state", string(s))
	}
	for _, k := range []hub.Kind{hub.SalesInvoice, hub.PurchaseInvoice, hub.Unreadable} {
		still("kind "+string(k), "kind", string(k))
	}
	add("a company", "all", func(i int) url.Values { return url.Values{"company": {c.Companies[i%len(c.Companies)]}} })
	still("a small company", "company", "small0")
	add("a connection", "all", func(i int) url.Values { return url.Values{"connection": {c.Connections[i%len(c.Connections)]}} })
	for _, p := range hub.PaidStates {
		still("paid "+string(p), "paid", string(p))
		add("paid "+string(p)+" of a company", "all", func(i int) url.Values {
			return url.Values{"paid": {string(p)}, "company": {c.Companies[i%len(c.Companies)]}}
		})
	}
	for _, a := range actors {
		still("who: "+string(a), "who", string(a))
	}
	still("a reason", "code", hub.PeriodClosed)
	still("a reason that asks", "code", hub.PeriodClosed, "show", showNeeds)
	still("not moved", "unmoved", "yes")
	add("a month", "all", func(i int) url.Values {
		m := fmt.Sprintf("%d-%02d-", 2022+i%5, 1+i%12)
		return url.Values{"from": {m + "01"}, "to": {m + "28"}}
	})
	add("from a day on", "all", func(i int) url.Values { return url.Values{"from": {day(i)}} })
	add("to a day", "all", func(i int) url.Values { return url.Values{"to": {day(i)}} })

	words := map[string]func(i int) string{
		"a number":                       func(i int) string { return fmt.Sprint(100000 + any(i)/80) },
		"the beginning of many numbers":  func(int) string { return "1" },
		"the beginning of some numbers":  func(i int) string { return fmt.Sprint(100000 + any(i)/80)[:4] },
		"a number of Procountor":         func(i int) string { return fmt.Sprint(any(i) + 1) },
		"a reference":                    func(i int) string { return fmt.Sprint(any(i)*10 + 7) },
		"the beginning of a reference":   func(i int) string { return fmt.Sprint(any(i)*10 + 7)[:2] },
		"a reference, as banks print it": func(i int) string { return fmt.Sprintf("%d %d", i+1, 23457) },
		"a sum":                          func(i int) string { return fmt.Sprintf("%d,%02d", any(i*3)%10000, i%100) },
		"a rare name":                    func(i int) string { return fmt.Sprintf("%d oy", any(i)%c.Parties) },
		"a frequent name":                func(int) string { return "harjun" },
		"a name in nearly all":           func(int) string { return "oy" },
		"two words of names":             func(int) string { return "harjun huolto" },
		"a name and a number":            func(i int) string { return fmt.Sprint("harjun ", 100000+any(i)/80) },
		"a letter":                       func(int) string { return "a" },
		"what is nowhere":                func(int) string { return "zzz" },
		"what is nowhere, of two words":  func(int) string { return "oy zzz" },
		"what is found seldom together":  func(int) string { return "harjun 1" },
	}
	for _, what := range slices.Sorted(maps.Keys(words)) {
		w := words[what]
		add("search: "+what, "all", func(i int) url.Values { return url.Values{"q": {w(i)}} })
		add("search: "+what+", not moved", "all", func(i int) url.Values { return url.Values{"q": {w(i)}, "unmoved": {"yes"}} })
	}
	add("search in a company and month", "all", func(i int) url.Values {
		return url.Values{"q": {"harjun"}, "company": {c.Companies[i%len(c.Companies)]}, "from": {"2026-11-01"}, "to": {"2026-11-30"}}
	})
	add("a sales invoice of a company that is held", "all", func(i int) url.Values {
		return url.Values{"kind": {string(hub.SalesInvoice)}, "company": {c.Companies[i%len(c.Companies)]}, "show": {showNeeds}}
	})
	for _, login := range []string{"one", "two", "small", "many", "kind", "journal"} {
		add("reach "+login, login, func(int) url.Values { return url.Values{} })
		add("reach "+login+", what needs somebody", login, func(int) url.Values { return url.Values{"show": {showNeeds}} })
		add("reach "+login+", search", login, func(i int) url.Values { return url.Values{"q": {fmt.Sprint(100000 + any(i)/80)}} })
		add("reach "+login+", search of nothing", login, func(int) url.Values { return url.Values{"q": {"zzz"}} })
	}
	add("5 000 chosen", "chooser", func(int) url.Values { return url.Values{} })

	grid := combinations(c)
	add("combinations", "all", func(i int) url.Values { return grid[i*37%len(grid)] })
	list[len(list)-1].times *= 25
	return list
}

// combinations are all of some filters and searches together.
func combinations(c storetest.Crowd) (list []url.Values) {
	for _, show := range []string{"", "state=held", "show=moving", "show=done", "show=ended", "show=needs", "unmoved=yes", "who=" + string(remedy.Accountant)} {
		for _, where := range []string{"", "company=" + c.Companies[7], "connection=" + c.Connections[15]} {
			for _, kind := range []string{"", "kind=sales_invoice", "kind=unreadable"} {
				for _, span := range []string{"", "from=2026-11-01&to=2026-11-30", "from=2022-03-01", "to=2022-03-01"} {
					for _, search := range []string{"", "q=101000", "q=1010", "q=harjun+huolto", "q=oy", "q=harjun+huolto+1345", "q=zzz", "q=1234,56", "q=123+456+7"} {
						q, err := url.ParseQuery(strings.Join([]string{show, where, kind, span, search}, "&"))
						if err != nil {
							panic(err)
						}
						list = append(list, q)
					}
				}
			}
		}
	}
	return list
}
