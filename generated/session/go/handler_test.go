package function

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

const testID = "a-session-id-for-tests"

// fakeKV is a key-value store in a few lines; failing is a status that answers everything.
type fakeKV struct {
	stored  map[string]string
	failing int
}

var kv fakeKV

func (kv *fakeKV) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	value, found := kv.stored[r.URL.Path]
	switch {
	case kv.failing != 0:
		w.WriteHeader(kv.failing)
	case r.Method == "PUT":
		kv.stored[r.URL.Path] = string(body)
	case r.Method == "DELETE":
		delete(kv.stored, r.URL.Path)
	case !found:
		w.WriteHeader(http.StatusNotFound)
	default:
		io.WriteString(w, value)
	}
}

func TestMain(m *testing.M) {
	server := httptest.NewServer(&kv)
	os.Setenv("TELNYX_BASE_URL", server.URL)
	os.Setenv("TELNYX_API_KEY", "test")
	os.Setenv("KV_NAMESPACE_ID", "test")
	os.Exit(m.Run())
}

func ask(method string, ids ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	for _, id := range ids {
		request.Header.Add(sessionHeader, id)
	}
	recorder := httptest.NewRecorder()
	Handle(recorder, request)
	return recorder
}

func reset() { kv = fakeKV{stored: map[string]string{}} }

// put stores another text under the one key that there is.
func put(text string) {
	for key := range kv.stored {
		kv.stored[key] = text
	}
}

func wantViews(t *testing.T, response *httptest.ResponseRecorder, want int) {
	t.Helper()
	var session struct{ Views int }
	if err := json.Unmarshal(response.Body.Bytes(), &session); err != nil {
		t.Fatal(err)
	}
	if response.Code != http.StatusOK || session.Views != want {
		t.Errorf("got %d with %d views, want 200 with %d", response.Code, session.Views, want)
	}
}

func TestSessionCountsItsRequests(t *testing.T) {
	reset()
	for want, method := range []string{"GET", "GET", "POST"} {
		wantViews(t, ask(method, testID), want)
	}
}

func TestPostWithoutIDStartsSession(t *testing.T) {
	reset()
	response := ask("POST")
	id := response.Header().Get(sessionHeader)
	if response.Code != http.StatusCreated || len(id) != 32 {
		t.Fatalf("got %d and the id %q, want 201 and one of 32 characters", response.Code, id)
	}
	wantViews(t, ask("GET", id), 1)
}

func TestSessionLivesForItsLifetime(t *testing.T) {
	reset()
	earliest := time.Now().UnixMilli() + sessionTTL*1000
	ask("GET", testID)
	for _, text := range kv.stored {
		_, expiresAt, ok := parseEnvelope(text)
		latest := time.Now().UnixMilli() + sessionTTL*1000
		if !ok || int64(expiresAt) < earliest || int64(expiresAt) > latest {
			t.Errorf("got %s, want an envelope that expires at about %d", text, earliest)
		}
	}
}

func TestSessionCountsOnUntilItExpires(t *testing.T) {
	for lifetime, want := range map[time.Duration]int{time.Minute: 8, -time.Millisecond: 0} {
		reset()
		ask("GET", testID)
		expiresAt := time.Now().Add(lifetime).UnixMilli()
		put(fmt.Sprintf(`{"value":"{\"created\":1,\"views\":7}","expires_at":%d}`, expiresAt))
		wantViews(t, ask("GET", testID), want)
	}
}

func TestStoredValueThatIsNoSessionStartsAfresh(t *testing.T) {
	reset()
	ask("GET", testID)
	put("[1, 2")
	wantViews(t, ask("GET", testID), 0)
}

func TestDeleteRemovesSession(t *testing.T) {
	reset()
	ask("GET", testID)
	if response := ask("DELETE", testID); response.Code != http.StatusNoContent {
		t.Errorf("got %d, want 204", response.Code)
	}
	if len(kv.stored) != 0 {
		t.Errorf("got %v, want nothing stored", kv.stored)
	}
}

func TestRefusedRequestStoresNothing(t *testing.T) {
	tests := []struct {
		name, method string
		ids          []string
		want         int
	}{
		{"no id", "GET", nil, http.StatusBadRequest},
		{"empty id", "POST", []string{""}, http.StatusBadRequest},
		{"short id", "GET", []string{"short"}, http.StatusBadRequest},
		{"long id", "GET", []string{strings.Repeat("x", 129)}, http.StatusBadRequest},
		{"two ids", "GET", []string{testID, testID}, http.StatusBadRequest},
		{"other method", "PUT", []string{testID}, http.StatusMethodNotAllowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reset()
			if response := ask(test.method, test.ids...); response.Code != test.want {
				t.Errorf("got %d, want %d", response.Code, test.want)
			}
			if len(kv.stored) != 0 {
				t.Errorf("got %v, want nothing stored", kv.stored)
			}
		})
	}
}

func TestFailingStoreIsNeverTakenForMissingSession(t *testing.T) {
	reset()
	kv.failing = http.StatusUnauthorized
	for _, method := range []string{"GET", "POST", "DELETE"} {
		response := ask(method, testID)
		if response.Code != http.StatusServiceUnavailable || response.Header().Get("Retry-After") != "1" {
			t.Errorf("%s: got %d, want 503 with Retry-After: 1", method, response.Code)
		}
	}
}
