package function

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// refusal is an error that is for the client: the status of the answer, and what it says.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }

// allow refuses a request that has none of these methods.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) error {
	if slices.Contains(methods, r.Method) {
		return nil
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	return &refusal{http.StatusMethodNotAllowed, "method not allowed"}
}

// writeJSON answers with JSON that no cache may keep.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	text, err := encodeJSON(value)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	writeText(w, status, "application/json", text)
	return nil
}

// writeText answers with a text, and with its length so that nobody has to wait for more of it.
func writeText(w http.ResponseWriter, status int, contentType, text string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	io.WriteString(w, text)
}

// writeNoContent answers that all is done and that there is nothing to say.
func writeNoContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
