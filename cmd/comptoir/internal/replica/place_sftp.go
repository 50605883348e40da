package replica

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Limits of another machine.
const (
	dialLimit  = 15 * time.Second // until it has let us in
	stallLimit = 45 * time.Second // without a byte that moves: it is gone, and nobody tells
)

// remote is a place on another machine.
type remote struct {
	root  string
	ssh   *ssh.Client
	sftp  *sftp.Client
	stall time.Duration // without a byte that moves
}

// openSFTP signs in to the machine whose key is in the file of known hosts, and to no other.
func openSFTP(ctx context.Context, t Target) (Place, error) {
	known, err := knownhosts.New(t.KnownHosts)
	if err != nil {
		return nil, errHostKey.Wrap(err)
	}
	config := &ssh.ClientConfig{User: t.User, HostKeyCallback: known, Timeout: dialLimit}
	if t.Key != "" {
		text, err := os.ReadFile(t.Key)
		if err != nil {
			return nil, errCredentials.Wrap(err)
		}
		key, err := ssh.ParsePrivateKey(text)
		if err != nil {
			return nil, errCredentials.Wrap(err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(key))
	}
	if t.Password != "" {
		config.Auth = append(config.Auth, ssh.Password(t.Password))
	}
	address := t.Host
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(address, "22")
	}
	wire, err := (&net.Dialer{Timeout: dialLimit}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, placed(err)
	}
	ended := context.AfterFunc(ctx, func() { _ = wire.Close() })
	defer ended()
	if err := wire.SetDeadline(instant().Add(dialLimit)); err != nil {
		return nil, errors.Join(placed(err), wire.Close())
	}
	config.HostKeyAlgorithms = algorithmsOf(known, address, wire.RemoteAddr())
	conn, channels, requests, err := ssh.NewClientConn(wire, address, config)
	if err != nil {
		return nil, errors.Join(signIn(err), wire.Close())
	}
	client := ssh.NewClient(conn, channels, requests)
	files, err := sftp.NewClient(client)
	if err == nil {
		err = wire.SetDeadline(time.Time{})
	}
	if err != nil {
		return nil, errors.Join(placed(err), client.Close())
	}
	return &remote{t.Path, client, files, stallLimit}, nil
}

