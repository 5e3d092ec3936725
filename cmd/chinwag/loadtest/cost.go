package loadtest

import "time"

// cost is what deliveries took.
type cost struct {
	cpu        time.Duration
	deliveries int64
	frames     int64
}

func (c cost) each() float64 { return float64(c.cpu.Microseconds()) / float64(max(c.deliveries, 1)) }

// measured runs something and reads what it cost.
func measured(c *crowd, do func() error) (cost, error) {
	meter, err := startMeter(c.pids()...)
	if err != nil {
		return cost{}, err
	}
	shown, frames := c.shown.Load(), c.frames.Load()
	if err := do(); err != nil {
		return cost{}, err
	}
	time.Sleep(between) // what comes after the last delivery belongs to it too
	cpu, err := meter.read()
	return cost{cpu, c.shown.Load() - shown, c.frames.Load() - frames}, err
}

func (c *cost) add(more cost) {
	c.cpu += more.cpu
	c.deliveries += more.deliveries
	c.frames += more.frames
}
