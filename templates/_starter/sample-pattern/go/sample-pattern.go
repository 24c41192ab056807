package function

import "context"

const samplePatternKey = "sample-pattern/latest"

// readSamplePattern returns the text, or "" if there is none or it has expired.
func readSamplePattern(ctx context.Context) (string, error) {
	return kvGetWithExpiry(ctx, samplePatternKey)
}

// writeSamplePattern stores a text for a number of seconds.
func writeSamplePattern(ctx context.Context, text string, ttlSeconds int64) error {
	return kvPutWithExpiry(ctx, samplePatternKey, text, ttlSeconds)
}