// algorithmsOf lists the kinds of keys that a machine is known by, nil when it is not known. A machine has several keys, and the file
// often one of them: to be shown another would look like another machine.
func algorithmsOf(known ssh.HostKeyCallback, address string, at net.Addr) (kinds []string) {
	public, _, err := ed25519.GenerateKey(nil) // nobody's
	if err != nil {
		return nil
	}
	nobodys, err := ssh.NewPublicKey(public)
	if err != nil {
		return nil
	}
	var other *knownhosts.KeyError
	if !errors.As(known(address, at, nobodys), &other) {
		return nil
	}
	for _, k := range other.Want {
		kind := k.Key.Type()
		if kind == ssh.KeyAlgoRSA { // the key; it signs with these
			kinds = append(kinds, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
			continue
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

// signIn says why a machine did not let us in.
func signIn(err error) error {
	var key *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case errors.As(err, &key), errors.As(err, &revoked):
		return errHostKey.Wrap(err)
	case strings.Contains(err.Error(), "unable to authenticate"): // the package has no value for it
		return errCredentials.Wrap(err)
	}
	return errUnreachable.Wrap(err)
}

func (p *remote) path(name string) string { return path.Join(p.root, name) }

// during ends the connection when ctx ends, or when nothing has moved for too long: no call to the other machine has a
// limit of its own. moved tells that something has.
func (p *remote) during(ctx context.Context) (moved, over func()) {
	stop := context.AfterFunc(ctx, p.end)
	stall := time.AfterFunc(p.stall, p.end)
	return func() { stall.Reset(p.stall) }, func() { stop(); stall.Stop() }
}

// end ends the connection, and so every call on it.
func (p *remote) end() { _ = p.ssh.Close() }

// moving tells that something has moved.
type moving struct {
	io.Reader
	moved func()
}

func (m moving) Read(b []byte) (int, error) {
	m.moved()
	return m.Reader.Read(b)
}

func (p *remote) Open(ctx context.Context, name string, offset, size int64) (io.ReadCloser, error) {
	_, over := p.during(ctx)
	defer over()
	f, err := p.sftp.Open(p.path(name))
	if err != nil {
		return nil, remoteError(err)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(remoteError(err), f.Close())
	}
	return limited(&remoteFile{p, f, context.AfterFunc(ctx, p.end)}, size), nil
}

// remoteFile is read until the context ends that it was opened with, and given up when a piece of it does not come. Between two
// pieces it may wait as long as it likes: of many that are merged, one is read now and then.
type remoteFile struct {
	p    *remote
	f    *sftp.File
	stop func() bool // looking at the context
}

func (f *remoteFile) Read(b []byte) (int, error) {
	stall := time.AfterFunc(f.p.stall, f.p.end)
	defer stall.Stop()
	return f.f.Read(b)
}

// pieceBytes of a large file are asked for at once: one answer after the other would take as many journeys there and back.
const pieceBytes = 256 << 10

// WriteTo is for io.Copy.
func (f *remoteFile) WriteTo(w io.Writer) (int64, error) {
	return io.CopyBuffer(w, struct{ io.Reader }{f}, make([]byte, pieceBytes))
}

func (f *remoteFile) Close() error {
	f.stop()
	stall := time.AfterFunc(f.p.stall, f.p.end)
	defer stall.Stop()
	return f.f.Close()
}

func (p *remote) Write(ctx context.Context, name string, r io.Reader) (n int64, err error) {
	moved, over := p.during(ctx)
	defer over()
	full := p.path(name)
	part := full + ".part"
	f, err := p.sftp.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if errors.Is(err, fs.ErrNotExist) {
		if err = p.sftp.MkdirAll(path.Dir(full)); err == nil {
			f, err = p.sftp.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
		}
	}
	if err != nil {
		return 0, remoteError(err)
	}
	n, err = io.Copy(f, moving{patient{ctx, r}, moved})
	if err == nil {
		if err = f.Sync(); isUnsupported(err) { // an extension of OpenSSH
			err = nil
		}
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = p.rename(part, full)
	}
	if err != nil {
		_ = p.sftp.Remove(part)
		return 0, remoteError(err)
	}
	return n, nil
}

// rename replaces what is there, in one step where the other machine can.
func (p *remote) rename(from, to string) error {
	err := p.sftp.PosixRename(from, to)
	if !isUnsupported(err) {
		return err
	}
	if err := p.sftp.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return p.sftp.Rename(from, to)
}

func isUnsupported(err error) bool {
	var status *sftp.StatusError
	return errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxOpUnsupported
}

func (p *remote) List(ctx context.Context, name string) ([]Entry, error) {
	_, over := p.during(ctx)
	defer over()
	found, err := p.sftp.ReadDir(p.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, remoteError(err)
	}
	var all []Entry
	for _, info := range found {
		if !strings.HasSuffix(info.Name(), ".part") {
			all = append(all, Entry{info.Name(), info.Size(), info.ModTime(), info.IsDir()})
		}
	}
	sortEntries(all)
	return all, nil
}

func (p *remote) Delete(ctx context.Context, name string) error {
	_, over := p.during(ctx)
	defer over()
	if err := p.sftp.Remove(p.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return remoteError(err)
	}
	return nil
}

func (p *remote) Close() error {
	_ = p.sftp.Close() // it ends with the connection
	if err := p.ssh.Close(); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("second place: %w", err)
	}
	return nil
}

// remoteError gives what the other machine answered its code: it has a failure for a full disk, and no number.
func remoteError(err error) error {
	var status *sftp.StatusError
	if errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxFailure && strings.Contains(strings.ToLower(err.Error()), "space") {
		return errFull.Wrap(err)
	}
	return placed(err)
}
