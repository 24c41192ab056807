package function

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	maxCacheKey  = 256             // bytes
	cacheTimeout = 2 * time.Second // for a read, and for a write
)

// storedResponse is a response that can be stored.
type storedResponse struct {
	status int
	header http.Header
	body   []byte
}

// cacheLoader asks an origin, or does anything else that is slow.
type cacheLoader func(ctx context.Context) (*storedResponse, error)

// cacheFlight is a lookup or a load that concurrent requests for one key wait for.
type cacheFlight struct {
	done     chan struct{}
	response *storedResponse
	verdict  string // HIT, MISS or BYPASS
	isShared bool   // whether the response may be stored, and so served to everyone
	err      error
}

var cacheFlights = struct {
	sync.Mutex
	byKey map[string]*cacheFlight
}{byKey: map[string]*cacheFlight{}}

// cached returns the response stored under a key, or else loads and stores it. Its X-Cache is HIT
// or MISS, or BYPASS if the store cannot be read. Concurrent requests share one load, which goes on
// when a client leaves.
func cached(ctx context.Context, key string, ttlSeconds int64, load cacheLoader) (*storedResponse, error) {
	cacheFlights.Lock()
	flight, hasJoined := cacheFlights.byKey[key]
	if !hasJoined {
		flight = &cacheFlight{done: make(chan struct{})}
		cacheFlights.byKey[key] = flight
		go flight.run(context.WithoutCancel(ctx), key, ttlSeconds, load)
	}
	cacheFlights.Unlock()

	select {
	case <-flight.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	response, err := flight.response, flight.err
	if hasJoined && err == nil && !flight.isShared {
		response, err = load(ctx)
	}
	if err != nil {
		return nil, err
	}
	return response.labelled(flight.verdict), nil
}

func (f *cacheFlight) run(ctx context.Context, key string, ttlSeconds int64, load cacheLoader) {
	defer func() {
		if cause := recover(); cause != nil {
			f.err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
		cacheFlights.Lock()
		delete(cacheFlights.byKey, key)
		cacheFlights.Unlock()
		close(f.done)
	}()
	f.response, f.verdict, f.err = readCache(ctx, key)
	if f.err != nil || f.response != nil {
		f.isShared = true
		return
	}
	if f.response, f.err = load(ctx); f.err != nil {
		return
	}
	lifetime := cacheLifetime(f.response, ttlSeconds)
	if lifetime <= 0 {
		return
	}
	entry := encodeCacheEntry(f.response)
	quoted, _ := json.Marshal(entry) // as in the envelope, which makes it longer
	f.isShared = len(quoted)+100 <= kvMaxValue
	if f.isShared && f.verdict == "MISS" {
		ctx, cancel := context.WithTimeout(ctx, cacheTimeout)
		defer cancel()
		kvPutWithExpiry(ctx, key, entry, lifetime) // a failure is logged; the response is served
	}
}

// readCache returns what is stored under a key, if anything, and the verdict.
func readCache(ctx context.Context, key string) (*storedResponse, string, error) {
	ctx, cancel := context.WithTimeout(ctx, cacheTimeout)
	defer cancel()
	text, err := kvGetWithExpiry(ctx, key)
	var failed *kvError
	if errors.As(err, &failed) {
		return nil, "BYPASS", nil
	}
	if response := decodeCacheEntry(text); response != nil {
		return response, "HIT", nil
	}
	return nil, "MISS", err
}

// labelled returns a copy of the response with its X-Cache.
func (s *storedResponse) labelled(verdict string) *storedResponse {
	header := http.Header{}
	maps.Copy(header, s.header)
	header.Set("X-Cache", verdict)
	return &storedResponse{s.status, header, s.body}
}

// write sends the response to the client.
func (s *storedResponse) write(w http.ResponseWriter) {
	header := w.Header()
	header["Content-Type"] = nil // if there is none, net/http does not guess one
	maps.Copy(header, endToEnd(s.header))
	switch s.status {
	case http.StatusNoContent:
	case http.StatusNotModified:
		header["content-type"] = header["Content-Type"] // net/http would remove the other
	default:
		header.Set("Content-Length", strconv.Itoa(len(s.body)))
	}
	w.WriteHeader(s.status)
	w.Write(s.body)
}

// notEndToEnd are hop-by-hop fields, and fields about the time of the response.
var notEndToEnd = []string{"Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding",
	"Upgrade", "Content-Length", "Date", "Server"}

// endToEnd returns the fields that are passed on and stored.
func endToEnd(header http.Header) http.Header {
	kept := header.Clone()
	for _, names := range header.Values("Connection") {
		for name := range strings.SplitSeq(names, ",") {
			kept.Del(strings.TrimSpace(name))
		}
	}
	maps.DeleteFunc(kept, func(name string, _ []string) bool {
		return slices.Contains(notEndToEnd, name) || strings.HasPrefix(name, "Proxy-")
	})
	return kept
}

// cacheEntry is a stored response as JSON; it is the same in every language of kvgen.
type cacheEntry struct {
	Status   int         `json:"status"`
	Headers  [][2]string `json:"headers"`   // lower-case names, sorted
	StoredAt int64       `json:"stored_at"` // in milliseconds
	Encoding string      `json:"encoding"`  // of the body: utf-8 or base64
	Body     string      `json:"body"`
}

func encodeCacheEntry(s *storedResponse) string {
	storedAt := time.Now().UnixMilli() - cacheAge(s.header)*1000
	entry := cacheEntry{s.status, [][2]string{}, storedAt, "utf-8", string(s.body)}
	if !utf8.Valid(s.body) {
		entry.Encoding, entry.Body = "base64", base64.StdEncoding.EncodeToString(s.body)
	}
	header := endToEnd(s.header)
	header.Del("Age")
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			entry.Headers = append(entry.Headers, [2]string{strings.ToLower(name), value})
		}
	}
	text, _ := json.Marshal(entry) // cannot fail
	return string(text)
}

