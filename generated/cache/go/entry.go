package function

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

const largestBody = 1 << 20 // bytes; what is longer costs the client its connection

var healthTarget = regexp.MustCompile(`^/health(?:[/?]|$)`)

type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// serve answers health probes itself, and what a handler did not answer for an error or a panic.
func serve(w http.ResponseWriter, r *http.Request, handler handlerFunc) {
	defer recoverPanic(w)
	discardBody(w, r)
	if healthTarget.MatchString(r.RequestURI) {
		io.WriteString(w, "OK")
		return
	}
	err := handler(w, r)
	if err != nil && r.Context().Err() == nil { // else the client has gone: nothing failed
		fail(w, err)
	}
}

// recoverPanic keeps a bug from the client and from the requests that follow.
func recoverPanic(w http.ResponseWriter) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	fail(w, panicError(cause))
}

// panicError makes an error of what was recovered.
func panicError(cause any) error {
	return fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
}

// discardBody reads a body that nobody needs, so that the connection can serve the next request.
func discardBody(w http.ResponseWriter, r *http.Request) {
	size, _ := io.CopyN(io.Discard, r.Body, largestBody+1)
	if size > largestBody {
		w.Header().Set("Connection", "close")
		// Or the server would wait for more of it before it lets the answer go.
		http.NewResponseController(w).EnableFullDuplex()
	}
}

// fail answers a request that an error has ended.
func fail(w http.ResponseWriter, err error) {
	var failed *kvError
	if errors.As(err, &failed) {
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusServiceUnavailable, "key-value store unavailable")
		return
	}
	log.Print(oneLine(err.Error()))
	writeError(w, http.StatusInternalServerError, "internal error")
}

// oneLine joins the lines of a report: what is one event is one line in the log.
func oneLine(report string) string {
	lines := strings.Split(strings.TrimSpace(report), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " | ")
}

// isAllowed tells whether a request has one of these methods; if not, it answers it.
func isAllowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	writeError(w, http.StatusMethodNotAllowed, "method not allowed")
	return false
}

// writeError answers a request that failed or was refused.
func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// writeJSON answers with JSON that no cache may keep.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value)
}
