package function

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeOrigin responds as it is told, and counts its requests.
type fakeOrigin struct {
	mu     sync.Mutex
	status int // 0 cuts the connection
	header http.Header
	body   string
	last   *http.Request
	count  int
}

// testOrigin is the origin that origin.go uses in tests.
var testOrigin = startFakeOrigin()

func startFakeOrigin() *fakeOrigin {
	origin := &fakeOrigin{}
	os.Setenv("ORIGIN_URL", httptest.NewServer(origin).URL+"/base/")
	return origin
}

func (o *fakeOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count++
	o.last = r
	if o.status == 0 {
		panic(http.ErrAbortHandler)
	}
	for name, values := range o.header {
		w.Header()[name] = values
	}
	w.WriteHeader(o.status)
	io.WriteString(w, o.body)
}

// respond resets the counter, and sets the response from now on.
func (o *fakeOrigin) respond(status int, header http.Header, body string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status, o.header, o.body, o.count = status, header, body, 0
}

// asked returns how many requests there were, and the last one.
func (o *fakeOrigin) asked() (int, *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.count, o.last
}

func TestCacheKey(t *testing.T) {
	tests := []struct{ target, want string }{ // "" for a malformed target
		{"/", "cache/api/"},
		{"/users?page=2", "cache/api/users=3Fpage=3D2"},
		{"/users?", "cache/api/users"},
		{"/caf%C3%A9", "cache/api/caf=25C3=25A9"},
		{"/a..b/...", "cache/api/a..b/..."},
		{"/x?../", "cache/api/x=3F../"},
		{"/" + strings.Repeat("a", 246), "cache/api/" + strings.Repeat("a", 246)},
		{"/" + strings.Repeat("a", 247), "cache/api/=sha256/2597c350b43ea9ff3a65302c8fd02d1862e6cbc2857c29c9e9e45e47fc714c92"},
		{"*", ""},
		{"http://evil.example/", ""},
		{"/a/../b", ""},
		{"/a/%2E%2e", ""},
		{"/a|b", ""},
		{"/a%zz", ""},
	}
	for _, test := range tests {
		key, ok := cacheKey("api", test.target)
		if key != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %t, want %q", test.target, key, ok, test.want)
		}
	}
}

