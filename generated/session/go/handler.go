// Package function keeps a session for each visitor and counts its requests.
package function

import "net/http"

const (
	sessionTTL    = 86400 // 24 hours
	sessionHeader = "X-Session-ID"
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

// handler counts the requests of a session; a POST without an id starts a new one.
func handler(w http.ResponseWriter, r *http.Request) error {
	if !isAllowed(w, r, "GET", "POST", "DELETE") {
		return nil
	}
	sessionID, isNew := sessionIDOf(r, sessionHeader)
	if sessionID == "" {
		rule := " must be sent once, with 16 to 128 of A-Z a-z 0-9 - _"
		writeError(w, http.StatusBadRequest, sessionHeader+rule)
		return nil
	}
	if r.Method == "DELETE" {
		if err := destroySession(r.Context(), sessionID); err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}

	// Read session (nil if missing or expired)
	var data session
	if !isNew {
		var err error
		if data, err = loadSession(r.Context(), sessionID); err != nil {
			return err
		}
	}
	if data == nil {
		data = newSession()
	} else {
		data.countView()
	}

	// Store with its lifetime renewed
	if err := saveSession(r.Context(), sessionID, data, sessionTTL); err != nil {
		return err
	}
	if !isNew {
		writeJSON(w, http.StatusOK, data)
		return nil
	}
	w.Header().Set(sessionHeader, sessionID)
	writeJSON(w, http.StatusCreated, data)
	return nil
}
