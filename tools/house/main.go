// Command house checks the rules of this repository that no linter knows: how long a file may be, which marks
// may not stay in it, and what a template may not hold.
//
//	house DIRECTORY
//
// It reads what people wrote. Generated and vendored files, built programs and data are not ours to judge.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLines is where a file fails. Look for the seam long before: 30 to 150 lines read well.
const maxLines = 500

// A rule is a pattern that may not occur in files with one of these endings, but for one file.
type rule struct {
	endings []string
	pattern *regexp.Regexp
	except  string
	message string
}

var (
	code     = []string{".go", ".templ", ".css", ".js", ".sql"}
	template = []string{".templ"}

	// The square brackets keep the patterns from finding themselves.
	rules = []rule{
		{
			code, regexp.MustCompile(`\b(TO[D]O|FIX[M]E|XX[X])\b`), "",
			"finish it, or open an issue: no marks stay in the code",
		},
		{
			template, regexp.MustCompile(`\bstyle=`), "views/mail.templ", // mails know nothing else
			"the content security policy refuses style attributes: use a class",
		},
		{
			template, regexp.MustCompile(`\s(on[a-z]+|hx-on[:a-z-]*)=`), "",
			"the content security policy refuses handlers in attributes: listen in static",
		},
		{
			template, regexp.MustCompile(`\bjs:|hx-trigger="[^"]*\[`), "",
			"htmx would have to evaluate it, which the content security policy refuses",
		},
		{
			template, regexp.MustCompile(`templ\.R[a]w\(`), "views/message.templ",
			"the text of a message is the only HTML that chat has made safe",
		},
	}
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: house DIRECTORY")
		os.Exit(2)
	}
	faults, err := check(os.DirFS(os.Args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(2)
	}
	for _, fault := range faults {
		fmt.Println(fault)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}

// check gives a line "file:line: what is wrong" for each broken rule below root.
func check(root fs.FS) ([]string, error) {
	var faults []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && notOurs(entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(code, path.Ext(name)) {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if !generated(name, text) {
			faults = append(faults, judge(name, string(text))...)
		}
		return nil
	})
	return faults, err
}

// notOurs says which directories hold nothing that a person of this project wrote.
func notOurs(dir string) bool {
	return strings.HasPrefix(dir, ".") || slices.Contains([]string{"bin", "data", "testdata", "vendor", "dist", "htmx"}, dir)
}

// generated knows a generated file by its name or by the line Go has for it: https://go.dev/s/generatedcode.
func generated(name string, text []byte) bool {
	return strings.HasSuffix(name, "_templ.go") ||
		bytes.Contains(text[:min(len(text), 1000)], []byte("Code generated "))
}

// judge holds one file against every rule.
func judge(name, text string) []string {
	var faults []string
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) > maxLines && !strings.HasSuffix(name, "_test.go") {
		faults = append(faults, fmt.Sprintf("%s:%d: %d lines, at most %d: find the seam", name, maxLines, len(lines), maxLines))
	}
	for _, rule := range rules {
		if name == rule.except || !slices.Contains(rule.endings, path.Ext(name)) {
			continue
		}
		for number, line := range lines {
			if rule.pattern.MatchString(line) {
				faults = append(faults, fmt.Sprintf("%s:%d: %s", name, number+1, rule.message))
			}
		}
	}
	return faults
}
