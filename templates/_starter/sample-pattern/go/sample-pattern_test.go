package function

import (
	"context"
	"testing"
)

func TestSamplePatternIsReadAsItWasWritten(t *testing.T) {
	testKV.reset(0)
	if text, err := readSamplePattern(context.Background()); text != "" || err != nil {
		t.Errorf("got %q, %v before anything was written", text, err)
	}
	if err := writeSamplePattern(context.Background(), "hello", 60); err != nil {
		t.Fatal(err)
	}
	if text, err := readSamplePattern(context.Background()); text != "hello" || err != nil {
		t.Errorf("got %q, %v, want hello", text, err)
	}
	if !testKV.livesFor(samplePatternKey, 60) {
		t.Error("the text does not live for a minute")
	}
}
