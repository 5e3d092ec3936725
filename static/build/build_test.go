package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// TestFresh fails when dist is not what the sources make. A gzip file is compared by what it holds, since Go's compressor may
// write other bytes in another version of Go.
func TestFresh(t *testing.T) {
	want := built(t)
	entries, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if want[entry.Name()] == nil {
			t.Errorf("dist/%s is no longer made; run go generate ./static", entry.Name())
		}
	}
	for name, content := range want {
		got, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil {
			t.Errorf("%v; run go generate ./static", err)
			continue
		}
		if strings.HasSuffix(name, ".gz") {
			got, content = unzip(t, got), unzip(t, content)
		}
		if !bytes.Equal(got, content) {
			t.Errorf("dist/%s is stale; run go generate ./static", name)
		}
	}
}

// TestReproducible builds twice: the same sources have to give the same bytes.
func TestReproducible(t *testing.T) {
	first, second := built(t), built(t)
	for name, content := range first {
		if !bytes.Equal(content, second[name]) {
			t.Errorf("%s differs between two builds", name)
		}
	}
}

// TestVendored fails when a file that others published was changed, added or lost.
func TestVendored(t *testing.T) {
	sums, err := os.Open("../htmx/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	known := map[string]bool{"SHA256SUMS": true}
	lines := bufio.NewScanner(sums)
	for lines.Scan() {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		known[name] = true
		content, err := os.ReadFile(filepath.Join("../htmx", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			t.Errorf("htmx/%s is not the file that was published", name)
		}
	}
	entries, err := os.ReadDir("../htmx")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			t.Errorf("htmx/%s has no checksum", entry.Name())
		}
	}
}

// TestSyntax fails when the oldest browsers could not parse what they get: there must be nothing left to transpile.
func TestSyntax(t *testing.T) {
	for name, content := range built(t) {
		loader := map[string]api.Loader{".js": api.LoaderJS, ".css": api.LoaderCSS}[filepath.Ext(name)]
		if loader == api.LoaderNone {
			continue
		}
		as := api.Transform(string(content), api.TransformOptions{Loader: loader})
		old := api.Transform(string(content), api.TransformOptions{Loader: loader, Engines: engines(), Supported: supported()})
		if len(as.Errors)+len(old.Errors) > 0 {
			t.Errorf("%s does not parse: %v %v", name, as.Errors, old.Errors)
		}
		if !bytes.Equal(as.Code, old.Code) {
			t.Errorf("%s has syntax that the oldest browsers do not know", name)
		}
	}
}

// TestBudgets fails when a phone on a bad line would have to load more than was decided: bytes as Brotli.
func TestBudgets(t *testing.T) {
	budgets := map[string]int{"app.js": 18_000, "app.css": 3_200, "page.css": 2_400}
	for name, content := range built(t) {
		plain, ok := strings.CutSuffix(name, ".br")
		stem, _, _ := strings.Cut(plain, ".")
		if allowed := budgets[stem+filepath.Ext(plain)]; ok && len(content) > allowed {
			t.Errorf("%s has %d bytes, %d are allowed", name, len(content), allowed)
		}
	}
}

func built(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func unzip(t *testing.T, content []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
