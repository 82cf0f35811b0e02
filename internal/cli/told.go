package cli

import (
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

// A shownTold is what the source of a document was told of it, for programs.
type shownTold struct {
	State   string     `json:"state"`
	Reasons []reason   `json:"reasons,omitempty"`
	Says    []hub.Said `json:"says,omitempty"` // what the source shows, in its words
	Told    string     `json:"told,omitempty"`
	Seen    string     `json:"seen,omitempty"`
}

// toldOf is what the source of a document was told, and the transfer that tells it.
func toldOf(tx *store.Tx, t *hub.Transfer) (told hub.Reported, report *hub.Transfer, err error) {
	if t.Kind != hub.DocumentTransfer || t.Direction != hub.In {
		return told, nil, nil
	}
	list, err := tx.ReportsOf(t.Company, []string{t.Subject})
	if r, ok := list[t.Subject]; ok {
		report = &r
	}
	if err == nil {
		told, err = tx.Reported(t.Subject)
	}
	return told, report, err
}

func (a *app) shownTold(told hub.Reported, report *hub.Transfer) *shownTold {
	if report == nil {
		return nil
	}
	x := &shownTold{State: string(report.State), Reasons: a.reasons(report.Faults), Says: told.Says}
	if !told.ToldAt.IsZero() {
		x.Told = told.ToldAt.Format(shownTime)
	}
	if !told.SeenAt.IsZero() {
		x.Seen = told.SeenAt.Format(shownTime)
	}
	return x
}

// showTold says what the source was told, and what keeps it from being told more.
func (a *app) showTold(told hub.Reported, report *hub.Transfer) {
	if report == nil {
		return
	}
	a.printf("\n%s\n", a.say.T("report.title"))
	if words := web.ToldWords(a.say, told); words != "" {
		a.printf("%s", wrap(words, "  ", "  "))
	}
	a.printf("%s", wrap(web.StateSays(a.say, *report), "  ", "  "))
	for _, why := range a.reasons(report.Faults) {
		a.explain(why, "  ", report.State)
	}
}
