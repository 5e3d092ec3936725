//go:build !linux

package main

// takeSlack is for Linux alone.
func takeSlack() {}
