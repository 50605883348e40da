package replica

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"comptoir/data/fault"
)

// Kinds of places.
const (
	Folder = "folder"
	SFTP   = "sftp"
	S3     = "s3"
)

// Target is a second place and how it is reached. The zero value is none.
type Target struct {
	Kind string // Folder, SFTP or S3
	Path string // of the folder, absolute; on the other machine; or the beginning of names in the bucket

	Host, User      string // sftp: name or address with an optional port; who signs in
	Key, KnownHosts string // sftp: files of the private key and of the machine's own key

	Bucket, Endpoint, Region string // s3

	Password          string // sftp, instead of Key
	AccessKey, Secret string // s3; empty: those of the environment, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
}

// errTarget is told with the field that is wrong: path, host, user, key, known_hosts, bucket or endpoint.
var errTarget = fault.New(fault.Invalid, "copy.target", "This is not a place that copies can go to: a folder, sftp://user@host/path?key=FILE&known_hosts=FILE or s3://bucket/prefix?endpoint=URL.")

// ParseTarget reads the address of a place: a folder's absolute path or file:///…,
// sftp://user@host:port/path?key=FILE&known_hosts=FILE, or s3://bucket/prefix?endpoint=URL&region=NAME. Secrets do not
// stand in addresses. Anything else is copy.target.
func ParseTarget(text string) (Target, error) {
	text = strings.TrimSpace(text)
	if filepath.IsAbs(text) {
		return Target{Kind: Folder, Path: filepath.Clean(text)}.checked()
	}
	u, err := url.Parse(text)
	if err != nil {
		return Target{}, errTarget.Field("path", "invalid") // its words would quote a password into the log
	}
	if _, secret := u.User.Password(); secret {
		return Target{}, errTarget.Field("user", "invalid")
	}
	q := u.Query()
	switch u.Scheme {
	case "file":
		return Target{Kind: Folder, Path: filepath.Clean(u.Path)}.checked()
	case SFTP:
		return Target{Kind: SFTP, Host: u.Host, User: u.User.Username(), Path: path.Clean("/" + u.Path), Key: q.Get("key"), KnownHosts: q.Get("known_hosts")}.checked()
	case S3:
		return Target{Kind: S3, Bucket: u.Host, Path: strings.Trim(path.Clean("/"+u.Path), "/"), Endpoint: q.Get("endpoint"), Region: q.Get("region")}.checked()
	}
	return Target{}, errTarget.Field("path", "invalid")
}

func (t Target) checked() (Target, error) {
	wrong := errTarget
	bad := func(field string, is bool) {
		if is {
			wrong = wrong.Field(field, "invalid")
		}
	}
	bad("path", strings.ContainsAny(t.Path, "\x00\n") || t.Kind == Folder && (!filepath.IsAbs(t.Path) || t.Path == "/"))
	if t.Kind == SFTP {
		bad("host", t.Host == "" || strings.HasPrefix(t.Host, ":"))
		bad("user", t.User == "")
		bad("key", t.Key != "" && !filepath.IsAbs(t.Key))
		bad("known_hosts", !filepath.IsAbs(t.KnownHosts)) // without it anybody in between is handed the café
	}
	if t.Kind == S3 {
		u, err := url.Parse(t.Endpoint)
		bad("bucket", t.Bucket == "")
		bad("endpoint", t.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != ""))
	}
	if len(wrong.Fields) > 0 {
		return Target{}, wrong
	}
	return t, nil
}

// String is the address of the place, fit to be shown: no secret is in it.
func (t Target) String() string {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	switch t.Kind {
	case Folder:
		return t.Path
	case SFTP:
		set("key", t.Key)
		set("known_hosts", t.KnownHosts)
		return (&url.URL{Scheme: SFTP, User: url.User(t.User), Host: t.Host, Path: t.Path, RawQuery: q.Encode()}).String()
	case S3:
		set("endpoint", t.Endpoint)
		set("region", t.Region)
		return (&url.URL{Scheme: S3, Host: t.Bucket, Path: "/" + t.Path, RawQuery: q.Encode()}).String()
	}
	return ""
}

// keys are what an S3 store is asked with.
func (t Target) keys() (access, secret string) {
	if t.AccessKey != "" {
		return t.AccessKey, t.Secret
	}
	return os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
}
