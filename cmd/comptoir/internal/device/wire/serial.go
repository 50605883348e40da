package wire

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.bug.st/serial"
)

// serialTurn is how long one read of a serial line waits: Close waits for it, so that no read runs on a number that the
// system has given to another file meanwhile.
const serialTurn = 50 * time.Millisecond

// Serial is a serial line that may be closed while it is read.
type Serial struct {
	port    serial.Port
	closed  atomic.Bool
	reading sync.Mutex
}

// OpenSerial opens a serial line, 8 bits, no parity, one stop bit. What came before it was opened is dropped.
func OpenSerial(path string, baud int) (*Serial, error) {
	port, err := serial.Open(path, &serial.Mode{BaudRate: baud})
	if err != nil {
		return nil, fmt.Errorf("open serial line: %w", err)
	}
	err = port.SetReadTimeout(serialTurn)
	if err == nil {
		err = port.ResetInputBuffer()
	}
	if err != nil {
		_ = port.Close()
		return nil, fmt.Errorf("serial line: %w", err)
	}
	return &Serial{port: port}, nil
}

// Read waits for what comes, until the line ends or is closed (io.EOF).
func (s *Serial) Read(p []byte) (int, error) {
	for !s.closed.Load() {
		s.reading.Lock()
		n, err := 0, error(io.EOF)
		if !s.closed.Load() {
			n, err = s.port.Read(p)
		}
		s.reading.Unlock()
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

// Write sends p.
func (s *Serial) Write(p []byte) (int, error) { return s.port.Write(p) }

// Close ends the line. A second time does nothing.
func (s *Serial) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.port.Close()
}
