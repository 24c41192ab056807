// Command load sends requests over kept connections, each as fast as its answers come, and prints
// what it saw as JSON. A round is one request, or several in a row; {c} in one is replaced by the
// number of the connection.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

func (l *list) Set(text string) error { *l = append(*l, text); return nil }

var (
	requests    list
	headers     list
	address     = flag.String("address", "127.0.0.1:8080", "where to connect to")
	body        = flag.String("body", "", "body of every request that is a PUT")
	connections = flag.Int("connections", 1, "how many, at the same time")
	seconds     = flag.Float64("seconds", 1, "how long to measure for")
	warm        = flag.Float64("warm", 0, "seconds before the measurement")
	rounds      = flag.Int64("rounds", 0, "how many rounds all told, instead of a time")
)

// report has times in milliseconds. Rounds that ended before the measurement count for All alone.
type report struct {
	All      int64            `json:"all"`
	Rounds   int              `json:"rounds"`
	Seconds  float64          `json:"seconds"`
	P50      float64          `json:"p50"`
	P99      float64          `json:"p99"`
	Statuses map[string]int64 `json:"statuses"`
}

type worker struct {
	connection net.Conn
	reader     *bufio.Reader
	messages   [][]byte
	times      []time.Duration
	statuses   map[string]int64
	all        int64
	finished   time.Time
}

func main() {
	flag.Var(&requests, "request", `such as "GET /"; may be repeated`)
	flag.Var(&headers, "header", `such as "Accept: */*"; may be repeated`)
	flag.Parse()
	workers := make([]*worker, *connections)
	for i := range workers {
		workers[i] = newWorker(i)
	}
	from := time.Now().Add(time.Duration(*warm * float64(time.Second)))
	until := from.Add(time.Duration(*seconds * float64(time.Second)))
	var begun atomic.Int64
	isOver := func() bool { return time.Now().After(until) }
	if *rounds > 0 {
		isOver = func() bool { return begun.Add(1) > *rounds }
	}
	var running sync.WaitGroup
	for _, w := range workers {
		running.Add(1)
		go func() {
			defer running.Done()
			w.run(from, isOver)
		}()
	}
	running.Wait()
	json.NewEncoder(os.Stdout).Encode(summary(workers, from))
}

func newWorker(number int) *worker {
	w := &worker{statuses: map[string]int64{}}
	if err := w.connect(); err != nil {
		log.Fatal(err)
	}
	for _, request := range requests {
		content := ""
		if strings.HasPrefix(request, "PUT ") {
			content = *body
		}
		lines := append([]string{request + " HTTP/1.1", "Host: " + *address}, headers...)
		lines = append(lines, fmt.Sprintf("Content-Length: %d", len(content)), "", content)
		text := strings.ReplaceAll(strings.Join(lines, "\r\n"), "{c}", strconv.Itoa(number))
		w.messages = append(w.messages, []byte(text))
	}
	return w
}

func (w *worker) run(from time.Time, isOver func() bool) {
	for !isOver() {
		start := time.Now()
		for _, message := range w.messages {
			status, err := w.ask(message)
			if err != nil {
				log.Fatal(err)
			}
			w.statuses[status]++
		}
		w.all++
		w.finished = time.Now()
		if w.finished.After(from) {
			w.times = append(w.times, w.finished.Sub(start))
		}
	}
}

// ask sends a request and returns the status of the answer. A server may close a connection that
// has served its share of requests (hypercorn: 1,000), and then gets the request over a new one.
func (w *worker) ask(message []byte) (string, error) {
	_, err := w.connection.Write(message)
	if err == nil {
		_, err = w.reader.Peek(1)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		if err = w.connect(); err == nil {
			_, err = w.connection.Write(message)
		}
	}
	if err != nil {
		return "", err
	}
	return w.readAnswer()
}

func (w *worker) connect() error {
	if w.connection != nil {
		w.connection.Close()
	}
	connection, err := net.Dial("tcp", *address)
	w.connection, w.reader = connection, bufio.NewReader(connection)
	return err
}

// readAnswer reads an answer to its end and returns its status.
func (w *worker) readAnswer() (string, error) {
	line, err := w.reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	status := strings.Fields(line)[1]
	length, isChunked := int64(0), false
	for {
		field, err := w.reader.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if field = bytes.TrimSpace(field); len(field) == 0 {
			break
		}
		name, value, _ := bytes.Cut(field, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			isChunked = true
		}
		if err != nil {
			return "", err
		}
	}
	if isChunked {
		return status, w.readChunks()
	}
	_, err = io.CopyN(io.Discard, w.reader, length)
	return status, err
}

func (w *worker) readChunks() error {
	for {
		line, err := w.reader.ReadString('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(line), 16, 64)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, w.reader, size+2); err != nil || size == 0 {
			return err
		}
	}
}

func summary(workers []*worker, from time.Time) report {
	result := report{Statuses: map[string]int64{}}
	var times []time.Duration
	last := from
	for _, w := range workers {
		result.All += w.all
		times = append(times, w.times...)
		for status, count := range w.statuses {
			result.Statuses[status] += count
		}
		if w.finished.After(last) {
			last = w.finished
		}
	}
	slices.Sort(times)
	result.Rounds = len(times)
	result.Seconds = last.Sub(from).Seconds()
	if len(times) > 0 {
		result.P50 = milliseconds(times[len(times)/2])
		result.P99 = milliseconds(times[len(times)*99/100])
	}
	return result
}

func milliseconds(length time.Duration) float64 { return float64(length) / float64(time.Millisecond) }
