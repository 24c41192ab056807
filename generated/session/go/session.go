package function

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

var sessionIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

// session is a JSON object. Members that are not named here stay as they are.
type session map[string]json.RawMessage

// newSession returns a session as it begins; what you keep for each visitor starts here.
func newSession() session {
	created := strconv.FormatInt(time.Now().UnixMilli(), 10)
	return session{"created": json.RawMessage(created), "views": json.RawMessage("0")}
}

// visited returns a session with one more request counted, and a new one for none.
func (s session) visited() session {
	if s == nil {
		return newSession()
	}
	var views float64
	if err := json.Unmarshal(s["views"], &views); err != nil || !isInteger(views) {
		views = 0
	}
	count := strconv.FormatFloat(min(views+1, largestInteger), 'f', 0, 64)
	s["views"] = json.RawMessage(count)
	return s
}

// newSessionID returns an id that nobody can guess: 128 random bits.
func newSessionID() string {
	id := make([]byte, 16)
	rand.Read(id)
	return hex.EncodeToString(id)
}

// sessionIDOf returns the id that a request carries, or a new one for a POST without. It refuses
// a header that is missing, repeated or malformed.
func sessionIDOf(r *http.Request, header string) (id string, isNew bool, err error) {
	sent := r.Header.Values(header)
	switch {
	case r.Method == "POST" && len(sent) == 0:
		return newSessionID(), true, nil
	case len(sent) == 1 && sessionIDs.MatchString(sent[0]):
		return sent[0], false, nil
	}
	rule := header + " must be sent once, with 16 to 128 of A-Z a-z 0-9 - _"
	return "", false, &refusal{http.StatusBadRequest, rule}
}

// loadSession returns the session, or nil if it is missing, expired or unreadable.
func loadSession(ctx context.Context, id string) (session, error) {
	stored, err := kvGetWithExpiry(ctx, "session/"+id)
	if stored == "" || err != nil {
		return nil, err
	}
	var s session
	if err := json.Unmarshal([]byte(stored), &s); err != nil || s == nil {
		log.Print("session: stored value is not a JSON object, starting afresh")
		return nil, nil
	}
	return s, nil
}

// saveSession stores the session for a number of seconds from now.
func saveSession(ctx context.Context, id string, s session, ttlSeconds int64) error {
	text, err := encodeJSON(s)
	if err != nil {
		return err
	}
	return kvPutWithExpiry(ctx, "session/"+id, text, ttlSeconds)
}

// destroySession deletes the session, whether or not there is one.
func destroySession(ctx context.Context, id string) error {
	return kvDelete(ctx, "session/"+id)
}
