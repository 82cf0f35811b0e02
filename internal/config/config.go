// Package config is what a process of Vienti is told at its start: one struct
// from a TOML file, the environment and flags, checked as a whole. Everything
// about companies and connections is in the database.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Config of a process. Later sources win: defaults, file, environment, flags.
type Config struct {
	// Database is sqlite:/path/file.db or postgres://user:password@host/name.
	Database string `toml:"database"`
	// KeyFile holds the key of the vault. It must lie apart from the database,
	// or a copy of one is a copy of both.
	KeyFile string `toml:"key_file"`
	// Listen is the address of pages and API; loopback unless told otherwise.
	Listen string `toml:"listen"`
	// PublicURL is how people reach the pages, when there is a proxy in front.
	PublicURL string `toml:"public_url"`
	// ReturnURLs are pages of other programs to which whoever has connected a company
	// may be sent back; see /connect?return_url=.
	ReturnURLs []string `toml:"return_urls"`
	// Node names this process among several on one database.
	Node string `toml:"node"`
	// LogLevel is debug, info, warn or error; LogFormat is text or json.
	LogLevel  string `toml:"log_level"`
	LogFormat string `toml:"log_format"`
	// Inbox is a folder per connection that is watched for files: connection = folder.
	Inbox map[string]string `toml:"inbox"`
	// Mail is where letters are handed over; without a host nobody is told by mail.
	Mail Mail `toml:"mail"`
	// Webhooks is how business systems are told what becomes of their documents.
	Webhooks Webhooks `toml:"webhooks"`
}

// Webhooks of a process.
type Webhooks struct {
	// Allow are private networks in which receivers may be: "10.20.0.0/16". Without
	// them nothing is sent to a private address.
	Allow []string `toml:"allow"`
	// KeepDays is for how many days changes are kept for the feed; 183 if 0.
	KeepDays int `toml:"keep_days"`
}

// Networks are those allowed. [Config.Check] has found them good.
func (w Webhooks) Networks() (list []netip.Prefix) {
	for _, text := range w.Allow {
		if p, err := netip.ParsePrefix(text); err == nil {
			list = append(list, p.Masked())
		}
	}
	return list
}

func (w Webhooks) check() (errs []error) {
	for _, text := range w.Allow {
		if p, err := netip.ParsePrefix(text); err != nil || p.Bits() == 0 {
			errs = append(errs, fmt.Errorf("webhooks.allow: %q is no network; write for example 10.20.0.0/16", text))
		}
	}
	if w.KeepDays < 0 || w.KeepDays > 0 && w.KeepDays < 7 || w.KeepDays > 4000 {
		errs = append(errs, fmt.Errorf("webhooks.keep_days: %d is not from 7 to 4000", w.KeepDays))
	}
	return errs
}

// KeepChanges is for how long what was told is kept; 0 for as long as nobody says otherwise.
func (c Config) KeepChanges() time.Duration {
	return time.Duration(c.Webhooks.KeepDays) * 24 * time.Hour
}

// Mail is a server that takes letters by SMTP.
type Mail struct {
	Host string `toml:"host"`
	Port int    `toml:"port"` // 587, with tls = "tls" 465
	// TLS is "starttls" (required), "tls" from the first byte, or "none", which only
	// a server on this machine may be.
	TLS  string `toml:"tls"`
	User string `toml:"user"`
	// Password, or PasswordFile, which holds it in its first line.
	Password     Password `toml:"password"`
	PasswordFile string   `toml:"password_file"`
	// From is the address that letters come from: Vienti <vienti@example.fi>.
	From string `toml:"from"`
}

// A Password prints as [secret].
type Password string

func (Password) String() string   { return "[secret]" }
func (Password) GoString() string { return "[secret]" }

// MarshalText hides it from TOML and JSON.
func (Password) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// fill completes what is left out, and reads the password.
func (m *Mail) fill() error {
	if m.Host == "" {
		return nil
	}
	if m.TLS == "" {
		m.TLS = "starttls"
	}
	if m.Port == 0 {
		m.Port = map[string]int{"tls": 465, "none": 25}[m.TLS]
		if m.Port == 0 {
			m.Port = 587
		}
	}
	if m.Password == "" && m.PasswordFile != "" {
		b, err := os.ReadFile(m.PasswordFile)
		if err != nil {
			return fmt.Errorf("mail.password_file: %w", err)
		}
		line, _, _ := strings.Cut(string(b), "\n")
		m.Password = Password(strings.TrimSpace(line))
	}
	return nil
}

func (m Mail) check() (errs []error) {
	if m.Host == "" {
		if m != (Mail{}) {
			errs = append(errs, errors.New("mail.host: name the mail server"))
		}
		return errs
	}
	if m.Port < 1 || m.Port > 65535 {
		errs = append(errs, fmt.Errorf("mail.port: %d is no port", m.Port))
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		errs = append(errs, fmt.Errorf("mail.from: %q is no address; write for example Vienti <vienti@example.fi>", m.From))
	}
	switch m.TLS {
	case "starttls", "tls":
	case "none":
		if ip := net.ParseIP(m.Host); m.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			errs = append(errs, fmt.Errorf("mail.tls: \"none\" is for a server on this machine only, and %s is none", m.Host))
		}
	default:
		errs = append(errs, fmt.Errorf("mail.tls: %q is none of starttls, tls, none", m.TLS))
	}
	return errs
}

