package function

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	longestKey      = 256
	largestKeptBody = 1 << 20 // bytes; the store takes no more
)

var (
	// RFC 3986, and the brackets and other signs that people send all the same.
	legalTarget = regexp.MustCompile(`^((?:/(?:[\w.~!$&'()*+,;=:@\[\]-]|%[0-9A-Fa-f]{2})*)+)` +
		`(\?(?:[!$&-;=?-~]|%[0-9A-Fa-f]{2})*)?$`)
	dots       = regexp.MustCompile(`/(?i:\.|%2e){1,2}(?:/|$)`)
	notForKeys = regexp.MustCompile(`[^A-Za-z0-9_/.-]`)
	digits     = regexp.MustCompile(`^[0-9]+$`)
)

// cleanTarget returns a request's target without a lone "?", or refuses one that is not legal.
func cleanTarget(target string) (string, error) {
	match := legalTarget.FindStringSubmatch(target)
	if match == nil || dots.MatchString(match[1]) {
		return "", &refusal{http.StatusBadRequest, "malformed request target"}
	}
	if match[2] == "?" {
		return match[1], nil
	}
	return target, nil
}

// cacheKey returns the key of a target: what a key may not hold becomes "=" and hex.
func cacheKey(prefix, target string) string {
	encoded := notForKeys.ReplaceAllStringFunc(target, func(sign string) string {
		return fmt.Sprintf("=%02X", sign[0])
	})
	key := "cache/" + prefix + encoded
	if len(key) <= longestKey {
		return key
	}
	return fmt.Sprintf("cache/%s/=sha256/%x", prefix, sha256.Sum256([]byte(target)))
}

// readAnswer looks a key up: a HIT with its answer, a MISS, or a BYPASS where the store fails.
func readAnswer(ctx context.Context, key string) (found, error) {
	stored, err := kvGetWithExpiry(ctx, key)
	var failed *kvError
	switch {
	case errors.As(err, &failed):
		return found{verdict: "BYPASS"}, nil
	case err != nil:
		return found{}, err
	}
	if a := parseEntry(stored); a != nil {
		return found{"HIT", a, true}, nil
	}
	return found{verdict: "MISS"}, nil
}

// storeAnswer stores an answer that is for all, for as long as the cache and the origin allow. It
// tells whether it is for all, also where the store fails: it is asked for again then.
func storeAnswer(ctx context.Context, key string, a *answer, ttlSeconds float64) (bool, error) {
	if !a.isForAll() {
		return false, nil
	}
	entry, err := encodeEntry(a, time.Now().UnixMilli())
	if err != nil || !kvFitsWithExpiry(entry) {
		return false, err
	}
	ttl := int64(min(ttlSeconds, a.freshness()))
	err = kvPutWithExpiry(ctx, key, entry, ttl)
	var failed *kvError
	if errors.As(err, &failed) {
		return true, nil
	}
	return true, err
}

// isForAll tells whether an answer may be kept, and served to everyone.
func (a *answer) isForAll() bool {
	return a.status == http.StatusOK &&
		len(a.body) <= largestKeptBody &&
		!slices.ContainsFunc(a.headers, func(pair [2]string) bool {
			return pair[0] == "set-cookie" || pair[0] == "content-encoding"
		}) &&
		!slices.Contains(a.members("vary"), "*") &&
		!slices.ContainsFunc(a.directives(), func(pair [2]string) bool {
			return pair[0] == "no-store" || pair[0] == "no-cache" || pair[0] == "private"
		}) &&
		a.freshness() > 0
}

// freshness returns how many seconds the origin allows; without a word of its, infinity.
func (a *answer) freshness() float64 {
	directives := a.directives()
	for _, name := range []string{"s-maxage", "max-age"} {
		for _, pair := range directives {
			if pair[0] == name {
				return seconds(pair[1])
			}
		}
	}
	return math.Inf(1)
}

func seconds(text string) float64 {
	if !digits.MatchString(text) {
		return 0
	}
	number, _ := strconv.ParseFloat(text, 64) // infinity where it is out of range
	return number
}

func (a *answer) directives() [][2]string {
	var directives [][2]string
	for _, member := range a.members("cache-control") {
		name, value, _ := strings.Cut(member, "=")
		value = strings.TrimSpace(value)
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		directives = append(directives, [2]string{strings.ToLower(strings.TrimSpace(name)), value})
	}
	return directives
}

func (a *answer) members(name string) []string {
	var members []string
	for _, pair := range a.headers {
		if pair[0] != name {
			continue
		}
		for member := range strings.SplitSeq(pair[1], ",") {
			members = append(members, strings.TrimSpace(member))
		}
	}
	return members
}
