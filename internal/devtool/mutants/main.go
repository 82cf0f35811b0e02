// Command mutants takes guards out of the code, one at a time, and wants a named
// test to turn red: a guard whose loss no test notices is not guarded.
//
// The mutants stand in list/*.txt; CONTRIBUTING.md says how to write one. The
// tree itself is never changed: the mutated file is laid over the original with
// the go command's -overlay, for the build of the test and of all that it builds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/vienti/vienti/internal/feature"
)

const (
	parallel    = 2               // as many as the smallest machine has cores
	testTimeout = 5 * time.Minute // for one test, building included
)

func main() {
	only := flag.String("run", "", "only mutants whose name matches this regular expression")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, only string) error {
	root, err := feature.Root()
	if err != nil {
		return err
	}
	filter, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	all, err := readAll(filepath.Join(root, "internal", "devtool", "mutants", "list"))
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !filter.MatchString(m.name) })
	if len(all) == 0 {
		return errors.New("no mutants match")
	}
	work, err := os.MkdirTemp("", "vienti-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	return report(out, all, judgeAll(ctx, &runner{root: root, work: work}, all))
}

func readAll(dir string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		ms, err := parse(filepath.Base(file), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, ms...)
	}
	for i, m := range all {
		if slices.ContainsFunc(all[:i], func(o mutant) bool { return o.name == m.name }) {
			return nil, fmt.Errorf("two mutants are called %q", m.name)
		}
	}
	return all, nil
}

// judgeAll runs the mutants, a few at a time, and yields verdicts in their order,
// each as soon as it and those before it are known.
func judgeAll(ctx context.Context, r *runner, all []mutant) iter.Seq2[int, verdict] {
	return func(yield func(int, verdict) bool) {
		verdicts := make([]chan verdict, len(all))
		for i := range verdicts {
			verdicts[i] = make(chan verdict, 1)
		}
		next := make(chan int, len(all))
		for i := range all {
			next <- i
		}
		close(next)
		var wg sync.WaitGroup
		defer wg.Wait()
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		for range parallel {
			wg.Go(func() {
				for i := range next {
					verdicts[i] <- r.judge(ctx, i, all[i])
				}
			})
		}
		for i, v := range verdicts {
			if !yield(i, <-v) {
				return
			}
		}
	}
}

// report prints a line per mutant, and fails unless all were caught.
func report(out io.Writer, all []mutant, verdicts iter.Seq2[int, verdict]) error {
	bad := 0
	for i, v := range verdicts {
		fmt.Fprintf(out, "%-9s %6.1fs  %s", v.outcome, v.took.Seconds(), all[i].name)
		if v.outcome != caught {
			bad++
			fmt.Fprintf(out, "\n    %s\n    %s", all[i].at, v.detail)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "%d of %d mutants caught\n", len(all)-bad, len(all))
	if bad > 0 {
		return fmt.Errorf("%d mutants not caught", bad)
	}
	return nil
}
