package function

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// fakeKV is a key-value store in a few lines; failing is a status that answers everything.
type fakeKV struct {
	stored  map[string]string
	failing int
	calls   int
}

var kv fakeKV

func (kv *fakeKV) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kv.calls++
	body, _ := io.ReadAll(r.Body)
	value, found := kv.stored[r.URL.Path]
	switch {
	case kv.failing != 0:
		w.WriteHeader(kv.failing)
	case r.Method == "PUT":
		kv.stored[r.URL.Path] = string(body)
	case !found:
		w.WriteHeader(http.StatusNotFound)
	default:
		io.WriteString(w, value)
	}
}

// fakeOrigin answers with what it was told, and remembers what it was asked.
type fakeOrigin struct {
	status int
	header http.Header
	body   string
	asked  *http.Request
	count  atomic.Int32
}

var origin fakeOrigin

func (o *fakeOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.count.Add(1)
	o.asked = r
	if o.status == 0 {
		panic(http.ErrAbortHandler)
	}
	for name, values := range o.header {
		w.Header()[name] = values
	}
	w.WriteHeader(o.status)
	io.WriteString(w, o.body)
}

func TestMain(m *testing.M) {
	os.Setenv("TELNYX_BASE_URL", httptest.NewServer(&kv).URL)
	os.Setenv("TELNYX_API_KEY", "test")
	os.Setenv("KV_NAMESPACE_ID", "test")
	os.Setenv("ORIGIN_URL", httptest.NewServer(&origin).URL+"/base/")
	os.Exit(m.Run())
}

func reset() {
	kv = fakeKV{stored: map[string]string{}}
	origin.status, origin.header, origin.body = http.StatusOK, http.Header{}, "hello"
	origin.count.Store(0)
}

func ask(method, target string, header http.Header) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	request.RequestURI = target
	if header != nil {
		request.Header = header
	}
	recorder := httptest.NewRecorder()
	Handle(recorder, request)
	return recorder
}

func wantVerdicts(t *testing.T, target string, header http.Header, want ...string) {
	t.Helper()
	for i, verdict := range want {
		if got := ask("GET", target, header).Header().Get("X-Cache"); got != verdict {
			t.Errorf("request %d: got %q, want %q", i, got, verdict)
		}
	}
}

func TestSecondRequestIsAnsweredFromCache(t *testing.T) {
	reset()
	origin.header.Set("Content-Type", "text/x-test")
	origin.body = "\u2028ü"
	wantVerdicts(t, "/users?page=2", nil, "MISS", "HIT")
	if origin.count.Load() != 1 || origin.asked.RequestURI != "/base/users?page=2" {
		t.Errorf("origin was asked %d times, last for %s", origin.count.Load(), origin.asked.RequestURI)
	}
	again := ask("GET", "/users?page=2", nil)
	header := again.Header()
	if again.Body.String() != origin.body || header.Get("Content-Type") != "text/x-test" || header.Get("Age") != "0" {
		t.Errorf("got %q with %v", again.Body, header)
	}
	wantVerdicts(t, "/users?page=3", nil, "MISS", "HIT")
}

func TestBinaryBodyComesBackAsItWas(t *testing.T) {
	reset()
	origin.body = "\x00\xff\xfe"
	ask("GET", "/image", nil)
	if got := ask("GET", "/image", nil).Body.String(); got != origin.body {
		t.Errorf("got %q, want %q", got, origin.body)
	}
}

func TestRequestsAtTheSameMomentAskTheOriginOnce(t *testing.T) {
	reset()
	var group sync.WaitGroup
	for range 10 {
		group.Add(1)
		go func() {
			defer group.Done()
			ask("GET", "/", nil)
		}()
	}
	group.Wait()
	if got := origin.count.Load(); got != 1 {
		t.Errorf("origin was asked %d times, want 1", got)
	}
}

func TestAnswerThatIsNotForAllIsNotKept(t *testing.T) {
	headers := map[string]string{
		"Cache-Control":    "no-store",
		"cache-control":    "public, max-age=0",
		"Set-Cookie":       "a=b",
		"Vary":             "Accept, *",
		"Content-Encoding": "br",
	}
	for name, value := range headers {
		t.Run(name+" "+value, func(t *testing.T) {
			reset()
			origin.header.Set(name, value)
			wantVerdicts(t, "/", nil, "MISS", "MISS")
			if len(kv.stored) != 0 {
				t.Errorf("got %v, want nothing stored", kv.stored)
			}
		})
	}
}

func TestErrorOfOriginIsPassedOnAndNotKept(t *testing.T) {
	reset()
	origin.status = http.StatusInternalServerError
	if got := ask("GET", "/", nil).Code; got != origin.status || len(kv.stored) != 0 {
		t.Errorf("got %d with %v stored", got, kv.stored)
	}
}

func TestAnswerToOneUserIsNotKept(t *testing.T) {
	reset()
	header := http.Header{"Authorization": {"Bearer x"}, "Cookie": {"a=b"}}
	wantVerdicts(t, "/me", header, "BYPASS", "BYPASS")
	sent := origin.asked.Header
	if sent.Get("Authorization") != "Bearer x" || sent.Get("Cookie") != "" || kv.calls != 0 {
		t.Errorf("origin got %v, the store %d calls", sent, kv.calls)
	}
}

func TestWithoutTheStoreTheOriginAnswers(t *testing.T) {
	reset()
	kv.failing = http.StatusUnauthorized
	wantVerdicts(t, "/", nil, "BYPASS", "BYPASS")
	if kv.calls != 2 {
		t.Errorf("got %d calls, want a read each, and nothing written", kv.calls)
	}
}

func TestStoredValueThatIsNoEntryIsMiss(t *testing.T) {
	reset()
	ask("GET", "/", nil)
	for key := range kv.stored {
		kv.stored[key] = "[1, 2"
	}
	wantVerdicts(t, "/", nil, "MISS", "HIT")
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		method, target string
		originStatus   int
		want           int
	}{
		{"GET", "/", 0, http.StatusBadGateway},
		{"GET", "*", http.StatusOK, http.StatusBadRequest},
		{"GET", "/a/../b", http.StatusOK, http.StatusBadRequest},
		{"GET", "/%2e%2E/", http.StatusOK, http.StatusBadRequest},
		{"GET", "/a|b", http.StatusOK, http.StatusBadRequest},
		{"GET", "/%zz", http.StatusOK, http.StatusBadRequest},
		{"POST", "/", http.StatusOK, http.StatusMethodNotAllowed},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.method, test.target, test.originStatus), func(t *testing.T) {
			reset()
			origin.status = test.originStatus
			if got := ask(test.method, test.target, nil).Code; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
