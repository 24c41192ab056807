// Package function receives webhooks from Telnyx.
package function

import (
	"context"
	"log"
	"net/http"
)

const (
	// webhookTolerance is how far the time of a signature may be from now: 5 minutes.
	webhookTolerance = 300
	// webhookDedupe is how long an event is remembered: 24 hours.
	webhookDedupe = 86400
)

// Handle is what the platform calls for each request.
func Handle(w http.ResponseWriter, r *http.Request) { serve(w, r, handler) }

func handler(w http.ResponseWriter, r *http.Request) error {
	if err := allowMethods(w, r, "POST"); err != nil {
		return err
	}

	// Verify the signature; anything else is refused
	event, err := receiveEvent(r, webhookTolerance)
	if err != nil {
		return err
	}

	// Process the event once; its id is remembered
	isNew, err := processOnce(r.Context(), event.ID, webhookDedupe, func(ctx context.Context) error {
		return processEvent(ctx, event)
	})
	if err != nil {
		return err
	}
	if isNew {
		return writeJSON(w, http.StatusOK, map[string]string{"status": "processed"})
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "duplicate"})
}

// processEvent is your code for an event. If it fails, Telnyx delivers the event again.
func processEvent(ctx context.Context, event *webhookEvent) error {
	switch event.Type {
	case "message.received": // decode text and from.phone_number from event.Payload
		log.Print("message received")
	case "call.initiated": // decode call_control_id and from
		log.Print("call initiated")
	}
	return nil
}
