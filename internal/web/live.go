package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/vienti/vienti/internal/people"
)

// liveFor bounds one stream; the browser comes again, and its session is looked
// at anew.
const liveFor = 10 * time.Minute

// live tells a page that something in reach has changed. It says no more than that: the
// page then asks for itself again, with the reader's own rights.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	token := ""
	if c, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
		token = c.Value
	}
	ctx, err := s.sessions.Load(r.Context(), token)
	var reach people.Reach
	if err == nil {
		person, e := s.signedIn(ctx)
		if e != nil || person == nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reach = person.Reach(people.See)
		err = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	if err != nil {
		s.o.Log.Error("live page failed", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold the stream back
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w).Flush
	if _, err := fmt.Fprint(w, ": here\n\n"); err != nil || flush() != nil {
		return
	}
	last, _, err := s.news(ctx, people.Nowhere, 0)
	if err != nil {
		if ctx.Err() == nil {
			s.o.Log.Error("live page failed", "error", err)
		}
		return
	}
	tick := time.NewTicker(s.o.Pulse)
	defer tick.Stop()
	end := time.NewTimer(liveFor)
	defer end.Stop()
	for silent := 0; ; {
		select {
		case <-s.closed:
			return
		case <-end.C:
			return
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		end, some, err := s.news(ctx, reach, last)
		if err != nil {
			if ctx.Err() == nil {
				s.o.Log.Error("live page failed", "error", err)
			}
			return
		}
		text := ""
		last = end
		switch silent++; {
		case some:
			// Whoever may not sign in any more hears nothing more: a change of rights
			// ends the session.
			if person, err := s.signedIn(ctx); err != nil || person == nil {
				return
			}
			text, silent = "event: change\ndata: here\n\n", 0
		case silent >= 20: // proxies cut what is silent for long
			text, silent = ": still here\n\n", 0
		}
		if text == "" {
			continue
		}
		if _, err := fmt.Fprint(w, text); err != nil || flush() != nil {
			return
		}
	}
}
