// Package function is the front page of a shop: a session, a flag and a cache in one function.
package function

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

const (
	visitorCookie = "visitor"
	visitorTTL    = 86400 // 24 hours
	productsTTL   = 300   // 5 minutes
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

// frontPage is what a visitor gets.
type frontPage struct {
	Greeting string          `json:"greeting"`
	Layout   string          `json:"layout"`
	Products json.RawMessage `json:"products"`
}

// handler greets with the number of visits, chooses a layout by a flag, and lists the products of
// an API.
func handler(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet || r.URL.Path != "/" {
		return &httpError{http.StatusNotFound, "not found"}
	}
	ctx := r.Context()
	visits, err := countVisit(w, r)
	if err != nil {
		return err
	}
	newLayout, err := readFlag(ctx, "new-layout", false, 0)
	if err != nil {
		return err
	}
	key, _ := cacheKey("api", "/products")
	products, err := cached(ctx, key, productsTTL,
		func(ctx context.Context) (*storedResponse, error) { return fetchOrigin(ctx, "/products", nil) })
	if err != nil {
		return err
	}

	page := frontPage{fmt.Sprintf("Visit number %v", visits), "old", products.body}
	if newLayout {
		page.Layout = "new"
	}
	w.Header().Set("X-Cache", products.header.Get("X-Cache"))
	return writeJSON(w, http.StatusOK, page)
}

// countVisit counts a visit in the session of the cookie, or in a new one.
func countVisit(w http.ResponseWriter, r *http.Request) (visits any, err error) {
	var visitor map[string]any
	id := readSessionCookie(r, visitorCookie)
	if id != "" {
		if visitor, err = loadSession(r.Context(), id); err != nil {
			return nil, err
		}
	}
	if visitor == nil {
		id, visitor = newSessionID(), newSession()
	}
	countView(visitor)
	http.SetCookie(w, sessionCookie(visitorCookie, id, visitorTTL))
	return visitor["views"], saveSession(r.Context(), id, visitor, visitorTTL)
}
