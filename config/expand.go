package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxSecretFile bounds what ${file:PATH} may read.
const maxSecretFile = 64 << 10

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand puts the values in place of ${NAME} and ${file:PATH} in every scalar below n; keys are left alone.
// "$${" stands for "${". What a scalar looked like before is kept in l.written, so that messages never show a
// secret and so that a secret in clear is told from one that was looked up.
func (l *loader) expand(n *yaml.Node, path string) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			l.expand(n.Content[i+1], join(path, n.Content[i].Value))
		}
	case yaml.SequenceNode:
		for i, child := range n.Content {
			l.expand(child, fmt.Sprintf("%s[%d]", path, i))
		}
	case yaml.ScalarNode:
		if strings.Contains(n.Value, "${") {
			l.expandScalar(n, path)
		}
	}
}

func (l *loader) expandScalar(n *yaml.Node, path string) {
	var b strings.Builder
	looked := false
	for rest := n.Value; ; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			b.WriteString(rest)
			break
		}
		if strings.HasSuffix(before, "$") {
			b.WriteString(before + "{")
			rest = after
			continue
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			l.at(n, path, "a ${ is not closed", "write ${NAME}, or $${ for the two characters themselves")
			return
		}
		value, what, hint := l.lookUp(name)
		if what != "" {
			l.at(n, path, what, hint)
			l.unset[n] = true
		}
		b.WriteString(before + value)
		rest, looked = tail, true
	}
	if looked {
		l.written[n] = n.Value
	}
	n.Value = b.String()
}

// lookUp gives the value that stands between ${ and }, or what is wrong with it.
func (l *loader) lookUp(name string) (value, what, hint string) {
	if path, isFile := strings.CutPrefix(name, "file:"); isFile {
		return l.lookUpFile(path)
	}
	if !variableName.MatchString(name) {
		return "", fmt.Sprintf("${%s} is no name of an environment variable", name), "letters, digits and _ make a name; ${file:PATH} reads a file"
	}
	value, set := l.env(name)
	if !set {
		return "", fmt.Sprintf("the environment variable %s is not set", name), "set it where Tsunagu is started, or use ${file:PATH}"
	}
	return value, "", ""
}

func (l *loader) lookUpFile(path string) (value, what, hint string) {
	if path == "" {
		return "", "${file:} names no file", "write ${file:/path/of/the/file}"
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(l.dir, path)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Sprintf("there is no file %s", path), "relative paths start at the folder of the configuration file"
	}
	if err != nil {
		return "", fmt.Sprintf("the file %s cannot be read: %s", path, cause(err)), "change its owner or mode"
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	switch {
	case err != nil:
		return "", fmt.Sprintf("the file %s cannot be read: %s", path, cause(err)), ""
	case len(data) > maxSecretFile:
		return "", fmt.Sprintf("the file %s is larger than %d KiB", path, maxSecretFile>>10), "is it the right file?"
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return "", fmt.Sprintf("the file %s is not text in UTF-8", path), ""
	}
	return strings.TrimRight(string(data), "\r\n"), "", ""
}
