package web

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// contractDocument loads the embedded document once for all tests; it is only read.
var contractDocument = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openAPI)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

func contract(tb testing.TB) *openapi3.T {
	tb.Helper()
	doc, err := contractDocument()
	if err != nil {
		tb.Fatalf("openapi.yaml: %v", err)
	}
	return doc
}

// openPath turns a Fiber pattern into a path of OpenAPI.
func openPath(pattern string) string {
	return regexp.MustCompile(`:([a-z]+)`).ReplaceAllString(pattern, "{$1}")
}

func TestEveryCallIsInTheContractAndTheContractHasNoOther(t *testing.T) {
	t.Parallel()
	var served, described []string
	for _, r := range (&Server{}).apiRoutes() {
		served = append(served, r.method+" "+openPath(r.path))
	}
	for path, item := range contract(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	for _, r := range served {
		if !slices.Contains(described, r) {
			t.Errorf("%s is served and not in openapi.yaml", r)
		}
	}
	for _, d := range described {
		if !slices.Contains(served, d) {
			t.Errorf("%s is in openapi.yaml and not served", d)
		}
	}
}

func TestTheContractAsksForAKeyExactlyWhereTheTillDoes(t *testing.T) {
	t.Parallel()
	for path, item := range contract(t).Paths.Map() {
		for method, operation := range item.Operations() {
			asks := operation.Parameters.GetByInAndName("header", commandHeader) != nil
			if want := method == http.MethodPost && path != sessionPath; asks != want {
				t.Errorf("%s %s: Idempotency-Key in the contract is %v, want %v", method, path, asks, want)
			}
		}
	}
}

func TestTheContractIsServedToAnyone(t *testing.T) {
	t.Parallel()
	c := closedCafe(t)
	a := c.do(call{method: http.MethodGet, path: openAPIPath, nobody: true})
	if a.status != http.StatusOK || !bytes.Equal(a.body, openAPI) {
		t.Errorf("got %d, %d bytes", a.status, len(a.body))
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "application/yaml") {
		t.Errorf("Content-Type %q", got)
	}
}

// holdAgainstContract fails the test when the answer is not what openapi.yaml says of the call, and, for a request
// that was accepted, when the request is not.
func holdAgainstContract(tb testing.TB, r call, a answer) {
	tb.Helper()
	u, err := url.Parse(r.path)
	if err != nil {
		tb.Fatal(err)
	}
	route, params := findOperation(contract(tb), r.method, u.EscapedPath())
	if route == nil {
		return // nothing is promised of other addresses
	}
	req, err := http.NewRequestWithContext(tb.Context(), r.method, "http://localhost"+r.path, strings.NewReader(r.body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(commandHeader, "k")
	if r.body == "" {
		req.Body = http.NoBody
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		ExcludeResponseBody: !strings.Contains(a.header.Get("Content-Type"), "json"),
	}}
	if a.status < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(tb.Context(), in); err != nil {
			tb.Errorf("%s %s was accepted against the contract: %v", r.method, r.path, err)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header,
		Body: io.NopCloser(bytes.NewReader(a.body)), Options: in.Options}
	if err := openapi3filter.ValidateResponse(tb.Context(), out); err != nil {
		tb.Errorf("%s %s answered %d against the contract: %v\n%s", r.method, r.path, a.status, err, a.body)
	}
}

// findOperation matches a path against the document's, those without parameters first.
func findOperation(doc *openapi3.T, method, path string) (*routers.Route, map[string]string) {
	if item := doc.Paths.Find(path); item != nil && item.GetOperation(method) != nil {
		return &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)}, nil
	}
	name := regexp.MustCompile(`\\\{([a-z]+)\\\}`)
	for template, item := range doc.Paths.Map() {
		operation := item.GetOperation(method)
		if operation == nil || !strings.Contains(template, "{") {
			continue
		}
		pattern := regexp.MustCompile("^" + name.ReplaceAllString(regexp.QuoteMeta(template), "(?P<$1>[^/]+)") + "$")
		m := pattern.FindStringSubmatch(path)
		if m == nil {
			continue
		}
		params := map[string]string{}
		for i, n := range pattern.SubexpNames()[1:] {
			params[n], _ = url.PathUnescape(m[i+1])
		}
		return &routers.Route{Spec: doc, Path: template, PathItem: item, Method: method, Operation: operation}, params
	}
	return nil, nil
}
