package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	kvDeadline    = 5 * time.Second // for a call all told, its retry included
	kvRetryAfter  = 100 * time.Millisecond
	largestAnswer = 2 * largestValue // bytes
)

// kvError is a call that failed. A missing key is not a failure.
type kvError struct{ method, reason string }

func (e *kvError) Error() string { return e.method + " failed: " + e.reason }

// kvClient is one for each instance, since its connections are worth keeping.
var kvClient = newKVClient()

func newKVClient() *http.Client {
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: newTransport(), Timeout: kvDeadline, CheckRedirect: noRedirect}
}

// newTransport keeps as many connections as there are, all to one host, and changes no body.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = transport.MaxIdleConns
	transport.DisableCompression = true
	return transport
}

// storeAddress is the URL of the keys, and the credential.
type storeAddress struct{ keys, authorization string }

// kvStore reads the environment, once.
var kvStore = sync.OnceValues(func() (*storeAddress, error) {
	namespaceID, err := readVariable("KV_NAMESPACE_ID", "KV_SESSIONS_ID")
	if err != nil {
		return nil, err
	}
	apiKey, err := readVariable("TELNYX_API_KEY")
	if err != nil {
		return nil, err
	}
	base := os.Getenv("TELNYX_BASE_URL")
	if base == "" {
		base = "https://api.telnyx.com"
	}
	if err := checkURL("TELNYX_BASE_URL", base); err != nil {
		return nil, err
	}
	base = strings.TrimSuffix(strings.TrimRight(base, "/"), "/v2")
	keys := base + "/v2/storage/kvs/" + url.PathEscape(namespaceID) + "/keys/"
	return &storeAddress{keys, "Bearer " + apiKey}, nil
})

// kvCall makes one call, and once more if the network or the store fails.
func kvCall(ctx context.Context, method, path, value string) (string, error) {
	store, err := kvStore()
	if err != nil {
		return "", err
	}
	if len(value) > largestValue {
		return "", kvFailure(method, path, 0, errors.New("value too large"))
	}
	ctx, cancel := context.WithTimeout(ctx, kvDeadline)
	defer cancel()
	status, body, err := store.send(ctx, method, path, value)
	if status >= 500 || errors.Is(err, errConnection) {
		select {
		case <-time.After(kvRetryAfter):
			status, body, err = store.send(ctx, method, path, value)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	switch {
	case err == nil && status >= 200 && status < 300:
		return decodeUTF8(body), nil
	case err == nil && status == http.StatusNotFound && method == http.MethodGet:
		return "", nil
	}
	return "", kvFailure(method, path, status, err)
}

// errConnection is a failure of the network, which may be over a moment later.
var errConnection = errors.New("connection failed")

// send makes one request and reads the answer to its end.
func (s *storeAddress) send(ctx context.Context, method, path, value string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.keys+path, strings.NewReader(value))
	if err != nil {
		return 0, nil, errors.New("not a URL") // the error itself holds it, and so the id
	}
	request.Header.Set("Authorization", s.authorization)
	response, err := kvClient.Do(request)
	if err != nil {
		return 0, nil, connectionError(ctx)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	switch {
	case err != nil:
		return 0, nil, connectionError(ctx)
	case len(body) > largestAnswer:
		return 0, nil, errors.New("answer too large")
	}
	return response.StatusCode, body, nil
}

// connectionError leaves out what the client says, since that holds the URL and so the id.
func connectionError(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return errConnection
}

// kvFailure logs what failed, unless it was the client who went away.
func kvFailure(method, path string, status int, err error) error {
	var reason string
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		reason = "timed out"
	case err != nil:
		reason = err.Error()
	case status == 401 || status == 404 || status == 409:
		reason = fmt.Sprintf("%d, check the configuration", status)
	default:
		reason = fmt.Sprint(status)
	}
	if !errors.Is(err, context.Canceled) {
		segment := path[:strings.IndexAny(path+"?", "%?")] // of the key; what follows may be an id
		log.Printf("kv %s %s: %s", method, segment, reason)
	}
	return &kvError{method, reason}
}
