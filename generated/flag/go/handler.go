// Package function serves one of two UIs, chosen by a feature flag.
package function

import (
	"fmt"
	"net/http"
)

const (
	flagName = "new-ui"
	// flagDefault is used if the flag is not set or cannot be read.
	flagDefault = false
	// flagRefresh is for how many seconds an instance remembers the flag.
	flagRefresh = 0
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

func handler(w http.ResponseWriter, r *http.Request) error {
	newUIEnabled, err := readFlag(r.Context(), flagName, flagDefault, flagRefresh)
	if err != nil {
		return err
	}

	if newUIEnabled {
		w.Header().Set("X-Flag", flagName+"=on")
		serveNewUI(w, r)
		return nil
	}

	w.Header().Set("X-Flag", flagName+"=off")
	serveOldUI(w, r)
	return nil
}

func serveNewUI(w http.ResponseWriter, r *http.Request) { writePage(w, "New UI") }

func serveOldUI(w http.ResponseWriter, r *http.Request) { writePage(w, "Old UI") }

func writePage(w http.ResponseWriter, title string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // otherwise a flipped flag does not show
	fmt.Fprintf(w, "<!doctype html>\n<title>%s</title>\n<h1>%s</h1>\n", title, title)
}
