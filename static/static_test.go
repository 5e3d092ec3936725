package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func TestAssets(t *testing.T) {
	assets, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, contentType := range map[string]string{
		"app.js":   "text/javascript; charset=utf-8",
		"app.css":  "text/css; charset=utf-8",
		"page.css": "text/css; charset=utf-8",
	} {
		path := assets.Path(name)
		base, ok := strings.CutPrefix(path, Prefix)
		if !ok || len(base) != len(name)+len(".1a2b3c4d") {
			t.Errorf("the path of %s is %q, which holds no hash", name, path)
		}
		file, ok := assets.File(base)
		if !ok {
			t.Errorf("%s is not found", base)
			continue
		}
		if file.Type != contentType {
			t.Errorf("%s is %q, want %q", base, file.Type, contentType)
		}
		if got := all(t, brotli.NewReader(bytes.NewReader(file.Brotli))); !bytes.Equal(got, file.Plain) {
			t.Errorf("the Brotli copy of %s holds something else", base)
		}
		unzip, err := gzip.NewReader(bytes.NewReader(file.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if got := all(t, unzip); !bytes.Equal(got, file.Plain) {
			t.Errorf("the gzip copy of %s holds something else", base)
		}
	}
}

func TestUnknownAssets(t *testing.T) {
	assets, err := New()
	if err != nil {
		t.Fatal(err)
	}
	compressed := strings.TrimPrefix(assets.Path("app.js"), Prefix) + ".br"
	for _, name := range []string{"", ".", "app.js", "app.00000000.js", "../static.go", "dist/app.js", compressed} {
		if _, ok := assets.File(name); ok {
			t.Errorf("%q is found", name)
		}
	}
	if path := assets.Path("other.js"); path != "" {
		t.Errorf("the path of an unknown asset is %q", path)
	}
}

func TestIncompleteAssets(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range []string{"app.1.js", "app.2.css", "page.3.css"} {
		for _, suffix := range []string{"", ".br", ".gz"} {
			whole["dist/"+name+suffix] = &fstest.MapFile{}
		}
	}
	if _, err := read(whole); err != nil {
		t.Errorf("a whole set: %v", err)
	}
	for name := range whole {
		part := fstest.MapFS{}
		for other, file := range whole {
			if other != name {
				part[other] = file
			}
		}
		if _, err := read(part); err == nil {
			t.Errorf("without %s: no error", name)
		}
	}
}

func all(t *testing.T, r io.Reader) []byte {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
