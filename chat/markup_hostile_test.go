package chat

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hostileBodies are what people try. The names of the tests below say which
// requirements of the security list they answer for.
func hostileBodies() []string {
	return []string{
		// Elements and handlers.
		`<script>alert(1)</script>`,
		`<ScRiPt src=//evil.example/x.js></sCrIpT>`,
		`<img src=x onerror=alert(1)>`,
		`<IMG """><SCRIPT>alert(1)</SCRIPT>">`,
		`<svg onload=alert(1)>`,
		`<svg><script>alert&#40;1)</script></svg>`,
		`<math><mi xlink:href="javascript:alert(1)">a</mi></math>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
		`<object data="data:text/html,<script>alert(1)</script>"></object>`,
		`<embed src=javascript:alert(1)>`,
		`<details open ontoggle=alert(1)>a</details>`,
		`<body onload=alert(1)>`,
		`<form action=/signout method=post><button>a</button></form>`,
		`<input autofocus onfocus=alert(1)>`,
		`<a href="javascript:alert(1)" onclick=alert(1)>a</a>`,
		`<style>@import 'https://evil.example/x.css';</style>`,
		`<link rel=stylesheet href=//evil.example>`,
		`<meta http-equiv=refresh content="0;url=https://evil.example">`,
		`<base href=https://evil.example/>`,
		`<template><img src=x onerror=alert(1)></template>`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<video><source onerror=alert(1)></video>`,
		`<p id=log name=body style="position:fixed" class=m data-rev="999">a</p>`,
		// What htmx listens to.
		`<div hx-get="/rooms/1" hx-trigger="load">a</div>`,
		`<div data-hx-get="/rooms/1" data-hx-trigger=load>a</div>`,
		`<b hx-on:click="alert(1)" hx-on--load=alert(1)>a</b>`,
		`<B HX-GET=/signout HX-Trigger=load>a</B>`,
		`<div id="composer" hx-swap-oob="true">a</div>`,
		`<li id="m1" hx-swap-oob="outerHTML:#sidebar">a</li>`,
		`<hx-partial hx-target="#app">a</hx-partial>`,
		`<hx-upsert hx-target="#tail"><li id="m1">a</li></hx-upsert>`,
		`<HX-UPSERT hx-target=body>a</HX-UPSERT>`,
		`<div ws-connect="/live" ws-send>a</div>`,
		`<div hx-ws:connect="/live?room=1" sse-connect=/live>a</div>`,
		`<hx-on:click> <hx-get:x> <data-hx:y>`,
		`<p id="line" data-reload hx-swap-oob="true">a</p>`,
		`[a](https://b.example/ "x\" hx-get=\"/signout\" hx-trigger=\"load")`,
		`[a](<https://b.example/" hx-get="/signout>)`,
		`![x" hx-get="/signout](https://b.example/a.png)`,
		"```\" hx-get=\"/signout\n<hx-partial>a</hx-partial>\n```",
		"```x hx-get=/signout\na\n```",
		"# a {#composer hx-get=/signout .x}",
		`**a**{hx-get=/signout}`,
		// Ways out of the element.
		`</div></li></ol><div id="composer">a</div>`,
		"</div></li></ol></div></main></body></html>\n\n<p>a",
		"- a\n</li></ul></div>\n- b",
		"> </blockquote></div><script>alert(1)</script>",
		"`</code></div><script>alert(1)</script>`",
		"```\n</code></pre></div><script>alert(1)</script>\n```",
		"    </code></pre></div><script>alert(1)</script>",
		`<!-- </div> --><![CDATA[</div>]]><?php </div> ?><!DOCTYPE html>`,
		"<textarea></div></textarea><title></div></title><plaintext>",
		// Entities, broken tags, tables, references.
		`&lt;script&gt;alert(1)&lt;/script&gt;`,
		`&#60;script&#62; &#x3C;img src=x onerror=alert(1)&#x3e; &#0; &#x202e;`,
		`<<script>alert(1)//<</script>`,
		`<scr<script>ipt>alert(1)</scr</script>ipt>`,
		"<img src=x\nonerror=alert(1)\n//",
		`<a href="https://a.example`,
		"<div\n\n>a</div\n\n>",
		"|<b>|\n|-|\n|<img src=x onerror=alert(1)>|",
		"[x]: javascript:alert(1) \"hx-get\"\n\n[x] [a][x] [x][]",
		"[^1]: <script>alert(1)</script>\n\na[^1]",
		"<\x00script>alert(1)</script> <scr\x00ipt> \u202e<script\u2069>",
		"\xff<\xc0\xbcscript>\xfe",
	}
}

func TestHostileBodies_S42_S43_S44(t *testing.T) {
	markup := NewMarkup()
	if n := len(hostileBodies()); n < 60 {
		t.Fatalf("%d hostile bodies, want 60 or more", n)
	}
	for i, source := range hostileBodies() {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			for _, around := range []string{"%s", "> %s", "- a\n- %s", "**%s**", "[%s](https://a.example)", "`%s`", "a\n%s\nb"} {
				checkRender(t, markup, fmt.Sprintf(around, source))
			}
		})
	}
}

