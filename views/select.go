package views

import "chinwag/chat"

// option is one line of a list to choose from.
type option struct{ value, label string }

// selectProps describes a labelled list to choose one from.
type selectProps struct {
	name    string
	label   string
	hint    string // under the label; may be empty
	options []option
}

// on says whether an option is chosen: the one that was, else the first.
func (p selectProps) on(form Form, o option) bool {
	return form.chosen(p.name, o.value, o == p.options[0])
}

// numberOptions are options for numbers: 1, 7, 30.
func numberOptions[N ~int | ~int64](numbers []N, label func(N) string) []option {
	options := make([]option, len(numbers))
	for i, n := range numbers {
		options[i] = option{itoa(n), label(n)}
	}
	return options
}

// roomOptions are the rooms that somebody may bring people into; none comes first.
func roomOptions(words *Words, rooms []chat.Room) []option {
	options := []option{{"0", words.T("invitations.no_room")}}
	for _, room := range rooms {
		options = append(options, option{itoa(room.ID), room.Name})
	}
	return options
}
