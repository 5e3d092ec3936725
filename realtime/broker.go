// Package realtime brings bytes to the screens that watch a topic.
//
// A Broker tells every node of the community that something moved; a Hub knows which screens of this node care, and
// keeps a bounded queue for each. The package knows nothing of chat: a topic is a name, a frame is bytes, and a rev is
// a number that rises with every change of its topic.
package realtime

// Hint says that a topic moved, and how far. It travels between nodes and holds nothing private: whoever gets one reads
// the truth from the database.
type Hint struct {
	Topic string // what moved: letters, digits and slashes, as in room/12
	Rev   int64  // how far the topic has come; 0 for a topic without a count
	Who   int64  // the number of the person it is about; 0 for nobody
	Kind  string // what sort of change it was: a word without a space
}

// Broker carries hints from the node where something was committed to all nodes that care, the same one included.
//
// It is a messenger, not a memory. Every broker promises:
//
//   - Publish never waits for another node, nor for what carries hints there.
//   - On the same node a hint arrives before Publish returns, once: what one goroutine publishes arrives in its order.
//   - Another node gets what is published a moment after its Subscribe, as a rule at once.
//   - A hint of a topic that a node does not subscribe to does not reach it.
//
// And no more than that: from another node a hint may be lost, and it may come late, twice or out of order, or tell of
// what never happened. So a hint is only a reason to look. Who sees a rev jump reads what lies between; who sees one
// that is not higher than the last has nothing to do.
type Broker interface {
	// Publish tells all subscribers of the topic. Call it after the commit and in the order of commits.
	Publish(Hint)

	// Subscribe calls fn for each hint of a topic until cancel is called. It is called by whoever publishes, while they
	// wait, and by several at a time: so it returns at once. It may itself publish, subscribe and cancel.
	//
	// A Publish that is under way may still call it after cancel; no later one does. Cancelling again does nothing.
	Subscribe(topic string, fn func(Hint)) (cancel func())
}
