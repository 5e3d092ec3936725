// Package static holds what a browser loads beside the pages: the script and the style sheets, that of a room and what all
// other pages need besides, built from the sources in this folder into dist. Each has a hash of its content in its name, so that
// it may be cached for ever, and stands there compressed, so that serving it costs no work.
package static

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:generate go run ./build

// Prefix begins the address of every asset: "/static/app.1a2b3c4d.js".
const Prefix = "/static/"

//go:embed dist
var dist embed.FS // the compiler fills it; nothing writes to it

// Assets knows the files of dist by the name in their address and by their logical name. It is made once, read-only, and safe
// for concurrent use.
type Assets struct {
	files map[string]File   // by file name: "app.1a2b3c4d.js"
	paths map[string]string // by logical name: "app.js"
}

// File is one asset with its compressed copies. The slices are shared: nobody may write to them. A response that picks one of
// them needs `Vary: Accept-Encoding`; since the name changes with the content, it may be cached as immutable.
type File struct {
	Type   string // the Content-Type
	Plain  []byte
	Brotli []byte // Content-Encoding: br
	Gzip   []byte // Content-Encoding: gzip
}

// New reads the embedded files. It fails when dist is not what `go generate ./static` makes.
func New() (*Assets, error) {
	return read(dist)
}

func read(files fs.FS) (*Assets, error) {
	names, err := fs.Glob(files, "dist/*")
	if err != nil {
		return nil, err
	}
	assets := &Assets{files: map[string]File{}, paths: map[string]string{}}
	for _, name := range names {
		if ext := path.Ext(name); ext == ".br" || ext == ".gz" {
			continue
		}
		file := File{Type: contentType(path.Ext(name))}
		for suffix, content := range map[string]*[]byte{"": &file.Plain, ".br": &file.Brotli, ".gz": &file.Gzip} {
			if *content, err = fs.ReadFile(files, name+suffix); err != nil {
				return nil, fmt.Errorf("static assets are incomplete: %w", err)
			}
		}
		base := path.Base(name)
		assets.files[base] = file
		assets.paths[logical(base)] = Prefix + base
	}
	for _, name := range []string{"app.js", "app.css", "page.css"} {
		if assets.paths[name] == "" {
			return nil, fmt.Errorf("static assets are incomplete: no %s", name)
		}
	}
	return assets, nil
}

// Path is the address of an asset: "app.js" → "/static/app.1a2b3c4d.js". There are app.js, app.css and page.css; the path
// of any other name is empty.
func (a *Assets) Path(name string) string { return a.paths[name] }

// File finds an asset by the name behind Prefix, "app.1a2b3c4d.js". Any other name, also that of a compressed copy, is not found.
func (a *Assets) File(name string) (File, bool) {
	file, ok := a.files[name]
	return file, ok
}

// logical takes the hash out of a file name: "app.1a2b3c4d.js" → "app.js".
func logical(name string) string {
	stem, _, _ := strings.Cut(name, ".")
	return stem + path.Ext(name)
}

func contentType(ext string) string {
	if ext == ".js" {
		return "text/javascript; charset=utf-8"
	}
	return "text/css; charset=utf-8"
}
