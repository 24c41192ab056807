package function

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

func askHandler(method string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	for _, cookie := range cookies {
		request.AddCookie(cookie)
	}
	recorder := httptest.NewRecorder()
	Handle(recorder, request)
	return recorder
}

// wantSession checks a response with a session, and returns its cookie.
func wantSession(t *testing.T, response *httptest.ResponseRecorder, status, views int) *http.Cookie {
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
	for _, cookie := range response.Result().Cookies() {
		if cookie.Name == sessionCookieName && isSessionID(cookie.Value) && cookie.MaxAge == sessionTTL {
			return cookie
		}
	}
	t.Fatalf("got Set-Cookie: %q", response.Header().Values("Set-Cookie"))
	return nil
}

func TestHandlerCountsRequests(t *testing.T) {
	testKV.reset(0)
	cookie := wantSession(t, askHandler("GET"), http.StatusOK, 0)
	for i, method := range []string{"GET", "POST", "GET"} {
		if got := wantSession(t, askHandler(method, cookie), http.StatusOK, i+1); got.Value != cookie.Value {
			t.Errorf("got the id %s, want %s", got.Value, cookie.Value)
		}
	}
	if key := "session/" + cookie.Value; testKV.count() != 1 || !testKV.livesFor(key, sessionTTL) {
		t.Errorf("got %s in the store, want a lifetime of %d s", testKV.get(key), sessionTTL)
	}
}

func TestHandlerReplacesUnknownIDs(t *testing.T) {
	unknown := &http.Cookie{Name: sessionCookieName, Value: "an-id-from-elsewhere"}
	malformed := &http.Cookie{Name: sessionCookieName, Value: "short"}
	for _, cookies := range [][]*http.Cookie{{unknown}, {malformed}, {unknown, unknown}, {}} {
		for method, status := range map[string]int{"GET": http.StatusOK, "POST": http.StatusCreated} {
			testKV.reset(0)
			got := wantSession(t, askHandler(method, cookies...), status, 0)
			if got.Value == unknown.Value || testKV.count() != 1 {
				t.Errorf("got the id %s, and %d keys", got.Value, testKV.count())
			}
		}
	}
}

func TestHandlerDeletesSession(t *testing.T) {
	testKV.reset(0)
	cookie := wantSession(t, askHandler("GET"), http.StatusOK, 0)
	wantCleared(t, askHandler("DELETE", cookie))
	if testKV.count() != 0 {
		t.Errorf("got %s in the store", testKV.get("session/"+cookie.Value))
	}
	testKV.reset(0)
	if wantCleared(t, askHandler("DELETE")); testKV.called() != "" {
		t.Errorf("got the calls %s", testKV.called())
	}
}

func wantCleared(t *testing.T, response *httptest.ResponseRecorder) {
	t.Helper()
	want := clearedCookie(sessionCookieName).String()
	if got := response.Header().Get("Set-Cookie"); response.Code != http.StatusNoContent || got != want {
		t.Errorf("got %d with Set-Cookie: %s, want 204 with %s", response.Code, got, want)
	}
}

func TestHandlerRefusesOtherMethods(t *testing.T) {
	for _, method := range []string{"HEAD", "PUT"} {
		testKV.reset(0)
		if got := askHandler(method).Code; got != http.StatusMethodNotAllowed || testKV.called() != "" {
			t.Errorf("%s: got %d and the calls %q, want 405", method, got, testKV.called())
		}
	}
}

func TestHandlerWithoutStore(t *testing.T) {
	testKV.reset(http.StatusUnauthorized)
	cookie := sessionCookie(sessionCookieName, "a-session-id-for-tests", 60)
	for _, method := range []string{"GET", "POST", "DELETE"} {
		response := askHandler(method, cookie)
		if response.Code != http.StatusServiceUnavailable || response.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: got %d, want 503 with Retry-After: 1", method, response.Code)
		}
	}
}
