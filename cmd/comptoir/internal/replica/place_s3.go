package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// regionDefault is what stores that have no regions accept.
const regionDefault = "us-east-1"

// answerLimit is how long a store may take to begin to answer.
const answerLimit = 20 * time.Second

// store is a place in a bucket.
type store struct {
	bucket, prefix string
	client         *s3.Client
	wire           *http.Transport
}

func openS3(t Target) (Place, error) {
	access, secret := t.keys()
	if access == "" || secret == "" {
		return nil, errCredentials
	}
	region := t.Region
	if region == "" {
		region = regionDefault
	}
	wire := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialWire(stallLimit), TLSHandshakeTimeout: dialLimit, ResponseHeaderTimeout: answerLimit, MaxIdleConnsPerHost: 8}
	o := s3.Options{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider(access, secret, ""), HTTPClient: &http.Client{Transport: wire},
		UsePathStyle: t.Endpoint != "", RetryMaxAttempts: 2,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if t.Endpoint != "" {
		o.BaseEndpoint = aws.String(t.Endpoint)
	}
	return &store{bucket: t.Bucket, prefix: t.Path, client: s3.New(o), wire: wire}, nil
}

func (p *store) key(name string) *string {
	return aws.String(strings.TrimPrefix(path.Join(p.prefix, name), "/"))
}

func (p *store) Open(ctx context.Context, name string, offset, size int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &p.bucket, Key: p.key(name)}
	switch {
	case size > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+size-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := p.client.GetObject(ctx, in)
	if err != nil {
		return nil, storeError(err)
	}
	return out.Body, nil
}

func (p *store) Write(ctx context.Context, name string, r io.Reader) (int64, error) {
	counted := &counter{r: r}
	up := manager.NewUploader(p.client, func(u *manager.Uploader) {
		u.Concurrency = 1
		u.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	if _, err := up.Upload(ctx, &s3.PutObjectInput{Bucket: &p.bucket, Key: p.key(name), Body: counted}); err != nil {
		return 0, storeError(err)
	}
	return counted.n, nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

func (p *store) List(ctx context.Context, folder string) ([]Entry, error) {
	prefix := *p.key(folder)
	if prefix != "" && prefix != "." {
		prefix += "/"
	} else {
		prefix = ""
	}
	pages := s3.NewListObjectsV2Paginator(p.client, &s3.ListObjectsV2Input{Bucket: &p.bucket, Prefix: &prefix, Delimiter: aws.String("/")})
	var all []Entry
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, storeError(err)
		}
		for _, o := range page.Contents {
			all = append(all, Entry{strings.TrimPrefix(aws.ToString(o.Key), prefix), aws.ToInt64(o.Size), aws.ToTime(o.LastModified), false})
		}
		for _, c := range page.CommonPrefixes {
			all = append(all, Entry{Name: strings.TrimSuffix(strings.TrimPrefix(aws.ToString(c.Prefix), prefix), "/"), Folder: true})
		}
	}
	sortEntries(all)
	return all, nil
}

func (p *store) Delete(ctx context.Context, name string) error {
	_, err := p.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: p.key(name)})
	if err = storeError(err); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (p *store) Close() error {
	p.wire.CloseIdleConnections()
	return nil
}

// storeError gives what a store answered its code.
func storeError(err error) error {
	if answer, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		switch answer.HTTPStatusCode() {
		case http.StatusNotFound:
			if strings.Contains(err.Error(), "NoSuchBucket") {
				return errUnreachable.Wrap(err)
			}
			return errors.Join(fs.ErrNotExist, err)
		case http.StatusForbidden, http.StatusUnauthorized:
			return errCredentials.Wrap(err)
		case http.StatusInsufficientStorage:
			return errFull.Wrap(err)
		}
	}
	return placed(err)
}
