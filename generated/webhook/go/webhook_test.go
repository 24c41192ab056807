package function

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

const testEvent = `{"data":{"id":"an-event-for-tests","event_type":"message.received","payload":{"text":"Zoë"}}}`

// testWebhookKey is Telnyx's private key in tests.
var testWebhookKey = makeTestWebhookKey()

func makeTestWebhookKey() ed25519.PrivateKey {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)
	os.Setenv("TELNYX_PUBLIC_KEY", base64.StdEncoding.EncodeToString(public))
	return key
}

// deliverSigned returns a request as Telnyx sends it, signed some time ago.
func deliverSigned(key ed25519.PrivateKey, body string, age time.Duration) *http.Request {
	timestamp := fmt.Sprint(time.Now().Add(-age).Unix())
	signature := ed25519.Sign(key, []byte(timestamp+"|"+body))
	request := httptest.NewRequest("POST", "/", strings.NewReader(body))
	request.Header.Set("Telnyx-Timestamp", timestamp)
	request.Header.Set("Telnyx-Signature-Ed25519", base64.StdEncoding.EncodeToString(signature))
	return request
}

func TestReceiveEvent(t *testing.T) {
	testKV.reset(0)
	for _, age := range []time.Duration{0, 290 * time.Second, -290 * time.Second} {
		event, err := receiveEvent(deliverSigned(testWebhookKey, testEvent, age), 300)
		if err != nil {
			t.Fatalf("%s ago: got %v", age, err)
		}
		if event.ID != "an-event-for-tests" || event.Type != "message.received" {
			t.Errorf("got the event %+v", event)
		}
		if got := string(event.Payload); got != `{"text":"Zoë"}` || testKV.called() != "" {
			t.Errorf("got the payload %s and the calls %q", got, testKV.called())
		}
	}
}

func TestReceiveEventRefusesWhatTelnyxHasNotJustSigned(t *testing.T) {
	otherKey := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", ed25519.SeedSize)))
	sent := func() *http.Request { return deliverSigned(testWebhookKey, testEvent, 0) }
	with := func(name, value string) *http.Request {
		request := sent()
		request.Header.Set(name, value)
		return request
	}
	tampered := sent()
	tampered.Body = io.NopCloser(strings.NewReader(testEvent + " "))
	tests := map[string]*http.Request{
		"stale":             deliverSigned(testWebhookKey, testEvent, 310*time.Second),
		"from the future":   deliverSigned(testWebhookKey, testEvent, -310*time.Second),
		"no timestamp":      with("Telnyx-Timestamp", ""),
		"no number":         with("Telnyx-Timestamp", "NaN"),
		"another timestamp": with("Telnyx-Timestamp", fmt.Sprint(time.Now().Unix()+9)),
		"no signature":      with("Telnyx-Signature-Ed25519", ""),
		"no base64":         with("Telnyx-Signature-Ed25519", "*"),
		"a short signature": with("Telnyx-Signature-Ed25519", "AAAA"),
		"another key":       deliverSigned(otherKey, testEvent, 0),
		"another body":      tampered,
		"not signed at all": httptest.NewRequest("POST", "/", strings.NewReader(testEvent)),
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			var refused *webhookError
			if _, err := receiveEvent(request, 300); !errors.As(err, &refused) || refused.status != 401 {
				t.Errorf("got %v, want an error with 401", err)
			}
		})
	}
}

func TestReceiveEventRefusesWhatIsNoEvent(t *testing.T) {
	for _, body := range []string{
		"", "{", "null", "[]", "{}", `{"data":null}`, `{"data":{"id":"x"}}`,
		`{"data":{"id":7,"event_type":"x"}}`, `{"data":{"id":"a/b","event_type":"x"}}`,
	} {
		var refused *webhookError
		_, err := receiveEvent(deliverSigned(testWebhookKey, body, 0), 300)
		if !errors.As(err, &refused) || refused.status != 400 {
			t.Errorf("%s: got %v, want an error with 400", body, err)
		}
	}
}

func TestReceiveEventNeedsPublicKey(t *testing.T) {
	for _, key := range []string{"", "nonsense", "AAAA"} {
		t.Setenv("TELNYX_PUBLIC_KEY", key)
		_, err := receiveEvent(deliverSigned(testWebhookKey, testEvent, 0), 300)
		if err == nil || !strings.HasPrefix(err.Error(), "TELNYX_PUBLIC_KEY is not ") {
			t.Errorf("%q: got %v", key, err)
		}
	}
}

func TestProcessOnce(t *testing.T) {
	testKV.reset(0)
	var calls []string
	effect := func(context.Context) error {
		calls = append(calls, testKV.called())
		return nil
	}
	for _, want := range []bool{true, false} {
		if isNew, err := processOnce(context.Background(), "x", 60, effect); isNew != want || err != nil {
			t.Errorf("got %t, %v, want %t", isNew, err, want)
		}
	}
	if len(calls) != 1 || calls[0] != "GET webhook/x" {
		t.Errorf("got the effect after the calls %q", calls)
	}
	if !testKV.livesFor("webhook/x", 60) {
		t.Errorf("got the mark %q, want one for a minute", testKV.get("webhook/x"))
	}
}

func TestProcessOnceLeavesNoMarkIfTheEffectFails(t *testing.T) {
	testKV.reset(0)
	failure := errors.New("made up")
	_, err := processOnce(context.Background(), "x", 60, func(context.Context) error { return failure })
	if err != failure || testKV.count() != 0 {
		t.Errorf("got %v and %d keys", err, testKV.count())
	}
}

func TestProcessOnceWithoutStoreOrClient(t *testing.T) {
	gone, leave := context.WithCancel(context.Background())
	leave()
	for ctx, status := range map[context.Context]int{context.Background(): 401, gone: 0} {
		testKV.reset(status)
		isNew, err := processOnce(ctx, "x", 60, func(ctx context.Context) error { return ctx.Err() })
		if !isNew || err != nil || !strings.HasSuffix(testKV.called(), "PUT webhook/x") {
			t.Errorf("got %t, %v and the calls %q", isNew, err, testKV.called())
		}
	}
}