// decodeCacheEntry returns the response in an entry with its Age, or nil for any other text.
func decodeCacheEntry(text string) *storedResponse {
	var entry cacheEntry
	err := json.Unmarshal([]byte(text), &entry)
	if err != nil || entry.Status < 200 || entry.Status > 599 {
		return nil
	}
	body := []byte(entry.Body)
	if entry.Encoding == "base64" {
		if body, err = base64.StdEncoding.DecodeString(entry.Body); err != nil {
			return nil
		}
	}
	header := http.Header{}
	for _, field := range entry.Headers {
		header.Add(field[0], field[1])
	}
	age := max(0, time.Now().UnixMilli()-entry.StoredAt) / 1000
	header.Set("Age", strconv.FormatInt(age, 10))
	return &storedResponse{entry.Status, header, body}
}

// cdnCacheControl matches the structured fields (RFC 8941) of CDN-Cache-Control.
var cdnCacheControl = regexp.MustCompile(`^` + cdnMember + `(?:\s*[,;]\s*` + cdnMember + `)*$`)

const cdnMember = `[a-z*][a-z0-9_.*-]*(?:=(?:"[^"]*"|[^\s",;=]+))?`

// cacheLifetime returns how many seconds a response may be stored, at most ttlSeconds; 0 or less
// means not at all. It follows RFC 9111 and RFC 9213; if in doubt, the response is not stored.
func cacheLifetime(s *storedResponse, ttlSeconds int64) int64 {
	field := func(name string) string { return strings.Join(s.header.Values(name), ",") }
	if s.status != http.StatusOK || len(s.body) > kvMaxValue || s.header["Set-Cookie"] != nil ||
		s.header["Content-Encoding"] != nil || strings.Contains(field("Vary"), "*") ||
		strings.Trim(field("Age"), "0123456789") != "" {
		return 0
	}
	control := strings.ToLower(field("CDN-Cache-Control"))
	isForCDNs := control != ""
	if isForCDNs && (!cdnCacheControl.MatchString(control) || strings.Contains(control, `age="`)) {
		return 0 // it is malformed, or a number has quotes
	}
	if !isForCDNs {
		control = strings.ToLower(cmp.Or(field("Cache-Control"), field("Pragma")))
	}
	for _, word := range []string{"no-store", "no-cache", "private"} {
		if strings.Contains(control, word) {
			return 0
		}
	}

	allowed, ok := cacheSeconds(control, "s-maxage")
	if !ok {
		allowed, ok = cacheSeconds(control, "max-age")
	}
	switch {
	case ok:
	case s.header["Expires"] != nil && !isForCDNs:
		date, err := http.ParseTime(field("Date"))
		if err != nil {
			date = time.Now().Truncate(time.Second)
		}
		expires, err := http.ParseTime(field("Expires"))
		if err != nil {
			return 0
		}
		allowed = int64(expires.Sub(date).Seconds())
	default:
		allowed = ttlSeconds
	}
	return min(ttlSeconds, allowed-cacheAge(s.header))
}

// cacheSeconds returns the smallest value of a directive, and whether there is one.
func cacheSeconds(control, name string) (seconds int64, ok bool) {
	isSeparator := func(char rune) bool { return char == ',' || char == ';' }
	for directive := range strings.FieldsFuncSeq(control, isSeparator) {
		key, value, _ := strings.Cut(directive, "=")
		if strings.TrimSpace(key) != name {
			continue
		}
		number := deltaSeconds(strings.Trim(value, ` "`))
		if !ok || number < seconds {
			seconds, ok = number, true
		}
	}
	return seconds, ok
}

// cacheAge returns the Age of a response in seconds.
func cacheAge(header http.Header) int64 { return deltaSeconds(header.Get("Age")) }

// deltaSeconds returns 0 if the text is not a number, and the largest number if it is out of range.
func deltaSeconds(text string) int64 {
	number, _ := strconv.ParseUint(text, 10, 31)
	return int64(number)
}

var (
	// A path and a query of RFC 3986, and other characters that clients send anyway.
	legalTarget = regexp.MustCompile(`^((?:/(?:[\w.~!$&'()*+,;=:@\[\]-]|%[0-9A-Fa-f]{2})*)+)` +
		`(?:\?(?:[!$&-;=?-~]|%[0-9A-Fa-f]{2})*)?$`)
	dotSegment = regexp.MustCompile(`/(?i:\.|%2e){1,2}(?:/|$)`)
	notInKeys  = regexp.MustCompile(`[^A-Za-z0-9_/.-]`)
)

// cacheKey returns the key for a request target, or false if the target is malformed.
func cacheKey(prefix, target string) (string, bool) {
	match := legalTarget.FindStringSubmatch(target)
	if match == nil || dotSegment.MatchString(match[1]) {
		return "", false
	}
	target = cleanTarget(target)
	key := "cache/" + prefix + notInKeys.ReplaceAllStringFunc(target, func(char string) string {
		return fmt.Sprintf("=%02X", char[0])
	})
	if len(key) > maxCacheKey {
		key = fmt.Sprintf("cache/%s/=sha256/%x", prefix, sha256.Sum256([]byte(target)))
	}
	return key, true
}

// cleanTarget removes a "?" without a query.
func cleanTarget(target string) string {
	if path, query, _ := strings.Cut(target, "?"); query == "" {
		return path
	}
	return target
}
