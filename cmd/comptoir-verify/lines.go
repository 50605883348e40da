package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// canonMax is more than any entry has: a till writes bodies of less than 64 KiB.
const canonMax = 1 << 20

// lineMax is the longest line of an input: an entry in base64, and what stands around it.
const lineMax = canonMax*4/3 + 4096

// lines reads the lines of a file, each ended by a line feed, none longer than a limit.
type lines struct {
	from *bufio.Reader
	most int
	line []byte // the longest parts, put together
	n    int64  // lines read
}

func newLines(from io.Reader, most int) *lines {
	return &lines{from: bufio.NewReaderSize(from, 1<<18), most: most}
}

// errUnended says that the last line has no line feed: the file is cut.
var errUnended = errors.New("la dernière ligne n'est pas terminée : le fichier est coupé")

// next returns the next line without its line feed, valid until the one after; io.EOF behind the last.
func (l *lines) next() ([]byte, error) {
	l.line = l.line[:0]
	for {
		part, err := l.from.ReadSlice('\n')
		if len(l.line)+len(part) > l.most+1 {
			return nil, fmt.Errorf("la ligne %d est plus longue que toute ligne possible", l.n+1)
		}
		switch {
		case err == nil && len(l.line) == 0:
			l.n++
			return part[:len(part)-1], nil
		case errors.Is(err, bufio.ErrBufferFull), err == nil:
			l.line = append(l.line, part...)
			if err == nil {
				l.n++
				return l.line[:len(l.line)-1], nil
			}
		case errors.Is(err, io.EOF) && len(l.line)+len(part) > 0:
			return nil, errUnended
		default:
			return nil, err
		}
	}
}
