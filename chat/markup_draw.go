package chat

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// drawing writes a message's syntax tree as HTML, without a byte between the
// tags: a message is sent to many screens.
type drawing struct{}

// RegisterFuncs names what can be drawn; of any other node nothing is written
// but what it holds.
func (drawing) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindParagraph, inTag("p"))
	r.Register(ast.KindBlockquote, inTag("blockquote"))
	r.Register(ast.KindListItem, inTag("li"))
	r.Register(ast.KindList, drawn(drawList))
	r.Register(ast.KindCodeBlock, drawn(drawCode))
	r.Register(ast.KindFencedCodeBlock, drawn(drawCode))
	r.Register(ast.KindCodeSpan, drawn(drawCodeSpan))
	r.Register(ast.KindEmphasis, drawn(drawEmphasis))
	r.Register(extast.KindStrikethrough, drawn(drawEmphasis))
	r.Register(ast.KindLink, drawn(drawLink))
	r.Register(ast.KindAutoLink, drawn(drawAutoLink))
	r.Register(ast.KindText, drawn(drawText))
}

// drawn gives a function for one type of node the shape that goldmark asks for.
func drawn[N ast.Node](draw func(w util.BufWriter, source []byte, node N, entering bool) ast.WalkStatus) renderer.NodeRendererFunc {
	return func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n, ok := node.(N)
		if !ok {
			return ast.WalkStop, fmt.Errorf("draw markup: %s is a %T", node.Kind(), node)
		}
		return draw(w, source, n, entering), nil
	}
}

// inTag draws a node as an element without attributes.
func inTag(tag string) renderer.NodeRendererFunc {
	return drawn(func(w util.BufWriter, _ []byte, _ ast.Node, entering bool) ast.WalkStatus {
		writeTag(w, tag, entering)
		return ast.WalkContinue
	})
}

func drawList(w util.BufWriter, _ []byte, list *ast.List, entering bool) ast.WalkStatus {
	switch {
	case !list.IsOrdered():
		writeTag(w, "ul", entering)
	case entering && list.Start != 1:
		write(w, `<ol start="`, strconv.Itoa(list.Start), `">`)
	default:
		writeTag(w, "ol", entering)
	}
	return ast.WalkContinue
}

// language is what may stand behind an opening fence as a language's name.
var language = regexp.MustCompile(`^[a-z0-9+#-]{1,20}$`)

// drawCode draws a block of code. Words behind the opening fence that are no
// language's name are the first line of the code: many type it there.
func drawCode(w util.BufWriter, source []byte, block ast.Node, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	write(w, "<pre><code")
	var code []byte
	if fenced, ok := block.(*ast.FencedCodeBlock); ok && fenced.Info != nil {
		info := fenced.Info.Segment.Value(source)
		if language.Match(info) {
			write(w, ` class="language-`, string(info), `"`)
		} else {
			code = append(append(code, info...), '\n')
		}
	}
	for i := range block.Lines().Len() {
		line := block.Lines().At(i)
		code = append(code, line.Value(source)...)
	}
	write(w, ">", escape(bytes.TrimSuffix(code, []byte("\n"))), "</code></pre>")
	return ast.WalkSkipChildren
}

func drawCodeSpan(w util.BufWriter, source []byte, span *ast.CodeSpan, entering bool) ast.WalkStatus {
	writeTag(w, "code", entering)
	if entering {
		var code []byte
		for c := span.FirstChild(); c != nil; c = c.NextSibling() {
			if line, ok := c.(*ast.Text); ok {
				code = append(code, line.Segment.Value(source)...)
			}
		}
		write(w, strings.ReplaceAll(escape(code), "\n", "<br>"))
	}
	return ast.WalkSkipChildren
}

func drawEmphasis(w util.BufWriter, _ []byte, node ast.Node, entering bool) ast.WalkStatus {
	depth := 0
	for n := node.Parent(); n.Type() == ast.TypeInline; n = n.Parent() {
		depth++
	}
	if depth >= maxNesting {
		return ast.WalkContinue
	}
	tag := "del"
	if emphasis, ok := node.(*ast.Emphasis); ok {
		tag = [...]string{1: "em", 2: "strong"}[emphasis.Level]
	}
	writeTag(w, tag, entering)
	return ast.WalkContinue
}

// drawLink draws [label](address), or the same as it was typed when the
// address is none that a message may lead to.
func drawLink(w util.BufWriter, source []byte, link *ast.Link, entering bool) ast.WalkStatus {
	to, ok := parseAddress(string(util.UnescapePunctuations(link.Destination)))
	switch {
	case ok && entering:
		openLink(w, to)
	case ok:
		if to.misleads(linkLabel(source, link)) {
			// No message can bring a <small> of its own.
			write(w, " <small>(", escape([]byte(to.name)), ")</small>")
		}
		write(w, "</a>")
	case entering:
		write(w, "[")
	default:
		write(w, "](", escape(link.Destination))
		if link.Title != nil {
			write(w, ` "`, escape(link.Title), `"`)
		}
		write(w, ")")
	}
	return ast.WalkContinue
}

// drawAutoLink draws an address that is its own label. Inside a label it is
// part of the label.
func drawAutoLink(w util.BufWriter, source []byte, link *ast.AutoLink, entering bool) ast.WalkStatus {
	if !entering {
		return ast.WalkContinue
	}
	goal := string(link.URL(source))
	if link.AutoLinkType == ast.AutoLinkEmail {
		goal = "mailto:" + goal
	}
	to, ok := parseAddress(goal)
	for n := link.Parent(); n.Type() == ast.TypeInline; n = n.Parent() {
		ok = ok && n.Kind() != ast.KindLink
	}
	shown := escape(link.Label(source))
	switch {
	case ok:
		openLink(w, to)
		write(w, shown, "</a>")
	case source[link.Pos()] == '<':
		write(w, "&lt;", shown, "&gt;")
	default:
		write(w, shown)
	}
	return ast.WalkContinue
}

func drawText(w util.BufWriter, source []byte, text *ast.Text, entering bool) ast.WalkStatus {
	if entering {
		write(w, escape(util.UnescapePunctuations(text.Segment.Value(source))))
		if text.SoftLineBreak() || text.HardLineBreak() {
			write(w, "<br>")
		}
	}
	return ast.WalkContinue
}

// linkLabel gives the words that a reader sees in a link.
func linkLabel(source []byte, node ast.Node) string {
	var words strings.Builder
	for c := node.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			words.Write(util.UnescapePunctuations(c.Segment.Value(source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				words.WriteByte(' ')
			}
		case *ast.AutoLink:
			words.Write(c.Label(source))
		default:
			words.WriteString(linkLabel(source, c))
		}
	}
	return words.String()
}

func openLink(w util.BufWriter, to address) {
	write(w, `<a href="`, escape([]byte(to.href)), `" rel="noopener noreferrer nofollow ugc" target="_blank">`)
}

func writeTag(w util.BufWriter, tag string, opening bool) {
	if opening {
		write(w, "<", tag, ">")
	} else {
		write(w, "</", tag, ">")
	}
}

func escape(text []byte) string { return string(util.EscapeHTML(text)) }

// write hands strings to the buffer of a rendering, which keeps the first
// error and gives it back when it is flushed.
func write(w util.BufWriter, parts ...string) {
	for _, part := range parts {
		_, _ = w.WriteString(part)
	}
}
