package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"chinwag/db"
)

// dataSettings say where everything is kept. Each command that opens the community has them.
type dataSettings struct {
	Data        string `help:"Directory for the database and the secret (made 0700)." default:"./data" env:"CHINWAG_DATA" type:"path"`
	DatabaseURL string `name:"database-url" help:"PostgreSQL database that holds everything, instead of the data directory (default: SQLite there)." placeholder:"URL" env:"CHINWAG_DATABASE_URL"`
}

// Validate is called by kong after parsing.
func (d *dataSettings) Validate() error {
	if d.DatabaseURL == "" {
		return nil
	}
	return checkDatabaseURL("--database-url", d.DatabaseURL)
}

// checkDatabaseURL looks at the address of a PostgreSQL database, and never repeats it: there may be a password in it.
func checkDatabaseURL(flag, address string) error {
	if _, err := pgx.ParseConfig(address); err != nil || !db.Shared(address) {
		return fmt.Errorf("%s: this is no PostgreSQL address such as postgres://chinwag@db.example.org/chinwag", flag)
	}
	return nil
}

// shared says whether several servers may work on the community at once.
func (d *dataSettings) shared() bool { return db.Shared(d.place()) }

// place is where the community is kept, as [db.Open] takes it.
func (d *dataSettings) place() string {
	if d.DatabaseURL != "" {
		return d.DatabaseURL
	}
	return d.Data
}

// serveSettings are the settings of the server, in the order --help prints them.
type serveSettings struct {
	Addr string `help:"Listen address." default:"localhost:8080" env:"CHINWAG_ADDR"`
	dataSettings
	NATSURL   string `name:"nats-url" help:"NATS servers that join several nodes of one community (needs --database-url)." placeholder:"URL" env:"CHINWAG_NATS_URL"`
	PublicURL string `name:"public-url" help:"The one true origin of links, cookies and Origin checks (default: http:// and the listen address)." placeholder:"URL" env:"CHINWAG_PUBLIC_URL"`
	mailSettings
	TrustedProxies []string `help:"Addresses or CIDR ranges of the proxies whose forwarding headers are believed." placeholder:"ADDRESS" env:"CHINWAG_TRUSTED_PROXIES"`
	Limits         string   `help:"Limits on requests: on, or off for load tests on a loopback address." default:"on" enum:"on,off" env:"CHINWAG_LIMITS"`
	LogLevel       string   `help:"What is logged: debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"CHINWAG_LOG_LEVEL"`
}

// Validate is called by kong after parsing. Its error names the setting.
func (s *serveSettings) Validate() error {
	if err := s.dataSettings.Validate(); err != nil {
		return err
	}
	if _, port, err := net.SplitHostPort(s.Addr); err != nil || !validPort(port) {
		return fmt.Errorf("--addr: %q is no host:port, for example localhost:8080 or :8080", s.Addr)
	}
	if s.PublicURL != "" {
		if _, err := parseOrigin(s.PublicURL); err != nil {
			return err
		}
	}
	if _, err := s.proxies(); err != nil {
		return err
	}
	if err := s.checkNATS(); err != nil {
		return err
	}
	if err := s.checkMail(); err != nil {
		return err
	}
	if s.Limits == "off" && !loopback(s.Addr) {
		return fmt.Errorf("--limits: off only goes with a loopback --addr, not %s", s.Addr)
	}
	return nil
}

// validPort says whether text is a port number; 0 lets the system choose one.
func validPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

// publicURL is the origin people use; by default that of the address we listen on.
func (s *serveSettings) publicURL(listening net.Addr) (*url.URL, error) {
	if s.PublicURL != "" {
		return parseOrigin(s.PublicURL)
	}
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	_, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return nil, fmt.Errorf("listening address: %w", err)
	}
	if port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return &url.URL{Scheme: "http", Host: host}, nil
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}

// originHost is a host as a browser writes it, with a port: what goes into headers unchanged.
var originHost = regexp.MustCompile(`^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$`)

// parseOrigin reads an origin as browsers write it: scheme, host, and a port unless it is the scheme's own.
func parseOrigin(text string) (*url.URL, error) {
	wrong := fmt.Errorf("--public-url: %q is no origin such as https://chat.example.org", text)
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, wrong
	}
	u.Host = strings.ToLower(u.Host)
	if !originHost.MatchString(u.Host) || u.Port() != "" && (!validPort(u.Port()) || u.Port()[0] == '0') {
		return nil, wrong
	}
	if u.Scheme == "https" {
		u.Host = strings.TrimSuffix(u.Host, ":443")
	} else {
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	return u, nil
}

func (s *serveSettings) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range s.TrustedProxies {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			list = append(list, prefix)
			continue
		}
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is no address and no CIDR range", text)
		}
		list = append(list, netip.PrefixFrom(address, address.BitLen()))
	}
	return list, nil
}

func (s *serveSettings) level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return slog.LevelInfo // kong has checked the word
	}
	return level
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// settingsFile is a configuration file: settings by the names of their flags, with _ for -.
type settingsFile map[string]any

// readSettings reads a configuration file.
func readSettings(r io.Reader) (kong.Resolver, error) {
	file := settingsFile{}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	return file, nil
}

// Resolve gives a setting's value. What the environment says goes before the file. A flag may have to be typed.
func (f settingsFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Tag.Has("typed") {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return f[settingKey(flag)], nil
}

// Validate refuses a key that no command knows: it is mistyped, and would count for nothing.
func (f settingsFile) Validate(app *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(app, func(node kong.Visitable, next kong.Next) error { // our own visit never fails
		if flag, ok := node.(*kong.Flag); ok {
			known[settingKey(flag)] = true
		}
		return next(nil)
	})
	for key := range f {
		if !known[key] {
			return fmt.Errorf("configuration file: there is no setting %q", key)
		}
	}
	return nil
}

func settingKey(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }
