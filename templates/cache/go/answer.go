package function

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// answer is what the origin said; names of headers are lower-case, storedAt is in milliseconds.
type answer struct {
	status   int
	headers  [][2]string
	body     []byte
	storedAt float64
}

var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9a-z-]+$")
	headerValue = regexp.MustCompile(`^[\t\x20-\x7e\x{80}-\x{ff}]*$`)
)

// passing are headers about one connection or one moment, not about the answer.
var passing = []string{
	"connection",
	"keep-alive",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"content-length",
	"date",
	"server",
	"age",
}

// isKept tells whether a header, by its lower-case name, is passed on and kept.
func isKept(name string) bool {
	return !slices.Contains(passing, name) && !strings.HasPrefix(name, "proxy-")
}

// writeAnswer answers with what was found, unless that was an error, and with the verdict on it:
// HIT, MISS or BYPASS.
func writeAnswer(w http.ResponseWriter, verdict string, a *answer, err error) error {
	if err != nil {
		return err
	}
	header := w.Header()
	header["Content-Type"] = nil // one that the origin did not send is not made up
	for _, pair := range a.headers {
		name := http.CanonicalHeaderKey(pair[0])
		header[name] = append(header[name], toLatin1(pair[1]))
	}
	header.Set("X-Cache", verdict)
	if verdict == "HIT" {
		age := int64(float64(time.Now().UnixMilli())-a.storedAt) / 1000
		header.Set("Age", strconv.FormatInt(max(0, age), 10))
	}
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
	return nil
}

// encodeEntry writes an answer as it is stored, which is the same in every language.
func encodeEntry(a *answer, storedAt int64) (string, error) {
	entry := struct {
		Status   int         `json:"status"`
		Headers  [][2]string `json:"headers"`
		StoredAt int64       `json:"stored_at"`
		Encoding string      `json:"encoding"`
		Body     string      `json:"body"`
	}{a.status, a.headers, storedAt, "utf-8", string(a.body)}
	if !utf8.Valid(a.body) {
		entry.Encoding, entry.Body = "base64", base64.StdEncoding.EncodeToString(a.body)
	}
	return encodeJSON(entry)
}

// parseEntry reads a stored answer; nil for any other text. It goes through a map, since decoding
// into a struct takes names in any case, and members that are missing.
func parseEntry(text string) *answer {
	var entry map[string]any
	if json.Unmarshal([]byte(text), &entry) != nil {
		return nil
	}
	status, isStatus := entry["status"].(float64)
	storedAt, isStoredAt := entry["stored_at"].(float64)
	list, isList := entry["headers"].([]any)
	encoded, isText := entry["body"].(string)
	body, isBody := decodeBody(entry["encoding"], encoded)
	switch {
	case !isStatus || !isInteger(status) || status < 200 || status > 599:
		return nil
	case !isStoredAt || !isInteger(storedAt) || !isList || !isText || !isBody:
		return nil
	}
	headers := make([][2]string, 0, len(list))
	for _, item := range list {
		pair, ok := parseHeader(item)
		if !ok {
			return nil
		}
		headers = append(headers, pair)
	}
	return &answer{int(status), headers, body, storedAt}
}

func parseHeader(item any) (pair [2]string, ok bool) {
	parts, _ := item.([]any)
	if len(parts) != 2 {
		return pair, false
	}
	name, isName := parts[0].(string)
	value, isValue := parts[1].(string)
	ok = isName && isValue && headerName.MatchString(name) && headerValue.MatchString(value)
	return [2]string{name, value}, ok && isKept(name)
}

func decodeBody(encoding any, text string) ([]byte, bool) {
	switch encoding {
	case "utf-8":
		return []byte(text), true
	case "base64":
		body, err := base64.StdEncoding.DecodeString(text)
		return body, err == nil && base64.StdEncoding.EncodeToString(body) == text
	}
	return nil, false
}

// fromLatin1 returns a header's value as text: each byte is a character of its own.
func fromLatin1(value string) string {
	characters := make([]rune, len(value))
	for i := range len(value) {
		characters[i] = rune(value[i])
	}
	return string(characters)
}

func toLatin1(text string) string {
	value := make([]byte, 0, len(text))
	for _, character := range text {
		value = append(value, byte(character))
	}
	return string(value)
}