// maxFile bounds the configuration file.
const maxFile = 1 << 20

// Env is how the process sees its environment.
type Env struct {
	Getenv     func(string) string
	ConfigHome string // $XDG_CONFIG_HOME or ~/.config
	DataHome   string // $XDG_DATA_HOME or ~/.local/share
	Hostname   string
}

// System is the environment of this process.
func System() Env {
	home, _ := os.UserHomeDir()
	host, _ := os.Hostname()
	e := Env{Getenv: os.Getenv, Hostname: host}
	if e.ConfigHome = os.Getenv("XDG_CONFIG_HOME"); e.ConfigHome == "" {
		e.ConfigHome = filepath.Join(home, ".config")
	}
	if e.DataHome = os.Getenv("XDG_DATA_HOME"); e.DataHome == "" {
		e.DataHome = filepath.Join(home, ".local", "share")
	}
	return e
}

// Default is the configuration of a process that is told nothing.
func Default(e Env) Config {
	return Config{
		Database: "sqlite:" + filepath.Join(e.DataHome, "vienti", "vienti.db"),
		KeyFile:  filepath.Join(e.ConfigHome, "vienti", "vault.key"),
		Listen:   "127.0.0.1:8080", Node: e.Hostname, LogLevel: "info", LogFormat: "text",
	}
}

// File is where the configuration is looked for when no file is named.
func File(e Env) string { return filepath.Join(e.ConfigHome, "vienti", "vienti.toml") }

// Load reads the file (missing is an error only when it was named), then the
// environment: VIENTI_DATABASE, VIENTI_KEY_FILE, VIENTI_LISTEN, VIENTI_PUBLIC_URL,
// VIENTI_NODE, VIENTI_LOG_LEVEL, VIENTI_LOG_FORMAT, and VIENTI_MAIL_ with HOST,
// PORT, TLS, USER, PASSWORD, PASSWORD_FILE, FROM.
func Load(e Env, file string) (Config, error) {
	c := Default(e)
	named := file != ""
	if !named {
		file = File(e)
	}
	b, err := os.ReadFile(file)
	switch {
	case err == nil && len(b) > maxFile:
		return c, fmt.Errorf("configuration %s is larger than %d bytes", file, maxFile)
	case err == nil:
		md, err := toml.Decode(string(b), &c)
		if err != nil {
			return c, fmt.Errorf("configuration %s: %w", file, err)
		}
		if keys := md.Undecoded(); len(keys) > 0 {
			return c, fmt.Errorf("configuration %s: there is no setting %q", file, keys[0].String())
		}
	case named || !errors.Is(err, os.ErrNotExist):
		return c, fmt.Errorf("configuration: %w", err)
	}
	for name, field := range map[string]*string{
		"DATABASE": &c.Database, "KEY_FILE": &c.KeyFile, "LISTEN": &c.Listen, "PUBLIC_URL": &c.PublicURL, "NODE": &c.Node,
		"LOG_LEVEL": &c.LogLevel, "LOG_FORMAT": &c.LogFormat, "MAIL_HOST": &c.Mail.Host, "MAIL_TLS": &c.Mail.TLS, "MAIL_USER": &c.Mail.User,
		"MAIL_PASSWORD": (*string)(&c.Mail.Password), "MAIL_PASSWORD_FILE": &c.Mail.PasswordFile, "MAIL_FROM": &c.Mail.From,
	} {
		if v := e.Getenv("VIENTI_" + name); v != "" {
			*field = v
		}
	}
	if v := e.Getenv("VIENTI_MAIL_PORT"); v != "" {
		if c.Mail.Port, err = strconv.Atoi(v); err != nil {
			return c, fmt.Errorf("VIENTI_MAIL_PORT: %q is no port", v)
		}
	}
	if err := c.Mail.fill(); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	return c, c.Check()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Check says everything that is wrong, each with its remedy.
func (c Config) Check() error {
	var errs []error
	if !strings.HasPrefix(c.Database, "sqlite:") && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		errs = append(errs, errors.New("database: must begin with sqlite: or postgres://"))
	}
	if c.KeyFile == "" {
		errs = append(errs, errors.New("key_file: name the file that holds the vault's key"))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %q is not host:port", c.Listen))
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			errs = append(errs, fmt.Errorf("public_url: %q is not an http or https address", c.PublicURL))
		}
	}
	for _, to := range c.ReturnURLs {
		u, err := url.Parse(to)
		if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			errs = append(errs, fmt.Errorf("return_urls: %q is not a whole https address without a query (http only for this machine)", to))
		}
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		errs = append(errs, fmt.Errorf("log_level: %q is none of debug, info, warn, error", c.LogLevel))
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		errs = append(errs, fmt.Errorf("log_format: %q is neither text nor json", c.LogFormat))
	}
	return errors.Join(append(append(errs, c.Mail.check()...), c.Webhooks.check()...)...)
}