// TestSecondWall_S42_S43 gives the policy what the drawing would never write.
func TestSecondWall_S42_S43(t *testing.T) {
	markup := NewMarkup()
	for _, source := range append(hostileBodies(),
		`<a href="https://a.example" rel="opener" target="_top" hx-get="/">a</a>`,
		`<a href="java&#10;script:alert(1)">a</a><a href="//evil.example">a</a><a href="/signout">a</a><a href="https://a@b.example">a</a>`,
		`<code class="m c language-go" data-hx-get="/">a</code><ol start="-1" reversed><li value=3 id=m1>a</li></ol>`,
	) {
		out := markup.policy.Sanitize(source)
		tokens := html.NewTokenizer(strings.NewReader(out))
		for tokens.Next() != html.ErrorToken {
			token := tokens.Token()
			if _, known := messageTags[token.Data]; !known && token.Type != html.TextToken {
				t.Errorf("%q lets %s pass", source, token)
			}
			for _, attr := range token.Attr {
				if value, ok := messageTags[token.Data][attr.Key]; !ok || !value.MatchString(attr.Val) {
					t.Errorf("%q lets %s pass", source, token)
				}
			}
		}
	}
}

func TestLinks_S46(t *testing.T) {
	markup := NewMarkup()
	for source, want := range map[string]string{
		// Links, with the host behind a label that shows none or another.
		"[a](https://b.example/c?d=e&f#g)":                     "a → https://b.example/c?d=e&f#g",
		"[a](HTTP://b.example)":                                "a → http://b.example",
		"[a](<https://b.example/c d>)":                         "a → https://b.example/c%20d",
		"[a](https://b.example/c \"title\")":                   "a → https://b.example/c",
		"[a *b*](mailto:c@d.example)":                          "a b → mailto:c@d.example",
		"[b.example](https://www.b.example)":                   "b.example → https://www.b.example",
		"[https://b.example/c.html](https://b.example/c.html)": "https://b.example/c.html → https://b.example/c.html",
		"[https://bank.example](https://evil.example)":         "https://bank.example (evil.example) → https://evil.example",
		"[**bank**.example](https://evil.example)":             "bank.example (evil.example) → https://evil.example",
		"[bank\u200b.\u2060example](https://evil.example)":     "bank\u200b.\u2060example (evil.example) → https://evil.example",
		"[ｂａｎｋ．example](https://evil.example)":                 "ｂａｎｋ．example (evil.example) → https://evil.example",
		"[bаnk.example](https://bank.example)":                 "bаnk.example (bank.example) → https://bank.example", // a Cyrillic а
		"[`bank.example`](https://bank.example.evil.example)":  "bank.example (bank.example.evil.example) → https://bank.example.evil.example",
		"[ada@bank.example](mailto:eve@evil.example)":          "ada@bank.example (eve@evil.example) → mailto:eve@evil.example",
		"[\u200b](https://evil.example)":                       "\u200b (evil.example) → https://evil.example",
		"[](https://evil.example)":                             " (evil.example) → https://evil.example",
		"![a](https://b.example/c.png)":                        "!a → https://b.example/c.png",
		"[![a](https://b.example)](https://c.example)":         "[!a](https://c.example) → https://b.example, https://c.example",
		"[a <https://b.example>](https://c.example)":           "a <https://b.example> (c.example) → https://c.example",

		// Addresses that just stand there.
		"<https://a.example> <b@c.example>":                             "https://a.example b@c.example → https://a.example, mailto:b@c.example",
		"(see https://a.example/b_(c)_d).":                              "(see https://a.example/b_(c)_d). → https://a.example/b_(c)_d",
		"\"https://a.example\", 在https://b.example/。**www.c.example**!": "\"https://a.example\", 在https://b.example/。www.c.example! → https://a.example, https://b.example/, http://www.c.example",
		"[at https://a.example/b] [HTTPS://c.example:8080/?d[]=e":       "[at https://a.example/b] [HTTPS://c.example:8080/?d[]=e → https://a.example/b, https://c.example:8080/?d[]=e",
		"ada.l+x@b.example, a_b@c.example":                              "ada.l+x@b.example, a_b@c.example → mailto:ada.l+x@b.example",
		"`https://a.example` www.b a@b x.www.c.d http:// http:a":        "https://a.example www.b a@b x.www.c.d http:// http:a → http://www.c.d",
		"https://bank.example@evil.example":                             "https://bank.example@evil.example → https://bank.example",

		// No links.
		"[a](javascript:alert(1))":                      "[a](javascript:alert(1))",
		"[a](JaVaScRiPt:alert(1) 'b')":                  "[a](JaVaScRiPt:alert(1) \"b\")",
		"[a](java\tscript:alert(1))":                    "[a](java\tscript:alert(1))",
		"[a](java\x01script:alert(1))":                  "[a](javascript:alert(1))",
		"[a](&#106;avascript:alert(1))":                 "[a](&#106;avascript:alert(1))",
		"[a](javascript&colon;alert(1))":                "[a](javascript&colon;alert(1))",
		"[a](javascript\\:alert(1))":                    "[a](javascript\\:alert(1))",
		"[a](%6aavascript:alert(1))":                    "[a](%6aavascript:alert(1))",
		"[a](data:text/html;base64,PHNjcmlwdD4=)":       "[a](data:text/html;base64,PHNjcmlwdD4=)",
		"[a](vbscript:msgbox(1)) <vbscript:b>":          "[a](vbscript:msgbox(1)) <vbscript:b>",
		"[a](file:///etc/passwd) <ftp://b.example>":     "[a](file:///etc/passwd) <ftp://b.example>",
		"[a](blob:https://b.example/c) [d](tel:1)":      "[a](blob:https://b.example/c) [d](tel:1)",
		"[a](//b.example) [c](/signout) [d](?e) [](#f)": "[a](//b.example) [c](/signout) [d](?e) [](#f)",
		"[a](https:b.example) [c](https:/d.example)":    "[a](https:b.example) [c](https:/d.example)",
		"[a](http:///b.example) [c](http://:80)":        "[a](http:///b.example) [c](http://:80)",
		"[a](https:\\\\b.example)":                      "[a](https:\\\\b.example)",
		"[a](https://b.example\\@c.example)":            "[a](https://b.example\\@c.example)",
		"[a](https://b@c.example) <http://d:e@f.gg>":    "[a](https://b@c.example) <http://d:e@f.gg>",
		"[a](https://bаnk.example) https://bаnk.example www.bаnk.example a@b.bаnk éa@b.example": "[a](https://bаnk.example) https://bаnk.example www.bаnk.example a@b.bаnk éa@b.example",
		"[a](https://ｂ.example) [c](https://d。example)":                                         "[a](https://ｂ.example) [c](https://d。example)",
		"https://a.example/?data-rev=":                                                          "https://a.example/?data-rev=",
		"[a](https://-) https://-":                                                              "[a](https://-) https://-",
		"[a](https://%62.example)":                                                              "[a](https://%62.example)",
		"[a](mailto:b@c.example?bcc=d@e.example&body=f)":                                        "[a](mailto:b@c.example?bcc=d@e.example&body=f)",
		"[a](mailto:b@c.example,d@e.example)":                                                   "[a](mailto:b@c.example,d@e.example)",
		"[a](mailto:b%0d%0abcc:c@d.example)":                                                    "[a](mailto:b%0d%0abcc:c@d.example)",
		"[a](https://b.example/" + strings.Repeat("c", 2000) + ")":                              "[a](https://b.example/" + strings.Repeat("c", 2000) + ")",
	} {
		body := parseBody(t, markup.Render(source))
		got := strings.TrimPrefix(words(body), "\n")
		var to []string
		for node := range body.Descendants() {
			if node.Data == "a" && node.Type == html.ElementNode {
				to = append(to, node.Attr[0].Val)
			}
		}
		if to != nil {
			got += " → " + strings.Join(to, ", ")
		}
		if got != want {
			t.Errorf("Render(%q)\n shows %q\n  want %q", source, got, want)
		}
	}
}
