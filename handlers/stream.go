package handlers

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"chinwag/chat"
)

// streamWithin is how long a file may be read and sent. It is cut off then, or when the server ends: half a file is told from a
// whole one, because its end is missing.
const (
	streamWithin = time.Hour
	streamPiece  = 32 << 10 // bytes written at once
)

// streamsPerPerson is how many files somebody may be sent at a time. Whoever reads slowly keeps the place of one for long.
const streamsPerPerson = 2

// streams are the files that are on their way, by whom they are for.
type streams struct {
	mu sync.Mutex
	to map[chat.UserID]int
}

// begin takes a place for a file to somebody, and gives back how to free it.
func (l *streams) begin(user chat.UserID) (end func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to[user] >= streamsPerPerson {
		return nil, tooMany{writeTimeout} // by then one that nobody reads has been cut off
	}
	l.to[user]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.to[user]--; l.to[user] == 0 {
			delete(l.to, user)
		}
	}, nil
}

// streamed is a body that is made while it is sent: nothing of it is kept in memory.
type streamed struct {
	*io.PipeReader
	conn net.Conn
}

// Read is called by whoever sends the answer. Each piece has the time that a whole page has.
func (b streamed) Read(p []byte) (int, error) {
	if err := b.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return b.PipeReader.Read(p)
}

// stream answers with what a function writes. It runs on while the answer is sent, when the request is over: it must not touch
// the call.
func (s *Server) stream(c *call, write func(context.Context, io.Writer) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx()), streamWithin)
	reader, writer := io.Pipe()
	id := c.id
	s.live.work.Go(func() {
		defer cancel()
		err := safely(func() error {
			buffer := bufio.NewWriterSize(writer, streamPiece)
			if err := write(ctx, buffer); err != nil {
				return err
			}
			return buffer.Flush()
		})
		if err != nil {
			s.log.Warn("answer cut off", slog.String("id", id), slog.Any("error", err))
		}
		_ = writer.CloseWithError(err) // never fails
	})
	s.live.work.Go(func() {
		select {
		case <-s.live.quit:
			_ = writer.CloseWithError(io.ErrUnexpectedEOF) // never fails
			cancel()
		case <-ctx.Done():
			_ = writer.CloseWithError(ctx.Err()) // too late for one that is done
		}
	})
	c.Context().SetBodyStream(streamed{reader, c.Context().Conn()}, -1)
}
