package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// programVersion is that of this program; the formats have their own.
const programVersion = "1.0.0"

const usage = `comptoir-verify [options] FICHIER…

Vérifie un journal de caisse sans la caisse : sans secret, sans réseau, sans base de données.

FICHIER   une archive (.zip), plusieurs archives qui se suivent, ou un export (.jsonl) de « comptoir journal export »

Options :
  --anchor TÊTE   une tête relevée hors de la caisse : un fichier head, {"seq": 12, "hash": "…"} ou la ligne CZ1
                  d'un ticket Z ; peut être répétée
  --key FICHIER   la clé publique attendue (PEM), par exemple celle d'une archive plus ancienne
  --statement R   un relevé de solidarité (.json) à refaire d'après les fichiers ; peut être répété
  --json          le rapport en JSON

Codes de sortie : 0 conforme · 1 anomalie · 2 vérification impossible · 3 conforme avec réserves
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// several collects a flag that may be given several times.
type several []string

func (s *several) String() string     { return fmt.Sprint(*s) }
func (s *several) Set(v string) error { *s = append(*s, v); return nil }

// run is the whole program without the process around it. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		_, _ = fmt.Fprintf(stderr, "comptoir-verify : %v\n", err) // nobody else is left to be told
		return exitCannot
	}
	flags := flag.NewFlagSet("comptoir-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var anchors several
	flags.Var(&anchors, "anchor", "")
	var statements several
	flags.Var(&statements, "statement", "")
	key := flags.String("key", "", "")
	asJSON := flags.Bool("json", false, "")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(stdout, usage)
		return exitConform
	}
	if err == nil && flags.NArg() == 0 {
		err = errors.New("aucun fichier à vérifier")
	}
	if err != nil {
		_, _ = io.WriteString(stderr, usage)
		return fail(err)
	}
	v, err := newVerifier()
	if err != nil {
		return fail(err)
	}
	if err := errors.Join(v.expect(*key, anchors), v.state(statements)); err != nil {
		return fail(err)
	}
	for _, name := range flags.Args() {
		if err := v.input(name); err != nil {
			return fail(err)
		}
	}
	v.checkTogether()
	v.anchors.end(v.report, v.chains)
	if err := v.endStatements(); err != nil {
		return fail(err)
	}
	v.report.sort()
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		err = e.Encode(v.result())
	} else {
		err = v.print(stdout)
	}
	if err != nil {
		return fail(fmt.Errorf("le rapport ne peut pas être écrit : %w", err))
	}
	return v.report.exit()
}

// expect reads what the journal is held against.
func (v *verifier) expect(key string, anchors []string) error {
	for _, given := range anchors {
		a, err := readAnchor(given)
		if err != nil {
			return err
		}
		v.anchors.list = append(v.anchors.list, a)
	}
	if key == "" {
		return nil
	}
	info, err := os.Stat(key)
	if err != nil {
		return fmt.Errorf("%s : la clé ne peut pas être lue : %w", shown(key), err)
	}
	if info.Size() > smallMax || !info.Mode().IsRegular() {
		return fmt.Errorf("%s : ce n'est pas une clé publique", shown(key))
	}
	b, err := os.ReadFile(key)
	if err != nil {
		return fmt.Errorf("%s : la clé ne peut pas être lue : %w", shown(key), err)
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "PUBLIC KEY" {
		return fmt.Errorf("%s : ce n'est pas une clé publique au format PEM", shown(key))
	}
	if _, err := publicKey(block.Bytes); err != nil {
		return fmt.Errorf("%s : %w", shown(key), err)
	}
	v.expected = base64Of(block.Bytes)
	return nil
}
