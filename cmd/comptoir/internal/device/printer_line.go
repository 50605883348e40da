package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"go.bug.st/serial"

	"comptoir/cmd/comptoir/internal/device/wire"
	"comptoir/receipts/escpos"
)

// dialTimeout bounds the way to a printer on the network.
const dialTimeout = 5 * time.Second

// usbTurn is how long a printer that has nothing to say is left alone: many end a read at once.
const usbTurn = 100 * time.Millisecond

// openLine opens the connection of one job. v is the printer in memory, for a virtual one.
func openLine(ctx context.Context, at URI, v *escpos.Printer, clock timer) (io.ReadWriteCloser, error) {
	switch at.Scheme {
	case TCP:
		ctx, cancel := upTo(ctx, clock, dialTimeout)
		defer cancel()
		var d net.Dialer
		return d.DialContext(ctx, "tcp", at.Host)
	case USB:
		return openUSB(at.Path, clock)
	case Serial:
		return wire.OpenSerial(at.Path, at.Baud)
	case Virtual:
		return openVirtual(v), nil
	default:
		return nil, fmt.Errorf("printer: no line of kind %q: %w", at.Scheme, errNoLine)
	}
}

// errNoLine is of an address at which there is something else than a device.
var errNoLine = errors.New("no device")

// codeOfOpening says why a connection could not be opened.
func codeOfOpening(err error) string {
	var port *serial.PortError
	switch {
	case errors.Is(err, errNoLine):
		return CodeURI
	case errors.Is(err, syscall.EBUSY), errors.As(err, &port) && port.Code() == serial.PortBusy:
		return CodeBusy
	}
	return CodeUnreachable
}

// usbLine is the file of the kernel's printer class.
type usbLine struct {
	file   *os.File
	clock  timer
	deaf   bool // it cannot be read at all
	once   sync.Once
	closed chan struct{}
}

// openUSB opens the file of a printer for both ways; one that may only be written, as some clones and every pipe, says nothing back.
// Whatever is no device is left alone: a mistyped path must not cost a file.
func openUSB(path string, clock timer) (io.ReadWriteCloser, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	pipe := info.Mode()&os.ModeNamedPipe != 0
	if !pipe && info.Mode()&os.ModeCharDevice == 0 {
		return nil, fmt.Errorf("%s: %w", path, errNoLine)
	}
	const flags = syscall.O_NONBLOCK | syscall.O_NOCTTY
	l := &usbLine{clock: clock, deaf: pipe, closed: make(chan struct{})}
	if !pipe {
		if l.file, err = os.OpenFile(path, os.O_RDWR|flags, 0); err == nil {
			return l, nil
		}
		if !errors.Is(err, os.ErrPermission) && !errors.Is(err, syscall.EINVAL) {
			return nil, err
		}
		l.deaf = true
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|flags, 0); err != nil {
		return nil, err
	}
	return l, nil
}

// Read waits for what the printer says, until the line is closed or breaks.
func (l *usbLine) Read(p []byte) (int, error) {
	if l.deaf {
		<-l.closed
		return 0, io.EOF
	}
	for {
		n, err := l.file.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		if !l.turn() {
			return 0, io.EOF
		}
	}
}

// turn leaves the printer alone, and reports whether the line is still open.
func (l *usbLine) turn() bool {
	over, stop := l.clock.Timer(usbTurn)
	defer stop()
	select {
	case <-l.closed:
		return false
	case <-over:
		return true
	}
}

// Write sends p.
func (l *usbLine) Write(p []byte) (int, error) { return l.file.Write(p) }

// Close ends the line.
func (l *usbLine) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.file.Close()
}

// openVirtual connects to a printer in memory.
func openVirtual(v *escpos.Printer) io.ReadWriteCloser {
	near, far := net.Pipe()
	go func() {
		_ = v.Talk(far) // the end of the job: nobody is left to be told
		_ = far.Close()
	}()
	return near
}
