package handlers

import (
	"cmp"
	"slices"
	"time"

	"chinwag/chat"
	"chinwag/views"
)

// changes is every message of a room that changed after floor, up to rev, as it was drawn.
type changes struct {
	style    style
	floor    chat.Rev
	rev      chat.Rev
	messages []views.Drawn // by number
}

// put takes in a message; one that is here already gives way to its newer self.
func (c *changes) put(m views.Drawn) {
	i, there := slices.BinarySearchFunc(c.messages, m.Seq, bySeq)
	if there {
		c.messages[i] = m
	} else {
		c.messages = slices.Insert(c.messages, i, m)
	}
}

// trim lets go of what changed least lately, until the rest is within bounds.
func (c *changes) trim() {
	for size := c.size(); len(c.messages) > tailMessages || size > tailBytes; {
		oldest := 0
		for i := range c.messages {
			if c.messages[i].Rev < c.messages[oldest].Rev {
				oldest = i
			}
		}
		c.floor = c.messages[oldest].Rev
		size -= cost(&c.messages[oldest])
		c.messages = slices.Delete(c.messages, oldest, oldest+1)
	}
}

// since gives what changed after a revision.
func (c *changes) since(rev chat.Rev) []views.Drawn {
	var list []views.Drawn
	for i := range c.messages { // they are large: only those that count are copied
		if c.messages[i].Rev > rev {
			list = append(list, c.messages[i])
		}
	}
	return list
}

// last gives the newest n messages, or all there are after since, if none of them is missing here. The room has at least
// so many.
func (c *changes) last(n int, since, newest chat.Seq) []views.Drawn {
	end := len(c.messages)
	if end == 0 || c.messages[end-1].Seq < newest {
		return nil
	}
	newest = c.messages[end-1].Seq
	first := max(newest-chat.Seq(n)+1, since+1, 1)
	i, there := slices.BinarySearchFunc(c.messages, first, bySeq)
	if !there || int(newest-first) != end-1-i { // numbers have no holes
		return nil
	}
	return slices.Clone(c.messages[i:])
}

func (c *changes) size() int {
	size := 0
	for i := range c.messages {
		size += cost(&c.messages[i])
	}
	return size
}

// cost is what keeping a message takes: its row, its HTML for the case that it stands first on a page, and itself.
func cost(m *views.Drawn) int { return m.Size() + len(m.HTML) + 300 }

func bySeq(m views.Drawn, seq chat.Seq) int { return cmp.Compare(m.Seq, seq) }

// visible narrows messages to those after since. The first of them does not show whether it continues a hidden one.
func visible(messages []views.Drawn, since chat.Seq) []views.Drawn {
	if since == 0 {
		return messages
	}
	list := slices.DeleteFunc(slices.Clone(messages), func(m views.Drawn) bool { return m.Seq <= since })
	if len(list) > 0 && list[0].Seq == since+1 {
		m := list[0].Message
		m.PrevAuthor, m.PrevAt = 0, time.Time{}
		list[0] = views.Undrawn([]chat.Message{m})[0]
	}
	return list
}
