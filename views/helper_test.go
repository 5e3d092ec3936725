package views

import (
	"testing"
	"time"

	"chinwag/chat"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ada Lovelace":           "AL",
		"ada":                    "A",
		"Ada King Lovelace":      "AL",
		"  ada   lovelace  ":     "AL",
		"(Ada) “Countess”":       "AC",
		"linus.t":                "LT",
		"O’Brien":                "OB",
		"4 chan":                 "4C",
		"Ada !!":                 "A",
		"!! Ada":                 "A",
		"élan vital":             "ÉV",
		"山田 太郎":                  "山太",
		"יעל כהן":                "יכ",
		"<script>alert(1)":       "S1",
		"🎉":                      "·",
		"":                       "·",
		"\u202eevil\u202c spoof": "ES",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials of %q are %q, want %q", name, got, want)
		}
	}
}

func TestHueClass(t *testing.T) {
	for user, want := range map[chat.UserID]string{0: "h0", 7: "h7", 11: "h11", 12: "h0", 1234: "h10", -1: "h11"} {
		if got := hueClass(user); got != want {
			t.Errorf("user %d has hue %s, want %s", user, got, want)
		}
	}
}

func TestOnlyEmoji(t *testing.T) {
	for html, want := range map[string]bool{
		"<p>🎉</p>": true,
		"<p>👍🏽 👩‍👩‍👧 ❤️</p>\n": true,
		"<p>⭐ ☕</p>":                 true,
		"<p>1️⃣</p>":                 false,
		"<p>ok 👍</p>":                false,
		"<p></p>":                    false,
		"<p> </p>":                   false,
		"<p>🎉</p><p>🎉</p>":           false,
		"<blockquote>🎉</blockquote>": false,
		"🎉":                          false,
		"":                           false,
		"<p>🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉</p>": false,
	} {
		if got := onlyEmoji(html); got != want {
			t.Errorf("%s: only emoji is %v, want %v", html, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	words, err := NewWords()
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("east", 2*60*60)
	at := time.Date(2026, 11, 30, 22, 5, 3, 999, time.UTC)
	for want, got := range map[string]string{
		"2026-11-30T22:05Z": stamp(at.In(zone)),
		"00:05":             clock(at, zone),
		"2026-12-01":        date(at, zone),
		"1 December 2026":   longDate(words, at, zone),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for month := time.January; month <= time.December; month++ {
		if got := monthName(words, month); got != month.String() {
			t.Errorf("month %d is %q", month, got)
		}
	}
}
