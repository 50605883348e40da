package device

import (
	"net"
	"net/url"
	"path"
	"strconv"
	"strings"

	"comptoir/data/fault"
)

// Scheme is how a device hangs on the till.
type Scheme string

// The schemes.
const (
	TCP     Scheme = "tcp"     // tcp://host:9100: a connection a job
	USB     Scheme = "usb"     // usb:///dev/usb/lp0: the kernel's printer class
	Serial  Scheme = "serial"  // serial:///dev/ttyUSB0?baud=9600
	CUPS    Scheme = "cups"    // cups://queue: bytes through the system's queue, which never says what became of them
	Virtual Scheme = "virtual" // virtual: a printer in memory
)

// URI says where a device is.
type URI struct {
	Scheme Scheme
	Host   string // tcp: host and port
	Path   string // usb, serial: of the device; absolute
	Queue  string // cups: name of the system's queue
	Baud   int    // serial: bits a second
}

// defaultBaud is what printers and terminals leave the factory with.
const defaultBaud = 9600

// printerPort is where printers listen, for an address without a port.
const printerPort = "9100"

// maxURI bounds what a person types.
const maxURI = 200

var errURI = fault.New(fault.Invalid, "device.uri", "This is no address of a device: tcp://host:9100, usb:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=9600, cups://queue or virtual:.")

// ParseURI reads the address of a device. tcp takes port 9100 when none is written, serial 9600 baud.
// Refusal: device.uri.
func ParseURI(text string) (URI, error) {
	text = strings.TrimSpace(text)
	refused := errURI.Field("uri", "invalid").With("uri", text)
	if len(text) > maxURI {
		return URI{}, errURI.Field("uri", "too_long")
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Fragment != "" {
		return URI{}, refused.Wrap(err)
	}
	if found, ok := parsed(u); ok {
		return found, nil
	}
	return URI{}, refused
}

func parsed(u *url.URL) (URI, bool) {
	if u.RawQuery != "" && u.Scheme != string(Serial) {
		return URI{}, false
	}
	switch scheme := Scheme(u.Scheme); scheme {
	case TCP:
		host, ok := hostPort(u)
		return URI{Scheme: scheme, Host: host}, ok && (u.Path == "" || u.Path == "/")
	case USB:
		return URI{Scheme: scheme, Path: u.Path}, isDevice(u)
	case Serial:
		baud, ok := baudOf(u.Query())
		return URI{Scheme: scheme, Path: u.Path, Baud: baud}, ok && isDevice(u)
	case CUPS:
		return URI{Scheme: scheme, Queue: u.Host}, isQueue(u.Host) && (u.Path == "" || u.Path == "/")
	case Virtual:
		return URI{Scheme: scheme}, u.Opaque == "" && u.Host == "" && u.Path == ""
	}
	return URI{}, false
}

func hostPort(u *url.URL) (string, bool) {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = printerPort
	}
	n, err := strconv.Atoi(port)
	return net.JoinHostPort(host, port), err == nil && host != "" && n > 0 && n < 1<<16
}

// isDevice reports whether a path is one, written the one way: what names a device is no way around it.
func isDevice(u *url.URL) bool {
	return u.Host == "" && path.IsAbs(u.Path) && path.Clean(u.Path) == u.Path && u.Path != "/" && !strings.ContainsFunc(u.Path, isControl)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// isQueue reports whether a name can be one of the system's queues. One that began with a dash would be a flag of lp.
func isQueue(name string) bool {
	return name != "" && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`/#?"'\<>|`, r)
	})
}

// Speeds of a serial line.
const minBaud, maxBaud = 300, 921_600

func baudOf(q url.Values) (int, bool) {
	for key := range q {
		if key != "baud" {
			return 0, false
		}
	}
	if !q.Has("baud") {
		return defaultBaud, true
	}
	baud, err := strconv.Atoi(q.Get("baud"))
	return baud, err == nil && baud >= minBaud && baud <= maxBaud
}
