//go:build faults && postgres

package e2e

// ownFaults are those of a program that keeps everything in PostgreSQL, so that several nodes serve one community.
func ownFaults() []fault {
	return []fault{
		{"nodes killed", nodesKilled},
		{"nodes stopped in time", nodesStoppedInTime},
		{"NATS away and cut off", natsAway},
		{"PostgreSQL stopped", postgresStopped},
		{"connections of PostgreSQL killed", connectionsKilled},
	}
}
