package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Say which Vienti this is", Example: "  vienti version\n  vienti version --json", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := version()
			if asJSON {
				return a.json(v)
			}
			a.printf("vienti %s (%s, %s/%s)\n", v.Version, v.Go, v.OS, v.Arch)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// version is what the build says: the release, or the commit.
func version() versionInfo {
	v := versionInfo{"unknown", runtime.Version(), runtime.GOOS, runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	if v.Version == "" || v.Version == "(devel)" {
		v.Version = "development"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Version += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v
}
