package loadtest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"chinwag/chat"
)

// seeded makes a community in a new directory.
func (l *lab) seeded(ctx context.Context, plan Plan) (dir string, people []Person, err error) {
	if dir, err = os.MkdirTemp(l.Dir, "data-"); err != nil {
		return "", nil, fmt.Errorf("make a place for the data: %w", err)
	}
	_, store, err := l.Open(dir)
	if err != nil {
		return "", nil, err
	}
	people, err = Seed(ctx, store, plan)
	return dir, people, errors.Join(err, store.Close())
}

// community seeds one and starts a server on it.
func (l *lab) community(ctx context.Context, plan Plan) (*server, []Person, error) {
	dir, people, err := l.seeded(ctx, plan)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.serve(ctx, dir, anyPort)
	return s, people, err
}

// writers are people with a connection each, in a room and ready to send.
func writers(ctx context.Context, t target, people []Person, room chat.RoomID) ([]*client, error) {
	list := make([]*client, len(people))
	for i, p := range people {
		list[i] = &client{target: t, person: p}
		if _, err := list[i].enter(ctx, room); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func hangUp(clients []*client) {
	for _, c := range clients {
		c.close()
	}
}
