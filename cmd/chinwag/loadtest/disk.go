package loadtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// diskSpeed prints how fast the disk makes something durable, and whether it is the disk that a send waits for.
func (l *lab) diskSpeed() error {
	each, err := syncTime(l.Dir)
	if err != nil {
		return err
	}
	where := ""
	if l.databases != nil {
		where = "; " + comparedWith(l.Dir, l.postgresProcesses)
	}
	l.report.line("  the disk syncs 8 KiB more of a file %.0f times a second (%s each), in %s%s", 1/each.Seconds(), short(each), l.Dir, where)
	return nil
}

// syncTime is what the disk itself takes to make 8 KiB durable at the end of a file, as a database does with its log.
func syncTime(dir string) (time.Duration, error) {
	path := filepath.Join(dir, "sync")
	file, err := os.Create(path)
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer os.Remove(path)
	defer file.Close()
	const times = 200
	page := make([]byte, 8<<10)
	began := time.Now()
	for range times {
		_, err := file.Write(page)
		if err := errors.Join(err, syncData(file)); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
	}
	return time.Since(began) / times, nil
}

// comparedWith says whether a directory is where PostgreSQL keeps its data.
func comparedWith(dir string, postgres *family) string {
	const unknown = "where PostgreSQL keeps its data is not known"
	if postgres == nil {
		return unknown
	}
	data, err := postgres.dir()
	if err != nil {
		return unknown
	}
	var ours, theirs syscall.Stat_t
	if err := errors.Join(syscall.Stat(dir, &ours), syscall.Stat(data, &theirs)); err != nil {
		return unknown
	}
	if ours.Dev != theirs.Dev {
		return "PostgreSQL's data is on another file system"
	}
	return "PostgreSQL's data is on the same file system"
}
