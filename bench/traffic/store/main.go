// Command store stands in for the key-value store, and for an origin, while functions are
// measured. It speaks just enough HTTP for that, so that it costs little beside the function; every
// call is counted, and answered after a delay that can be changed.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const keys = "/v2/storage/kvs/"

var (
	values sync.Map     // request target -> body
	delay  atomic.Int64 // nanoseconds
	calls  [3]atomic.Int64
	names  = [3]string{"GET", "PUT", "DELETE"}
	origin = `{"users":[` + strings.Repeat(`{"id":17,"name":"somebody"},`, 30) + `{}]}`
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(connection)
	}
}

func serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		method, target, body, err := readRequest(reader)
		if err != nil {
			return
		}
		status, answer := respond(method, target, body)
		head := fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", status, len(answer))
		if _, err := connection.Write(append(head, answer...)); err != nil {
			return
		}
	}
}

func readRequest(reader *bufio.Reader) (method, target string, body []byte, err error) {
	line, err := reader.ReadString('\n')
	if err != nil {
		return "", "", nil, err
	}
	words := strings.Fields(line)
	if len(words) != 3 {
		return "", "", nil, fmt.Errorf("malformed request line %q", line)
	}
	length := 0
	for {
		field, err := reader.ReadSlice('\n')
		if err != nil {
			return "", "", nil, err
		}
		if field = bytes.TrimSpace(field); len(field) == 0 {
			break
		}
		name, value, _ := bytes.Cut(field, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return "", "", nil, err
			}
		}
	}
	body = make([]byte, length)
	_, err = io.ReadFull(reader, body)
	return words[0], words[1], body, err
}

func respond(method, target string, body []byte) (status string, answer []byte) {
	switch {
	case strings.HasPrefix(target, keys):
		time.Sleep(time.Duration(delay.Load()))
		return store(method, target, body)
	case strings.HasPrefix(target, "/_delay/"):
		length, err := time.ParseDuration(strings.TrimPrefix(target, "/_delay/"))
		if err != nil {
			return "400 Bad Request", []byte(err.Error())
		}
		delay.Store(int64(length))
		return "200 OK", nil
	case target == "/_calls":
		return "200 OK", takeCounts()
	}
	return "200 OK", []byte(origin)
}

func store(method, target string, body []byte) (status string, answer []byte) {
	target, _, _ = strings.Cut(target, "?") // ttl_secs is no part of the key
	for i, name := range names {
		if name == method {
			calls[i].Add(1)
		}
	}
	switch method {
	case "PUT":
		if _, replaced := values.Swap(target, body); !replaced {
			return "201 Created", nil
		}
	case "DELETE":
		values.Delete(target)
	default:
		value, found := values.Load(target)
		if !found {
			return "404 Not Found", nil
		}
		return "200 OK", value.([]byte)
	}
	return "200 OK", nil
}

// takeCounts returns how many calls there were since it was last asked, as JSON by method.
func takeCounts() []byte {
	counts := map[string]int64{}
	for i, name := range names {
		counts[name] = calls[i].Swap(0)
	}
	text, _ := json.Marshal(counts)
	return text
}
