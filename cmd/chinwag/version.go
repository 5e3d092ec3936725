package main

import (
	"fmt"
	"runtime"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p process) error {
	_, err := fmt.Fprintf(p.stdout, "chinwag %s (%s)\n", version, runtime.Version())
	return err
}
