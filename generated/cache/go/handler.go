// Package function caches the responses of an API at the edge.
package function

import (
	"context"
	"net/http"
)

const (
	cacheTTL    = 300 // 5 minutes
	cachePrefix = "api"
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

func handler(w http.ResponseWriter, r *http.Request) error {
	if err := allowMethods(w, r, "GET", "HEAD"); err != nil {
		return err
	}
	target := r.RequestURI
	key, ok := cacheKey(cachePrefix, target)
	if !ok {
		return &httpError{http.StatusBadRequest, "malformed request target"}
	}

	// A response for one user is not for everyone
	if len(r.Header.Values("Authorization")) > 0 {
		response, err := fetchOrigin(r.Context(), target, r.Header)
		if err != nil {
			return err
		}
		response.labelled("BYPASS").write(w)
		return nil
	}

	// Check cache, or else fetch from origin and cache with expiry
	fetch := func(ctx context.Context) (*storedResponse, error) {
		return fetchOrigin(ctx, target, nil)
	}
	response, err := cached(r.Context(), key, cacheTTL, fetch)
	if err != nil {
		return err
	}
	response.write(w)
	return nil
}
