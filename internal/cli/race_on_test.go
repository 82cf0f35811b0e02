//go:build race

package cli

// raceOn: under the race detector no time is promised.
const raceOn = true
