package web

import (
	"fmt"
	"net/http"
	"time"
)

// liveFor bounds one stream; the browser comes again, and its session is looked
// at anew.
const liveFor = 10 * time.Minute

// live tells a page that something has changed. It says no more than that: the
// page then asks for itself again, with the reader's own rights.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	token := ""
	if c, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
		token = c.Value
	}
	ctx, err := s.sessions.Load(r.Context(), token)
	if err == nil {
		if person, e := s.signedIn(ctx); e != nil || person == nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
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
	last, err := s.revision(ctx)
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
		now, err := s.revision(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.o.Log.Error("live page failed", "error", err)
			}
			return
		}
		text := ""
		switch silent++; {
		case now != last:
			// Whoever may not sign in any more hears nothing more.
			if person, err := s.signedIn(ctx); err != nil || person == nil {
				return
			}
			text, last, silent = "event: change\ndata: "+fmt.Sprint(now)+"\n\n", now, 0
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
