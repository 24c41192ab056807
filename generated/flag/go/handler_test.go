package function

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fakeKV is a store with one key; status answers what is asked for it.
type fakeKV struct {
	status int
	value  string
	calls  int
}

var kv fakeKV

func (kv *fakeKV) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kv.calls++
	w.WriteHeader(kv.status)
	io.WriteString(w, kv.value)
}

func TestMain(m *testing.M) {
	os.Setenv("TELNYX_BASE_URL", httptest.NewServer(&kv).URL)
	os.Setenv("TELNYX_API_KEY", "test")
	os.Setenv("KV_NAMESPACE_ID", "test")
	os.Exit(m.Run())
}

func TestAnswerSaysWhichWayTheFlagWent(t *testing.T) {
	// A failure is never remembered, so that the default comes first.
	kv = fakeKV{status: http.StatusUnauthorized}
	wantUI(t, flagDefault)
	kv = fakeKV{status: http.StatusOK, value: strconv.FormatBool(!flagDefault)}
	wantUI(t, !flagDefault)
}

func wantUI(t *testing.T, isOn bool) {
	t.Helper()
	recorder := httptest.NewRecorder()
	Handle(recorder, httptest.NewRequest("GET", "/", nil))
	way, page := "off", "Old UI"
	if isOn {
		way, page = "on", "New UI"
	}
	if got := recorder.Header().Get("X-Flag"); got != flagName+"="+way {
		t.Errorf("got X-Flag: %s, want %s", got, way)
	}
	if !strings.Contains(recorder.Body.String(), page) {
		t.Errorf("got %s, want %s", recorder.Body, page)
	}
}

func envelope(value string, lifetime time.Duration) string {
	return fmt.Sprintf(`{"value":%q,"expires_at":%d}`, value, time.Now().Add(lifetime).UnixMilli())
}

func TestFlagIsWhatTheStoreSaysOrTheDefault(t *testing.T) {
	tests := []struct {
		status int
		value  string
		want   string // "" is the default
	}{
		{http.StatusOK, "true", "true"},
		{http.StatusOK, "false", "false"},
		{http.StatusOK, envelope("true", time.Minute), "true"},
		{http.StatusOK, envelope("true", -time.Second), ""},
		{http.StatusOK, envelope("false", -time.Second), ""},
		{http.StatusOK, "TRUE", ""},
		{http.StatusOK, "1", ""},
		{http.StatusOK, "", ""},
		{http.StatusNotFound, "", ""},
		{http.StatusUnauthorized, "true", ""},
	}
	for _, test := range tests {
		for _, byDefault := range []bool{true, false} {
			kv = fakeKV{status: test.status, value: test.value}
			want := test.want == "true" || test.want == "" && byDefault
			got, err := readFlag(context.Background(), "any", byDefault, 0)
			if got != want || err != nil {
				t.Errorf("%d %s: got %t, %v, want %t", test.status, test.value, got, err, want)
			}
		}
	}
}

func TestFlagIsRememberedForAsLongAsItMayBeFailureNever(t *testing.T) {
	kv = fakeKV{}
	for _, step := range []struct {
		status int
		value  string
		want   bool
	}{
		{http.StatusUnauthorized, "", false},
		{http.StatusOK, "true", true},
		{http.StatusOK, "false", true},
	} {
		kv.status, kv.value = step.status, step.value
		if got, _ := readFlag(context.Background(), "kept", false, 60); got != step.want {
			t.Errorf("%d %s: got %t, want %t", step.status, step.value, got, step.want)
		}
	}
	if kv.calls != 2 {
		t.Errorf("got %d calls, want 2", kv.calls)
	}
}
