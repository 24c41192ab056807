// Package function is a hello world, to see what the host itself takes to start.
package function

import (
	"io"
	"net/http"
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }
