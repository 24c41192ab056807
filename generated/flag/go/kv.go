package function

import (
	"cmp"
	"context"
	"encoding/json"
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
	kvTimeout     = 5 * time.Second // for a call, including its retry
	kvRetryDelay  = 100 * time.Millisecond
	kvMaxValue    = 1 << 20 // bytes
	kvMaxResponse = 2 << 20 // bytes
	kvNoTTL       = `409, if the namespace has no TTL support set expiry = "envelope" in kvgen.toml`
)

// kvError is a failed call. A missing key is not a failure.
type kvError struct{ call, reason string }

func (e *kvError) Error() string { return "kv " + e.call + ": " + e.reason }

// kvGet returns the value of a key, or "" if the key is missing.
func kvGet(ctx context.Context, key string) (string, error) {
	return kvCall(ctx, http.MethodGet, key, "", "")
}

// kvPut stores a value.
func kvPut(ctx context.Context, key, value string) error {
	_, err := kvCall(ctx, http.MethodPut, key, "", value)
	return err
}

// kvDelete deletes a key, whether or not it exists.
func kvDelete(ctx context.Context, key string) error {
	_, err := kvCall(ctx, http.MethodDelete, key, "", "")
	return err
}

// kvGetWithExpiry returns the value of a key, or "" if the key is missing or expired.
func kvGetWithExpiry(ctx context.Context, key string) (string, error) {
	stored, err := kvGet(ctx, key)
	var envelope map[string]any // a struct would accept more names
	json.Unmarshal([]byte(stored), &envelope)
	value, isText := envelope["value"].(string)
	expiresAt, isNumber := envelope["expires_at"].(float64)
	switch {
	case !isText || !isNumber || len(envelope) != 2:
		return stored, err // a value without expiry
	case float64(time.Now().UnixMilli()) > expiresAt:
		return "", nil // not deleted: another request may have just stored a new value
	}
	return value, nil
}

// kvPutWithExpiry stores a value for a number of seconds.
func kvPutWithExpiry(ctx context.Context, key, value string, ttlSeconds int64) error {
	envelope, _ := json.Marshal(struct { // cannot fail
		Value     string `json:"value"`
		ExpiresAt int64  `json:"expires_at"` // in milliseconds
	}{value, time.Now().UnixMilli() + ttlSeconds*1000})
	query := fmt.Sprintf("?ttl_secs=%d", ttlSeconds)
	_, err := kvCall(ctx, http.MethodPut, key, query, string(envelope))
	return err
}

// kvCall calls the store, and once more after a network error or a 5xx status, unless the context
// already has a deadline.
func kvCall(ctx context.Context, method, key, query, value string) (string, error) {
	keysURL, err := kvKeysURL()
	if err != nil {
		return "", err
	}
	_, isHurried := ctx.Deadline()
	ctx, cancel := context.WithTimeout(ctx, kvTimeout)
	defer cancel()
	address := keysURL + url.PathEscape(key) + query
	status, body, err := kvSend(ctx, method, address, value)
	if (err != nil || status >= 500) && !isHurried && ctx.Err() == nil {
		time.Sleep(kvRetryDelay)
		status, body, err = kvSend(ctx, method, address, value)
	}
	switch {
	case err != nil:
		return "", kvFailed(ctx, method, key, "connection failed")
	case len(body) > kvMaxResponse:
		return "", kvFailed(ctx, method, key, "response too large")
	case status == http.StatusNotFound && method == http.MethodGet:
		return "", nil
	case status == http.StatusConflict && query != "":
		return "", kvFailed(ctx, method, key, kvNoTTL)
	case status >= 300:
		return "", kvFailed(ctx, method, key, fmt.Sprint(status))
	}
	return strings.ToValidUTF8(body, "\uFFFD"), nil
}

// kvSend makes one request and reads the response to its end, so that the connection is reused.
func kvSend(ctx context.Context, method, address, value string) (int, string, error) {
	// This cannot fail, since kvKeysURL has checked the URL.
	request, _ := http.NewRequestWithContext(ctx, method, address, strings.NewReader(value))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TELNYX_API_KEY"))
	response, err := outboundTransport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, kvMaxResponse+1))
	return response.StatusCode, string(body), err
}

// kvFailed logs a failed call. What follows the first segment of a key may be an id: it is left out.
func kvFailed(ctx context.Context, method, key, reason string) error {
	if ctx.Err() == context.DeadlineExceeded {
		reason = "timed out"
	}
	segment, _, _ := strings.Cut(key, "/")
	failed := &kvError{method + " " + url.PathEscape(segment), reason}
	if ctx.Err() != context.Canceled { // otherwise the client has gone
		log.Print(failed)
	}
	return failed
}

// outboundTransport keeps the connections of all requests. It follows no redirects.
var outboundTransport = &http.Transport{
	Proxy:                  http.ProxyFromEnvironment,
	MaxIdleConnsPerHost:    100,
	IdleConnTimeout:        90 * time.Second,
	MaxResponseHeaderBytes: 64 << 10,
	DisableCompression:     true,
}

// kvKeysURL reads the environment at the first call. Its errors hold no values.
var kvKeysURL = sync.OnceValues(func() (string, error) {
	base, err := kvBaseURL("TELNYX_BASE_URL", "https://api.telnyx.com")
	for _, variable := range []string{"KV_NAMESPACE_ID", "TELNYX_API_KEY"} {
		if os.Getenv(variable) == "" {
			err = fmt.Errorf("%s is not set", variable)
		}
	}
	namespace := url.PathEscape(os.Getenv("KV_NAMESPACE_ID"))
	return strings.TrimSuffix(base, "/v2") + "/v2/storage/kvs/" + namespace + "/keys/", err
})

// kvBaseURL returns the URL in a variable, without a slash at its end.
func kvBaseURL(variable, fallback string) (string, error) {
	text := cmp.Or(os.Getenv(variable), fallback)
	parsed, err := url.Parse(text)
	switch {
	case text == "":
		return "", fmt.Errorf("%s is not set", variable)
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return "", fmt.Errorf("%s is not an http or https URL", variable)
	}
	return strings.TrimRight(text, "/"), nil
}
