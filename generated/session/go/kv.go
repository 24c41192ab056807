package function

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

const largestValue = 1 << 20 // bytes

// kvGet returns the text stored under a key, or "".
func kvGet(ctx context.Context, key string) (string, error) {
	return kvCall(ctx, http.MethodGet, url.PathEscape(key), "")
}

// kvPut stores a text under a key.
func kvPut(ctx context.Context, key, value string) error {
	_, err := kvCall(ctx, http.MethodPut, url.PathEscape(key), value)
	return err
}

// kvDelete deletes a key, whether or not it is there.
func kvDelete(ctx context.Context, key string) error {
	_, err := kvCall(ctx, http.MethodDelete, url.PathEscape(key), "")
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
	envelope, err := encodeEnvelope(value, time.Now().UnixMilli()+ttlSeconds*1000)
	if err != nil {
		return err
	}
	return kvPut(ctx, key, envelope)
}

// kvFitsWithExpiry tells whether a text, once in its envelope, is small enough.
func kvFitsWithExpiry(value string) bool {
	envelope, err := encodeEnvelope(value, time.Now().UnixMilli())
	return err == nil && len(envelope) <= largestValue
}

func encodeEnvelope(value string, expiresAt int64) (string, error) {
	return encodeJSON(struct {
		Value     string `json:"value"`
		ExpiresAt int64  `json:"expires_at"`
	}{value, expiresAt})
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
