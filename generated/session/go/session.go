package function

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log"
	"math"
	"regexp"
	"time"
)

var sessionIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

// newSession returns the session of a new visitor. Add members of your own.
func newSession() map[string]any {
	return map[string]any{"created": time.Now().UnixMilli(), "views": 0}
}

// countView counts up the views of a stored session; a value that is not an integer becomes 1.
func countView(session map[string]any) {
	views, _ := session["views"].(float64)
	if views != math.Trunc(views) {
		views = 0
	}
	session["views"] = views + 1
}

// newSessionID returns 128 random bits, in hex.
func newSessionID() string {
	id := make([]byte, 16)
	rand.Read(id) // never fails
	return hex.EncodeToString(id)
}

// isSessionID reports whether a text has the form of an id.
func isSessionID(text string) bool { return sessionIDPattern.MatchString(text) }

// loadSession returns the session, or nil if it is missing, expired or not a JSON object.
func loadSession(ctx context.Context, id string) (map[string]any, error) {
	stored, err := kvGetWithExpiry(ctx, "session/"+id)
	if stored == "" || err != nil {
		return nil, err
	}
	var session map[string]any
	if err := json.Unmarshal([]byte(stored), &session); err != nil || session == nil {
		log.Print("session: stored value is not a JSON object, starting afresh")
		return nil, nil
	}
	return session, nil
}

// saveSession stores the session for a number of seconds from now.
func saveSession(ctx context.Context, id string, session map[string]any, ttlSeconds int64) error {
	text, err := json.Marshal(session)
	if err != nil {
		return err
	}
	return kvPutWithExpiry(ctx, "session/"+id, string(text), ttlSeconds)
}

// destroySession deletes the session, whether or not it exists.
func destroySession(ctx context.Context, id string) error {
	return kvDelete(ctx, "session/"+id)
}

// renewSession moves the session to a new id, which it returns. Call it when a visitor logs in.
func renewSession(ctx context.Context, id string, session map[string]any, ttlSeconds int64) (string, error) {
	newID := newSessionID()
	if err := saveSession(ctx, newID, session, ttlSeconds); err != nil {
		return "", err
	}
	return newID, destroySession(ctx, id)
}
