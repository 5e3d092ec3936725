package loadtest

import (
	"os"
	"testing"
	"time"
)

// The disk is measured, and nothing stays behind.
func TestSyncTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	each, err := syncTime(dir)
	must(t, err)
	if each <= 0 || each > time.Minute {
		t.Errorf("it takes %s", each)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := syncTime(dir + "/nowhere"); err == nil {
		t.Error("a directory that is not there was measured")
	}
	if said := comparedWith(dir, nil); said != "where PostgreSQL keeps its data is not known" {
		t.Error(said)
	}
}
