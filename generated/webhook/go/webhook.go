package function

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"time"
)

// webhookKVTimeout is short: Telnyx waits two seconds for a response before it sends an event again.
const webhookKVTimeout = time.Second

var webhookIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// webhookEvent is an event from Telnyx. Type says what Payload holds.
type webhookEvent struct {
	ID         string          `json:"id"`
	Type       string          `json:"event_type"`
	OccurredAt string          `json:"occurred_at"`
	Payload    json.RawMessage `json:"payload"`
}

// webhookError says why a request is not a valid event, and holds the status for the client.
type webhookError struct {
	status  int
	message string
}

func (e *webhookError) Error() string   { return e.message }
func (e *webhookError) HTTPStatus() int { return e.status }

var (
	errWebhookTimestamp = &webhookError{http.StatusUnauthorized, "missing or stale timestamp"}
	errWebhookSignature = &webhookError{http.StatusUnauthorized, "invalid signature"}
	errWebhookMalformed = &webhookError{http.StatusBadRequest, "malformed event"}
)

// receiveEvent returns the event in a request, or an error if Telnyx has not signed it, or not within
// the tolerance.
func receiveEvent(r *http.Request, toleranceSeconds float64) (*webhookEvent, error) {
	key, err := webhookPublicKey()
	if err != nil {
		return nil, err
	}
	timestamp := r.Header.Get("Telnyx-Timestamp")
	seconds, err := strconv.ParseFloat(timestamp, 64)
	age := math.Abs(float64(time.Now().Unix()) - seconds)
	if err != nil || !(age <= toleranceSeconds) { // NaN is never greater
		return nil, errWebhookTimestamp
	}

	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("Telnyx-Signature-Ed25519"))
	signed := append([]byte(timestamp+"|"), body...)
	if err != nil || !ed25519.Verify(key, signed, signature) {
		return nil, errWebhookSignature
	}
	var sent struct{ Data webhookEvent }
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, errWebhookMalformed
	}
	if !webhookIDPattern.MatchString(sent.Data.ID) || sent.Data.Type == "" {
		return nil, errWebhookMalformed
	}
	return &sent.Data, nil
}

// processOnce runs the effect of an event unless its id is marked as processed, and then marks it.
// It reports whether the effect ran. If the effect fails, the id is not marked, so the next delivery
// runs it again. If the store fails, which is logged, the effect runs.
func processOnce(ctx context.Context, id string, dedupeSeconds int64, effect func(context.Context) error) (bool, error) {
	ctx = context.WithoutCancel(ctx) // an effect that has begun is finished even if the client leaves
	key := "webhook/" + id
	reading, cancel := context.WithTimeout(ctx, webhookKVTimeout)
	defer cancel()
	mark, err := kvGetWithExpiry(reading, key)
	var failed *kvError
	if err != nil && !errors.As(err, &failed) {
		return false, err
	}
	if mark != "" {
		return false, nil
	}
	if err := effect(ctx); err != nil {
		return true, err
	}
	writing, cancel := context.WithTimeout(ctx, webhookKVTimeout)
	defer cancel()
	kvPutWithExpiry(writing, key, "processed", dedupeSeconds)
	return true, nil
}

// webhookPublicKey reads the environment. Its errors hold no values.
func webhookPublicKey() (ed25519.PublicKey, error) {
	text := os.Getenv("TELNYX_PUBLIC_KEY")
	if text == "" {
		return nil, errors.New("TELNYX_PUBLIC_KEY is not set")
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("TELNYX_PUBLIC_KEY is not an Ed25519 public key")
	}
	return key, nil
}
