package main

import (
	"fmt"
	"os"
	"time"

	"chinwag/chat"
	"chinwag/cmd/chinwag/loadtest"
	"chinwag/db"
)

type loadtestCommand struct {
	Suite loadtestSuiteCommand `cmd:"" default:"withargs" help:"Start a server of its own, measure everything, print the figures (the default)."`
	Load  loadtestLoadCommand  `cmd:"" help:"Open pages, write at a rate or flat out, on a server of its own or on one that runs."`
	Seed  loadtestSeedCommand  `cmd:"" help:"Make people with sessions and rooms in a data directory; print a line each: name, cookie, rooms."`
	Relay loadtestRelayCommand `cmd:"" hidden:"" help:"The floor that the suite measures against."`
}

// loadtestSettings say what is measured, and where.
type loadtestSettings struct {
	Program string `help:"The binary that serves (default: this one)." placeholder:"FILE" type:"existingfile"`
	Dir     string `help:"Where data directories are made, and removed again (default: the system's)." placeholder:"DIR" type:"existingdir"`

	// What stands in a configuration file for these is in use.
	DatabaseURL string `name:"database-url" help:"PostgreSQL server to measure on (default: SQLite). Databases are made there and removed again; the one of the address is only connected to." placeholder:"URL" typed:"" xor:"own"`
	NATSURL     string `name:"nats-url" help:"NATS servers that join the nodes (needs --database-url)." placeholder:"URL" typed:""`
}

// Validate is called by kong after parsing.
func (l *loadtestSettings) Validate() error {
	s := &serveSettings{dataSettings: dataSettings{DatabaseURL: l.DatabaseURL}, NATSURL: l.NATSURL}
	if err := s.dataSettings.Validate(); err != nil {
		return err
	}
	return s.checkNATS()
}

func (l *loadtestSettings) options(p process) (loadtest.Options, error) {
	program := l.Program
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return loadtest.Options{}, fmt.Errorf("find this program: %w", err)
		}
		program = self
	}
	return loadtest.Options{
		Program: program, Dir: l.Dir, DatabaseURL: l.DatabaseURL, NATSURL: l.NATSURL, Out: p.stdout,
		Open: func(place string) (*chat.Community, *db.DB, error) { return open(p, place) },
	}, nil
}

type loadtestSuiteCommand struct {
	loadtestSettings
	Only  []string `help:"Only these scenarios, between commas (see above)." placeholder:"SCENARIO"`
	Quick bool     `help:"Small numbers, within a minute: does everything work?"`
}

// Help lists the scenarios.
func (*loadtestSuiteCommand) Help() string {
	return "Scenarios:\n\n" + loadtest.Scenarios()
}

// Run measures.
func (l *loadtestSuiteCommand) Run(p process) error {
	options, err := l.options(p)
	if err != nil {
		return err
	}
	options.Only, options.Quick = l.Only, l.Quick
	return loadtest.Run(p.ctx, options)
}

type loadtestLoadCommand struct {
	loadtestSettings
	People  int           `help:"How many people have a page open." default:"100"`
	Rooms   int           `help:"How many rooms they are spread over." default:"1"`
	Writers int           `help:"How many people of each room write." default:"4"`
	Rate    float64       `help:"Messages a second in all; 0: as fast as they are answered." default:"20"`
	For     time.Duration `help:"How long they write." default:"10s"`
	URL     string        `help:"A server that runs already, with --limits off." placeholder:"URL" and:"running" xor:"own"`
	Cookies string        `help:"Its people, as loadtest seed printed them." placeholder:"FILE" and:"running" type:"existingfile"`
	PID     int           `help:"Its process, if its CPU and memory are to be read from /proc." placeholder:"PID"`
}

// Run loads a server.
func (l *loadtestLoadCommand) Run(p process) error {
	options, err := l.options(p)
	if err != nil {
		return err
	}
	load := loadtest.Load{
		Rooms: l.Rooms, Count: l.People, URL: l.URL, PID: l.PID, Rate: l.Rate, Writers: l.Writers, For: l.For,
	}
	if l.Cookies != "" {
		if load.People, err = loadtest.People(l.Cookies); err != nil {
			return &usageError{err}
		}
	}
	return loadtest.RunLoad(p.ctx, options, load)
}

type loadtestSeedCommand struct {
	dataSettings
	People   int `help:"How many people." default:"100"`
	Rooms    int `help:"How many rooms; everybody is in all of them." default:"5"`
	Messages int `help:"How many messages stand in each room." default:"50"`
}

// Run seeds; a server may be running meanwhile.
func (l *loadtestSeedCommand) Run(p process) error {
	_, store, err := open(p, l.place())
	if err != nil {
		return err
	}
	people, err := loadtest.Seed(p.ctx, store, loadtest.Everybody(l.People, l.Rooms, l.Messages))
	if err == nil {
		err = loadtest.PrintPeople(p.stdout, people)
	}
	if closeErr := store.Close(); err == nil {
		err = closeErr
	}
	return err
}

type loadtestRelayCommand struct {
	Length int `help:"Bytes of a frame." default:"400"`
}

// Run relays until standard input ends.
func (l *loadtestRelayCommand) Run(p process) error {
	return loadtest.Relay(p.ctx, p.stdin, p.stdout, l.Length)
}
