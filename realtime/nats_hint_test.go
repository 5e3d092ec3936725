package realtime_test

import (
	"math"
	"strings"
	"testing"

	"chinwag/realtime"
)

// nonsense is no payload of a hint.
var nonsense = []string{
	"", " ", "  ", "1", "1 2", "a b c", "1 b c", "a 2 c", "-1 0 c", "1 -1 c", "+1 0 c", "01 0 c", "1 0 c d", "1 0 c ", " 1 0 c", "1  0 c", "1.5 0 c",
	"9223372036854775808 0 c", "1 99999999999999999999 c", "٣ 0 c", "\x00 \xff \xfe", "1\t0\tc", "1\n0\nc",
	"1 0 " + strings.Repeat("x", 1000),
}

func TestNonsenseIsNoHint(t *testing.T) {
	for _, text := range nonsense {
		if hint, ok := realtime.ReadHint("test.room.12", []byte(text)); ok {
			t.Errorf("%q is read as %+v", text, hint)
		}
	}
	for _, subject := range []string{"", "test", "test.", "other.room.12", "testroom.12"} {
		if hint, ok := realtime.ReadHint(subject, []byte("1 0 c")); ok && hint.Topic != "" {
			t.Errorf("%q is read as %+v", subject, hint)
		}
	}
}

func TestHintsTravelUnchanged(t *testing.T) {
	for _, hint := range []realtime.Hint{
		{Topic: "room/12", Rev: 345, Kind: "message.posted"}, {Topic: "people", Who: math.MaxInt64, Kind: "session.ended"}, {Topic: "x", Rev: math.MaxInt64}, {},
	} {
		if got, ok := realtime.ReadHint(realtime.WriteHint(hint)); !ok || got != hint {
			t.Errorf("%+v is read as %+v, %v", hint, got, ok)
		}
	}
}

// Whatever is read as a hint is what we would have written, so that there is one text for each.
func FuzzHint(f *testing.F) {
	for _, text := range append(nonsense, "345 0 message.posted", "0 12 session.ended") {
		f.Add("test.room.12", text)
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		hint, ok := realtime.ReadHint(subject, []byte(text))
		if !ok {
			return
		}
		gotSubject, gotText := realtime.WriteHint(hint)
		if string(gotText) != text || gotSubject != strings.ReplaceAll(subject, "/", ".") || hint.Rev < 0 || hint.Who < 0 {
			t.Errorf("%q %q is read as %+v", subject, text, hint)
		}
	})
}
