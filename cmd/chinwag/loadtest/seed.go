package loadtest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"chinwag/chat"
)

// Plan says who and what there should be.
type Plan struct {
	People int
	Rooms  []PlannedRoom
}

// PlannedRoom is a room, its members by their place among the people, and how much stands in it already.
type PlannedRoom struct {
	From, To int // members: the people from this one to before that one
	Messages int
}

// Everybody plans n rooms that all people are in.
func Everybody(people, n, messages int) Plan {
	p := Plan{People: people, Rooms: make([]PlannedRoom, n)}
	for i := range p.Rooms {
		p.Rooms[i] = PlannedRoom{To: people, Messages: messages}
	}
	return p
}

// chunk is how many rows are written in one transaction.
const chunk = 500

// Seed makes people with sessions, rooms, memberships and messages in a community, past passwords: hashing those is slow
// on purpose. It gives the people back, each with the rooms they are in.
func Seed(ctx context.Context, store chat.Store, plan Plan) ([]Person, error) {
	people := make([]Person, plan.People)
	tag := strconv.FormatInt(time.Now().UnixMilli(), 36) // so that a community can be seeded twice
	err := inChunks(len(people), func(from, to int) error {
		return store.Write(ctx, 0, func(tx chat.Tx) error { return seedPeople(tx, people[from:to], from, tag) })
	})
	if err != nil {
		return nil, fmt.Errorf("seed people: %w", err)
	}
	if err := store.Write(ctx, 0, setUp); err != nil {
		return nil, fmt.Errorf("seed the community: %w", err)
	}
	for i, planned := range plan.Rooms {
		if err := seedRoom(ctx, store, people[planned.From:planned.To], planned, fmt.Sprintf("Load %s %d", tag, i+1)); err != nil {
			return nil, fmt.Errorf("seed room %d: %w", i+1, err)
		}
	}
	return people, nil
}

func inChunks(n int, do func(from, to int) error) error {
	for from := 0; from < n; from += chunk {
		if err := do(from, min(from+chunk, n)); err != nil {
			return err
		}
	}
	return nil
}

func seedPeople(tx chat.Tx, people []Person, first int, tag string) error {
	now := time.Now()
	for i := range people {
		id, err := tx.Next("user")
		if err != nil {
			return err
		}
		sid := chat.SessionID(chat.NewToken(32))
		p := Person{ID: chat.UserID(id), Name: fmt.Sprintf("load.%s.%d", tag, first+i+1), Cookie: string(sid)}
		err = tx.CreateUser(chat.UserRow{
			User:        chat.User{ID: p.ID, Username: p.Name, DisplayName: fmt.Sprintf("Person %d", first+i+1), Role: chat.RoleMember, CreatedAt: now},
			UsernameKey: chat.Fold(p.Name),
		})
		if err != nil {
			return err
		}
		err = tx.CreateSession(chat.SessionRow{Hash: sid.Hash(), User: p.ID, SignedInAt: now, Visit: chat.Visit{Address: "127.0.0.1", Browser: "chinwag loadtest"}})
		if err != nil {
			return err
		}
		people[i] = p
	}
	return nil
}

// setUp ends the community's set-up, if nobody has.
func setUp(tx chat.Tx) error {
	settings, err := tx.Settings()
	if err != nil || settings.SetUp() {
		return err
	}
	settings.Name, settings.Registration, settings.SetUpAt = "Load test", chat.RegistrationClosed, time.Now()
	return tx.SaveSettings(settings)
}

func seedRoom(ctx context.Context, store chat.Store, members []Person, planned PlannedRoom, name string) error {
	var room chat.RoomID
	now := time.Now()
	err := store.Write(ctx, 0, func(tx chat.Tx) error {
		id, err := tx.Next("room")
		room = chat.RoomID(id)
		if err != nil {
			return err
		}
		return tx.CreateRoom(chat.RoomRow{
			ID: room, Kind: chat.RoomPublic, Name: name, NameKey: chat.Fold(name), CreatedBy: members[0].ID, CreatedAt: now,
		})
	})
	if err != nil {
		return err
	}
	err = inChunks(planned.Messages, func(from, to int) error {
		return store.Write(ctx, room, func(tx chat.Tx) error { return seedMessages(tx, room, members, now, planned.Messages, to-from) })
	})
	if err != nil {
		return err
	}
	return inChunks(len(members), func(from, to int) error {
		return store.Write(ctx, room, func(tx chat.Tx) error {
			for i := from; i < to; i++ {
				role := chat.MemberPlain
				if i == 0 {
					role = chat.MemberOwner
				}
				err := tx.CreateMembership(chat.Membership{
					Room: room, User: members[i].ID, Role: role, ReadSeq: chat.Seq(planned.Messages), JoinedAt: now,
				})
				if err != nil {
					return err
				}
				members[i].Rooms = append(members[i].Rooms, room)
			}
			return nil
		})
	})
}

// said is what people say in seeded rooms: short and long, plain and marked up, as in any chat.
var said = []string{ // a constant in all but name
	"Good morning everybody", "Did anyone look at the printer on the second floor yet?", "yes", "It is out of **toner** again, I ordered some",
	"The meeting moves to three o'clock because half of us are on the train until two; please bring the numbers for last week.",
	"ok", "See https://example.org/rota for who is on call", "Thanks! That saved me an hour.",
	"I would rather we kept the old list until everybody has seen the new one. Otherwise somebody shows up at the wrong door on Monday.",
	"lunch?", "`make test` is green here", "Sure, give me ten minutes",
}

// seedMessages appends n messages to a room, a minute and a half apart and the last of all now, by a handful of people.
func seedMessages(tx chat.Tx, room chat.RoomID, members []Person, now time.Time, of, n int) error {
	markup := chat.NewMarkup()
	for range n {
		seq, rev, err := tx.AdvanceRoom(room)
		if err != nil {
			return err
		}
		text := said[int(seq)%len(said)]
		err = tx.CreateMessage(chat.MessageRow{
			Room: room, Seq: seq, Rev: rev, Author: members[int(seq/3)%min(len(members), 7)].ID, Body: text, HTML: markup.Render(text),
			At: now.Add(-90 * time.Second * time.Duration(of-int(seq))), Key: fmt.Sprintf("seed-%d-%d", room, seq), BodyMAC: []byte{},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
