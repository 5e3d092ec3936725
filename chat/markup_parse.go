package chat

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxNesting is how deep quotes and lists, and emphasis within a line, may
// stand in one another. Nobody reads deeper, and without a bound a message of
// ">" alone costs a parser and a browser dearly.
const maxNesting = 20

// listLine is a line that starts a list: a marker, a space, and something to
// list. "-", "* * *" and "2024. What a year" are no lists.
var listLine = regexp.MustCompile(`^ {0,3}(?:[-*+]|[0-9]{1,3}[.)])[ \t].*[^-*+_ \t\n]`)

// lists is Markdown's list parser, kept from starting a list too readily.
type lists struct{ parser.BlockParser }

// Open starts a list where a line has one.
func (l lists) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if _, started := parent.(*ast.List); !started {
		line, _ := reader.PeekLine()
		if tooDeep(parent) || !listLine.Match(line) {
			return nil, parser.NoChildren
		}
	}
	return l.BlockParser.Open(parent, reader, pc)
}

// quotes is Markdown's quote parser with a floor.
type quotes struct{ parser.BlockParser }

// Open starts a quote where a line has one.
func (q quotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if tooDeep(parent) {
		return nil, parser.NoChildren
	}
	return q.BlockParser.Open(parent, reader, pc)
}

// paragraphs ends a quote or a list item with the line that no longer has its
// mark. Markdown would let such a line continue the paragraph inside ("lazy
// continuation"), and the answer typed under a quote would become part of it.
type paragraphs struct{ parser.BlockParser }

// Open starts a paragraph, unless the open one goes on.
func (p paragraphs) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	if last := pc.LastOpenedBlock().Node; last != nil && ast.IsParagraph(last) && last.Parent() == parent {
		return nil, parser.NoChildren
	}
	return p.BlockParser.Open(parent, reader, pc)
}

// CanInterruptParagraph lets Open see the lines under a paragraph.
func (paragraphs) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine does so for indented lines that are no code.
func (paragraphs) CanAcceptIndentedLine() bool { return true }

func tooDeep(parent ast.Node) bool {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		switch n.Kind() {
		case ast.KindBlockquote, ast.KindList:
			depth++
		}
	}
	return depth >= maxNesting
}

// codeSpans is Markdown's parser of `code` that asks a question once. To find
// no end for a run of backticks it reads the whole block; a block full of such
// runs would cost the square of its length.
type codeSpans struct{ parser.InlineParser }

// unclosed holds, for the block being read, the lengths of the runs of
// backticks that nothing closes from here on.
var unclosed = parser.NewContextKey()

// Parse gives the code, or the backticks that open none.
func (c codeSpans) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, here := block.PeekLine()
	run := len(line) - len(bytes.TrimLeft(line, "`"))
	known, _ := pc.Get(unclosed).(map[int]bool)
	if known[run] {
		block.Advance(run)
		return ast.NewTextSegment(here.WithStop(here.Start + run))
	}
	node := c.InlineParser.Parse(parent, block, pc)
	if _, isText := node.(*ast.Text); isText {
		if known == nil {
			known = map[int]bool{}
			pc.Set(unclosed, known)
		}
		known[run] = true
	}
	return node
}

// CloseBlock forgets, for the next block may close what this one did not.
func (codeSpans) CloseBlock(_ ast.Node, _ text.Reader, pc parser.Context) {
	pc.Set(unclosed, nil)
}
