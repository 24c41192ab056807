package function

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const testSessionID = "a-session-id-for-tests"

func askHandler(method string, ids ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	for _, id := range ids {
		request.Header.Add(sessionHeader, id)
	}
	recorder := httptest.NewRecorder()
	Handle(recorder, request)
	return recorder
}

func wantViews(t *testing.T, response *httptest.ResponseRecorder, status, views int) {
	t.Helper()
	got := struct{ Views int }{-1}
	if err := json.Unmarshal(response.Body.Bytes(), &got); err != nil {
		t.Fatalf("got the body %q, want a session as JSON (%v); adapt this test to your response", response.Body, err)
	}
	if response.Code != status || got.Views != views {
		t.Errorf("got %d with %d views, want %d with %d", response.Code, got.Views, status, views)
	}
	if got := response.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control: %q", got)
	}
}

func TestHandlerCountsRequests(t *testing.T) {
	testKV.reset(0)
	for views, method := range []string{"GET", "GET", "POST"} {
		wantViews(t, askHandler(method, testSessionID), http.StatusOK, views)
	}
	if key := "session/" + testSessionID; !testKV.livesFor(key, sessionTTL) {
		t.Errorf("got %s in the store, want a lifetime of %d s", testKV.get(key), sessionTTL)
	}
}

func TestHandlerStartsSessionForPostWithoutID(t *testing.T) {
	testKV.reset(0)
	response := askHandler("POST")
	wantViews(t, response, http.StatusCreated, 0)
	id := response.Header().Get(sessionHeader)
	if !isSessionID(id) {
		t.Fatalf("got the id %q", id)
	}
	wantViews(t, askHandler("GET", id), http.StatusOK, 1)
}

func TestHandlerDeletesSession(t *testing.T) {
	testKV.reset(0)
	askHandler("GET", testSessionID)
	response := askHandler("DELETE", testSessionID)
	if response.Code != http.StatusNoContent || testKV.get("session/"+testSessionID) != "" {
		t.Errorf("got %d with %q in the store", response.Code, testKV.get("session/"+testSessionID))
	}
}

func TestHandlerRefusesRequests(t *testing.T) {
	tests := []struct {
		name, method string
		ids          []string
		want         int
	}{
		{"no id", "GET", nil, http.StatusBadRequest},
		{"no id to delete", "DELETE", nil, http.StatusBadRequest},
		{"empty id", "POST", []string{""}, http.StatusBadRequest},
		{"short id", "GET", []string{"short"}, http.StatusBadRequest},
		{"long id", "GET", []string{strings.Repeat("x", 129)}, http.StatusBadRequest},
		{"two ids", "GET", []string{testSessionID, testSessionID}, http.StatusBadRequest},
		{"other method", "PUT", []string{testSessionID}, http.StatusMethodNotAllowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testKV.reset(0)
			response := askHandler(test.method, test.ids...)
			if response.Code != test.want || testKV.called() != "" {
				t.Errorf("got %d and the calls %q, want %d", response.Code, testKV.called(), test.want)
			}
		})
	}
}

func TestHandlerWithoutStore(t *testing.T) {
	testKV.reset(http.StatusUnauthorized)
	for _, method := range []string{"GET", "POST", "DELETE"} {
		response := askHandler(method, testSessionID)
		if response.Code != http.StatusServiceUnavailable || response.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: got %d, want 503 with Retry-After: 1", method, response.Code)
		}
	}
}
