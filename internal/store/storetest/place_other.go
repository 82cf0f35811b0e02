//go:build !linux

package storetest

import "os"

// place is the folder for throw-away clusters.
func place() string { return os.TempDir() }
