// Command features counts the rows of docs/features and fails on one that is
// tied to nothing real.
//
// It prints one line, such as
//
//	E 12/88  T 0/55  V 0/75  S 0/123  N 0/19
//
// With -record it also holds the rows to what a test run saw, and prints
// nothing when all is well.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/vienti/vienti/internal/feature"
)

func main() {
	record := flag.String("record", "", "file written by a whole test run under "+feature.RecordEnv)
	flag.Parse()
	if err := run(*record); err != nil {
		fmt.Fprintln(os.Stderr, "features:", err)
		os.Exit(1)
	}
}

func run(record string) error {
	root, err := feature.Root()
	if err != nil {
		return err
	}
	dir, err := feature.Dir()
	if err != nil {
		return err
	}
	rows, err := feature.Read(dir)
	if err != nil {
		return err
	}
	claims, faults, err := feature.ReadClaims(root)
	if err != nil {
		return err
	}
	faults = append(faults, feature.Check(root, rows, claims)...)
	if record != "" {
		text, err := os.ReadFile(record)
		if err != nil && !os.IsNotExist(err) { // no file: no test covered a row
			return err
		}
		results, err := feature.ReadRecord(text)
		if err != nil {
			return err
		}
		faults = append(faults, feature.CheckRecord(rows, results)...)
	}
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(faults) > 0 {
		return fmt.Errorf("%d faults", len(faults))
	}
	if record == "" {
		fmt.Println(feature.Count(rows))
	}
	return nil
}
