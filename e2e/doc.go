// Package e2e meets the program as a stranger does: it builds the binary, starts it as a process with an empty data
// directory, and comes in through Chromium, through plain HTTP, and through a line that counts and breaks.
//
// It holds tests only. They know addresses, ids, roles and field names, which are promises (docs/site.md); they know no
// sentence, no table and no function of ours.
package e2e
