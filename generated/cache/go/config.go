package function

import (
	"errors"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
)

var (
	printable = regexp.MustCompile(`^[ -~]+$`)
	// Stricter than a URL may be, so that it means one thing in every language and library.
	webURL = regexp.MustCompile(`^https?://([A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\])` +
		`(?::([0-9]{1,5}))?(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?$`)
)

// readVariable returns the first of these environment variables that is not empty. An error of
// it, or of checkURL, is a line that may be logged: it names the variable and holds no value.
func readVariable(names ...string) (string, error) {
	for _, name := range names {
		value := os.Getenv(name)
		switch {
		case value == "":
			continue
		case !printable.MatchString(value):
			return "", errors.New(name + " is not all printable ASCII")
		}
		return value, nil
	}
	return "", errors.New(names[0] + " is not set")
}

// checkURL tells whether a URL of the environment is one to which requests can be sent.
func checkURL(variable, url string) error {
	match := webURL.FindStringSubmatch(url)
	if match == nil || !isHost(match[1]) || !isPort(match[2]) {
		return errors.New(variable + " is not an http or https URL")
	}
	return nil
}

func isHost(host string) bool {
	address, isLiteral := strings.CutPrefix(host, "[")
	if !isLiteral {
		return true
	}
	_, err := netip.ParseAddr(strings.TrimSuffix(address, "]"))
	return err == nil && strings.Contains(address, ":")
}

func isPort(port string) bool {
	number, err := strconv.Atoi(port)
	return port == "" || err == nil && number >= 1 && number <= 65535
}
