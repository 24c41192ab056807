// Package function answers from a cache what an origin said a moment ago.
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

// handler answers from the cache, or else from the origin.
func handler(w http.ResponseWriter, r *http.Request) error {
	if err := allow(w, r, "GET", "HEAD"); err != nil {
		return err
	}
	target, err := cleanTarget(r.RequestURI)
	if err != nil {
		return err
	}

	// What one user may see is not for everyone
	if len(r.Header.Values("Authorization")) > 0 {
		answer, err := askOrigin(r.Context(), target, r.Header)
		return writeAnswer(w, "BYPASS", answer, err)
	}
	result, err := flights.once(r.Context(), cacheKey(cachePrefix, target), target, load)
	return writeAnswer(w, result.verdict, result.answer, err)
}

func load(ctx context.Context, key, target string) (found, error) {
	// Check cache
	result, err := readAnswer(ctx, key)
	if err != nil || result.verdict == "HIT" {
		return result, err
	}

	// Fetch from origin
	result.answer, err = askOrigin(ctx, target, nil)

	// Cache with expiry, unless the answer is not for everyone or the store is failing
	if err == nil && result.verdict == "MISS" {
		result.isForAll, err = storeAnswer(ctx, key, result.answer, cacheTTL)
	}
	return result, err
}
