package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// verifier is one run over all inputs.
type verifier struct {
	report   *report
	book     *book
	nfc      *nfc
	anchors  *anchorCheck
	states   []*statementCheck
	expected string // public key, base64 of its DER; "" when none was given
	chains   []*chain
	archives []given
}

func newVerifier() (*verifier, error) {
	forms, err := readNFC()
	return &verifier{report: newReport(), book: newBook(), nfc: forms, anchors: &anchorCheck{}}, err
}

func (v *verifier) newChain(s span) *chain {
	c := newChain(v.report, v.anchors, v.expected)
	c.span, c.input, c.states = s, v.report.input, v.states
	v.chains = append(v.chains, c)
	return c
}

// input checks one file. An error means that it is nothing that can be checked.
func (v *verifier) input(name string) error {
	v.report.input = shown(filepath.Base(name))
	defer func() { v.report.input = "" }()
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("%s : ce fichier ne peut pas être lu : %w", shown(name), err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s : ce n'est pas un fichier", shown(name))
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("%s : ce fichier ne peut pas être lu : %w", shown(name), err)
	}
	err = v.open(name, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s : %w", shown(name), err)
	}
	return nil
}

// open tells by its first bytes what a file is.
func (v *verifier) open(name string, f *os.File) error {
	head := make([]byte, len(exportHead))
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("ce fichier ne peut pas être lu : %w", err)
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return errors.New("c'est une base de données. Ce programme lit ce que la caisse publie : faites d'abord « comptoir journal export --out journal.jsonl », puis « comptoir-verify journal.jsonl »")
	case bytes.HasPrefix(head, []byte("PK")):
		_, err = v.verifyArchive(name)
	case bytes.HasPrefix(head, []byte(`{"format"`)):
		if _, err = f.Seek(0, io.SeekStart); err == nil {
			_, err = v.verifyExport(f)
		}
	default:
		return errors.New("ce n'est ni une archive de caisse (.zip) ni un export de journal (.jsonl)")
	}
	return err
}
