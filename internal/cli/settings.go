package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/people"
	"github.com/vienti/vienti/internal/store"
	"github.com/vienti/vienti/internal/web"
)

type settingsOptions struct {
	set, like       string
	dryRun          bool
	json, history   bool
	version, backTo int
}

func (a *app) settingsCommand() *cobra.Command {
	var f settingsOptions
	cmd := &cobra.Command{
		Use:   "settings [CONNECTION]",
		Short: "Show or change the settings of a connection",
		Long: `Prints the settings of a connection as YAML, or takes them from a file. They are
checked as a whole, and each change is a version of its own: documents that have
been written keep the settings they were written with. What is held for something
that the change may have mended goes on by itself.

With --like they become those of another connection, such as one of another company
of the same group: what is the company's own stays, and what the company does not have
stays out. --dry-run shows the differences and changes nothing.

With --history it lists the versions, newest first, with who changed what. Going
back to one makes a new version with the old content.`,
		Example: `  vienti settings Webshop > webshop.yaml
  vienti settings Webshop --set webshop.yaml
  vienti settings Webshop --json | jq .vat_statuses
  vienti settings Webshop --like "Webshop of the sister company" --dry-run
  vienti settings Webshop --history
  vienti settings Webshop --version 3 > before.yaml
  vienti settings Webshop --back-to 3`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			for _, flag := range []string{"version", "back-to"} {
				if n, _ := cmd.Flags().GetInt(flag); cmd.Flags().Changed(flag) && n < 1 {
					return usage("--%s: versions count from 1", flag)
				}
			}
			return a.settings(cmd.Context(), name, f)
		},
	}
	cmd.Flags().StringVar(&f.set, "set", "", `file with new settings, YAML or JSON; "-" is the standard input`)
	cmd.Flags().StringVar(&f.like, "like", "", "take the settings of this connection")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "with --like: show the differences only")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.history, "history", false, "list the versions, with who changed what")
	cmd.Flags().IntVar(&f.version, "version", 0, "print this version")
	cmd.Flags().IntVar(&f.backTo, "back-to", 0, "take this version into use again, as a new one")
	cmd.MarkFlagsMutuallyExclusive("set", "like", "history", "version", "back-to")
	return cmd
}

// maxSettings bounds a file of settings.
const maxSettings = 1 << 20

func (a *app) settings(ctx context.Context, name string, f settingsOptions) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	switch {
	case f.history:
		return a.settingsHistory(ctx, o, p, f.json)
	case f.version != 0:
		v, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) (hub.SettingsVersion, error) { return tx.SettingsAt(p.ID, f.version) })
		if err != nil {
			return noVersion(p, f.version, err)
		}
		return a.printSettings(p, v.Version, v.Settings, f.json)
	case f.backTo != 0:
		version, err := o.engine.BackTo(ctx, a.actor(), p.ID, p.SettingsVersion, f.backTo)
		if err != nil {
			return noVersion(p, f.backTo, err)
		}
		a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
		return nil
	case f.like != "":
		return a.settingsLike(ctx, o, p, f)
	case f.set == "":
		return a.printSettings(p, p.SettingsVersion, p.Settings, f.json)
	}
	return a.setSettings(ctx, o, p, f.set)
}

// settingsLike takes the settings of another connection, or shows what would differ.
func (a *app) settingsLike(ctx context.Context, o *opened, p place, f settingsOptions) error {
	other, err := o.connection(ctx, f.like)
	if err != nil {
		return err
	}
	if other.ID == p.ID {
		return usage("%s is the connection itself", p.Name)
	}
	l, err := o.engine.SettingsLike(ctx, p.ID, other.ID)
	if err != nil {
		return err
	}
	if f.json {
		if err := a.json(l.Changes); err != nil {
			return err
		}
	} else {
		for _, c := range l.Changes {
			a.printf("%s\n", web.ChangeWords(a.say, c))
		}
		for _, x := range l.Left {
			a.printf("%s: %s %s\n", a.say.T("like.left"), x.Key, plain(x.Value))
		}
	}
	if f.dryRun {
		return nil
	}
	version, err := o.engine.SetSettingsLike(ctx, a.actor(), p.ID, other.ID, l.From)
	if err != nil {
		return err
	}
	if !f.json {
		a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
	}
	return nil
}

func noVersion(p place, n int, err error) error {
	if store.IsNotFound(err) {
		return usage("%s has no version %d of its settings", p.Name, n)
	}
	return err
}

