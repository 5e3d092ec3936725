package chat

import (
	"bytes"
	"html"
	"net/url"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// SafeHTML is the HTML of a message's body. Only Markup makes it, and it is
// the one type that templates print without escaping.
type SafeHTML string

// Markup turns what people type into HTML. It knows a chat's share of
// Markdown: emphasis, strikethrough, code, quotes, lists and links. All else
// (HTML and its entities, headings, rules, tables, images, footnotes) stays on
// the page as it was typed, for a person who writes "# 1" or "<3" means it.
//
// Two walls stand between a message and the page: the drawing can write
// nothing but the few tags it has words for, and the policy lets nothing else
// through. A text of words alone needs neither (see plain). Make one with
// NewMarkup; any number of goroutines may share it.
type Markup struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

// NewMarkup builds the parser, the drawing and the policy.
func NewMarkup() *Markup {
	return &Markup{
		markdown: goldmark.New(
			goldmark.WithParser(newParser()),
			goldmark.WithRenderer(renderer.NewRenderer(
				renderer.WithNodeRenderers(util.Prioritized(drawing{}, 1)),
			)),
		),
		policy: newPolicy(),
	}
}

// Render gives the HTML of a message as it was typed. The same source always
// gives the same HTML, whatever it holds; 4,000 characters take a few
// milliseconds at the very worst.
func (m *Markup) Render(source string) SafeHTML {
	source = cleanText(source)
	if drawn, ok := plain(source); ok {
		return drawn
	}
	return m.parse(source)
}

// parse renders a clean text that may hold anything.
func (m *Markup) parse(source string) SafeHTML {
	var drawn bytes.Buffer
	if err := m.markdown.Convert([]byte(source), &drawn); err != nil {
		return SafeHTML(html.EscapeString(source)) // a message is never lost for its markup
	}
	return SafeHTML(m.policy.SanitizeBytes(drawn.Bytes()))
}

// newParser lists all that a message can hold. What is not in the list is
// text: setext and # headings, rules, HTML, images, reference definitions.
func newParser() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(lists{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(quotes{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(codeSpans{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(links{parser.NewLinkParser()}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(bareLinks{}, 400),
			util.Prioritized(parser.NewEmphasisParser(), 500),
			util.Prioritized(extension.NewStrikethroughParser(), 600),
		),
	)
}

// newPolicy is the second wall. It is written from the page's side and shares
// nothing with the drawing, so that a mistake there does not pass here.
func newPolicy() *bluemonday.Policy {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "small")
	policy.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("ol")
	policy.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[a-z0-9+#-]{1,20}$`)).OnElements("code")
	policy.AllowAttrs("rel").Matching(regexp.MustCompile(`^noopener noreferrer nofollow ugc$`)).OnElements("a")
	policy.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	policy.AllowAttrs("href").OnElements("a")
	web := func(u *url.URL) bool { return u.Host != "" && u.User == nil }
	mail := func(u *url.URL) bool { return u.Opaque != "" && u.RawQuery == "" }
	policy.AllowURLSchemeWithCustomPolicy("http", web)
	policy.AllowURLSchemeWithCustomPolicy("https", web)
	policy.AllowURLSchemeWithCustomPolicy("mailto", mail)
	policy.RequireParseableURLs(true)
	return policy
}
