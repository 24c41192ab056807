package function

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func askHandler(method, target string, header http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	request.RequestURI = target // as it was sent
	if header != nil {
		request.Header = header
	}
	recorder := httptest.NewRecorder()
	Handle(recorder, request)
	return recorder
}

func TestHandlerCachesEachTarget(t *testing.T) {
	testKV.reset(0)
	testOrigin.respond(http.StatusOK, nil, "hello")
	for i, target := range []string{"/users?page=2", "/users?page=3"} {
		for _, want := range []string{"MISS", "HIT", "HIT"} {
			response := askHandler("GET", target, nil)
			if got := response.Header().Get("X-Cache"); got != want || response.Body.String() != "hello" {
				t.Errorf("%s: got %q as a %s, want a %s", target, response.Body, got, want)
			}
		}
		if count, last := testOrigin.asked(); count != i+1 || last.RequestURI != "/base"+target {
			t.Errorf("the origin got %d requests, the last one for %s", count, last.RequestURI)
		}
		if key, _ := cacheKey(cachePrefix, target); !testKV.livesFor(key, cacheTTL) {
			t.Errorf("got %s in the store, want a lifetime of %d s", testKV.get(key), cacheTTL)
		}
	}
}

func TestHandlerPassesErrorsOnAndStoresNothing(t *testing.T) {
	for status, want := range map[int]int{404: 404, 500: 500, 0: 502} {
		testKV.reset(0)
		testOrigin.respond(status, nil, "failed")
		if got := askHandler("GET", "/", nil).Code; got != want || testKV.count() != 0 {
			t.Errorf("got %d and %d keys, want %d", got, testKV.count(), want)
		}
	}
}

func TestHandlerDoesNotStoreResponsesForOneUser(t *testing.T) {
	testKV.reset(0)
	testOrigin.respond(http.StatusOK, nil, "yours")
	for _, credential := range []string{"Bearer x", ""} {
		response := askHandler("GET", "/me", http.Header{"Authorization": {credential}})
		if got := response.Header().Get("X-Cache"); got != "BYPASS" || testKV.called() != "" {
			t.Errorf("got a %s and the calls %q, want a BYPASS", got, testKV.called())
		}
		if _, last := testOrigin.asked(); last.Header.Get("Authorization") != credential {
			t.Errorf("the origin got %v", last.Header)
		}
	}
}

func TestHandlerRefusesRequests(t *testing.T) {
	testKV.reset(0)
	testOrigin.respond(http.StatusOK, nil, "hello")
	tests := []struct {
		method, target string
		want           int
	}{
		{"POST", "/", http.StatusMethodNotAllowed},
		{"GET", "/a/../b", http.StatusBadRequest},
		{"GET", "http://evil.example/", http.StatusBadRequest},
	}
	for _, test := range tests {
		response := askHandler(test.method, test.target, nil)
		if response.Code != test.want || !strings.HasPrefix(response.Body.String(), `{"error":`) {
			t.Errorf("%s %s: got %d %s", test.method, test.target, response.Code, response.Body)
		}
	}
	if count, _ := testOrigin.asked(); count != 0 || testKV.called() != "" {
		t.Errorf("got %d requests to the origin and the calls %q", count, testKV.called())
	}
}
