package loadtest

import (
	"context"
	"errors"
	"fmt"
	"os"

	"chinwag/chat"
)

// newPlace is where a community may be kept: a directory, or a database. It goes when the run ends.
func (l *lab) newPlace(ctx context.Context) (string, error) {
	if l.databases != nil {
		return l.databases.add(ctx)
	}
	dir, err := os.MkdirTemp(l.Dir, "data-")
	if err != nil {
		return "", fmt.Errorf("make a place for the data: %w", err)
	}
	return dir, nil
}

// seeded makes a community in a new place.
func (l *lab) seeded(ctx context.Context, plan Plan) (place string, people []Person, err error) {
	if place, err = l.newPlace(ctx); err != nil {
		return "", nil, err
	}
	_, store, err := l.Open(place)
	if err != nil {
		return "", nil, err
	}
	people, err = Seed(ctx, store, plan)
	return place, people, errors.Join(err, store.Close())
}

// community seeds one and starts a server on it.
func (l *lab) community(ctx context.Context, plan Plan) (*server, []Person, error) {
	place, people, err := l.seeded(ctx, plan)
	if err != nil {
		return nil, nil, err
	}
	s, err := l.serve(ctx, place, anyPort)
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
