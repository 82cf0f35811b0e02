package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/vienti/vienti/internal/hub"
)

func (a *app) settingsCommand() *cobra.Command {
	var set string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "settings [CONNECTION]",
		Short: "Show or change the settings of a connection",
		Long: `Prints the settings of a connection as YAML, or takes them from a file. They are
checked as a whole, and each change is a version of its own: documents that have
been written keep the settings they were written with. What is held for a reason
that settings decide goes on with "vienti retry".`,
		Example: `  vienti settings Webshop > webshop.yaml
  vienti settings Webshop --set webshop.yaml
  vienti settings Webshop --json | jq .vat_statuses`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return a.settings(cmd.Context(), name, set, asJSON)
		},
	}
	cmd.Flags().StringVar(&set, "set", "", `file with new settings, YAML or JSON; "-" is the standard input`)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// maxSettings bounds a file of settings.
const maxSettings = 1 << 20

func (a *app) settings(ctx context.Context, name, set string, asJSON bool) error {
	o, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	p, err := o.connection(ctx, name)
	if err != nil {
		return err
	}
	if set == "" {
		if asJSON {
			return a.json(p.Settings)
		}
		text, err := settingsYAML(p.Settings)
		if err == nil {
			a.printf("# %s, %s\n%s", p.Name, a.say.T("settings.version", "n", p.SettingsVersion), text)
		}
		return err
	}
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
