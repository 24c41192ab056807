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
	if err := allow(w, r, "GET", "POST", "DELETE"); err != nil {
		return err
	}
	sessionID, isNew, err := sessionIDOf(r, sessionHeader)
	if err != nil {
		return err
	}
	if r.Method == "DELETE" {
		if err := destroySession(r.Context(), sessionID); err != nil {
			return err
		}
		return writeNoContent(w)
	}

	// Read session (nil if missing or expired)
	var data session
	if !isNew {
		if data, err = loadSession(r.Context(), sessionID); err != nil {
			return err
		}
	}
	data = data.visited()

	// Store with its lifetime renewed
	if err := saveSession(r.Context(), sessionID, data, sessionTTL); err != nil {
		return err
	}
	if !isNew {
		return writeJSON(w, http.StatusOK, data)
	}
	w.Header().Set(sessionHeader, sessionID)
	return writeJSON(w, http.StatusCreated, data)
}
