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
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	io.WriteString(w, text)
	return nil
}

// writeNoContent answers that all is done and that there is nothing to say.
func writeNoContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
