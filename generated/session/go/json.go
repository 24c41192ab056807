package function

import (
	"encoding/json"
	"math"
	"strings"
	"unicode/utf8"
)

const largestInteger = 1 << 53

// isInteger tells whether a JSON number counts as an integer in every language.
func isInteger(number float64) bool {
	return number == math.Trunc(number) && math.Abs(number) <= largestInteger
}

// unescape undoes what Go alone escapes, so that a value has one size in every language. Its first
// pair changes nothing: it steps over an escaped backslash, so that \\u2028 stays what it is.
var unescape = strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029")

// encodeJSON writes compact JSON.
func encodeJSON(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return unescape.Replace(strings.TrimSuffix(text.String(), "\n")), err
}

// decodeUTF8 puts one U+FFFD where a stretch of bytes is not UTF-8, as the other languages do.
func decodeUTF8(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	var decoded strings.Builder
	for len(text) > 0 {
		char, size := utf8.DecodeRune(text)
		if char == utf8.RuneError {
			for size < len(text) && !utf8.FullRune(text[:size+1]) {
				size++
			}
		}
		decoded.WriteRune(char)
		text = text[size:]
	}
	return decoded.String()
}
