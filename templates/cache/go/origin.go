package function

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	originDeadline      = 10 * time.Second // with the body
	largestOriginAnswer = 10 << 20         // bytes
	largestHeaders      = 1 << 16          // bytes, in names and values
)

// originTransport is one for each instance, since its connections are worth keeping. It is used
// without a client around it, which would follow redirects.
var originTransport = newOriginTransport()

func newOriginTransport() *http.Transport {
	transport := newTransport()
	transport.MaxResponseHeaderBytes = 16 * largestHeaders // with all that is between and around
	return transport
}

var errUnreachable = &refusal{http.StatusBadGateway, "origin unreachable"}

// originURL reads the environment, once.
var originURL = sync.OnceValues(func() (string, error) {
	base, err := readVariable("ORIGIN_URL")
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(base, "/"), checkURL("ORIGIN_URL", base)
})

// askOrigin asks the origin for a target. What a client sent goes along only where header is given.
func askOrigin(ctx context.Context, target string, header http.Header) (*answer, error) {
	base, err := originURL()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, originDeadline)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+target, nil)
	if err != nil {
		return nil, errUnreachable
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "edge-cache")
	for _, name := range []string{"Authorization", "Accept"} {
		if values := header.Values(name); len(values) > 0 {
			request.Header.Set(name, strings.Join(values, ", "))
		}
	}
	a, err := send(request)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, &refusal{http.StatusGatewayTimeout, "origin timed out"}
	}
	return a, err
}

func send(request *http.Request) (*answer, error) {
	response, err := originTransport.RoundTrip(request)
	if err != nil {
		return nil, errUnreachable
	}
	defer response.Body.Close()
	// Before all else: the body of a 101 is the connection itself, which has no end.
	if response.StatusCode < 200 || response.StatusCode > 599 {
		return nil, errUnreachable
	}
	headers := kept(response.Header)
	if size(headers) > largestHeaders {
		return nil, errUnreachable
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, largestOriginAnswer+1))
	switch {
	case err != nil:
		return nil, errUnreachable
	case len(body) > largestOriginAnswer:
		return nil, &refusal{http.StatusBadGateway, "origin answer too large"}
	}
	return &answer{status: response.StatusCode, headers: headers, body: body}, nil
}

// kept returns the headers that are kept, sorted: an entry is alike in every language. Of old
// Pragma: no-cache is Cache-Control: no-cache, if nothing else is said; net/http has added that.
func kept(header http.Header) [][2]string {
	named := map[string]bool{}
	for _, value := range header.Values("Connection") {
		for name := range strings.SplitSeq(strings.ToLower(value), ",") {
			named[strings.TrimSpace(name)] = true
		}
	}
	pairs := [][2]string{} // never nil: an entry without headers has an empty list
	for name, values := range header {
		name = strings.ToLower(name)
		if !isKept(name) || named[name] {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, [2]string{name, fromLatin1(value)})
		}
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return pairs
}

// size returns how much headers are, as they came: a character is a byte.
func size(headers [][2]string) int {
	var bytes int
	for _, pair := range headers {
		bytes += len(pair[0]) + utf8.RuneCountInString(pair[1])
	}
	return bytes
}
