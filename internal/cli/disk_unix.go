//go:build linux || darwin

package cli

import "syscall"

// diskFree is how many bytes a folder's file system has left for us.
func diskFree(folder string) (bytes uint64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
