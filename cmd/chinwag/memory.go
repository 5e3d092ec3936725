package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// When a process counts as calm: nothing made it collect garbage by itself for so long. What the busy time before left
// behind would otherwise stay with it, up to half of all it has.
const calmAfter = 20 * time.Second

// returnMemory gives memory back to the system whenever the process has become calm, until ctx ends.
func returnMemory(ctx context.Context) {
	tick := time.NewTicker(calmAfter)
	defer tick.Stop()
	var now runtime.MemStats
	collections, returned := uint32(0), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		runtime.ReadMemStats(&now)
		calm := now.NumGC == collections
		if calm && !returned {
			debug.FreeOSMemory()
			runtime.ReadMemStats(&now)
		}
		collections, returned = now.NumGC, calm
	}
}
