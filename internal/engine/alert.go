package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/alert"
	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/secret"
	"github.com/vienti/vienti/internal/store"
)

// Letters are planned and sent apart. Planning is one transaction: what is told of
// is marked told with the letter that tells it. Sending commits its intent first;
// a mail server cannot be asked whether it has taken a letter, so one whose fate
// is not known is not sent again: at most once for a cause and a day, rather than
// twice.

const (
	// lettersEvery is how often what stands wrong is looked at.
	lettersEvery = time.Minute
	// letterGone is when a letter that is being sent belongs to a dead process.
	letterGone = 10 * time.Minute
	// lettersFor is how long a letter is tried: after a day its news is old.
	lettersFor = 24 * time.Hour
)

// PlanLetters looks at what stands wrong and plans the letters about it. base is
// where people reach the pages.
func (e *Engine) PlanLetters(ctx context.Context, base string) error {
	return e.store.Tx(ctx, func(tx *store.Tx) error {
		causes, err := e.causes(tx)
		if err != nil {
			return err
		}
		last, err := tx.LastLetter("digest/")
		if err != nil {
			return err
		}
		var digested civil.Date
		if !last.IsZero() {
			digested = civil.DayOf(last, helsinki)
		}
		to, err := recipients(tx)
		if err != nil {
			return err
		}
		letters, told := alert.Letters(e.o.Now(), helsinki, causes, to, digested, base)
		for _, l := range letters {
			if err := tx.PlanLetter(store.Letter{Key: l.Key, Address: l.To, Scope: l.Scope, Subject: l.Subject, Body: l.Body}); err != nil {
				return err
			}
		}
		for _, c := range causes {
			if c.Ended {
				err = tx.EndCause(c.Key())
			} else {
				c.Told = c.Told || slices.ContainsFunc(told, func(t alert.Cause) bool { return t.Key() == c.Key() })
				err = tx.PutCause(store.Cause{Key: c.Key(), Company: c.Company, Connection: c.Connection, Kind: c.Kind, Code: c.Code, Since: c.Since, Told: c.Told})
			}
			if err != nil {
				return err
			}
		}
		return e.roundLetters(tx, base)
	})
}

// causes are what stands wrong now, and what did before and is gone.
func (e *Engine) causes(tx *store.Tx) (list []alert.Cause, err error) {
	companies, err := tx.Companies()
	if err != nil {
		return nil, err
	}
	waiting, err := tx.CountWaiting()
	if err != nil {
		return nil, err
	}
	before, err := tx.Causes()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range companies {
		names[c.ID] = c.Name
		if f := c.PausedFault; f != nil && c.Detached.IsZero() && slices.Contains(alert.StopCodes, f.Code) {
			list = append(list, alert.Cause{Company: c.ID, Code: f.Code, Since: e.o.Now()})
		}
	}
	parked, err := tx.ParkedWebhooks()
	if err != nil {
		return nil, err
	}
	for _, company := range parked {
		list = append(list, alert.Cause{Company: company, Code: hub.WebhookParked, Since: e.o.Now()})
	}
	for _, w := range waiting {
		kind := w.Kind
		if kind == "" {
			kind = "none" // partners: for every kind
		}
		list = append(list, alert.Cause{Company: w.Company, Connection: w.Connection, Kind: kind, Code: w.Code, Count: w.Count, Since: e.o.Now()})
	}
	for _, b := range before {
		i := slices.IndexFunc(list, func(c alert.Cause) bool { return c.Key() == b.Key })
		if i < 0 {
			list = append(list, alert.Cause{Company: b.Company, Connection: b.Connection, Kind: b.Kind, Code: b.Code, Since: b.Since, Told: b.Told, Ended: true})
			continue
		}
		list[i].Since, list[i].Told = b.Since, b.Told
	}
	for i := range list {
		list[i].Name = names[list[i].Company]
	}
	return list, nil
}

// recipients are the users who may mend something and sign in with an address, and
// the mailboxes of connections. An address that is a user's hears of its connections
// in the same letter, and of nothing beyond what that user may see.
func recipients(tx *store.Tx) (list []alert.Recipient, err error) {
	all, err := tx.People()
	if err != nil {
		return nil, err
	}
	boxes, err := tx.Mailboxes("")
	if err != nil {
		return nil, err
	}
	named := map[string]map[string]bool{} // the connections of an address
	language := map[string]string{}
	for _, b := range boxes {
		if !b.Stopped.IsZero() {
			continue
		}
		if named[b.Address] == nil {
			named[b.Address], language[b.Address] = map[string]bool{}, b.Language
		}
		named[b.Address][b.Connection] = true
	}
	for _, u := range all {
		own := named[u.Login]
		delete(named, u.Login)
		if len(own) == 0 && !u.CanSomewhere(people.Mend) || !strings.Contains(u.Login, "@") {
			continue
		}
		keeps := u.Reach(people.SetUp)
		l, _ := locale.Parse(u.Language)
		list = append(list, alert.Recipient{Address: u.Login, Language: l,
			Keeps: func(company string) bool { return keeps.Has(company, "") },
			Sees: func(c alert.Cause) bool {
				return u.IsTold(c.Company, c.Kind, c.Stops()) || own[c.Connection] && u.MayBeTold(c.Company, c.Kind)
			}})
	}
	for _, address := range slices.Sorted(maps.Keys(named)) {
		l, _ := locale.Parse(language[address])
		list = append(list, alert.Recipient{Address: address, Language: l, Shared: true,
			Sees: func(c alert.Cause) bool { return named[address][c.Connection] }})
	}
	return list, nil
}

// SendLetters sends what is planned and due. base is where people reach the pages,
// and send is [alert.Server.Send].
func (e *Engine) SendLetters(ctx context.Context, base string, send func(context.Context, alert.Letter) error) error {
	for ctx.Err() == nil {
		var l store.Letter
		var stop secret.Secret
		err := e.store.Tx(ctx, func(tx *store.Tx) (err error) {
			l, err = tx.ClaimLetter(letterGone)
			if store.IsNotFound(err) {
				return nil // what is called unclear stays so
			}
			if err == nil {
				stop, err = stopLink(tx, base, l)
			}
			return err
		})
		if err != nil || l.Key == "" {
			return err
		}
		e.crash("letter/intended")
		failed := send(ctx, alert.Letter{Key: l.Key, To: l.Address, Subject: l.Subject, Body: l.Body, Scope: l.Scope, Stop: stop})
		e.crash("letter/sent")
		state, why, next := store.LetterSent, "", time.Time{}
		if failed != nil {
			why = failed.Error()
			e.log.Warn("a letter was not sent", "cause", why)
			switch {
			case errors.Is(failed, alert.ErrUnclear):
				state = store.LetterUnclear
			case errors.Is(failed, alert.ErrRefused), e.o.Now().Sub(l.Created) > lettersFor:
				state = store.LetterRefused
			default:
				state, next = store.LetterPlanned, e.o.Now().Add(lettersEvery<<min(l.Tries, 6))
			}
		}
		if err := e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.SettleLetter(l.Key, state, why, next) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Letters plans and sends letters until ctx ends.
func (e *Engine) Letters(ctx context.Context, base string, send func(context.Context, alert.Letter) error) {
	tick := time.NewTicker(lettersEvery)
	defer tick.Stop()
	for {
		err := e.PlanLetters(ctx, base)
		if err == nil {
			err = e.SendLetters(ctx, base, send)
		}
		if err != nil && ctx.Err() == nil {
			e.log.Error("letters", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
