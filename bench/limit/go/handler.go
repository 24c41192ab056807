// Package function is the limit: the same round trips, by the leanest program on net/http. It
// checks nothing, has no deadline and no retry, and takes every answer for a good one.
package function

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var (
	keys          = os.Getenv("TELNYX_BASE_URL") + "/v2/storage/kvs/" + os.Getenv("KV_NAMESPACE_ID") + "/keys/"
	authorization = []string{"Bearer " + os.Getenv("TELNYX_API_KEY")}
	client        = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}}
)

type envelope struct {
	Value     string `json:"value"`
	ExpiresAt int64  `json:"expires_at"`
}

type visits struct {
	Created int64 `json:"created"`
	Views   int64 `json:"views"`
}

func call(method, key, value string) []byte {
	request, err := http.NewRequest(method, keys+key, strings.NewReader(value))
	if err != nil {
		panic(err)
	}
	request.Header["Authorization"] = authorization
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	body, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil
	}
	return body
}

func put(key, value string, seconds int64) {
	text, _ := json.Marshal(envelope{value, time.Now().UnixMilli() + seconds*1000})
	call("PUT", key, string(text))
}

func get(key string) string {
	var stored envelope
	if text := call("GET", key, ""); text != nil {
		json.Unmarshal(text, &stored)
	}
	return stored.Value
}

func session(r *http.Request) []byte {
	key := "session%2F" + r.Header.Get("X-Session-ID")
	data := visits{time.Now().UnixMilli(), -1}
	if text := get(key); text != "" {
		json.Unmarshal([]byte(text), &data)
	}
	data.Views++
	updated, _ := json.Marshal(data)
	put(key, string(updated), 86400)
	return updated
}

func cache(r *http.Request) []byte {
	key := "cache%2F" + url.PathEscape(r.RequestURI)
	text := get(key)
	if text == "" {
		text = strings.Repeat("x", 1000)
		put(key, text, 300)
	}
	return []byte(text)
}

func flag(*http.Request) []byte {
	if string(call("GET", "flag%2Fnew-ui", "")) == "true" {
		return []byte("new")
	}
	return []byte("old")
}

var handlers = map[string]func(*http.Request) []byte{"session": session, "cache": cache, "flag": flag}

var handler = handlers[os.Getenv("PATTERN")]

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(handler(r))
}
