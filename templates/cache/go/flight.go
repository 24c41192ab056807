package function

import (
	"context"
	"sync"
)

// found is an answer: a HIT, a MISS or a BYPASS, and whether it may be served to everyone.
type found struct {
	verdict  string
	answer   *answer
	isForAll bool
}

// flight is a load that is under way; result and err are there once done is closed.
type flight struct {
	done   chan struct{}
	result found
	err    error
}

// flightGroup holds the flights under way, by key.
type flightGroup struct {
	mu       sync.Mutex
	underWay map[string]*flight
}

var flights = flightGroup{underWay: map[string]*flight{}}

type loadFunc func(ctx context.Context, key, target string) (found, error)

// once loads a key once for all who ask for it meanwhile, if the answer is for all. A client that
// goes away does not take the load along.
func (g *flightGroup) once(ctx context.Context, key, target string, load loadFunc) (found, error) {
	g.mu.Lock()
	f, isUnderWay := g.underWay[key]
	if !isUnderWay {
		f = &flight{done: make(chan struct{})}
		g.underWay[key] = f
		go g.fly(key, f, func() (found, error) {
			return load(context.WithoutCancel(ctx), key, target)
		})
	}
	g.mu.Unlock()

	select {
	case <-ctx.Done():
		return found{}, ctx.Err()
	case <-f.done:
	}
	if isUnderWay && f.err == nil && !f.result.isForAll {
		return load(ctx, key, target)
	}
	return f.result, f.err
}

func (g *flightGroup) fly(key string, f *flight, load func() (found, error)) {
	defer func() {
		if cause := recover(); cause != nil {
			f.err = panicError(cause)
		}
		g.mu.Lock()
		delete(g.underWay, key)
		g.mu.Unlock()
		close(f.done)
	}()
	f.result, f.err = load()
}
