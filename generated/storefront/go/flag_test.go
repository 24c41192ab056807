package function

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestReadFlag(t *testing.T) {
	envelope := func(value string, lifetime time.Duration) string {
		return fmt.Sprintf(`{"value":%q,"expires_at":%d}`, value, time.Now().Add(lifetime).UnixMilli())
	}
	tests := []struct {
		name, stored string
		status       int
		want         string // true, false, or "" for the default
	}{
		{"on", "true", 0, "true"},
		{"off", "false", 0, "false"},
		{"with a line break", " true\n", 0, "true"},
		{"on for a minute", envelope("true", time.Minute), 0, "true"},
		{"expired", envelope("true", -time.Second), 0, ""},
		{"in capitals", "TRUE", 0, ""},
		{"a number", "1", 0, ""},
		{"not set", "", http.StatusNotFound, ""},
		{"the store fails", "", http.StatusInternalServerError, ""},
	}
	for _, test := range tests {
		for _, byDefault := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, by default %t", test.name, byDefault), func(t *testing.T) {
				testKV.reset(test.status)
				testKV.put("flag/any", test.stored)
				want := test.want == "true" || test.want == "" && byDefault
				got, err := readFlag(context.Background(), "any", byDefault, 0)
				if got != want || err != nil {
					t.Errorf("got %t, %v, want %t", got, err, want)
				}
			})
		}
	}
}

func TestReadFlagRemembersValuesButNoFailures(t *testing.T) {
	rememberedFlags.Clear()
	steps := []struct {
		status       int
		stored       string
		want         bool
		wantsToCall  bool
		afterRefresh bool
	}{
		{status: http.StatusUnauthorized, want: false, wantsToCall: true},
		{stored: "true", want: true, wantsToCall: true},
		{stored: "false", want: true},
		{stored: "false", want: false, wantsToCall: true, afterRefresh: true},
	}
	for i, step := range steps {
		testKV.reset(step.status)
		testKV.put("flag/remembered", step.stored)
		if step.afterRefresh {
			rememberedFlags.Store("remembered", rememberedFlag{true, time.Now()})
		}
		got, err := readFlag(context.Background(), "remembered", false, 60)
		if called := testKV.called() != ""; got != step.want || err != nil || called != step.wantsToCall {
			t.Errorf("step %d: got %t, %v, calls %q", i, got, err, testKV.called())
		}
	}
}
