package device

import (
	"path"
	"strings"
	"testing"
)

// FuzzURI: what is taken for the address of a device names one, the one way, and no flag.
func FuzzURI(f *testing.F) {
	for _, text := range []string{"tcp://192.168.1.40", "tcp://[::1]:9100/", "usb:///dev/usb/lp0", "serial:///dev/ttyUSB0?baud=38400", "cups://queue", "cups://-o", "virtual:", "usb:///dev/../etc/passwd", "tcp://a:0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURI(text)
		if err != nil {
			return
		}
		if again, err := ParseURI(" " + text + "\n"); err != nil || again != u {
			t.Fatalf("%q is %+v, and between spaces %+v %v", text, u, again, err)
		}
		if u.Path != "" && (path.Clean(u.Path) != u.Path || strings.Contains(u.Path, "..") && strings.Contains(u.Path, "/../")) || strings.HasPrefix(u.Queue, "-") {
			t.Fatalf("%q is %+v", text, u)
		}
	})
}
