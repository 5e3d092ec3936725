package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chinwag/chat"
	"chinwag/views"
)

// How many wrong passwords an account or an address block may have in a while (OWASP ASVS 5.0, 6.3.1). A browser that
// has signed in before counts for itself, so that nobody can lock somebody else out.
const (
	triesPerAccount = 10
	triesPerAddress = 50
	triesFor        = 15 * time.Minute
	deviceFor       = 365 * 24 * time.Hour
	deviceCookie    = "device"
)

// How many links one address may be sent in triesFor, enough for who looks in the wrong mailbox, and how many somebody may
// have sent.
const (
	linksPerAddress = 5
	linksPerPerson  = 10
)

// try counts an attempt to sign in before the password is looked at, and gives back how to forget it when it was right.
// The counts stand in the blob store, so a restart does not forget them. Whoever is signed in already is counted by their
// session: nobody else's guesses keep them from what their password is asked for.
func (s *Server) try(c *call, name string) (forget func() error, err error) {
	if !s.config.Limits {
		return func() error { return nil }, nil
	}
	if c.route.who.signedIn() {
		return s.take(count{triesKey("session:" + string(c.session.Hash)), triesPerAccount})
	}
	account, err := s.tried(c, name)
	if err != nil {
		return nil, err
	}
	known, err := s.knownDevice(c, account)
	if err != nil {
		return nil, err
	}
	counts := []count{{triesKey(account), triesPerAccount}, {triesKey("address:" + block(s.address(c))), triesPerAddress}}
	if known != "" {
		counts = []count{{triesKey("device:" + known), triesPerAccount}}
	}
	return s.take(counts...)
}

// mailing does what mails a link to an address, unless that was sent enough of them lately. It is counted before anybody asks
// whose the address is, and wherever it is asked for: nobody's mailbox is flooded.
func (s *Server) mailing(c *call, purpose chat.LinkPurpose, email string, do func() error) error {
	if !s.config.Limits || s.Mail == nil || email == "" {
		return do()
	}
	counts := []count{{triesKey("mail:" + string(purpose) + ":" + chat.NameKey(email)), linksPerAddress}}
	if c.route.who.signedIn() {
		counts = append(counts, count{triesKey("mail by:" + strconv.FormatInt(int64(c.viewer()), 10)), linksPerPerson})
	}
	forget, err := s.take(counts...)
	if err != nil {
		return err
	}
	if err := do(); err != nil { // nothing is mailed
		return errors.Join(err, forget())
	}
	return nil
}

// take counts one under each key, up to the first that is at its end, and gives back how to forget that.
func (s *Server) take(counts ...count) (forget func() error, err error) {
	s.trying.Lock()
	defer s.trying.Unlock()
	for _, n := range counts {
		if err := s.add(n, 1); err != nil {
			return nil, err
		}
	}
	return func() error {
		s.trying.Lock()
		defer s.trying.Unlock()
		for _, n := range counts {
			if err := s.add(n, -1); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// count is a number of tries under a key, and where it ends.
type count struct {
	key string
	max int
}

// add moves a count that lives triesFor from its first try. Beyond its end it is tooMany.
func (s *Server) add(n count, change int) error {
	blob, err := s.Blobs.Get(n.key)
	if err != nil {
		return fmt.Errorf("read tries: %w", err)
	}
	tries, until := 0, time.Now().Add(triesFor)
	if before, after, ok := strings.Cut(string(blob), " "); ok {
		seconds, err := strconv.ParseInt(after, 10, 64)
		if tries, _ = strconv.Atoi(before); err == nil { // what does not parse counts as none
			until = time.Unix(seconds, 0)
		}
	}
	left := time.Until(until)
	if left <= 0 {
		tries, left = 0, triesFor
		until = time.Now().Add(left)
	}
	if change > 0 && tries >= n.max {
		return tooMany{left}
	}
	value := strconv.Itoa(max(0, tries+change)) + " " + strconv.FormatInt(until.Unix(), 10)
	if err := s.Blobs.Set(n.key, []byte(value), left); err != nil {
		return fmt.Errorf("count tries: %w", err)
	}
	return nil
}

// knownDevice is the browser's own key if it has signed in to the account before, else empty.
func (s *Server) knownDevice(c *call, account string) (string, error) {
	device := c.Cookies(deviceCookie)
	if device == "" {
		return "", nil
	}
	owner, err := s.Blobs.Get(triesKey("known:" + device + account))
	if err != nil {
		return "", fmt.Errorf("read known device: %w", err)
	}
	if owner == nil {
		return "", nil
	}
	return device + account, nil
}

// rememberDevice notes that this browser has signed in to an account.
func (s *Server) rememberDevice(c *call, name string) error {
	device := c.Cookies(deviceCookie)
	if len(device) != len(chat.NewToken(16)) {
		device = chat.NewToken(16)
	}
	s.setCookie(c, deviceCookie, device, deviceFor, views.LoginPath)
	if err := s.Blobs.Set(triesKey("known:"+device+accountKey(name)), []byte("1"), deviceFor); err != nil {
		return fmt.Errorf("remember device: %w", err)
	}
	return nil
}

// tried is what a typed name counts as: the account that it signs in to, by whichever of its names, or else itself.
func (s *Server) tried(c *call, name string) (string, error) {
	account, err := s.DB.Account(c.ctx(), chat.NameKey(name))
	if errors.Is(err, chat.ErrNotFound) {
		return accountKey(name), nil
	}
	return accountKey(account.Username), err
}

// accountKey is what a username counts as. All spellings of one share one count, as they share one key.
func accountKey(name string) string { return "account:" + chat.NameKey(name) }

// triesKey is a key of the blob store: 64 characters at most, and nothing to read in it.
func triesKey(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "tries-" + base64.RawURLEncoding.EncodeToString(sum[:])
}
