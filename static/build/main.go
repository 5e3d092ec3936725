// Command build makes static/dist, the files a browser loads: one script and two style sheets, minified and transpiled for
// older browsers, each under a name that holds a hash of its content and with a Brotli and a gzip copy beside it.
// `go generate ./static` runs it; the result is committed, and the same input gives the same bytes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run builds from the folder static and brings static/dist up to date.
func run(static string) error {
	files, err := build(static)
	if err != nil {
		return err
	}
	dist := filepath.Join(static, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil { //nolint:gosec // what is committed is for everybody
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil { //nolint:gosec // the same
			return err
		}
	}
	return removeOthers(dist, files)
}

// removeOthers deletes what an earlier build left. It comes last, so that dist is never without a whole set.
func removeOthers(dist string, files map[string][]byte) error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, ours := files[entry.Name()]; ours {
			continue
		}
		if err := os.Remove(filepath.Join(dist, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