func TestCacheLifetime(t *testing.T) {
	const ttl = 300
	date := time.Now().Add(-time.Minute).UTC()
	at := func(seconds int) string {
		return date.Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	}
	tests := []struct {
		fields string // separated by |
		want   int64
	}{
		{"", ttl},
		{"Cache-Control: public, Max-Age=60", 60},
		{"Cache-Control: max-age=9999", ttl},
		{"Cache-Control: max-age=99999999999999999999", ttl},
		{`Cache-Control: max-age="60"`, 60},
		{"Cache-Control: max-age=60, s-maxage=10", 10},
		{"Cache-Control: max-age=60 | Cache-Control: max-age=5", 5},
		{"Cache-Control: max-age=soon", 0},
		{"Cache-Control: max-age=60\x85", 0},
		{"Cache-Control: max-age", 0},
		{"Cache-Control: max-age=-5", 0},
		{"Cache-Control: NO-STORE", 0},
		{"Cache-Control: private; max-age=60", 0},
		{"Cache-Control: no-cache; no-store", 0},
		{`Cache-Control: "no-store"`, 0},
		{"Cache-Control: no-store\x85", 0},
		{`Cache-Control: max-age=60, no-cache="set-cookie"`, 0},
		{"Cache-Control: max-age=60 | Cache-Control: private", 0},
		{"Cache-Control: no-store | Connection: cache-control", 0},
		{"Pragma: no-cache", 0},
		{"Pragma: no-cache | Cache-Control: max-age=60", 60},
		{"Cache-Control: max-age=120 | Age: 100", 20},
		{"Cache-Control: max-age=60 | Age: 60", 0},
		{"Age: 100", ttl - 100},
		{"Expires: 0", 0},
		{"Expires: -1", 0},
		{"Expires: Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Expires: " + at(2) + " | Date: " + at(0), 2},
		{"Expires: " + at(0) + " | Date: " + at(0), 0},
		{"Expires: " + at(5), 0}, // 55 seconds ago
		{"Expires: 0 | Cache-Control: max-age=60", 60},
		{"Expires: 0 | Age: 99999999999999999999", 0},
		{"CDN-Cache-Control: max-age=60 | Cache-Control: no-store", 60},
		{"CDN-Cache-Control: max-age=60 | Expires: 0", 60},
		{"CDN-Cache-Control: public | Expires: 0", ttl},
		{"CDN-Cache-Control: no-store | Cache-Control: max-age=60", 0},
		{"CDN-Cache-Control: max-age=60, &&& | Cache-Control: max-age=60", 0},
		{"CDN-Cache-Control: max-age= | Cache-Control: max-age=60", 0},
		{"Set-Cookie: a=b", 0},
		{"Content-Encoding: gzip", 0},
		{"Vary: Accept", ttl},
		{"Vary: Accept | Vary: *", 0},
	}
	for _, test := range tests {
		t.Run(test.fields, func(t *testing.T) {
			header := http.Header{}
			for field := range strings.SplitSeq(test.fields, " | ") {
				name, value, _ := strings.Cut(field, ": ")
				header.Add(name, value)
			}
			got := cacheLifetime(&storedResponse{http.StatusOK, header, nil}, ttl)
			if max(0, got) != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
	if got := cacheLifetime(&storedResponse{http.StatusNotFound, nil, nil}, ttl); got != 0 {
		t.Errorf("404: got %d, want 0", got)
	}
}

func TestCachedResponseComesBackAsItWas(t *testing.T) {
	for _, body := range []string{"", "<Zoë> \u2028", "\x00\xff\xfe"} {
		testKV.reset(0)
		testOrigin.respond(http.StatusOK, http.Header{
			"Content-Type": {"text/x-test"},
			"Link":         {"</a>", "</b>"},
			"Connection":   {"X-Hop"},
			"X-Hop":        {"x"},
			"Keep-Alive":   {"timeout=5"},
			"Server":       {"origin"},
			"X-Cache":      {"HIT from another cache"},
			"Age":          {"100"},
		}, body)
		for _, want := range []string{"MISS", "HIT"} {
			response, err := cached(t.Context(), "cache/x", 300, fetchTarget("/x"))
			if err != nil {
				t.Fatal(err)
			}
			recorder := httptest.NewRecorder()
			response.write(recorder)
			header := recorder.Header()
			if recorder.Body.String() != body || header.Get("Content-Type") != "text/x-test" ||
				len(header["Link"]) != 2 || header.Get("Age") != "100" || header.Get("X-Cache") != want {
				t.Errorf("got %q with %v, want %q as a %s", recorder.Body, header, body, want)
			}
			for _, name := range []string{"Connection", "X-Hop", "Keep-Alive", "Server"} {
				if header[name] != nil {
					t.Errorf("got %s: %q", name, header[name])
				}
			}
		}
		if count, _ := testOrigin.asked(); count != 1 || !testKV.livesFor("cache/x", 200) {
			t.Errorf("got %d requests, and %s stored", count, testKV.get("cache/x"))
		}
	}
}

func fetchTarget(target string) cacheLoader {
	return func(ctx context.Context) (*storedResponse, error) { return fetchOrigin(ctx, target, nil) }
}

func TestCachedIgnoresWhatIsNoEntry(t *testing.T) {
	for _, stored := range []string{
		"null", "[]", "{", `"text"`, "{}", `{"status":"200"}`, `{"status":0}`, `{"status":1000}`,
		`{"status":200,"headers":{},"stored_at":1,"encoding":"utf-8","body":"x"}`,
		`{"status":200,"headers":[],"stored_at":1,"encoding":"base64","body":"?"}`,
		`{"status":200,"headers":[],"stored_at":1,"encoding":"utf-8","body":7}`,
	} {
		testKV.reset(0)
		testKV.put("cache/x", stored)
		testOrigin.respond(http.StatusOK, nil, "hello")
		response, err := cached(t.Context(), "cache/x", 300, fetchTarget("/x"))
		if err != nil || string(response.body) != "hello" || response.header.Get("X-Cache") != "MISS" {
			t.Errorf("%s: got %v, %v", stored, response, err)
		}
	}
}

func TestCachedWithoutStore(t *testing.T) {
	testKV.reset(http.StatusUnauthorized)
	testOrigin.respond(http.StatusOK, nil, "hello")
	response, err := cached(t.Context(), "cache/x", 300, fetchTarget("/x"))
	if err != nil || response.header.Get("X-Cache") != "BYPASS" {
		t.Errorf("got %v, %v, want a BYPASS", response, err)
	}
	if got := testKV.called(); got != "GET cache/x" {
		t.Errorf("got the calls %q, want a read alone", got)
	}
}

// loadConcurrently calls cached ten times at once, and returns how often it loaded.
func loadConcurrently(t *testing.T, load cacheLoader) (loads int, errs []error) {
	t.Helper()
	testKV.reset(0)
	var count atomic.Int32
	var waiting, done sync.WaitGroup
	results := make(chan error, 10)
	waiting.Add(10)
	slow := func(ctx context.Context) (*storedResponse, error) {
		if count.Add(1) == 1 {
			waiting.Wait()
			time.Sleep(200 * time.Millisecond) // until the others wait for this one
		}
		return load(ctx)
	}
	for range 10 {
		done.Add(1)
		go func() {
			defer done.Done()
			waiting.Done()
			_, err := cached(context.Background(), "cache/x", 300, slow)
			results <- err
		}()
	}
	done.Wait()
	close(results)
	for err := range results {
		errs = append(errs, err)
	}
	return int(count.Load()), errs
}

func TestConcurrentMisses(t *testing.T) {
	respond := func(header http.Header, size int) cacheLoader {
		return func(context.Context) (*storedResponse, error) {
			return &storedResponse{http.StatusOK, header, make([]byte, size)}, nil
		}
	}
	tests := []struct {
		name   string
		load   cacheLoader
		loads  int
		fails  bool
		stored int
	}{
		{"share what is stored", respond(nil, 9), 1, false, 1},
		{"do not share what is private", respond(http.Header{"Cache-Control": {"private"}}, 9), 10, false, 0},
		{"do not share what is too large", respond(nil, 1<<20), 10, false, 0},
		{"share an error", func(context.Context) (*storedResponse, error) {
			return nil, errors.New("failed")
		}, 1, true, 0},
		{"share a panic", func(context.Context) (*storedResponse, error) { panic("failed") }, 1, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			loads, errs := loadConcurrently(t, test.load)
			if loads != test.loads || testKV.count() != test.stored {
				t.Errorf("got %d loads and %d keys", loads, testKV.count())
			}
			if got := strings.Count(testKV.called(), "GET"); got != 1 {
				t.Errorf("got %d reads, want 1", got)
			}
			for _, err := range errs {
				if (err != nil) != test.fails {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestClientThatLeavesDoesNotEndTheLoad(t *testing.T) {
	testKV.reset(0)
	ctx, leave := context.WithCancel(context.Background())
	_, err := cached(ctx, "cache/x", 300, func(ctx context.Context) (*storedResponse, error) {
		leave()
		return &storedResponse{http.StatusOK, nil, nil}, ctx.Err()
	})
	for range 200 {
		if testKV.count() == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	// The client may see the response, if it is there before the client has left.
	if err != nil && !errors.Is(err, context.Canceled) || testKV.count() != 1 {
		t.Errorf("got %v and %d keys", err, testKV.count())
	}
}

func TestFetchOrigin(t *testing.T) {
	client := http.Header{"Authorization": {"a", "b"}, "Accept": {"x/y"}, "Cookie": {"c=d"}}
	testOrigin.respond(http.StatusFound, http.Header{"Location": {"/elsewhere"}}, "")
	response, err := fetchOrigin(t.Context(), "/users?", client)
	if err != nil || response.status != http.StatusFound {
		t.Fatalf("got %v, %v, want the redirect", response, err)
	}
	count, request := testOrigin.asked()
	if count != 1 || request.RequestURI != "/base/users" {
		t.Errorf("got %d requests, the last one for %s", count, request.RequestURI)
	}
	for name, want := range map[string]string{
		"Authorization":   "a, b",
		"Accept":          "x/y",
		"Accept-Encoding": "identity",
		"Cookie":          "",
	} {
		if got := request.Header.Get(name); got != want {
			t.Errorf("got %s: %q, want %q", name, got, want)
		}
	}
}

func TestFetchOriginThatFails(t *testing.T) {
	tests := []struct {
		status int
		size   int
		want   error
	}{
		{0, 0, errOriginUnreachable},
		{600, 0, errOriginUnreachable},
		{200, 10 << 20, nil},
		{200, 10<<20 + 1, errOriginTooLarge},
	}
	for _, test := range tests {
		testOrigin.respond(test.status, nil, strings.Repeat("x", test.size))
		if _, err := fetchOrigin(t.Context(), "/", nil); err != test.want && err.Error() != test.want.Error() {
			t.Errorf("%d with %d bytes: got %v, want %v", test.status, test.size, err, test.want)
		}
	}
}

func TestWriteNotModified(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := http.Header{"Content-Type": {"text/x-test"}, "Etag": {"x"}}
		(&storedResponse{http.StatusNotModified, header, []byte("not sent")}).write(w)
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if got := response.Header.Get("Content-Type"); got != "text/x-test" || len(body) > 0 {
		t.Errorf("got Content-Type: %q with the body %q", got, body)
	}
}
