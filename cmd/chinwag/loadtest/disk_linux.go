package loadtest

import (
	"os"
	"syscall"
)

// syncData makes durable what was written, and the length of the file, but not its times.
func syncData(file *os.File) error { return syscall.Fdatasync(int(file.Fd())) }
