package function

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestHandlerProcessesEventOnce(t *testing.T) {
	for _, eventType := range []string{"message.received", "call.initiated", "of.another.type"} {
		testKV.reset(0)
		body := fmt.Sprintf(`{"data":{"id":"x","event_type":%q}}`, eventType)
		for _, want := range []string{`{"status":"processed"}`, `{"status":"duplicate"}`} {
			recorder := httptest.NewRecorder()
			Handle(recorder, deliverSigned(testWebhookKey, body, 0))
			if got := recorder.Body.String(); recorder.Code != http.StatusOK || got != want {
				t.Errorf("%s: got %d %s, want 200 %s", eventType, recorder.Code, got, want)
			}
		}
		if !testKV.livesFor("webhook/x", webhookDedupe) {
			t.Errorf("got the mark %q, want one for %d s", testKV.get("webhook/x"), webhookDedupe)
		}
	}
}

func TestHandlerRefusesRequests(t *testing.T) {
	stale := deliverSigned(testWebhookKey, testEvent, (webhookTolerance+10)*time.Second)
	tests := []struct {
		name    string
		request *http.Request
		want    int
	}{
		{"not signed", httptest.NewRequest("POST", "/", nil), http.StatusUnauthorized},
		{"stale", stale, http.StatusUnauthorized},
		{"no event", deliverSigned(testWebhookKey, "{}", 0), http.StatusBadRequest},
		{"other method", httptest.NewRequest("GET", "/", nil), http.StatusMethodNotAllowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testKV.reset(0)
			recorder := httptest.NewRecorder()
			Handle(recorder, test.request)
			if recorder.Code != test.want || testKV.called() != "" {
				t.Errorf("got %d and the calls %q, want %d", recorder.Code, testKV.called(), test.want)
			}
		})
	}
}
