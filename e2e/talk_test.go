package e2e

import (
	"os"
	"strings"
	"testing"
)

// conversationLines are fifty messages such as people write.
func conversationLines(t testing.TB) []string {
	t.Helper()
	talk, err := os.ReadFile("testdata/talk.txt")
	must(t, err)
	return strings.Split(strings.TrimSpace(string(talk)), "\n")
}
