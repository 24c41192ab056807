package function

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	originTimeout     = 10 * time.Second // including the body
	maxOriginResponse = 10 << 20         // bytes
)

// originError is a failure of the origin, with the status that the client gets.
type originError struct {
	status  int
	message string
}

func (e *originError) Error() string   { return e.message }
func (e *originError) HTTPStatus() int { return e.status }

var (
	errOriginUnreachable = &originError{http.StatusBadGateway, "origin unreachable"}
	errOriginTooLarge    = &originError{http.StatusBadGateway, "origin response too large"}
	errOriginTimeout     = &originError{http.StatusGatewayTimeout, "origin timed out"}
)

// originURL reads the environment at the first call.
var originURL = sync.OnceValues(func() (string, error) { return kvBaseURL("ORIGIN_URL", "") })

// fetchOrigin asks the origin for a target. If the client's header is not nil, only Authorization
// and Accept are passed on.
func fetchOrigin(ctx context.Context, target string, clientHeader http.Header) (*storedResponse, error) {
	base, err := originURL()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, originTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+cleanTarget(target), nil)
	if err != nil {
		return nil, errOriginUnreachable
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "edge-cache")
	for _, name := range []string{"Authorization", "Accept"} {
		if values := clientHeader.Values(name); len(values) > 0 {
			request.Header.Set(name, strings.Join(values, ", "))
		}
	}
	response, err := readOrigin(request)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, errOriginTimeout
	}
	return response, err
}

func readOrigin(request *http.Request) (*storedResponse, error) {
	response, err := outboundTransport.RoundTrip(request)
	if err != nil {
		return nil, errOriginUnreachable
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 599 {
		return nil, errOriginUnreachable
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxOriginResponse+1))
	switch {
	case err != nil:
		return nil, errOriginUnreachable
	case len(body) > maxOriginResponse:
		return nil, errOriginTooLarge
	}
	return &storedResponse{response.StatusCode, response.Header, body}, nil
}
