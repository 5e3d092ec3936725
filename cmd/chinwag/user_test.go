package main

import (
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
	"chinwag/realtime"
)

// accounts looks somebody up, as any program beside the server may.
func account(t *testing.T, data, name string) chat.Account {
	t.Helper()
	d, err := db.Open(t.Context(), data, handlers.Publisher(realtime.NewMemory()))
	must(t, err)
	defer func() { must(t, d.Close()) }()
	account, err := d.Account(t.Context(), name)
	must(t, err)
	return account
}

func TestUserAdd(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	add := func(stdin string, args ...string) ran {
		return typed(t, stdin, append([]string{"user", "add", "--data=" + data}, args...)...)
	}
	for name, stdin := range map[string]string{"ann": "correct horse battery\n", "bob": "correct horse battery\r\n", "cid": "correct horse battery"} {
		got := add(stdin, name, "--email="+name+"@example.org")
		got.says(t, 0)
		if got.stdout != name+" may sign in now.\n" || strings.Contains(got.stdout+got.stderr, "horse") {
			t.Errorf("%+v", got)
		}
		who := account(t, data, name+"@example.org")
		if who.Username != name || who.Role != chat.RoleMember {
			t.Errorf("%+v", who)
		}
		signsIn(t, data, name)
	}
	add("correct horse battery\n", "root", "--admin").says(t, 0)
	if who := account(t, data, "root"); who.Role != chat.RoleAdmin {
		t.Errorf("%+v", who)
	}

	add("correct horse battery\n", "ANN").says(t, exitUsage, "username", "Somebody has that name already")
	add("correct horse battery\n", "a b").says(t, exitUsage, "username", "Use only")
	add("short\n", "dan").says(t, exitUsage, "password", "at least 12")
	add("", "dan").says(t, exitUsage, "password", "at least 12")
	add("correct horse battery\n", "dan", "--email=dan").says(t, exitUsage, "email")
}

// signsIn checks that somebody can, with the password typed above.
func signsIn(t *testing.T, place, name string) {
	t.Helper()
	community, store, err := open(process{ctx: t.Context()}, place)
	must(t, err)
	defer func() { must(t, store.Close()) }()
	_, _, err = community.SignIn(t.Context(), chat.Visit{}, name, "correct horse battery")
	must(t, err)
}

func TestUserAddBesideAServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := serve(t, data)
	typed(t, "correct horse battery\n", "user", "add", "ann", "--data="+data).says(t, 0)
	account(t, data, "ann")
	s.stop().says(t, 0)
	account(t, data, "ann")
}
