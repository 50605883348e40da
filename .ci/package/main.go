// Package builds one Debian package out of nfpm.yaml, which names what lies in the folder of the release.
//
//	go run -modfile=.ci/pack.mod ./.ci/package CONFIG OUT.deb
//
// nfpm's library and its deb format only: its command needs modules of formats that a till never is.
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // the one format
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "package CONFIG OUT.deb")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

// build writes the package. The configuration takes its values from the environment.
func build(config, out string) (err error) {
	parsed, err := nfpm.ParseFileWithEnvMapping(config, os.Getenv)
	if err != nil {
		return fmt.Errorf("%s: %w", config, err)
	}
	info, err := parsed.Get("deb")
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	deb, err := nfpm.Get("deb")
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	return deb.Package(info, f)
}
