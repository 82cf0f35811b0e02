package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/secret"
)

// A Kind is a connector that can be set up: its name, its options as data, from
// which forms, flags and documentation are made, and how it is opened.
type Kind struct {
	Name    string // in settings and commands: "file"
	Title   string // for people: "Files in a folder"
	Help    string // one sentence on what it reads
	Options []Option
	Open    func(Env, Config) (Driver, error)
	// Choices asks the system what the live options may be, by their names. The options
	// need not be complete: those by which the system is reached are enough. Errors
	// are those of [Driver]. It is nil for a kind without live options.
	Choices func(context.Context, Env, Config) (map[string][]Choice, error)
	// Every is how often such a source is usually read; an hour where it is 0.
	Every time.Duration
	// Retires is the day on which the system's maker ends the interface; zero for none.
	Retires civil.Date
	// Calls lists the operations that a user of the system must be allowed, by its names
	// for them, with some options; nil where there is no such list.
	Calls func(Config) []string
}

// A Choice is one that a system offers for an option.
type Choice struct{ Value, Label string }

// Usual is how often a source of this kind is read unless somebody says otherwise.
func (k Kind) Usual() time.Duration { return cmp.Or(k.Every, time.Hour) }

// An Option of a connector.
type Option struct {
	Name     string
	Help     string // what it is, and where to find the value
	Default  string
	Required bool
	Secret   bool     // kept in the vault, never shown again
	Choices  []string // nothing else is taken, when there are any
	Lines    bool     // a text of several lines
	Live     bool     // the system offers choices for it; others are taken too
	Own      bool     // of one connection: not taken over from a like one
}

// Config holds the options of one connection. A secret one stands in Secrets.
type Config struct {
	Values  map[string]string
	Secrets map[string]secret.Secret
}

// Value returns an option, or its default.
func (k Kind) Value(c Config, name string) string {
	if v := c.Values[name]; v != "" {
		return v
	}
	for _, o := range k.Options {
		if o.Name == name {
			return o.Default
		}
	}
	return ""
}

// Check says everything that is wrong with the options, without their values:
// one may be a secret in the wrong field.
func (k Kind) Check(c Config) error {
	var errs []error
	known := map[string]bool{}
	for _, o := range k.Options {
		known[o.Name] = true
		value, given := c.Values[o.Name]
		switch {
		case o.Secret && given:
			errs = append(errs, fmt.Errorf("option %s is a secret and belongs into the vault", o.Name))
		case o.Secret:
			if o.Required && c.Secrets[o.Name].IsZero() {
				errs = append(errs, fmt.Errorf("option %s is missing", o.Name))
			}
		case o.Required && k.Value(c, o.Name) == "":
			errs = append(errs, fmt.Errorf("option %s is missing", o.Name))
		case value != "" && len(o.Choices) > 0 && !slices.Contains(o.Choices, value):
			errs = append(errs, fmt.Errorf("option %s is one of %s", o.Name, strings.Join(o.Choices, ", ")))
		}
	}
	for name := range c.Values {
		if !known[name] {
			errs = append(errs, fmt.Errorf("%s has no option %q", k.Name, name))
		}
	}
	for name := range c.Secrets {
		if !known[name] {
			errs = append(errs, fmt.Errorf("%s has no option %q", k.Name, name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// A Registry is the set of connectors, in the order in which they were added.
type Registry struct{ kinds []Kind }

// NewRegistry returns a registry of these kinds. Two of one name are a mistake of
// the program, so it panics.
func NewRegistry(kinds ...Kind) *Registry {
	r := &Registry{}
	for _, k := range kinds {
		if _, twice := r.Kind(k.Name); twice {
			panic("source: two connectors are called " + k.Name)
		}
		r.kinds = append(r.kinds, k)
	}
	return r
}

// Kind finds a connector by its name.
func (r *Registry) Kind(name string) (Kind, bool) {
	i := slices.IndexFunc(r.kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return r.kinds[i], true
}

// Kinds lists all connectors.
func (r *Registry) Kinds() []Kind { return slices.Clone(r.kinds) }
