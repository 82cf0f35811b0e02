// Package alert says who is told what by mail, once per cause. It is a pure
// function from what stands wrong to letters, their words, and the sending.
package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/locale"
	"github.com/vienti/vienti/internal/secret"
)

// A Cause is one reason why people are needed: a company that stands still, or
// documents of one kind of a connection that wait for the same reason.
type Cause struct {
	Company string
	Name    string // of the company
	// Connection whose documents they are; "" when the whole company stands still.
	Connection string
	Code       string
	// Kind of the documents; "" when the whole company stands still.
	Kind  hub.Kind
	Count int
	// Since is when it was first seen.
	Since time.Time
	// Told: a letter about it has been planned. Ended: it is gone by now.
	Told, Ended bool
}

// Stops reports whether the whole company stands still.
func (c Cause) Stops() bool { return c.Kind == "" }

// Key names the cause as long as it lasts.
func (c Cause) Key() string {
	return c.Company + "/" + c.Connection + "/" + string(c.Kind) + "/" + c.Code
}

// StopCodes are the reasons for which a whole company stands still, or nothing reaches its
// business system any more, that people are told of. A busy Procountor is none: it passes.
var StopCodes = []string{hub.KeyDead, hub.LoginEnded, hub.RightMissing, hub.ProcountorBroken, hub.WebhookParked}

// A Recipient is somebody who gets letters.
type Recipient struct {
	Address  string
	Language locale.Language
	// Keeps says of which companies they look after key and connections; nil is none.
	// Everybody is told what waits.
	Keeps func(company string) bool
	// Sees says what they are told of; nil is everything.
	Sees func(Cause) bool
	// Shared is an address of no user, named for some connections.
	Shared bool
}

func (r Recipient) sees(c Cause) bool  { return r.Sees == nil || r.Sees(c) }
func (r Recipient) keeps(c Cause) bool { return r.Keeps != nil && r.Keeps(c.Company) }

// EveryScope is the scope of a letter about several companies or connections.
const EveryScope = "*"

// CompanyScope and ConnectionScope are those of a letter about one: to a user, and
// to a shared mailbox.
func CompanyScope(id string) string    { return "company:" + id }
func ConnectionScope(id string) string { return "connection:" + id }

// scope is what the link at the end of a letter stops.
func (r Recipient) scope(causes []Cause) (scope string) {
	for _, c := range causes {
		of := CompanyScope(c.Company)
		if r.Shared {
			of = ConnectionScope(c.Connection)
		}
		if scope != "" && scope != of {
			return EveryScope
		}
		scope = of
	}
	return scope
}

// Address reads an address to which letters may go: a single one without a name,
// in lower case as logins are.
func Address(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > maxAddress || !strings.Contains(text[strings.LastIndex(text, "@"):], ".") || strings.ContainsAny(text, " \"") {
		return "", fmt.Errorf("%.80q: %w", text, ErrAddress)
	}
	return text, nil
}

// ErrAddress says that something is not one e-mail address.
var ErrAddress = errors.New("this is not one e-mail address")

// maxAddress is RFC 5321 4.5.3.1.3 less its brackets.
const maxAddress = 254

// A Letter is one mail to one person, or shared mailbox.
type Letter struct {
	// Key is the same for the same news of the same day: such a letter is planned
	// once, whoever plans it, and however often.
	Key           string
	To            string
	Subject, Body string
	// Scope is what its reader may stop without signing in; Stop is the link for
	// that, made when the letter is sent. Invitations and trials have neither.
	Scope string
	Stop  secret.Secret
}

const (
	// blip is how long Procountor may give no answer before anybody is told.
	blip = 15 * time.Minute
	// morning is the hour from which the day's letter about documents is written.
	morning = 7
)

// lasts reports whether no answer since a moment is more than a blip. While Procountor
// is updated, on Saturdays from 7 to 11 (Procountor's help, product updates), its service
// is down for everybody, and nobody is to do anything.
func lasts(since, now time.Time, zone *time.Location) bool {
	if _, updated := update(now, zone); updated {
		return false
	}
	if end, updated := update(since, zone); updated {
		since = end
	}
	return now.Sub(since) >= blip
}

// update reports whether Procountor is updated at a moment, and when that is over.
func update(at time.Time, zone *time.Location) (end time.Time, updated bool) {
	at = at.In(zone)
	end = time.Date(at.Year(), at.Month(), at.Day(), 11, 0, 0, 0, zone)
	return end, at.Weekday() == time.Saturday && at.Hour() >= 7 && at.Before(end)
}

// Letters are what people are to be told now, and the causes that are told with
// it. A cause is told once to an address, however long it lasts; several companies that stand
// still for one reason are one letter; what waits in documents is one letter a day,
// and none when nothing new waits. That a company goes on is told when it was told
// that it stood. digested is the day of the last letter about documents.
func Letters(now time.Time, zone *time.Location, causes []Cause, to []Recipient, digested civil.Date, base string) (letters []Letter, told []Cause) {
	causes = slices.Clone(causes)
	slices.SortFunc(causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key(), b.Key()))
	})
	today := civil.DayOf(now, zone)
	pick := func(fits func(Cause) bool) (list []Cause) {
		for _, c := range causes {
			if fits(c) {
				list = append(list, c)
			}
		}
		return list
	}
	write := func(what string, list []Cause, adminsOnly, newsOnly bool, words func(locale.Speaker, []Cause, string) (subject, body string)) {
		for _, r := range to {
			own := slices.DeleteFunc(slices.Clone(list), func(c Cause) bool { return !r.sees(c) || adminsOnly && !r.keeps(c) })
			if len(own) == 0 || newsOnly && !slices.ContainsFunc(own, func(c Cause) bool { return !c.Told }) {
				continue
			}
			l := Letter{To: r.Address, Key: key(r.Address, what, today.String(), own), Scope: r.scope(own)}
			say := locale.New(r.Language, zone)
			l.Subject, l.Body = words(say, own, base)
			l.Body += say.T("mail.stop") + "\n"
			letters = append(letters, l)
		}
	}
	for _, code := range StopCodes {
		admins := code != hub.ProcountorBroken
		stands := pick(func(c Cause) bool {
			return c.Stops() && c.Code == code && !c.Told && !c.Ended && (code != hub.ProcountorBroken || lasts(c.Since, now, zone))
		})
		write("stands", stands, admins, false, stopWords)
		told = append(told, stands...)
		write("goes-on", pick(func(c Cause) bool { return c.Stops() && c.Code == code && c.Told && c.Ended }), admins, false, endWords)
	}
	open := func(c Cause) bool { return !c.Stops() && !c.Ended }
	news := pick(func(c Cause) bool { return open(c) && !c.Told })
	if len(news) > 0 && digested.Before(today) && now.In(zone).Hour() >= morning {
		write("digest", pick(open), false, true, digestWords)
		told = append(told, news...)
	}
	return letters, told
}

func key(address, what, day string, causes []Cause) string {
	parts := []string{address, what, day}
	for _, c := range causes {
		parts = append(parts, c.Key())
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return what + "/" + day + "/" + hex.EncodeToString(sum[:12])
}