func (a *app) printSettings(p place, version int, s hub.Settings, asJSON bool) error {
	if asJSON {
		return a.json(s)
	}
	text, err := settingsYAML(s)
	if err == nil {
		a.printf("# %s, %s\n%s", p.Name, a.say.T("settings.version", "n", version), text)
	}
	return err
}

// A versionLine is one version of settings, for programs.
type versionLine struct {
	Version int                 `json:"version"`
	At      time.Time           `json:"at"`
	Author  string              `json:"author"`
	Changes []hub.SettingChange `json:"changes"`
}

// historyPage is how many versions are read at a time.
const historyPage = 50

func (a *app) settingsHistory(ctx context.Context, o *opened, p place, asJSON bool) error {
	names := map[string]string{}
	everyone, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]people.User, error) { return tx.People() })
	if err != nil {
		return err
	}
	for _, u := range everyone {
		names[u.ID] = cmp.Or(u.Name, u.Login)
	}
	lines := []versionLine{}
	for before := 0; ; {
		// One more than is told: a version's changes are those since the one before it.
		list, err := store.ReadOne(ctx, o.store, func(tx *store.Tx) ([]hub.SettingsVersion, error) {
			return tx.SettingsVersions(p.ID, before, historyPage+1)
		})
		if err != nil {
			return err
		}
		for i, v := range list[:min(len(list), historyPage)] {
			l := versionLine{Version: v.Version, At: v.At, Author: plain(cmp.Or(names[v.Author], v.Author))}
			if i+1 < len(list) {
				if l.Changes, err = hub.SettingChanges(list[i+1].Settings, v.Settings); err != nil {
					return err
				}
			}
			lines, before = append(lines, l), v.Version
		}
		if len(list) <= historyPage {
			break
		}
	}
	if asJSON {
		return a.json(lines)
	}
	for _, l := range lines {
		a.printf("%d  %s  %s\n", l.Version, a.say.Time(l.At), l.Author)
		for _, c := range l.Changes {
			a.printf("   %s\n", web.ChangeWords(a.say, c))
		}
	}
	return nil
}

// setSettings takes settings from a file.
func (a *app) setSettings(ctx context.Context, o *opened, p place, set string) (err error) {
	var b []byte
	if set == "-" {
		b, err = io.ReadAll(io.LimitReader(a.in, maxSettings+1))
	} else {
		b, err = os.ReadFile(set)
	}
	if err == nil && len(b) > maxSettings {
		err = fmt.Errorf("larger than %d bytes", maxSettings)
	}
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	s, err := readSettings(b)
	if err != nil {
		return usage("%s: %v", set, err)
	}
	version, err := o.engine.SetSettings(ctx, a.actor(), p.ID, 0, s)
	if err != nil {
		return err
	}
	a.printf("%s\n", a.t("settings.set", "connection", p.Name, "version", version))
	return nil
}

// settingsYAML writes settings in the order in which they are declared.
func settingsYAML(s hub.Settings) (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(b, &n); err != nil { // JSON is YAML
		return "", err
	}
	block(&n)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err = errors.Join(enc.Encode(&n), enc.Close())
	return out.String(), err
}

// block takes JSON's braces and quotes away.
func block(n *yaml.Node) {
	n.Style &^= yaml.FlowStyle
	if n.Kind == yaml.ScalarNode {
		n.Style = 0
	}
	for _, c := range n.Content {
		block(c)
	}
}

// codes keeps what stands in the account map as it is written: an account 0300
// or a percent 14 is a text, however YAML would read it.
func codes(n *yaml.Node, inside bool) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			codes(n.Content[i+1], inside && n.Content[i].Value != "vat_status" || n.Content[i].Value == "accounts")
		}
	case yaml.ScalarNode:
		if inside && (n.Tag == "!!int" || n.Tag == "!!float") {
			n.Tag = "!!str"
		}
	default:
		for _, c := range n.Content {
			codes(c, inside)
		}
	}
}

// readSettings reads YAML or JSON; a key that does not exist is an error.
func readSettings(b []byte) (s hub.Settings, err error) {
	var n yaml.Node
	if err := yaml.Unmarshal(b, &n); err != nil {
		return s, err
	}
	codes(&n, false)
	var v any
	if err := n.Decode(&v); err != nil {
		return s, err
	}
	if b, err = json.Marshal(v); err != nil {
		return s, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, err
	}
	return s, s.Check()
}
