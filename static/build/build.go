package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

// engines are the oldest browsers whose syntax the bundle keeps to. KaiOS 3 is Firefox 84.
func engines() []api.Engine {
	return []api.Engine{
		{Name: api.EngineFirefox, Version: "84"},
		{Name: api.EngineChrome, Version: "80"},
		{Name: api.EngineSafari, Version: "14"},
	}
}

// build returns the files of static/dist by name, made from the sources in the folder static.
func build(static string) (map[string][]byte, error) {
	script, err := script(static)
	if err != nil {
		return nil, err
	}
	app, err1 := style(static, "app.css")
	page, err2 := style(static, "page.css")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for logical, content := range map[string][]byte{"app.js": script, "app.css": app, "page.css": page} {
		sum := sha256.Sum256(content)
		stem, ext, _ := strings.Cut(logical, ".")
		name := stem + "." + hex.EncodeToString(sum[:4]) + "." + ext
		files[name] = content
		if files[name+".br"], err = brotliOf(content); err != nil {
			return nil, err
		}
		if files[name+".gz"], err = gzipOf(content); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// script bundles, transpiles and minifies htmx 4.0.1 with its extensions, as they were published, and our own. Our extension
// `tail` has to be registered before hx-upsert, and all before htmx looks at the page, which it does after the bundle has run.
// The published parts stay plain scripts, because hx-ws looks for htmx as a global name; ours share one closure.
func script(static string) ([]byte, error) {
	htmx, err1 := concat(static, "htmx/htmx.js")
	ours, err2 := concat(static, "app.js", "composer.js", "edit.js")
	extensions, err3 := concat(static, "htmx/hx-ws.js", "htmx/hx-upsert.js")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return transform(htmx+"(() => {'use strict';\n"+ours+"})();\n"+extensions, api.TransformOptions{
		Loader: api.LoaderJS, Sourcefile: "app.js", Engines: engines(), Supported: supported(),
		MangleProps: "^__", ReserveProps: "^__proto__$",
	})
}

func concat(static string, names ...string) (string, error) {
	var all bytes.Buffer
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(static, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		all.Write(publicNames(content))
		all.WriteByte('\n')
	}
	return all.String(), nil
}

// publicNames writes the private names of htmx's classes, #name, as __name, the way htmx's own source has them. The old
// browsers know no private methods; emulating them would cost 1 KB and a look-up in a WeakSet with every call, while these
// names are shortened like any other.
func publicNames(script []byte) []byte {
	return regexp.MustCompile(`([\s.;{(!])#([a-zA-Z]\w*)`).ReplaceAll(script, []byte("${1}__${2}"))
}

// supported corrects esbuild's table: Safari 14.0 is marked there as without destructuring for a rare case that these
// scripts do not have.
func supported() map[string]bool {
	return map[string]bool{"destructuring": true}
}

func style(static, name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(static, name))
	if err != nil {
		return nil, err
	}
	return transform(string(content), api.TransformOptions{
		Loader: api.LoaderCSS, Sourcefile: name, Engines: engines(),
	})
}

// transform minifies; a warning is an error, since nobody would read it.
func transform(source string, options api.TransformOptions) ([]byte, error) {
	options.MinifyWhitespace, options.MinifyIdentifiers, options.MinifySyntax = true, true, true
	options.LegalComments = api.LegalCommentsNone
	result := api.Transform(source, options)
	var errs []error
	for _, message := range append(result.Errors, result.Warnings...) {
		errs = append(errs, errors.New(sentence(message)))
	}
	return result.Code, errors.Join(errs...)
}

// sentence says where esbuild found something, and what.
func sentence(message api.Message) string {
	if message.Location == nil {
		return message.Text
	}
	return fmt.Sprintf("%s:%d: %s", message.Location.File, message.Location.Line, message.Text)
}

func brotliOf(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

func gzipOf(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
