package function

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// rememberedFlag is the value of a flag, and until when it is valid.
type rememberedFlag struct {
	isOn  bool
	until time.Time
}

// rememberedFlags holds a rememberedFlag for each name.
var rememberedFlags sync.Map

// readFlag reports whether a flag is on; byDefault is used if it is not set or cannot be read. The
// instance remembers the value for refreshSeconds. It does not remember a failure.
func readFlag(ctx context.Context, name string, byDefault bool, refreshSeconds int64) (bool, error) {
	if known, ok := rememberedFlags.Load(name); ok {
		if flag := known.(rememberedFlag); time.Now().Before(flag.until) {
			return flag.isOn, nil
		}
	}
	value, err := kvGetWithExpiry(ctx, "flag/"+name)
	var failed *kvError
	if errors.As(err, &failed) {
		return byDefault, nil
	}
	if err != nil {
		return false, err
	}
	isOn := byDefault
	switch strings.TrimSpace(value) {
	case "true":
		isOn = true
	case "false":
		isOn = false
	}
	if refreshSeconds > 0 {
		until := time.Now().Add(time.Duration(refreshSeconds) * time.Second)
		rememberedFlags.Store(name, rememberedFlag{isOn, until})
	}
	return isOn, nil
}
