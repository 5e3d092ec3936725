// Command chinwag is a chat for people's own servers. It builds the parts, hands each what it needs, and stops them in
// reverse; it holds no rule.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is stamped by the build: make build.
var version = "dev"

// cli is the command line. Every setting is a flag, an environment variable and a key of the configuration file.
type cli struct {
	Config kong.ConfigFlag `help:"Read settings from this JSON file too." placeholder:"FILE" env:"CHINWAG_CONFIG"`

	Serve    serveCommand    `cmd:"" help:"Run the server."`
	User     userCommand     `cmd:"" help:"Make accounts, and let people back into theirs."`
	Doctor   doctorCommand   `cmd:"" help:"Say what is wrong with this set-up."`
	Move     moveCommand     `cmd:"" help:"Take a community from SQLite to PostgreSQL."`
	Loadtest loadtestCommand `cmd:"" help:"Measure what the server costs, with real sockets."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// process is what a command may use of the world around it.
type process struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Exit codes beside 0.
const (
	exitFailed = 1
	exitUsage  = 2
)

// systemConfig is read when it is there.
const systemConfig = "/etc/chinwag/config.json"

func main() {
	// Where the command stands among flags and their values only the parser knows. Another one with such a value starts
	// once more, which does it no harm.
	if slices.Contains(os.Args[1:], "serve") {
		takeSlack()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	code := run(process{ctx, os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// errAsked ends a run that only asked for help.
var errAsked = errors.New("asked for help")

// run does what the arguments say and returns the exit code.
func run(p process, args []string) (code int) {
	defer func() { // --help leaves kong by a panic of ours, since it would exit by itself
		if r := recover(); r != nil {
			if r != errAsked { //nolint:errorlint // it is the very value
				panic(r)
			}
			code = 0
		}
	}()
	parser, err := kong.New(&cli{},
		kong.Name("chinwag"), kong.Description("A chat for people's own servers."),
		kong.Configuration(readSettings, systemConfig), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(p.stdout, p.stderr), kong.Exit(func(int) { panic(errAsked) }),
		kong.Bind(p))
	if err != nil {
		return p.failed(err, exitFailed)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return p.failed(err, exitUsage)
	}
	var usage *usageError
	switch err := command.Run(); {
	case errors.As(err, &usage):
		return p.failed(err, exitUsage)
	case err != nil:
		return p.failed(err, exitFailed)
	}
	return 0
}

// usageError is a wrong value on the command line, found after parsing.
type usageError struct{ error }

func (p process) failed(err error, code int) int {
	_, _ = fmt.Fprintf(p.stderr, "chinwag: %v\n", err) // where else to say it
	return code
}
