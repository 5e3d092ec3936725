package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("123456789012\n!Dragon12\nnaïve\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	coffee := file("c", "frequency_lists = \n  passwords: \"qwerty,abc123,ab12\".split(\",\")\n  surnames: 'smith,o\"hara'.split(\",\")\n")
	json, lines := file("j", `["GodIsNumber1", "abc"]`), file("g", packed.String())
	var out strings.Builder
	if err := run(&out, coffee, json, lines); err != nil {
		t.Fatal(err)
	}
	want := "123456789012\nabc\ndragon\ngodisnumber\ngodisnumber1\no\"hara\nqwerty\nsmith\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if err := run(&out, json, json, lines); err == nil {
		t.Error("a file without passwords passes for the first")
	}
}

func TestListIsFull(t *testing.T) {
	t.Parallel()
	l := &list{has: map[string]bool{}, size: sizeMax - 7}
	l.adds("dragons")
	l.adds("dragon")
	l.adds("smith")
	if got := l.text(); got != "dragon\n" {
		t.Errorf("%q", got)
	}
}
