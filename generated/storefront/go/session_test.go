package function

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func storedSession(views string, lifetime time.Duration) string {
	expiresAt := time.Now().Add(lifetime).UnixMilli()
	return fmt.Sprintf(`{"value":"{\"created\":1,\"views\":%s}","expires_at":%d}`, views, expiresAt)
}

func TestLoadSession(t *testing.T) {
	tests := []struct {
		name, stored string
		want         string // as fmt prints it
	}{
		{"missing", "", "map[]"},
		{"live", storedSession("7", time.Minute), "map[created:1 views:7]"},
		{"expired", storedSession("7", -time.Millisecond), "map[]"},
		{"without an envelope", `{"views":7}`, "map[views:7]"},
		{"nearly an envelope", `{"value":"{}","expires_at":1,"x":1}`, "map[expires_at:1 value:{} x:1]"},
		{"a list", "[1]", "map[]"},
		{"null", "null", "map[]"},
		{"half", `{"views":`, "map[]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			testKV.reset(0)
			if test.stored != "" {
				testKV.put("session/x", test.stored)
			}
			session, err := loadSession(context.Background(), "x")
			if got := fmt.Sprint(session); got != test.want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestFailingStoreIsNoMissingSession(t *testing.T) {
	for _, status := range []int{401, 409, 500} {
		testKV.reset(status)
		if _, err := loadSession(context.Background(), "x"); err == nil {
			t.Errorf("%d: got no error", status)
		}
	}
}

func TestSaveSession(t *testing.T) {
	testKV.reset(0)
	err := saveSession(context.Background(), "x", map[string]any{"name": "<Zoë>"}, 60)
	if err != nil || !testKV.livesFor("session/x", 60) {
		t.Errorf("got %s, %v, want a session for a minute", testKV.get("session/x"), err)
	}
	session, err := loadSession(context.Background(), "x")
	if fmt.Sprint(session) != "map[name:<Zoë>]" || err != nil {
		t.Errorf("got %v, %v", session, err)
	}
}

func TestRenewSession(t *testing.T) {
	testKV.reset(0)
	testKV.put("session/old", storedSession("7", time.Minute))
	newID, err := renewSession(context.Background(), "old", map[string]any{"views": 8}, 60)
	if err != nil || !isSessionID(newID) {
		t.Fatalf("got the id %q, %v", newID, err)
	}
	session, _ := loadSession(context.Background(), newID)
	if fmt.Sprint(session) != "map[views:8]" || testKV.count() != 1 {
		t.Errorf("got %v and %d keys, want 8 views and one key", session, testKV.count())
	}
}

func TestDestroySession(t *testing.T) {
	testKV.reset(0)
	testKV.put("session/x", "{}")
	for range 2 {
		if err := destroySession(context.Background(), "x"); err != nil || testKV.count() != 0 {
			t.Errorf("got %v and %d keys", err, testKV.count())
		}
	}
}

func TestCountView(t *testing.T) {
	tests := []struct{ views, want any }{
		{0.0, 1.0}, {7.0, 8.0}, {-5.0, -4.0}, {1.5, 1.0}, {"7", 1.0}, {nil, 1.0}, {true, 1.0},
	}
	for _, test := range tests {
		session := map[string]any{"views": test.views}
		if countView(session); session["views"] != test.want {
			t.Errorf("%v: got %v, want %v", test.views, session["views"], test.want)
		}
	}
}

func TestIsSessionID(t *testing.T) {
	tests := map[string]bool{
		newSessionID():           true,
		strings.Repeat("a", 16):  true,
		strings.Repeat("_", 128): true,
		strings.Repeat("a", 15):  false,
		strings.Repeat("a", 129): false,
		"sixteen-letters!":       false,
		"with/a/slash/in/it":     false,
		"a-line-break-at-end\n":  false,
		"":                       false,
	}
	for id, want := range tests {
		if got := isSessionID(id); got != want {
			t.Errorf("%q: got %t", id, got)
		}
	}
	if newSessionID() == newSessionID() {
		t.Error("got the same id twice")
	}
}

func TestReadSessionCookie(t *testing.T) {
	tests := []struct{ header, want string }{
		{"sid=0123456789abcdef", "0123456789abcdef"},
		{"a=b; sid=0123456789abcdef; c=d", "0123456789abcdef"},
		{"", ""},
		{"sid=short", ""},
		{"sid=", ""},
		{`sid="0123456789abcdef"`, ""},
		{"SID=0123456789abcdef", ""},
		{"sid=0123456789abcdef; sid=0123456789abcdef", ""},
	}
	for _, test := range tests {
		request := httptest.NewRequest("GET", "/", nil)
		request.Header.Set("Cookie", test.header)
		if got := readSessionCookie(request, "sid"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.header, got, test.want)
		}
	}
}

func TestSessionCookie(t *testing.T) {
	want := "sid=x; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
	if got := sessionCookie("sid", "x", 60).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want = "sid=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	if got := clearedCookie("sid").String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
