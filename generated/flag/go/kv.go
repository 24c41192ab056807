package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	kvDeadline     = 5 * time.Second // for a call all told, its retry included
	kvRetryAfter   = 100 * time.Millisecond
	largestValue   = 1 << 20 // bytes
	largestAnswer  = 2 * largestValue
	largestInteger = 1 << 53
)

// kvError is a call that failed. A missing key is not a failure.
type kvError struct{ method, reason string }

func (e *kvError) Error() string { return e.method + " failed: " + e.reason }

// kvGet returns the text stored under a key, or "".
func kvGet(ctx context.Context, key string) (string, error) {
	return kvCall(ctx, http.MethodGet, key, "", "")
}

// kvPut stores a text under a key.
func kvPut(ctx context.Context, key, value string) error {
	_, err := kvCall(ctx, http.MethodPut, key, "", value)
	return err
}

// kvDelete deletes a key, whether or not it is there.
func kvDelete(ctx context.Context, key string) error {
	_, err := kvCall(ctx, http.MethodDelete, key, "", "")
	return err
}

// kvGetWithExpiry returns the text stored under a key, or "" if it is missing or expired.
func kvGetWithExpiry(ctx context.Context, key string) (string, error) {
	stored, err := kvGet(ctx, key)
	if err != nil {
		return "", err
	}
	value, expiresAt, ok := parseEnvelope(stored)
	if !ok {
		return stored, nil
	}
	if float64(time.Now().UnixMilli()) > expiresAt {
		// Not deleted here: another request may have written it anew a moment ago.
		return "", nil
	}
	return value, nil
}

// kvPutWithExpiry stores a text under a key for a number of seconds.
func kvPutWithExpiry(ctx context.Context, key, value string, ttlSeconds int64) error {
	envelope, err := encodeJSON(struct {
		Value     string `json:"value"`
		ExpiresAt int64  `json:"expires_at"`
	}{value, time.Now().UnixMilli() + ttlSeconds*1000})
	if err != nil {
		return fmt.Errorf("encode envelope: %w", err)
	}
	return kvPut(ctx, key, envelope)
}

// parseEnvelope reads an envelope; any other text is a value without expiry. It goes through a
// map, since decoding into a struct takes names in any case, and members that are too many.
func parseEnvelope(text string) (value string, expiresAt float64, ok bool) {
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil || len(members) != 2 {
		return "", 0, false
	}
	value, isText := members["value"].(string)
	expiresAt, isNumber := members["expires_at"].(float64)
	return value, expiresAt, isText && isNumber && isInteger(expiresAt)
}

// isInteger tells whether a JSON number counts as an integer in every language.
func isInteger(number float64) bool {
	return number == math.Trunc(number) && math.Abs(number) <= largestInteger
}

// unescape undoes what Go alone escapes, so that a value has one size in every language.
var unescape = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

// encodeJSON writes compact JSON.
func encodeJSON(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return unescape.Replace(strings.TrimSuffix(text.String(), "\n")), err
}

// kvClient is one for each instance, since its connections are worth keeping.
var kvClient = newKVClient()

func newKVClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = transport.MaxIdleConns
	transport.DisableCompression = true
	noRedirect := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, Timeout: kvDeadline, CheckRedirect: noRedirect}
}

// errConfiguration is an environment variable that the function cannot do without.
var errConfiguration = errors.New("is not set")

// kvStore returns the URL of the keys and the credential; the environment is read once.
var kvStore = sync.OnceValues(func() (store struct{ keys, authorization string }, err error) {
	namespaceID := os.Getenv("KV_NAMESPACE_ID")
	if namespaceID == "" {
		namespaceID = os.Getenv("KV_FLAGS_ID")
	}
	apiKey := os.Getenv("TELNYX_API_KEY")
	switch {
	case namespaceID == "":
		return store, fmt.Errorf("KV_NAMESPACE_ID %w", errConfiguration)
	case apiKey == "":
		return store, fmt.Errorf("TELNYX_API_KEY %w", errConfiguration)
	}
	base := os.Getenv("TELNYX_BASE_URL")
	if base == "" {
		base = "https://api.telnyx.com"
	}
	base = strings.TrimSuffix(strings.TrimRight(base, "/"), "/v2")
	store.keys = base + "/v2/storage/kvs/" + url.PathEscape(namespaceID) + "/keys/"
	store.authorization = "Bearer " + apiKey
	return store, nil
})

// kvCall makes one call, and once more if the network or the store fails.
func kvCall(ctx context.Context, method, key, query, value string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, kvDeadline)
	defer cancel()
	path := url.PathEscape(key) + query
	if len(value) > largestValue {
		return "", kvFailure(method, key, 0, errors.New("value too large"))
	}
	status, body, err := kvSend(ctx, method, path, value)
	if status >= 500 || errors.Is(err, errConnection) {
		select {
		case <-time.After(kvRetryAfter):
			status, body, err = kvSend(ctx, method, path, value)
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
	return "", kvFailure(method, key, status, err)
}

// errConnection is a failure of the network, which may be over a moment later.
var errConnection = errors.New("connection failed")

// kvSend makes one request and reads the answer to its end.
func kvSend(ctx context.Context, method, path, value string) (int, []byte, error) {
	store, err := kvStore()
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, store.keys+path, strings.NewReader(value))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", store.authorization)
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
func kvFailure(method, key string, status int, err error) error {
	var reason string
	switch {
	case errors.Is(err, errConfiguration):
		return err
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
		segment, _, _ := strings.Cut(key, "/")
		log.Printf("kv %s %s: %s", method, segment, reason)
	}
	return &kvError{method, reason}
}

// decodeUTF8 puts one U+FFFD where a stretch of bytes is not UTF-8, as the other languages do.
func decodeUTF8(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var decoded strings.Builder
	for len(text) > 0 {
		char, size := utf8.DecodeRune(text)
		if char == utf8.RuneError {
			for size < len(text) && !utf8.FullRune(text[:size+1]) {
				size++
			}
		}
		decoded.WriteRune(char)
		text = text[size:]
	}
	return decoded.String()
}
