package handlers

import (
	"context"

	"chinwag/chat"
	"chinwag/realtime"
)

// suspects are people with a socket here who are said to have lost a session or a room; live.mu guards them.
type suspects struct {
	users  map[chat.UserID]struct{} // whose sockets are to be asked for again
	asking bool
}

// suspect takes in what is said of a person, whatever kind it is: to ask again does no harm. Of somebody without a socket here it is no news: one that opens now is asked
// for once it has entered.
func (l *live) suspect(h realtime.Hint) {
	user := chat.UserID(h.Who)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.people[user] == 0 {
		return
	}
	l.suspects.users[user] = struct{}{}
	if !l.suspects.asking {
		l.suspects.asking = true
		l.work.Go(l.ask)
	}
}

// ask asks for the sockets of all suspects, until there are none. What goes wrong the watch finds: whatever ends a session
// or a right moves the number that it looks at.
func (l *live) ask() {
	for users := l.takeSuspects(); len(users) > 0; users = l.takeSuspects() {
		l.try("live recheck", func(ctx context.Context) error {
			return l.recheck(ctx, func(k *socket) bool {
				_, is := users[k.viewer]
				return is
			})
		})
	}
}

func (l *live) takeSuspects() map[chat.UserID]struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	users := l.suspects.users
	l.suspects.users, l.suspects.asking = map[chat.UserID]struct{}{}, len(users) > 0
	return users
}
