package loadtest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"chinwag/chat"
)

// Person is somebody who is signed in.
type Person struct {
	ID     chat.UserID
	Name   string
	Cookie string        // the value of their session cookie
	Rooms  []chat.RoomID // they are a member of
}

// PrintPeople writes a line for each: name, session cookie and rooms, between tabs.
func PrintPeople(out io.Writer, people []Person) error {
	for _, p := range people {
		rooms := make([]string, len(p.Rooms))
		for i, room := range p.Rooms {
			rooms[i] = strconv.FormatInt(int64(room), 10)
		}
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\n", p.Name, p.Cookie, strings.Join(rooms, ",")); err != nil {
			return err
		}
	}
	return nil
}

// ReadPeople reads what [PrintPeople] wrote.
func ReadPeople(in io.Reader) ([]Person, error) {
	var people []Person
	for lines := bufio.NewScanner(in); ; {
		if !lines.Scan() {
			return people, lines.Err()
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 || fields[0] == "" || fields[1] == "" {
			return nil, fmt.Errorf("line %d is not a name, a cookie and rooms between tabs", len(people)+1)
		}
		p := Person{Name: fields[0], Cookie: fields[1]}
		for field := range strings.SplitSeq(fields[2], ",") {
			room, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("line %d: %q is no room", len(people)+1, field)
			}
			p.Rooms = append(p.Rooms, chat.RoomID(room))
		}
		people = append(people, p)
	}
}
