// Reads Go as its own compiler's front does, for tests: a JSON request a line, a JSON answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
)

type request struct {
	Operation, Source string
	Sources, Names    []string
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		answers.Encode(answer(line))
	}
}

func answer(line []byte) map[string]any {
	var r request
	err := json.Unmarshal(line, &r)
	var value any
	switch {
	case err != nil:
	case r.Operation == "values":
		value, err = values(r.Sources)
	case r.Operation == "constants":
		value, err = constants(r.Sources, r.Names)
	case r.Operation == "isFormatted":
		value, err = isFormatted(r.Source)
	default:
		err = fmt.Errorf("unknown operation %q", r.Operation)
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"value": value}
}

// values returns the values of constant expressions.
func values(sources []string) ([]any, error) {
	found := []any{}
	for _, source := range sources {
		result, err := types.Eval(token.NewFileSet(), nil, token.NoPos, source)
		if err != nil {
			return nil, err
		}
		found = append(found, plain(result.Value))
	}
	return found, nil
}

// constants returns the values of a package's constants; what it imports is left out.
func constants(sources, names []string) (map[string]any, error) {
	files := token.NewFileSet()
	var parsed []*ast.File
	for i, source := range sources {
		file, err := parser.ParseFile(files, fmt.Sprintf("%d.go", i), source, parser.AllErrors)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	config := types.Config{Importer: nothing{}, Error: func(error) {}}
	checked, _ := config.Check("function", files, parsed, nil)
	found := map[string]any{}
	for _, name := range names {
		declared, ok := checked.Scope().Lookup(name).(*types.Const)
		if !ok {
			return nil, fmt.Errorf("%s is no constant", name)
		}
		found[name] = plain(declared.Val())
	}
	return found, nil
}

// isFormatted tells whether gofmt, which is this package, would leave the text as it is.
func isFormatted(source string) (bool, error) {
	formatted, err := format.Source([]byte(source))
	return string(formatted) == source, err
}

func plain(value constant.Value) any {
	switch value.Kind() {
	case constant.String:
		return constant.StringVal(value)
	case constant.Bool:
		return constant.BoolVal(value)
	case constant.Int:
		number, _ := constant.Int64Val(value)
		return number
	}
	return value.ExactString()
}

type nothing struct{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("left out") }
