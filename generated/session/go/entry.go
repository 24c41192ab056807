package function

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

const (
	largestBody  = 1 << 20          // bytes; what is longer costs the client its connection
	bodyDeadline = 10 * time.Second // after the answer; so does what is still missing then
)

var healthTarget = regexp.MustCompile(`^/health(?:[/?]|$)`)

type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// serve answers a request, and only then reads the body that nobody needs.
func serve(w http.ResponseWriter, r *http.Request, handler handlerFunc) {
	http.NewResponseController(w).EnableFullDuplex() // or the server reads the body first
	if r.ContentLength > largestBody {
		w.Header().Set("Connection", "close")
	}
	respond(&answerWriter{ResponseWriter: w}, r, handler)
	if r.ContentLength != 0 {
		discardBody(w, r)
	}
}

// respond answers health probes itself, and what a handler did not answer for an error or a panic.
func respond(w *answerWriter, r *http.Request, handler handlerFunc) {
	defer recoverPanic(w)
	if healthTarget.MatchString(r.RequestURI) {
		writeText(w, http.StatusOK, "text/plain", "OK")
		return
	}
	err := handler(w, r)
	if err != nil && r.Context().Err() == nil { // else the client has gone: nothing failed
		fail(w, err)
	}
}

// discardBody reads what follows a request, so that the connection can serve the next one.
func discardBody(w http.ResponseWriter, r *http.Request) {
	controller := http.NewResponseController(w)
	controller.Flush()
	controller.SetReadDeadline(time.Now().Add(bodyDeadline))
	_, err := io.CopyN(io.Discard, r.Body, largestBody+1)
	if err != nil && err != io.EOF {
		panic(http.ErrAbortHandler) // or what comes late would be taken for a request
	}
}

// answerWriter knows whether an answer has begun, since that cannot be taken back.
type answerWriter struct {
	http.ResponseWriter
	hasBegun bool
}

func (w *answerWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status) // panics for what is no status
	w.hasBegun = true
}

func (w *answerWriter) Write(content []byte) (int, error) {
	w.hasBegun = true
	return w.ResponseWriter.Write(content)
}

// Unwrap is for http.ResponseController, with which a handler may flush.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recoverPanic keeps a bug from the client and from the requests that follow.
func recoverPanic(w *answerWriter) {
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

// fail answers a request that an error has ended.
func fail(w *answerWriter, err error) {
	var refused *refusal
	var failed *kvError
	switch {
	case errors.As(err, &refused):
	case errors.As(err, &failed):
		w.Header().Set("Retry-After", "1")
		refused = &refusal{http.StatusServiceUnavailable, "key-value store unavailable"}
	default:
		log.Print(oneLine(err.Error()))
		refused = &refusal{http.StatusInternalServerError, "internal error"}
	}
	if w.hasBegun {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	writeJSON(w, refused.status, map[string]string{"error": refused.message})
}

// oneLine joins the lines of a report: what is one event is one line in the log.
func oneLine(report string) string {
	lines := strings.Split(strings.TrimSpace(report), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " | ")
}
