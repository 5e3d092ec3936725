package loadtest

import (
	"fmt"
	"syscall"
)

// allowFiles sees that this process, and those it starts, may have a socket for each of so many pages.
func allowFiles(pages int) error {
	const beside = 500 // files, pipes, writers
	need := uint64(pages + beside)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if limit.Cur >= need {
		return nil
	}
	limit.Cur = need
	limit.Max = max(limit.Max, need) // which only root may raise
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d pages need %d open files each side; allow them with ulimit -n %d: %w", pages, need, need, err)
	}
	return nil
}
