package realtime

import "encoding/binary"

// Frame makes one WebSocket text frame of some texts, one after the other (RFC 6455, section 5.2). What a server sends
// is not masked, so a frame is the same for every screen, and goes to each in one write.
func Frame(texts ...[]byte) []byte {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	frame := header(size)
	for _, text := range texts {
		frame = append(frame, text...)
	}
	return frame
}

// Bits and lengths of a frame's header.
const (
	finalText = 0x81 // FIN and the opcode of text
	length16  = 126  // two bytes of length follow
	length64  = 127  // eight do
)

// header begins a frame and leaves room for the text.
func header(size int) []byte {
	switch {
	case size < length16:
		return append(make([]byte, 0, 2+size), finalText, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(make([]byte, 0, 4+size), finalText, length16), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(make([]byte, 0, 10+size), finalText, length64), uint64(size))
	}
}
