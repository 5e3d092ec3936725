package realtime_test

import (
	"bytes"
	"fmt"
	"testing"

	"chinwag/realtime"
)

// The heads of RFC 6455, section 5.7, for text, and where one form gives way to the next.
func TestFrameHeads(t *testing.T) {
	for _, c := range []struct {
		size int
		head []byte
	}{
		{0, []byte{0x81, 0}},
		{5, []byte{0x81, 0x05}},
		{125, []byte{0x81, 125}},
		{126, []byte{0x81, 0x7e, 0, 126}},
		{256, []byte{0x81, 0x7e, 0x01, 0x00}},
		{65535, []byte{0x81, 0x7e, 0xff, 0xff}},
		{65536, []byte{0x81, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0}},
	} {
		t.Run(fmt.Sprint(c.size, " bytes"), func(t *testing.T) {
			text := bytes.Repeat([]byte("x"), c.size)
			if got := realtime.Frame(text[:c.size/2], text[c.size/2:]); !bytes.Equal(got, append(c.head, text...)) {
				t.Errorf("the frame of %d bytes begins with % x", len(got), got[:min(len(got), 12)])
			}
		})
	}
}
