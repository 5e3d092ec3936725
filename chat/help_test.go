package chat_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// open gives a test its community.
func open(tb testing.TB) *dbtest.DB {
	tb.Helper()
	return dbtest.Open(tb)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// same says where two things differ.
func same[T any](tb testing.TB, got, want T) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("-want +got\n%s", diff)
	}
}

// goodPassword is everybody's who has one.
const goodPassword = "correct horse battery"

// refused checks that an error is the one sentence that belongs beside a field.
func refused(tb testing.TB, err error, field, key string) {
	tb.Helper()
	var problem *chat.Invalid
	if !errors.As(err, &problem) || problem.Sentence != key || problem.Field != field {
		tb.Errorf("%v, want %s beside %s", err, key, field)
	}
}
