//go:build !unix

package storetest

import "syscall"

// asPostgres says that the tests do not start PostgreSQL on this system: its
// keeper is a shell script.
func asPostgres(string) (*syscall.SysProcAttr, error) { return nil, errNoBinaries }
