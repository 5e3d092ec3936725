package deliver_test

import (
	"errors"
	"testing"

	"chinwag/deliver"
	"chinwag/deliver/smtptest"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// to is the way to a server, as a community at chat.test has it.
func to(tb testing.TB, address string) *deliver.SMTP {
	tb.Helper()
	way, err := deliver.NewSMTP(address, "chinwag@chat.test", "chat.test")
	must(tb, err)
	return way
}

// hello is a mail.
func hello() deliver.Mail {
	return deliver.Mail{From: "The Pub", To: "ada@x.test", Subject: "Hello", Text: "Hello Ada\n", HTML: "<p>Hello Ada</p>", ID: "one"}
}

// any mail will do.
func anyMail(smtptest.Mail) bool { return true }

// refusal is what an error says of a mail that was not taken.
func refusal(tb testing.TB, err error) *deliver.Refused {
	tb.Helper()
	var refused *deliver.Refused
	if !errors.As(err, &refused) {
		tb.Fatalf("%v is no refusal", err)
	}
	return refused
}
