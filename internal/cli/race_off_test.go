//go:build !race

package cli

// raceOn: see the other file.
const raceOn = false
