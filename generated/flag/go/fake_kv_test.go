package function

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fakeKV is a key-value store for the tests of this package.
type fakeKV struct {
	mu     sync.Mutex
	values map[string]string
	ttls   map[string]string // the ttl_secs with which a key was stored
	calls  []string          // such as "GET session/x"
	status int               // of every response, unless it is 0
}

// testKV is the store that kv.go uses in tests.
var testKV = startFakeKV()

func startFakeKV() *fakeKV {
	kv := &fakeKV{}
	kv.reset(0)
	os.Setenv("TELNYX_BASE_URL", httptest.NewServer(kv).URL)
	os.Setenv("TELNYX_API_KEY", "test-key")
	os.Setenv("KV_NAMESPACE_ID", "test-id")
	return kv
}

func (kv *fakeKV) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key, _ := strings.CutPrefix(r.URL.Path, "/v2/storage/kvs/test-id/keys/")
	kv.mu.Lock()
	defer kv.mu.Unlock()
	kv.calls = append(kv.calls, r.Method+" "+key)
	value, found := kv.values[key]
	switch {
	case kv.status != 0:
		w.WriteHeader(kv.status)
	case r.Header.Get("Authorization") != "Bearer test-key":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == "PUT":
		kv.values[key], kv.ttls[key] = string(body), r.URL.Query().Get("ttl_secs")
	case r.Method == "DELETE":
		delete(kv.values, key)
	case !found:
		w.WriteHeader(http.StatusNotFound)
	default:
		io.WriteString(w, value)
	}
}

// reset empties the store and makes it respond with a status; 0 is for a store that works.
func (kv *fakeKV) reset(status int) {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	kv.values, kv.ttls = map[string]string{}, map[string]string{}
	kv.calls, kv.status = nil, status
}

// put stores a value without a call.
func (kv *fakeKV) put(key, value string) {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	kv.values[key] = value
}

// get returns a stored value, or "".
func (kv *fakeKV) get(key string) string {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	return kv.values[key]
}

// count returns how many keys there are.
func (kv *fakeKV) count() int {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	return len(kv.values)
}

// called returns the calls since the last reset.
func (kv *fakeKV) called() string {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	return strings.Join(kv.calls, "\n")
}

// livesFor reports whether the ttl_secs and the envelope of a key say about this number of seconds.
func (kv *fakeKV) livesFor(key string, seconds int64) bool {
	kv.mu.Lock()
	defer kv.mu.Unlock()
	ttl := kv.ttls[key]
	var envelope struct {
		ExpiresAt int64 `json:"expires_at"`
	}
	json.Unmarshal([]byte(kv.values[key]), &envelope)
	difference := time.Until(time.UnixMilli(envelope.ExpiresAt)) - time.Duration(seconds)*time.Second
	hasEnvelope := envelope.ExpiresAt != 0
	return (ttl != "" || hasEnvelope) &&
		(ttl == "" || ttl == strconv.FormatInt(seconds, 10)) &&
		(!hasEnvelope || difference.Abs() < 5*time.Second)
}
