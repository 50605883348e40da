package replica_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
)

// sftpServer is a machine on the loopback that lets one key in. It returns how it is reached.
func sftpServer(t *testing.T) replica.Target {
	t.Helper()
	host, hostText := newKey(t)
	user, userText := newKey(t)
	dir := t.TempDir()
	key, known := filepath.Join(dir, "id"), filepath.Join(dir, "known_hosts")
	must(t, os.WriteFile(key, userText, 0o600))
	_ = hostText
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
		if bytes.Equal(offered.Marshal(), user.PublicKey().Marshal()) {
			return &ssh.Permissions{}, nil
		}
		return nil, errors.New("a stranger")
	}}
	config.AddHostKey(host)
	unknown, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader) // a machine has more keys than are known of it
	must(t, err)
	second, err := ssh.NewSignerFromKey(unknown)
	must(t, err)
	config.AddHostKey(second)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() { serveSFTP(conn, config) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); served.Wait() })
	must(t, os.WriteFile(known, []byte(knownhosts.Line([]string{l.Addr().String()}, host.PublicKey())+"\n"), 0o600))
	root := filepath.Join(dir, "copies")
	must(t, os.Mkdir(root, 0o700))
	return replica.Target{Kind: replica.SFTP, Host: l.Addr().String(), User: "cafe", Path: root, Key: key, KnownHosts: known}
}

func newKey(t *testing.T) (ssh.Signer, []byte) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	must(t, err)
	return signer, pem.EncodeToMemory(block)
}

func serveSFTP(conn net.Conn, config *ssh.ServerConfig) {
	defer func() { _ = conn.Close() }()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range asked {
				_ = r.Reply(r.Type == "subsystem", nil)
			}
		}()
		server, err := sftp.NewServer(channel)
		if err == nil {
			_ = server.Serve()
		}
		_ = channel.Close()
	}
}

