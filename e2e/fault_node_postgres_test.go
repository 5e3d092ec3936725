//go:build faults && postgres

package e2e

import (
	"testing"
	"time"

	"chinwag/db/dbtest"
)

// openOwnCommunity keeps a community in a PostgreSQL of its own, which may be taken away.
func openOwnCommunity(t *testing.T) (*community, *dbtest.Cluster) {
	t.Helper()
	cluster := dbtest.NewCluster(t)
	cluster.Exec(t, `CREATE DATABASE chinwag OWNER `+dbtest.Role)
	c := newCommunity(t, cluster.URL("chinwag"))
	for range 3 {
		c.addsNode(c.nats.URL)
	}
	c.isOpened()
	for _, node := range c.nodes {
		node.hurt = true
	}
	return c, cluster
}

// postgresStopped stops PostgreSQL under load, as a power cut does, and starts it somewhat later. Nobody is signed out by
// that, and sends are accepted again soon after.
func postgresStopped(t *testing.T, all *tally) {
	c, cluster := openOwnCommunity(t)
	people := c.crowd(8, 6)
	people.begins()
	for range someRounds() {
		people.waits(200*time.Millisecond, 1500*time.Millisecond)
		cluster.Stop(t)
		people.record.happened("PostgreSQL stopped")
		people.waits(time.Millisecond, 8*time.Second)
		cluster.Start(t)
		people.heals()
		people.keepUp(laterIs)
	}
	c.ends(people, all)
}

// connectionsKilled kills PostgreSQL's side of a connection under load; PostgreSQL then ends all others, and mends itself.
func connectionsKilled(t *testing.T, all *tally) {
	c, cluster := openOwnCommunity(t)
	people := c.crowd(8, 6)
	people.begins()
	for range *rounds {
		people.waits(100*time.Millisecond, 800*time.Millisecond)
		cluster.Kill(t, "chinwag")
		people.heals()
	}
	people.keepUp(laterIs)
	c.ends(people, all)
}
