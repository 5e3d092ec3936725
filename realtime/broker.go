// Package realtime brings bytes to the screens that watch a topic.
//
// A Broker tells every node of the community that something moved; a Hub
// knows which screens of this node care, and keeps a bounded queue for each.
// The package knows nothing of chat: a topic is a name, a frame is bytes, and
// a rev is a number that rises with every change of its topic.
package realtime

// Hint says that a topic moved, and how far. It travels between nodes and
// holds nothing private: whoever gets one reads the truth from the database.
type Hint struct {
	Topic string // what moved, by the name that screens watch it under
	Rev   int64  // how far the topic has come; 0 for a topic without a count
	Kind  string // what sort of change it was
}

// Broker carries hints from the node where something was committed to all
// nodes, the same one included.
//
// It is a messenger, not a memory. Every broker promises:
//
//   - Publish never waits for a subscriber, however slow that is.
//   - A subscriber's function is called by one goroutine at a time, and may
//     itself publish, subscribe and cancel.
//   - A subscriber gets what was published after Subscribe returned, on any
//     node, as a rule at once.
//
// And no more than that: a hint may be lost, and it may come late, twice or
// out of order. So a hint is only a reason to look. Who sees a rev jump reads
// what lies between; who sees one that is not higher than the last has
// nothing to do.
type Broker interface {
	// Publish tells all subscribers of all nodes. Call it after the commit
	// and in the order of commits.
	Publish(Hint)

	// Subscribe calls fn for each hint until cancel is called. A call that
	// is already under way may outlast cancel; no other one follows it.
	// Cancelling again does nothing.
	Subscribe(fn func(Hint)) (cancel func())
}
