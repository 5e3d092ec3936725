package chat

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestRender(t *testing.T) {
	markup := NewMarkup()
	for name, c := range map[string]struct{ source, want string }{
		"plain":                   {"hello", "<p>hello</p>"},
		"every line end":          {"a\nb\\\nc  \nd", "<p>a<br>b<br>c<br>d</p>"},
		"paragraphs":              {"a\n\n\nb", "<p>a</p><p>b</p>"},
		"emphasis":                {"*a* _b_ **c** __d__ ***e***", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong> <em><strong>e</strong></em></p>"},
		"names with underscores":  {"snake_case_name", "<p>snake_case_name</p>"},
		"strikethrough":           {"~~a~~", "<p><del>a</del></p>"},
		"escapes":                 {`\*a\* \# \[b\](c)`, "<p>*a* # [b](c)</p>"},
		"inline code":             {"`a *b* \\` ``c ` d``", "<p><code>a *b* \\</code> <code>c ` d</code></p>"},
		"inline code on lines":    {"`a\nb`", "<p><code>a<br>b</code></p>"},
		"backticks left open":     {"`a ``b", "<p>`a ``b</p>"},
		"backticks of two blocks": {"a ` b\n\n`c`", "<p>a ` b</p><p><code>c</code></p>"},
		"fence":                   {"```\na\n\n b\n```\nc", "<pre><code>a\n\n b</code></pre><p>c</p>"},
		"fence with a language":   {"```c++\na\n```", `<pre><code class="language-c++">a</code></pre>`},
		"fence with code":         {"```SELECT 1\nFROM a\n```", "<pre><code>SELECT 1\nFROM a</code></pre>"},
		"fence left open":         {"```\na", "<pre><code>a</code></pre>"},
		"indented code":           {"    a\n      b", "<pre><code>a\n  b</code></pre>"},
		"quote":                   {"> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"},
		"answer under a quote":    {"> a\nb", "<blockquote><p>a</p></blockquote><p>b</p>"},
		"quotes in quotes":        {"> > a\n> b", "<blockquote><blockquote><p>a</p></blockquote><p>b</p></blockquote>"},
		"bullets":                 {"- a\n- b\n  - c", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"},
		"numbers":                 {"1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"},
		"numbers from elsewhere":  {"3) a", `<ol start="3"><li>a</li></ol>`},
		"line in a list item":     {"- a\n  b", "<ul><li>a<br>b</li></ul>"},
		"line under a list":       {"- a\nb", "<ul><li>a</li></ul><p>b</p>"},
		"year":                    {"2024. What a year", "<p>2024. What a year</p>"},
		"nothing to list":         {"-", "<p>-</p>"},
		"heading":                 {"# a\n## b", "<p># a<br>## b</p>"},
		"underlined":              {"a\n===\nb\n---", "<p>a<br>===<br>b<br>---</p>"},
		"rules":                   {"---\n\n* * *\n\n- - -\n\n___", "<p>---</p><p>* * *</p><p>- - -</p><p>___</p>"},
		"table":                   {"|a|\n|-|\n|b|", "<p>|a|<br>|-|<br>|b|</p>"},
		"task":                    {"- [ ] a", "<ul><li>[ ] a</li></ul>"},
		"footnote":                {"a[^1]\n\n[^1]: b", "<p>a[^1]</p><p>[^1]: b</p>"},
		"reference":               {"[a]: b\n\n[a] [c][a]", "<p>[a]: b</p><p>[a] [c][a]</p>"},
		"HTML":                    {"<b>a</b> <!-- b -->\n\n<div>", "<p>&lt;b&gt;a&lt;/b&gt; &lt;!-- b --&gt;</p><p>&lt;div&gt;</p>"},
		"entities":                {"&lt; &#x202e; &amp;", "<p>&amp;lt; &amp;#x202e; &amp;amp;</p>"},
		"quotation marks":         {`data-rev="9" it's`, "<p>data-rev=&#34;9&#34; it&#39;s</p>"},
		"heart":                   {"<3", "<p>&lt;3</p>"},
		"nothing":                 {" \n ", ""},
	} {
		if got := markup.Render(c.source); string(got) != c.want {
			t.Errorf("%s: Render(%q)\n got %s\nwant %s", name, c.source, got, c.want)
		}
	}
}

// TestNesting counts what a browser would have to nest.
func TestNesting(t *testing.T) {
	markup := NewMarkup()
	for source, most := range map[string]int{
		strings.Repeat(">", 4000):                                        maxNesting + 1,     // and the paragraph
		strings.Repeat("- ", 1999) + "a":                                 2 * maxNesting,     // a list and its item
		strings.Repeat("> 1. ", 799) + "a":                               3*maxNesting/2 + 1, // a quote, a list, its item
		strings.Repeat("*a ", 666) + strings.Repeat("a* ", 666):          maxNesting + 1,
		strings.Repeat("~~a **b ", 250) + strings.Repeat("b** a~~", 250): maxNesting + 1,
	} {
		if got := depth(parseBody(t, markup.Render(source))) - 1; got > most || got < maxNesting {
			t.Errorf("Render(%.20q…) nests %d elements, want at most %d", source, got, most)
		}
	}
}

// TestPlainWordsSurvive writes texts in which no character means anything.
func TestPlainWordsSurvive(t *testing.T) {
	markup := NewMarkup()
	char := rapid.OneOf(rapid.RuneFrom(nil, unicode.Letter), rapid.SampledFrom([]rune(` ,?"';/%$ `)))
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOf(rapid.StringOf(char)).Draw(t, "lines")
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i]) // four spaces would be code
		}
		source := strings.Join(lines, "\n")
		body := parseBody(t, markup.Render(source))
		want := strings.Join(strings.Fields(cleanText(source)), " ")
		if got := strings.Join(strings.Fields(words(body)), " "); got != want {
			t.Errorf("Render(%q) shows %q, want %q", source, got, want)
		}
	})
}

// TestRenderOfAnything puts pieces of markup together as they come.
func TestRenderOfAnything(t *testing.T) {
	markup := NewMarkup()
	piece := rapid.SampledFrom(strings.Split(
		"a|B|é|\u202e| |  |    |\t|\n|\n\n|*|**|_|__|~|~~|`|``|```|~~~|>|> |- |+ |1. |9) |# |---|===|[|]|](|](<|](http://a.b)|](b \"|!|![|(|)"+
			"|<|>|<a|<hx-partial>|</div>|<!--|&|&lt;|&#0;|\"|'|\\|http://|https://a.b/c|www.|a.b|@|mailto:|javascript:|.|:|//| hx-get=|data-rev=\"", "|"))
	rapid.Check(t, func(t *rapid.T) {
		checkRender(t, markup, strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), ""))
	})
}

func FuzzRender(f *testing.F) {
	markup := NewMarkup()
	for _, source := range append(hostileBodies(), "*a* [b](https://c.d \"e\") `f`\n> - 1. g\n\n```h\ni\n```\nwww.j.k l@m.n <https://o.p>") {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) { checkRender(t, markup, source) })
}
