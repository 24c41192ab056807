package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	originDeadline      = 10 * time.Second // with the body
	largestOriginAnswer = 10 << 20         // bytes
)

// notKept are headers about one connection or one moment, not about the answer.
var notKept = []string{
	"connection",
	"keep-alive",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"content-length",
	"date",
	"server",
	"age",
}

var webURL = regexp.MustCompile(`^https?://[^/]`)

// originTransport is one for each instance, since its connections are worth keeping. It is used
// without a client around it, which would follow redirects.
var originTransport = newKVClient().Transport

// originError is an origin that gave no answer that could be passed on; status says why.
type originError struct {
	status  int
	message string
}

func (e *originError) Error() string { return e.message }

// askOrigin asks the origin for a target. What a client sent goes along only where header is given.
func askOrigin(ctx context.Context, target string, header http.Header) (*answer, error) {
	base := os.Getenv("ORIGIN_URL")
	if base == "" {
		return nil, fmt.Errorf("ORIGIN_URL %w", errConfiguration)
	}
	if !webURL.MatchString(base) {
		return nil, errors.New("ORIGIN_URL is not an http or https URL")
	}
	ctx, cancel := context.WithTimeout(ctx, originDeadline)
	defer cancel()
	url := strings.TrimSuffix(base, "/") + target
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("ORIGIN_URL is not an http or https URL")
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
		return nil, &originError{http.StatusGatewayTimeout, "origin timed out"}
	}
	return a, err
}

func send(request *http.Request) (*answer, error) {
	unreachable := &originError{http.StatusBadGateway, "origin unreachable"}
	response, err := originTransport.RoundTrip(request)
	if err != nil {
		return nil, unreachable
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, largestOriginAnswer+1))
	switch {
	case err != nil || response.StatusCode < 200 || response.StatusCode > 599:
		return nil, unreachable
	case len(body) > largestOriginAnswer:
		return nil, &originError{http.StatusBadGateway, "origin answer too large"}
	}
	return &answer{status: response.StatusCode, headers: kept(response.Header), body: body}, nil
}

// kept returns the headers that are kept, sorted: an entry is alike in every language.
func kept(header http.Header) [][2]string {
	named := strings.Split(strings.ToLower(strings.Join(header.Values("Connection"), ",")), ",")
	for i := range named {
		named[i] = strings.TrimSpace(named[i])
	}
	pairs := [][2]string{} // never nil: an entry without headers has an empty list
	for name, values := range header {
		name = strings.ToLower(name)
		if slices.Contains(notKept, name) || slices.Contains(named, name) || strings.HasPrefix(name, "proxy-") {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, [2]string{name, fromLatin1(value)})
		}
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return pairs
}
