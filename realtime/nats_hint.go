package realtime

import (
	"fmt"
	"strconv"
	"strings"
)

// A hint of room/12 travels under the subject PREFIX.room.12, and its payload is its rev, whom it is about, and its
// kind: "345 0 message.posted".

func (n *NATS) subject(topic string) string {
	return n.prefix + strings.ReplaceAll(topic, "/", ".")
}

func payload(hint Hint) []byte {
	return fmt.Appendf(nil, "%d %d %s", hint.Rev, hint.Who, hint.Kind)
}

// payloadMost is longer than any hint of ours.
const payloadMost = 128

// hint reads what came. Whoever may send here may send anything.
func (n *NATS) hint(subject string, payload []byte) (hint Hint, ok bool) {
	topic, ours := strings.CutPrefix(subject, n.prefix)
	if !ours || len(payload) > payloadMost {
		return Hint{}, false
	}
	rev, rest, spaced := strings.Cut(string(payload), " ")
	who, kind, spacedToo := strings.Cut(rest, " ")
	if !spaced || !spacedToo || strings.Contains(kind, " ") {
		return Hint{}, false
	}
	hint = Hint{Topic: strings.ReplaceAll(topic, ".", "/"), Kind: kind}
	var ok1, ok2 bool
	hint.Rev, ok1 = count(rev)
	hint.Who, ok2 = count(who)
	return hint, ok1 && ok2
}

// count reads a number that is not negative, as we write it.
func count(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && strconv.FormatInt(n, 10) == text
}
