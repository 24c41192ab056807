package function

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func wantUI(t *testing.T, isOn bool) {
	t.Helper()
	rememberedFlags.Clear()
	recorder := httptest.NewRecorder()
	Handle(recorder, httptest.NewRequest("GET", "/", nil))
	flag, page := flagName+"=off", "Old UI"
	if isOn {
		flag, page = flagName+"=on", "New UI"
	}
	if got := recorder.Header().Get("X-Flag"); recorder.Code != http.StatusOK || got != flag {
		t.Errorf("got %d with X-Flag: %s, want 200 with %s", recorder.Code, got, flag)
	}
	if got := recorder.Body.String(); !strings.Contains(got, page) || strings.Count(got, "<h1>") != 1 {
		t.Errorf("got %s, want the %s", got, page)
	}
}

func TestHandlerServesTheUIOfTheFlag(t *testing.T) {
	for _, isOn := range []bool{true, false} {
		testKV.reset(0)
		testKV.put("flag/"+flagName, strconv.FormatBool(isOn))
		wantUI(t, isOn)
	}
}

func TestHandlerServesTheDefault(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusUnauthorized} {
		testKV.reset(status)
		wantUI(t, flagDefault)
	}
}
