// Package function keeps a session for each visitor and counts its requests.
package function

import "net/http"

const (
	sessionTTL    = 86400 // 24 hours
	sessionHeader = "X-Session-ID"
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

func handler(w http.ResponseWriter, r *http.Request) error {
	if err := allowMethods(w, r, "GET", "POST", "DELETE"); err != nil {
		return err
	}
	ids := r.Header.Values(sessionHeader)
	isNew := r.Method == "POST" && len(ids) == 0
	if isNew {
		ids = []string{newSessionID()}
	}
	if len(ids) != 1 || !isSessionID(ids[0]) {
		rule := " must be sent once, with 16 to 128 of A-Z a-z 0-9 _ -"
		return &httpError{http.StatusBadRequest, sessionHeader + rule}
	}
	sessionID := ids[0]
	if r.Method == "DELETE" {
		if err := destroySession(r.Context(), sessionID); err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}

	// Read session (nil if missing or expired)
	var session map[string]any
	if !isNew {
		var err error
		if session, err = loadSession(r.Context(), sessionID); err != nil {
			return err
		}
	}
	if session == nil {
		session = newSession()
	} else {
		countView(session)
	}

	// Store with its lifetime renewed
	if err := saveSession(r.Context(), sessionID, session, sessionTTL); err != nil {
		return err
	}
	if isNew {
		w.Header().Set(sessionHeader, sessionID)
		return writeJSON(w, http.StatusCreated, session)
	}
	return writeJSON(w, http.StatusOK, session)
}
