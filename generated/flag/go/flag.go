package function

import (
	"context"
	"errors"
	"sync"
	"time"
)

// flagMemory holds what flags were, by name, and until when that holds.
type flagMemory struct {
	mu    sync.Mutex
	known map[string]knownFlag
}

type knownFlag struct {
	isOn  bool
	until time.Time
}

var flags = flagMemory{known: map[string]knownFlag{}}

// readFlag tells whether a flag is on. What was read is remembered for a number of seconds, a
// failure never.
func readFlag(ctx context.Context, name string, byDefault bool, refreshSeconds int64) (bool, error) {
	if isOn, ok := flags.recall(name); ok {
		return isOn, nil
	}
	value, err := kvGetWithExpiry(ctx, "flag/"+name)
	var failed *kvError
	if errors.As(err, &failed) {
		return byDefault, nil
	}
	if err != nil {
		return false, err
	}
	isOn := value == "true" || value != "false" && byDefault
	flags.remember(name, isOn, time.Duration(refreshSeconds)*time.Second)
	return isOn, nil
}

func (m *flagMemory) recall(name string) (isOn, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	flag := m.known[name]
	return flag.isOn, time.Now().Before(flag.until)
}

func (m *flagMemory) remember(name string, isOn bool, lifetime time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[name] = knownFlag{isOn, time.Now().Add(lifetime)}
}
