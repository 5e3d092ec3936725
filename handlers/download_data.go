package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/views"
)

// downloadOf is what stands in the file for people.
func downloadOf(own db.OwnData, now time.Time) views.DownloadProps {
	p := views.DownloadProps{
		User: own.User, Email: own.Email, MadeAt: now, Devices: own.Devices, Invitations: own.Invitations, Log: own.Log,
	}
	for _, room := range own.Rooms {
		p.Rooms = append(p.Rooms, views.DownloadedRoom{Name: room.Name, JoinedAt: room.JoinedAt})
	}
	return p
}

// data is what stands in the file for programs before the messages. Its shape is told in docs/site.md.
type data struct {
	Community   string           `json:"community"`
	MadeAt      time.Time        `json:"made_at"`
	Account     dataAccount      `json:"account"`
	Devices     []dataDevice     `json:"devices"`
	Rooms       []dataRoom       `json:"rooms"`
	Invitations []dataInvitation `json:"invitations"`
	Log         []dataEntry      `json:"log"`
}

type dataAccount struct {
	Username       string    `json:"username"`
	DisplayName    string    `json:"display_name"`
	Email          string    `json:"email"`
	EmailConfirmed bool      `json:"email_confirmed"`
	EmailPending   string    `json:"email_pending,omitempty"`
	Role           string    `json:"role"`
	CreatedAt      time.Time `json:"created_at"`
}

type dataDevice struct {
	Browser    string    `json:"browser"`
	Address    string    `json:"address"`
	SignedInAt time.Time `json:"signed_in_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
}

type dataRoom struct {
	Room     chat.RoomID `json:"room"`
	Name     string      `json:"name"`
	Role     string      `json:"role"`
	JoinedAt time.Time   `json:"joined_at"`
	ReadSeq  chat.Seq    `json:"read_seq"`
}

type dataInvitation struct {
	ID        int64       `json:"id"`
	Room      chat.RoomID `json:"room,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	ExpiresAt time.Time   `json:"expires_at,omitzero"`
	Uses      int         `json:"uses"`
	Used      int         `json:"used"`
	RevokedAt time.Time   `json:"revoked_at,omitzero"`
}

type dataEntry struct {
	At      time.Time   `json:"at"`
	Action  string      `json:"action"`
	Room    chat.RoomID `json:"room,omitempty"`
	Detail  string      `json:"detail,omitempty"`
	Address string      `json:"address,omitempty"`
}

type dataMessage struct {
	Room     chat.RoomID   `json:"room"`
	RoomName string        `json:"room_name,omitempty"`
	Seq      chat.Seq      `json:"seq"`
	At       time.Time     `json:"at"`
	EditedAt time.Time     `json:"edited_at,omitzero"`
	Body     string        `json:"body"`
	Versions []dataVersion `json:"versions,omitempty"`
}

type dataVersion struct {
	At   time.Time `json:"at"`
	Body string    `json:"body"`
}

func newData(community string, now time.Time, own db.OwnData) data {
	d := data{
		Community: community, MadeAt: now.UTC(), Devices: []dataDevice{}, Rooms: []dataRoom{}, Invitations: []dataInvitation{}, Log: []dataEntry{},
		Account: dataAccount{
			Username: own.User.Username, DisplayName: own.User.DisplayName, Email: own.Email.Address, EmailConfirmed: own.Email.Verified,
			EmailPending: own.Email.Pending, Role: string(own.User.Role), CreatedAt: own.User.CreatedAt.UTC(),
		},
	}
	for _, v := range own.Devices {
		d.Devices = append(d.Devices, dataDevice{v.Browser, v.Address, v.SignedInAt.UTC(), v.LastSeenAt.UTC()})
	}
	for _, r := range own.Rooms {
		d.Rooms = append(d.Rooms, dataRoom{r.ID, r.Name, string(r.Role), r.JoinedAt.UTC(), r.ReadSeq})
	}
	for _, i := range own.Invitations {
		d.Invitations = append(d.Invitations, dataInvitation{i.ID, i.Room, i.CreatedAt.UTC(), i.ExpiresAt.UTC(), i.Uses, i.Used, i.RevokedAt.UTC()})
	}
	for _, e := range own.Log {
		d.Log = append(d.Log, dataEntry{e.At.UTC(), string(e.Action), e.Room, e.Detail, e.Address})
	}
	return d
}

func newDataMessage(m db.OwnMessage) dataMessage {
	d := dataMessage{Room: m.Room, RoomName: m.RoomName, Seq: m.Seq, At: m.At.UTC(), EditedAt: m.EditedAt.UTC(), Body: m.Body}
	for _, v := range m.Older {
		d.Versions = append(d.Versions, dataVersion{v.At.UTC(), v.Body})
	}
	return d
}

// writeData writes the file for programs: one object, whose last member is what somebody wrote, read while it is written.
func (s *Server) writeData(ctx context.Context, w io.Writer, user chat.UserID, d data) error {
	head, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write somebody's data: %w", err)
	}
	if _, err := fmt.Fprintf(w, `%s,"messages":[`, head[:len(head)-1]); err != nil {
		return err
	}
	between := "\n"
	err = s.ownMessages(ctx, user, func(m db.OwnMessage) error {
		line, err := json.Marshal(newDataMessage(m))
		if err != nil {
			return fmt.Errorf("write somebody's messages: %w", err)
		}
		_, err = fmt.Fprintf(w, "%s%s", between, line)
		between = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n]}\n")
	return err
}
