package function

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

const (
	maxRequestBody = 10 << 20 // bytes
	// What a handler leaves unread is discarded, so that the connection can be reused. It is closed
	// if there is more, or if it has not arrived in time.
	maxUnreadBody = 1 << 20 // bytes
	unreadTimeout = 250 * time.Millisecond
)

// httpError is an error with a status and a message for the client.
type httpError struct {
	status  int
	message string
}

func (e *httpError) Error() string   { return e.message }
func (e *httpError) HTTPStatus() int { return e.status }

// handlerFunc is an http.HandlerFunc that returns its error.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// serve answers health probes, limits request bodies, and leaves the rest to the handler.
func serve(w http.ResponseWriter, r *http.Request, handler handlerFunc) {
	tracked, path := &trackedWriter{ResponseWriter: w}, r.URL.EscapedPath()
	switch {
	case path == "/health" || strings.HasPrefix(path, "/health/"):
		io.WriteString(w, "OK")
	case r.ContentLength > maxRequestBody:
		serveError(tracked, &http.MaxBytesError{Limit: maxRequestBody})
	default:
		control, body := http.NewResponseController(w), r.Body
		control.EnableFullDuplex() // otherwise a large response waits for the request body
		limited := http.MaxBytesReader(w, body, maxRequestBody)
		r.Body = limited
		callHandler(tracked, r, handler)
		_, err := limited.Read(nil) // how reading ended; nil if it has not
		if err == nil && r.ContentLength != 0 && r.Header.Get("Expect") == "" {
			control.SetReadDeadline(time.Now().Add(unreadTimeout))
			if _, err := io.CopyN(io.Discard, body, maxUnreadBody+1); err != io.EOF {
				w.Header().Set("Connection", "close")
			}
		}
		r.Body = body // net/http closes it
	}
}

// callHandler calls the handler and responds with its error or panic, if there is one.
func callHandler(w *trackedWriter, r *http.Request, handler handlerFunc) {
	defer func() {
		if cause := recover(); cause == http.ErrAbortHandler {
			panic(cause)
		} else if cause != nil {
			serveError(w, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	if err := handler(w, r); err != nil && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has gone
	} else if err != nil {
		serveError(w, err)
	}
}

// serveError responds with an error, or cuts the connection if a response has begun.
func serveError(w *trackedWriter, err error) {
	status, message := http.StatusInternalServerError, "internal error"
	var known interface{ HTTPStatus() int }
	switch {
	case w.begun:
		logOneLine(err)
		panic(http.ErrAbortHandler)
	case errors.As(err, &known) && known.HTTPStatus() >= 400 && known.HTTPStatus() <= 599:
		status, message = known.HTTPStatus(), known.(error).Error()
	case errors.As(err, new(*http.MaxBytesError)):
		status, message = http.StatusRequestEntityTooLarge, "request body too large"
	case errors.As(err, new(*kvError)): // it is already logged
		status, message = http.StatusServiceUnavailable, "key-value store unavailable"
		w.Header().Set("Retry-After", "1")
	default:
		logOneLine(err)
	}
	w.Header().Del("Content-Encoding") // the handler may have set these for another body
	w.Header().Del("Content-Length")
	writeJSON(w, status, map[string]string{"error": message})
}

// logOneLine quotes an error, so that it is one line whatever is in its text.
func logOneLine(err error) { log.Printf("%q", err.Error()) }

// allowMethods returns an error for a request with another method.
func allowMethods(w http.ResponseWriter, r *http.Request, methods ...string) error {
	if slices.Contains(methods, r.Method) {
		return nil
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return &httpError{http.StatusMethodNotAllowed, "method not allowed"}
}

// writeJSON responds with JSON that no cache stores.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(text)
	return nil
}

// trackedWriter knows whether a response has begun: after that, an error cannot replace it.
type trackedWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *trackedWriter) WriteHeader(status int) {
	w.ResponseWriter.WriteHeader(status) // panics if the status is invalid
	w.begun = w.begun || status >= 200
}

func (w *trackedWriter) Write(data []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(data)
}

func (w *trackedWriter) Flush() {
	w.begun = true
	http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *trackedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