// s3Server is a store on the loopback with one bucket.
func s3Server(t *testing.T) replica.Target {
	t.Helper()
	backend := s3mem.New()
	must(t, backend.CreateBucket("copies"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return replica.Target{Kind: replica.S3, Bucket: "copies", Path: "bar", Endpoint: server.URL, AccessKey: "key", Secret: "secret"}
}

// places are one of each kind.
func places(t *testing.T) map[string]replica.Target {
	t.Helper()
	return map[string]replica.Target{"folder": folderTarget(t), "sftp": sftpServer(t), "s3": s3Server(t)}
}

func TestEveryKindOfPlaceKeepsFiles(t *testing.T) {
	for kind, target := range places(t) {
		t.Run(kind, func(t *testing.T) {
			ctx := t.Context()
			p, err := replica.Open(ctx, target)
			must(t, err)
			defer func() { must(t, p.Close()) }()
			big := bytes.Repeat([]byte("0123456789"), 700_000) // more than one part of an upload
			for name, text := range map[string][]byte{"epoch": []byte("one"), "e1/ltx/0/a": []byte("two"), "e1/ltx/0/b": big} {
				n, err := p.Write(ctx, name, bytes.NewReader(text))
				must(t, err)
				if n != int64(len(text)) {
					t.Errorf("%s: wrote %d bytes, want %d", name, n, len(text))
				}
			}
			_, err = p.Write(ctx, "epoch", strings.NewReader("one again"))
			must(t, err)
			r, err := p.Open(ctx, "e1/ltx/0/b", 6_999_995, 3)
			must(t, err)
			part, err := io.ReadAll(r)
			must(t, errors.Join(err, r.Close()))
			if string(part) != "567" {
				t.Errorf("read %q of the middle, want 567", part)
			}
			if text, err := replica.ReadFile(ctx, p, "epoch", 100); err != nil || string(text) != "one again" {
				t.Errorf("read %q, %v", text, err)
			}
			found, err := p.List(ctx, "e1/ltx/0")
			must(t, err)
			if names := slices.Collect(func(yield func(string) bool) {
				for _, e := range found {
					if !yield(e.Name) {
						return
					}
				}
			}); !slices.Equal(names, []string{"a", "b"}) {
				t.Errorf("listed %q", names)
			}
			must(t, p.Delete(ctx, "e1/ltx/0/a"))
			must(t, p.Delete(ctx, "e1/ltx/0/a")) // gone is gone
			if _, err := p.Open(ctx, "e1/ltx/0/a", 0, 0); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want that there is no such file", err)
			}
			if none, err := p.List(ctx, "e9/ltx/0"); err != nil || len(none) != 0 {
				t.Errorf("a folder that is not there lists %v, %v", none, err)
			}
		})
	}
}

func TestACopyInEveryKindOfPlaceIsTheCafe(t *testing.T) {
	for kind, target := range places(t) {
		if kind == replica.Folder {
			continue // it has tests of its own
		}
		t.Run(kind, func(t *testing.T) {
			c := newCafe(t, target)
			for i := range 40 { // enough files for them to be merged
				c.sell(i, i+1)
				c.sync()
			}
			wantSales(t, target, 40)
			c.close()
			c.open()
			c.sell(40, 45)
			c.sync()
			wantSales(t, target, 45)
		})
	}
}

func TestAPlaceThatIsNotOursIsRefused(t *testing.T) {
	sftpAt := sftpServer(t)
	_, strangersKey := newKey(t)
	stranger := filepath.Join(t.TempDir(), "stranger")
	must(t, os.WriteFile(stranger, strangersKey, 0o600))
	other, _ := newKey(t)
	wrongHost := filepath.Join(t.TempDir(), "known_hosts")
	must(t, os.WriteFile(wrongHost, []byte(knownhosts.Line([]string{sftpAt.Host}, other.PublicKey())+"\n"), 0o600))
	with := func(change func(*replica.Target)) replica.Target {
		target := sftpAt
		change(&target)
		return target
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, closed.Close())
	noKeys := s3Server(t)
	noKeys.AccessKey, noKeys.Secret = "", ""
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	noBucket := s3Server(t)
	noBucket.Bucket = "elsewhere"
	readOnly := folderTarget(t)
	must(t, os.Chmod(readOnly.Path, 0o500))
	for name, c := range map[string]struct {
		target replica.Target
		code   string
	}{
		"a key that is not let in":      {with(func(x *replica.Target) { x.Key = stranger }), "copy.credentials"},
		"another machine's key":         {with(func(x *replica.Target) { x.KnownHosts = wrongHost }), "copy.host_key"},
		"no machine that is known":      {with(func(x *replica.Target) { x.KnownHosts = wrongHost + ".none" }), "copy.host_key"},
		"nobody listens":                {with(func(x *replica.Target) { x.Host = closed.Addr().String() }), "copy.unreachable"},
		"a folder that is not there":    {replica.Target{Kind: replica.Folder, Path: filepath.Join(t.TempDir(), "gone")}, "copy.unreachable"},
		"a store without its keys":      {noKeys, "copy.credentials"},
		"a bucket that is not there":    {noBucket, "copy.unreachable"},
		"a folder that is not writable": {readOnly, "copy.read_only"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.code == "copy.read_only" && os.Geteuid() == 0 {
				t.Skip("root writes everywhere")
			}
			if _, _, err := replica.Try(t.Context(), c.target); fault.CodeOf(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestAddressesOfPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"/media/stick/": "/media/stick", "file:///media/stick": "/media/stick",
		"sftp://cafe@host:22/a/b?key=/k&known_hosts=/h":                 "sftp://cafe@host:22/a/b?key=%2Fk&known_hosts=%2Fh",
		"s3://bucket/a/b?endpoint=https://s3.example.org&region=fr-par": "s3://bucket/a/b?endpoint=https%3A%2F%2Fs3.example.org&region=fr-par",
	} {
		target, err := replica.ParseTarget(text)
		if err != nil || target.String() != want {
			t.Errorf("%s: got %s, %v, want %s", text, target, err, want)
		}
	}
	for _, text := range []string{"", "stick", "/", "../up", "ftp://host/x", "sftp://host/x", "sftp://u:secret@host/x?known_hosts=/h", "sftp://u@host/x", "s3:///x", "s3://b/x?endpoint=gopher://y", "s3://b/x?endpoint=https://key:secret@host", "s3://b/x?endpoint=https://host?secret=x", "sftp://u@host/x?known_hosts=relative", "file://\x00"} {
		if target, err := replica.ParseTarget(text); fault.CodeOf(err) != "copy.target" {
			t.Errorf("%q: got %v, %v, want copy.target", text, target, err)
		}
	}
	for _, text := range []string{"sftp://u:hunter2@host:port/x", "sftp://u:hunter2@host/x\x7f", "s3://b/x?endpoint=https://key:hunter2@host", "hunter2://%zz"} { // what is typed wrong may hold a password, and a cause is logged
		if _, err := replica.ParseTarget(text); err == nil || strings.Contains(fmt.Sprintf("%+v %v", err, errors.Unwrap(err)), "hunter2") {
			t.Errorf("told: %v", err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"/media/stick", "sftp://cafe@host:22/a?key=/k&known_hosts=/h", "s3://b/p?endpoint=http://h", "s3://%zz", "file:///x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := replica.ParseTarget(text)
		if err != nil {
			return
		}
		again, err := replica.ParseTarget(target.String())
		if err != nil || again != target {
			t.Errorf("%q reads %+v, then %+v (%v)", text, target, again, err)
		}
	})
}

func TestSettingsOfCopiesAreTheirOwnersOnly(t *testing.T) {
	dir := t.TempDir()
	want := replica.Settings{Target: "s3://b/p", Wait: true, Stick: "/media/s", Nightly: true, AccessKey: "a", Secret: "s"}
	must(t, replica.WriteSettings(dir, want))
	got, err := replica.ReadSettings(dir)
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	info, err := os.Stat(filepath.Join(dir, "copies.json"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file of credentials has mode %v", info.Mode())
	}
	if err := replica.WriteSettings(dir, replica.Settings{Target: "nowhere"}); fault.CodeOf(err) != "copy.target" {
		t.Errorf("got %v, want copy.target", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "copies.json"), []byte("{"), 0o600))
	if _, err := replica.ReadSettings(dir); fault.CodeOf(err) != "copy.settings" {
		t.Errorf("got %v, want copy.settings", err)
	}
}
