// Command passwords makes chat/password_common.txt, the list of what nobody may take for a password:
//
//	passwords ZXCVBN ZXCVBN-TS DJANGO >../chat/password_common.txt
//
// README.md says which files these are, and that their licences allow it. Known passwords go in first, then names and
// words, the most frequent first, until the file is full.
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	sizeMax   = 400_000 // bytes: the file is part of the program
	wholeMin  = 12      // characters, as chat.PasswordMin: shorter ones count by the word in them
	letterMin = 3       // of such a word
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: passwords ZXCVBN ZXCVBN-TS DJANGO")
		os.Exit(2)
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "passwords:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, zxcvbn, zxcvbnTS, django string) error {
	lists, err := readZxcvbn(zxcvbn)
	if err != nil {
		return err
	}
	ts, errTS := readJSON(zxcvbnTS)
	dj, errDJ := readLines(django)
	if err := errors.Join(errTS, errDJ); err != nil {
		return err
	}
	known := &list{has: map[string]bool{}}
	for _, passwords := range [][]string{lists["passwords"], ts, dj} {
		for _, password := range passwords {
			known.adds(password)
		}
	}
	words := [][]string{lists["male_names"], lists["female_names"], lists["surnames"], lists["english_wikipedia"], lists["us_tv_and_film"]}
	for rank, more := 0, true; more; rank++ {
		more = false
		for _, list := range words {
			if rank < len(list) {
				more = true
				known.adds(list[rank])
			}
		}
	}
	_, err = io.WriteString(out, known.text())
	return err
}

// list is what was taken up so far.
type list struct {
	has  map[string]bool
	size int
}

// adds takes up a long password as it is, and the word in any, while there is room.
func (l *list) adds(password string) {
	password = strings.ToLower(password)
	if strings.ContainsFunc(password, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return
	}
	if len(password) >= wholeMin {
		l.takes(password)
	}
	word := strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(word) >= letterMin {
		l.takes(word)
	}
}

func (l *list) takes(entry string) {
	if !l.has[entry] && l.size+len(entry)+1 <= sizeMax {
		l.has[entry] = true
		l.size += len(entry) + 1
	}
}

// text is a line for each entry, in the order of bytes.
func (l *list) text() string {
	entries := make([]string, 0, len(l.has))
	for entry := range l.has {
		entries = append(entries, entry)
	}
	slices.Sort(entries)
	return strings.Join(entries, "\n") + "\n"
}

// readZxcvbn reads frequency_lists.coffee: lines such as `passwords: "123456,password,…".split(",")`.
func readZxcvbn(path string) (map[string][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lists := map[string][]string{}
	for _, found := range regexp.MustCompile(`(\w+): *['"](.*)['"]\.split`).FindAllStringSubmatch(string(text), -1) {
		lists[found[1]] = strings.Split(found[2], ",")
	}
	if len(lists["passwords"]) == 0 {
		return nil, fmt.Errorf("%s holds no passwords", path)
	}
	return lists, nil
}

func readJSON(path string) (list []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(text, &list)
}

// readLines reads a packed file of lines.
func readLines(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	return strings.Fields(string(text)), err
}
