// Package function has the patterns as the documentation page has them, step for step, behind the
// smallest adapter that makes them run: what somebody has who started from the page.
package function

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var (
	keys          = os.Getenv("TELNYX_BASE_URL") + "/v2/storage/kvs/" + os.Getenv("KV_NAMESPACE_ID") + "/keys/"
	authorization = "Bearer " + os.Getenv("TELNYX_API_KEY")
)

type envelope struct {
	Value     string `json:"value"`
	ExpiresAt int64  `json:"expires_at"`
}

func call(method, key, value string) (string, error) {
	request, err := http.NewRequest(method, keys+url.PathEscape(key), strings.NewReader(value))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return "", err
	case response.StatusCode == http.StatusNotFound:
		return "", nil
	case response.StatusCode > 299:
		return "", fmt.Errorf("%s failed: %d", method, response.StatusCode)
	}
	return string(body), nil
}

func kvGet(key string) (string, error) { return call("GET", key, "") }

func kvPut(key, value string) error {
	_, err := call("PUT", key, value)
	return err
}

func kvDelete(key string) error {
	_, err := call("DELETE", key, "")
	return err
}

func kvGetWithExpiry(key string) (string, error) {
	text, err := kvGet(key)
	if text == "" || err != nil {
		return "", err
	}
	var stored envelope
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return "", err
	}
	if time.Now().UnixMilli() <= stored.ExpiresAt {
		return stored.Value, nil
	}
	return "", kvDelete(key)
}

func kvPutWithExpiry(key, value string, seconds int64) error {
	text, err := json.Marshal(envelope{value, time.Now().UnixMilli() + seconds*1000})
	if err != nil {
		return err
	}
	return kvPut(key, string(text))
}

func session(w http.ResponseWriter, r *http.Request) {
	key := "session/" + r.Header.Get("X-Session-ID")
	text, _ := kvGetWithExpiry(key)
	data := map[string]interface{}{"created": time.Now().Unix(), "views": -1.0}
	if text != "" {
		json.Unmarshal([]byte(text), &data)
	}
	data["views"] = data["views"].(float64) + 1
	updated, _ := json.Marshal(data)
	kvPutWithExpiry(key, string(updated), 86400)
	w.Header().Set("Content-Type", "application/json")
	w.Write(updated)
}

func cache(w http.ResponseWriter, r *http.Request) {
	key := "cache/api" + r.URL.Path
	if cached, _ := kvGetWithExpiry(key); cached != "" {
		w.Header().Set("X-Cache", "HIT")
		w.Write([]byte(cached))
		return
	}
	response, err := http.Get(os.Getenv("ORIGIN_URL") + "/data")
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	kvPutWithExpiry(key, string(text), 300)
	w.Header().Set("X-Cache", "MISS")
	w.Write(text)
}

func flag(w http.ResponseWriter, r *http.Request) {
	answer := "old"
	if isOn, _ := kvGet("flag/new-ui"); isOn == "true" {
		answer = "new"
	}
	io.WriteString(w, answer)
}

var handlers = map[string]http.HandlerFunc{"session": session, "cache": cache, "flag": flag}

var handler = handlers[os.Getenv("PATTERN")]

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/health" {
		handler(w, r)
	}
}
