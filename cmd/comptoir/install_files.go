package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"net"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

// installed are the files that make a machine a till, as they are before a café's choices are filled in.
//
//go:embed install
var installed embed.FS

// Marks of what comptoir install wrote. The second tells whether somebody has changed the file since: it is then theirs.
const (
	writtenBy = "Written by comptoir install; comptoir uninstall takes it back."
	asWritten = "As written: "
)

// choices are what the files are filled in with.
type choices struct {
	User, Screen     string // whom the service and the screen run as
	Data             string // absolute
	State            string // its name below /var/lib; empty: it lies elsewhere
	Program          string // absolute
	Port, PublicPort string
	HTTPS, HTTPSPort string // HTTPS empty: none
	PublicURL        string
	Mark             string // in files whose comments need one of their own
	Packaged         bool   // for a distribution's package, which knows by itself what it has brought
}

// Till is the address of the till on its own machine.
func (c choices) Till() string { return "http://127.0.0.1:" + c.Port + "/" }

// placed is one file and where it goes.
type placed struct {
	from string // in installed
	to   string // absolute, on the machine
	keep bool   // choices of people: an existing one is never written over
}

// placesOf lists the files. A package's lie where the system's own do, so that the machine's owner may override them in /etc.
func placesOf(c choices, kiosk bool) []placed {
	units, rules := "/etc/systemd/system", "/etc/udev/rules.d"
	if c.Packaged {
		units, rules = "/usr/lib/systemd/system", "/usr/lib/udev/rules.d"
	}
	all := []placed{
		{"comptoir.default", "/etc/default/comptoir", true},
		{"comptoir.service", path.Join(units, "comptoir.service"), false},
		{"comptoir.rules", path.Join(rules, "70-comptoir.rules"), false},
		{"comptoir.avahi", "/etc/avahi/services/comptoir.service", false},
	}
	if kiosk {
		all = append(all,
			placed{"comptoir-kiosk.service", path.Join(units, "comptoir-kiosk.service"), false},
			placed{"comptoir-kiosk.pam", "/etc/pam.d/comptoir-kiosk", false})
	}
	return all
}

// text fills a file in. Outside a package it begins with who wrote it and a sum of the rest.
func (p placed) text(c choices) ([]byte, error) {
	c.Mark = writtenBy
	if c.Packaged {
		c.Mark = "Part of the package comptoir."
	}
	raw, err := installed.ReadFile("install/" + p.from)
	if err != nil {
		return nil, err
	}
	t, err := template.New(p.from).Option("missingkey=error").Parse(string(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.from, err)
	}
	var body bytes.Buffer
	if err := t.Execute(&body, c); err != nil {
		return nil, fmt.Errorf("%s: %w", p.from, err)
	}
	if c.Packaged {
		return body.Bytes(), nil
	}
	if strings.HasPrefix(body.String(), "<?xml") { // its own comment says who wrote it; the sum goes to the end
		return fmt.Appendf(body.Bytes(), "<!-- %s%s -->\n", asWritten, sumOf(body.Bytes())), nil
	}
	return append(fmt.Appendf(nil, "# %s\n# %s%s\n", writtenBy, asWritten, sumOf(body.Bytes())), body.Bytes()...), nil
}

func sumOf(body []byte) string { return fmt.Sprintf("%x", sha256.Sum256(body)) }

// isAsWritten reports whether a file is one of ours that nobody has changed since.
func isAsWritten(text []byte) bool {
	if rest, ok := bytes.CutPrefix(text, []byte("# "+writtenBy+"\n# "+asWritten)); ok {
		sum, body, found := bytes.Cut(rest, []byte("\n"))
		return found && string(sum) == sumOf(body)
	}
	at := bytes.LastIndex(text, []byte("<!-- "+asWritten))
	return at > 0 && bytes.Contains(text, []byte(writtenBy)) && string(text[at:]) == fmt.Sprintf("<!-- %s%s -->\n", asWritten, sumOf(text[:at]))
}

// chosen reads the choices off the command line. Errors: an address or a name that cannot be written into the files.
func (c *installCmd) chosen(data, program string) (choices, error) {
	chosen := choices{User: c.User, Screen: c.User + "-kiosk", Data: filepath.Clean(data), Program: program, Port: "8080", PublicPort: "8081",
		HTTPS: c.HTTPS, HTTPSPort: "8443", PublicURL: c.PublicURL, Packaged: c.Package}
	if !isUserName(c.User) {
		return choices{}, fmt.Errorf("--user %s: a name of lower-case letters, digits and dashes, at most 24", c.User)
	}
	if strings.ContainsAny(data+program, " \t\n\"'\\%$") {
		return choices{}, fmt.Errorf("%s: a path with a space or a sign cannot stand in a unit", strings.TrimSpace(data))
	}
	if strings.ContainsAny(c.PublicURL, " \t\n\"'\\$#") {
		return choices{}, fmt.Errorf("--public-url %s: this is no address", c.PublicURL)
	}
	if c.HTTPS != "" {
		_, port, err := net.SplitHostPort(c.HTTPS)
		if err != nil || port == "0" {
			return choices{}, fmt.Errorf("--https %s: an address is written HOST:PORT, such as 0.0.0.0:8443", c.HTTPS)
		}
		chosen.HTTPSPort = port
	}
	if name, ok := strings.CutPrefix(chosen.Data, "/var/lib/"); ok && name != "" && !strings.Contains(name, "/") {
		chosen.State = name
	}
	return chosen, nil
}

// isUserName reports whether a name can be that of a system user, with room for that of the screen's.
func isUserName(name string) bool {
	const longest = 24
	if name == "" || len(name) > longest || name == "root" || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
