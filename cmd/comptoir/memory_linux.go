package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// letGoOfCode forgets the pages of the program's code and constants: what is run next is mapped again, from the system's cache of
// the file. A page that can be written is not touched.
func letGoOfCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range bytes.Lines(maps) { // such as: 00400000-019e8000 r-xp 00000000 fe:01 1234 /usr/bin/comptoir
		fields := bytes.Fields(line)
		if len(fields) != 6 || string(fields[5]) != program || fields[1][1] == 'w' {
			continue
		}
		from, to, _ := bytes.Cut(fields[0], []byte("-"))
		first, err1 := strconv.ParseUint(string(from), 16, 64)
		last, err2 := strconv.ParseUint(string(to), 16, 64)
		if err1 == nil && err2 == nil {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(first), uintptr(last-first), syscall.MADV_DONTNEED) // a hint: refused, all stays as it was
		}
	}
}
