// Command bench prints the figures that docs/measurements.md keeps, one JSON
// object a line:
//
//	{"name":"requests_per_known_partner_invoice","value":1.02,"unit":"requests","aim":"<=1.05"}
//
// The figures come from `vienti bench --json`, which prints the same objects, and
// from the Go benchmarks of the module. Aims stand in docs/measurements.md; with
// -write the values go there too.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/feature"
)

// A figure is one measured value.
type figure struct {
	Name  string      `json:"name"`
	Value json.Number `json:"value"`
	Unit  string      `json:"unit"`
	Aim   string      `json:"aim"` // such as ">=0.3"; "" where nothing is aimed at
}

func main() {
	write := flag.Bool("write", false, "put the values into docs/measurements.md")
	limit := flag.Duration("limit", 9*time.Minute, "stop after this time")
	benchtime := flag.String("benchtime", "300ms", "for each Go benchmark")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	if err := run(ctx, os.Stdout, *write, *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, write bool, benchtime string) error {
	root, err := feature.Root()
	if err != nil {
		return err
	}
	page := filepath.Join(root, "docs", "measurements.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	b := bench{root: root, out: out, aims: aims(string(text))}
	err = errors.Join(b.hub(ctx), b.benchmarks(ctx, benchtime)) // one that fails does not hide the other's figures
	if ctx.Err() != nil {
		return fmt.Errorf("not done in time: %w", errors.Join(ctx.Err(), err))
	}
	if err != nil || !write {
		return err
	}
	return os.WriteFile(page, []byte(fill(string(text), b.figures)), 0o644)
}

type bench struct {
	root    string
	out     io.Writer
	aims    map[string]string // by name
	figures []figure
}

// hub runs the program's own bench.
func (b *bench) hub(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(b.root, "cmd", "vienti")); os.IsNotExist(err) {
		return nil
	}
	return b.each(ctx, func(line string) []figure {
		var f figure
		if json.Unmarshal([]byte(line), &f) != nil || f.Name == "" {
			return nil
		}
		return []figure{f}
	}, "go", "run", "./cmd/vienti", "bench", "--json")
}

// benchmarks runs the Go benchmarks of the packages that have some.
func (b *bench) benchmarks(ctx context.Context, benchtime string) error {
	pkgs, err := withBenchmarks(b.root)
	if err != nil || len(pkgs) == 0 {
		return err
	}
	pkg := ""
	args := append([]string{"test", "-run", "^$", "-bench", ".", "-benchtime", benchtime, "-p", "1"}, pkgs...)
	return b.each(ctx, func(line string) []figure {
		if p, ok := strings.CutPrefix(line, "pkg: "); ok {
			pkg = strings.TrimPrefix(p, feature.Module+"/")
		}
		return benchmarkLine(pkg, line)
	}, "go", args...)
}

// each runs a command and prints the figures that read finds in its lines.
func (b *bench) each(ctx context.Context, read func(line string) []figure, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.root
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = 5 * time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	enc := json.NewEncoder(b.out)
	enc.SetEscapeHTML(false)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		for _, f := range read(lines.Text()) {
			if f.Aim == "" {
				f.Aim = b.aims[f.Name]
			}
			b.figures = append(b.figures, f)
			if err := enc.Encode(f); err != nil {
				return err
			}
		}
	}
	return errors.Join(lines.Err(), cmd.Wait())
}

var benchmarkFunc = regexp.MustCompile(`(?m)^func Benchmark`)

// withBenchmarks finds the packages whose tests have benchmarks.
func withBenchmarks(root string) ([]string, error) {
	var pkgs []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == "tmp") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := "./" + filepath.ToSlash(rel)
		if benchmarkFunc.Match(text) && (len(pkgs) == 0 || pkgs[len(pkgs)-1] != pkg) {
			pkgs = append(pkgs, pkg)
		}
		return nil
	})
	return pkgs, err
}

var cpuSuffix = regexp.MustCompile(`-\d+$`)

// benchmarkLine reads a line such as
//
//	BenchmarkParse-2   1000   342.0 ns/op   16 B/op   1 allocs/op
//
// into one figure per unit. The first unit keeps the benchmark's name; the
// others append theirs.
func benchmarkLine(pkg, line string) []figure {
	fields := strings.Fields(line)
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return nil
	}
	base := strings.TrimPrefix(pkg, "internal/") + "." + strings.TrimPrefix(cpuSuffix.ReplaceAllString(fields[0], ""), "Benchmark")
	var figures []figure
	for i := 2; i < len(fields); i += 2 {
		if _, err := strconv.ParseFloat(fields[i], 64); err != nil {
			return nil
		}
		name, unit := base, fields[i+1]
		if own, of, named := strings.Cut(unit, ":"); named {
			name, unit = own, of // a figure with a name of its own: list_p95_sqlite:ms
		} else if i > 2 {
			name += ":" + unit
		}
		figures = append(figures, figure{Name: name, Value: json.Number(fields[i]), Unit: unit})
	}
	return figures
}
