package deliver_test

import (
	"strings"
	"testing"

	"chinwag/deliver"
)

func TestAddressesOfMailServers(t *testing.T) {
	t.Parallel()
	for address, server := range map[string]string{
		"smtp://mail.example.org":                  "mail.example.org:587",
		"smtp://mail.example.org/":                 "mail.example.org:587",
		"smtps://mail.example.org":                 "mail.example.org:465",
		"smtp://localhost:25":                      "localhost:25",
		"smtp://[::1]:25":                          "[::1]:25",
		"smtps://ann:hunter2@mail.example.org:587": "mail.example.org:587",
		"smtp://ann%40example.org:p%2Fw@10.0.0.1":  "10.0.0.1:587",
		"mail.example.org":                         "",
		"mail.example.org:25":                      "",
		"http://mail.example.org":                  "",
		"smtp:mail.example.org":                    "",
		"smtp://":                                  "",
		"smtp://:25":                               "",
		"smtp://mail.example.org:0":                "",
		"smtp://mail.example.org:70000":            "",
		"smtp://mail.example.org:smtp":             "",
		"smtp://mail.example.org/path":             "",
		"smtp://mail.example.org?tls=no":           "",
		"smtp://ann@mail.example.org":              "",
		"smtp://:hunter2@mail.example.org":         "",
		"smtp://ann:hunter2/x@mail.example.org":    "",
		"smtp://ann:hunter2%zz@mail.example.org":   "",
		"smtp://ann:hunter2@mail.example.org\r\n":  "",
	} {
		way, err := deliver.NewSMTP(address, "chinwag@chat.test", "chat.test")
		switch {
		case server == "" && err == nil:
			t.Errorf("%q is taken", address)
		case server != "" && err != nil:
			t.Errorf("%q: %v", address, err)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("the error repeats the password: %v", err)
		case err == nil && way.Server() != server:
			t.Errorf("%q leads to %s, not %s", address, way.Server(), server)
		}
	}
}

func TestAddressesToSendFrom(t *testing.T) {
	t.Parallel()
	for from, ok := range map[string]bool{
		"chinwag@chat.test": true, "no-reply+x@sub.chat.test": true, "chinwag": false, "": false, "The Pub <chinwag@chat.test>": false,
		"a@chat.test, b@chat.test": false, "chinwag@chat.test\r\nBcc: eve@x.test": false, "<chinwag@chat.test>": false,
	} {
		if err := deliver.CheckAddress(from); (err == nil) != ok {
			t.Errorf("%q: %v", from, err)
		}
	}
}
