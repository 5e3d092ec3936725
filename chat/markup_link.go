package chat

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"golang.org/x/text/unicode/norm"
)

// maxAddress is the longest address, in bytes, that becomes a link.
const maxAddress = 2000

// links is Markdown's parser of [label](address). It does not know images: an
// image reads "!" and a link to it, and nobody's browser fetches it unasked.
type links struct{ parser.InlineParser }

// Trigger leaves out the "!" that begins an image.
func (links) Trigger() []byte { return []byte{'[', ']'} }

// CloseBlock gives the brackets that close nothing back to the text.
func (l links) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if closer, ok := l.InlineParser.(parser.CloseBlocker); ok {
		closer.CloseBlock(parent, block, pc)
	}
}

// Addresses that stand in a text without brackets, by the character that gives
// them away. A host's letters are those of any script: parseAddress then refuses
// it as a whole, where a shape of ASCII alone would cut it short and link to
// another host.
var (
	bareWeb  = regexp.MustCompile(`^(?i)https?://[\pL\pM\pN_.-]+(?::[0-9]{1,5})?` + barePath)
	bareWWW  = regexp.MustCompile(`^(?i)www\.[\pL\pM\pN-]+\.[\pL\pM\pN.-]+` + barePath)
	bareMail = regexp.MustCompile(`^(?i)[a-z0-9][a-z0-9.+_-]*@[\pL\pM\pN-]+(?:\.[\pL\pM\pN-]+)+`)
)

const barePath = `(?:[/?#][!#-;=?-Z\[\]^_a-~]*)?`

// bareLinks finds the addresses that people just type or paste. It waits for
// the character that gives one away and looks back from there, so that quotation
// marks, brackets or Chinese before an address do not matter.
type bareLinks struct{}

// Trigger names the ":" of https://, the "." of www. and the "@" of mail.
func (bareLinks) Trigger() []byte { return []byte{':', '.', '@'} }

// Parse gives the address around the reader's place, or nil.
func (bareLinks) Parse(parent ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, here := block.PeekLine()
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != here.Start {
		return nil
	}
	source, trigger := block.Source(), line[0]
	start := here.Start
	for start > 0 && isAddressByte(source[start-1], trigger) {
		start--
	}
	if start < before.Segment.Start {
		return nil // a part of it has become something else, as the emphasis in a_b_c@example.org
	}
	found := findAddress(trigger, string(source[start:here.Start]), source[start:here.Stop])
	if found == nil {
		return nil
	}

	before.Segment = before.Segment.WithStop(start)
	stop := start + len(found)
	block.Advance(stop - here.Start)
	kind := ast.AutoLinkType(ast.AutoLinkURL)
	if trigger == '@' {
		kind = ast.AutoLinkEmail
	}
	link := ast.NewAutoLink(kind, ast.NewTextSegment(text.NewSegment(start, stop)))
	link.SetPos(start)
	if trigger == '.' {
		link.Protocol = []byte("http")
	}
	return link
}

// findAddress gives the address at the beginning of text, where word is what
// stands before the trigger.
func findAddress(trigger byte, word string, text []byte) []byte {
	shape := bareMail
	switch word = strings.ToLower(word); {
	case trigger == ':' && (word == "http" || word == "https"):
		shape = bareWeb
	case trigger == '.' && word == "www":
		shape = bareWWW
	case trigger != '@' || word == "":
		return nil
	}
	return trimAddress(shape.Find(text))
}

// isAddressByte tells whether c can stand before the character that gave an
// address away: a letter or a digit; in a mail address more, even what it must
// not hold, so that it is found whole or not at all.
func isAddressByte(c, trigger byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' ||
		trigger == '@' && (c >= 0x80 || strings.IndexByte(".+_-", c) >= 0)
}

// trimAddress leaves to the sentence the marks that end it, and all from the
// bracket on that closes one opened before the address.
func trimAddress(address []byte) []byte {
	open := map[byte]int{}
	for i, c := range address {
		switch c {
		case '(', '[', '{':
			open[c]++
		case ')':
			open['(']--
		case ']', '}':
			open[c-2]-- // in ASCII the opening one stands two before
		}
		if open['('] < 0 || open['['] < 0 || open['{'] < 0 {
			address = address[:i]
			break
		}
	}
	return bytes.TrimRight(address, "?!.,:;*_~'")
}

// address is where a link leads.
type address struct {
	href string // the whole, in the spelling that was checked
	name string // what tells a reader whose it is: the host, or the mailbox
}

var (
	webHost  = regexp.MustCompile(`^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$`)
	mailbox  = regexp.MustCompile(`^[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+$`)
	hostLike = regexp.MustCompile(`[\pL\pM\pN-]+(?:[.。][\pL\pM\pN-]+)+`)
)

// revAttribute is how a page learns its place from what the server sends: it
// looks for this and a quotation mark, as would stand behind such an address.
const revAttribute = "data-rev="

// parseAddress takes the addresses a message may link to: http and https with
// a host, mailto with one mailbox and nothing that fills in the letter. It
// refuses all others; a user name, which is there to look like a host
// ("https://bank.example@evil.example"); and a host that is not in ASCII, whose
// letters may pass for others. Browsers copy such an address as "xn--…".
func parseAddress(s string) (address, bool) {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxAddress || u.User != nil {
		return address{}, false
	}
	switch u.Scheme {
	case "http", "https":
		to := address{href: u.String(), name: strings.ToLower(u.Hostname())}
		return to, webHost.MatchString(u.Host) && !strings.HasSuffix(strings.ToLower(to.href), revAttribute)
	case "mailto":
		to := address{href: "mailto:" + u.Opaque, name: strings.ToLower(u.Opaque)}
		return to, mailbox.MatchString(u.Opaque) && strings.EqualFold(s, to.href)
	}
	return address{}, false
}

// misleads tells whether a label shows another host than the one it links to,
// or nothing at all. It would rather be wrong about "main.go" than about
// "bank.example".
func (to address) misleads(label string) bool {
	label = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(label))
	label = strings.ToLower(strings.TrimFunc(label, isBlank))
	switch label {
	case "":
		return true
	case to.name, strings.ToLower(to.href):
		return false
	}
	for _, host := range hostLike.FindAllString(label, -1) {
		if strings.TrimPrefix(host, "www.") != strings.TrimPrefix(to.name, "www.") {
			return true
		}
	}
	return false
}
