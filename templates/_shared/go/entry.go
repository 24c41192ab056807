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
	largestBody  = 1 << 20     // bytes; what is longer costs the client its connection
	bodyDeadline = time.Second // so does what is still missing then
)

var healthTarget = regexp.MustCompile(`^/health(?:[/?]|$)`)

type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// serve answers health probes itself, and what a handler did not answer for an error or a panic.
func serve(w http.ResponseWriter, r *http.Request, handler handlerFunc) {
	answer := &answerWriter{ResponseWriter: w}
	defer recoverPanic(answer)
	discardBody(w, r)
	if healthTarget.MatchString(r.RequestURI) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "OK")
		return
	}
	err := handler(answer, r)
	if err != nil && r.Context().Err() == nil { // else the client has gone: nothing failed
		fail(answer, err)
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

// discardBody reads a body that nobody needs, so that the connection can serve the next request.
func discardBody(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	controller := http.NewResponseController(w)
	controller.SetReadDeadline(time.Now().Add(bodyDeadline))
	if _, err := io.CopyN(io.Discard, r.Body, largestBody+1); err == io.EOF {
		controller.SetReadDeadline(time.Time{})
		return
	}
	w.Header().Set("Connection", "close")
	// Or the server would wait for more of it before it lets the answer go.
	controller.EnableFullDuplex()
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
