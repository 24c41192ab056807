// Package function serves one of two UIs, as a flag says.
package function

import (
	"fmt"
	"net/http"
)

const (
	flagName = "new-ui"
	// flagDefault holds while the flag is not set or cannot be read.
	flagDefault = false
	// flagRefresh is for how many seconds an instance remembers the flag.
	flagRefresh = 0
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

// handler serves the new UI where the flag is on, and the old one where it is off.
func handler(w http.ResponseWriter, r *http.Request) error {
	enabled, err := readFlag(r.Context(), flagName, flagDefault, flagRefresh)
	if err != nil {
		return err
	}

	if enabled {
		w.Header().Set("X-Flag", flagName+"=on")
		serveNewUI(w, r)
		return nil
	}
	w.Header().Set("X-Flag", flagName+"=off")
	serveOldUI(w, r)
	return nil
}

// serveNewUI is what is served where the flag is on.
func serveNewUI(w http.ResponseWriter, r *http.Request) { writePage(w, "New UI") }

// serveOldUI is what is served where the flag is off.
func serveOldUI(w http.ResponseWriter, r *http.Request) { writePage(w, "Old UI") }

func writePage(w http.ResponseWriter, title string) {
	w.Header().Set("Cache-Control", "no-store") // or a flag that is flipped would not show
	page := fmt.Sprintf("<!doctype html>\n<title>%s</title>\n<h1>%s</h1>\n", title, title)
	writeText(w, http.StatusOK, "text/html; charset=utf-8", page)
}
