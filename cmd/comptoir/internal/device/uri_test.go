package device

import (
	"strings"
	"testing"

	"comptoir/data/fault"
)

func TestAnAddressIsReadOrRefused(t *testing.T) {
	for text, want := range map[string]URI{
		"tcp://192.168.1.50":                     {Scheme: TCP, Host: "192.168.1.50:9100"},
		"tcp://kitchen.local:9101":               {Scheme: TCP, Host: "kitchen.local:9101"},
		"tcp://[fe80::1]:9100/":                  {Scheme: TCP, Host: "[fe80::1]:9100"},
		"usb:///dev/usb/lp0":                     {Scheme: USB, Path: "/dev/usb/lp0"},
		"serial:///dev/ttyUSB0":                  {Scheme: Serial, Path: "/dev/ttyUSB0", Baud: 9600},
		" serial:///dev/ttyACM0?baud=115200 ":    {Scheme: Serial, Path: "/dev/ttyACM0", Baud: 115200},
		"cups://ticket":                          {Scheme: CUPS, Queue: "ticket"},
		"virtual:":                               {Scheme: Virtual},
		"":                                       {},
		"tcp://":                                 {},
		"tcp://:9100":                            {},
		"tcp://host:0":                           {},
		"tcp://host:70000":                       {},
		"tcp://host/path":                        {},
		"tcp://user:secret@host":                 {},
		"http://host:9100":                       {},
		"usb://dev/usb/lp0":                      {},
		"usb:///dev/../etc/passwd":               {},
		"usb:///dev/usb/lp0?baud=9600":           {},
		"usb:///":                                {},
		"serial:///dev/ttyUSB0?baud=fast":        {},
		"serial:///dev/ttyUSB0?baud=9600&mode=8": {},
		"serial:///dev/ttyUSB0?baud=-1":          {},
		"serial:///dev/tty%0AUSB0":               {},
		"cups://":                                {},
		"cups://-d":                              {},
		"cups://ticket/other":                    {},
		"virtual:kitchen":                        {},
		"virtual://kitchen":                      {},
		"tcp://" + strings.Repeat("h", 300):      {},
		"\x00":                                   {},
	} {
		got, err := ParseURI(text)
		if got != want || (err == nil) == (want == URI{}) {
			t.Errorf("ParseURI(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		if err != nil && fault.CodeOf(err) != "device.uri" {
			t.Errorf("ParseURI(%q) refuses with %q", text, fault.CodeOf(err))
		}
	}
}
