package loadtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"chinwag/chat"
)

// Budgets for a send: the answer leaves after the message is on disk.
const (
	postsMust, postsAim     = 4000, 8000 // a second, 64 writers
	perPostMust, perPostAim = 250, 150   // µs of CPU
	manyWriters             = 64
	manyRooms               = 32
)

// posts measures sends that nobody watches.
func (l *lab) posts(ctx context.Context) (err error) {
	server, people, err := l.community(ctx, Everybody(manyWriters, manyRooms, before))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	sync, err := syncTime(l.Dir)
	if err != nil {
		return err
	}
	l.report.line("  the disk takes %s to sync 4 KiB", short(sync))
	clients, err := writers(ctx, server.target, people, people[0].Rooms[0])
	if err != nil {
		return err
	}
	defer hangUp(clients)
	for _, rooms := range []int{1, manyRooms} {
		for _, n := range []int{1, 32, manyWriters} {
			if err := l.postBy(ctx, server, clients[:n], people[0].Rooms[:rooms]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lab) postBy(ctx context.Context, server *server, clients []*client, rooms []chat.RoomID) error {
	meter, err := startMeter(server.pid)
	if err != nil {
		return err
	}
	took := make([]latencies, len(clients))
	began := time.Now()
	err = concurrently(len(clients), func(i int) error {
		for n := 0; time.Since(began) < l.span; n++ {
			sent := time.Now()
			if _, err := clients[i].mustPost(ctx, rooms[(i+n)%len(rooms)], text(n)); err != nil {
				return err
			}
			took[i] = append(took[i], time.Since(sent))
		}
		return nil
	})
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	cpu, err := meter.read()
	if err != nil {
		return err
	}
	var all latencies
	for _, some := range took {
		all = append(all, some...)
	}
	what := fmt.Sprintf("%d writers, %d rooms", len(clients), len(rooms))
	l.report.line("  %s: %.0f sends/s, %.0f µs of CPU each; answered after %s", what,
		float64(len(all))/seconds, float64(cpu.Microseconds())/float64(len(all)), all)
	if len(clients) == manyWriters {
		l.report.add(figure{what: "durable sends, " + what, value: float64(len(all)) / seconds, unit: "/s", must: postsMust, aim: postsAim, more: true})
		l.report.add(figure{what: "CPU a send, " + what, value: float64(cpu.Microseconds()) / float64(len(all)), unit: "µs", must: perPostMust, aim: perPostAim})
	}
	return nil
}

// syncTime is what the disk itself takes to make something durable.
func syncTime(dir string) (time.Duration, error) {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer file.Close()
	const times = 50
	page := make([]byte, 4<<10)
	began := time.Now()
	for range times {
		_, err := file.Write(page)
		if err := errors.Join(err, file.Sync()); err != nil {
			return 0, fmt.Errorf("measure the disk: %w", err)
		}
	}
	return time.Since(began) / times, nil
}
