package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Secretive is implemented by settings that hold secrets: it names them by their paths in the settings. A
// field may say so itself with the tag `secret:"true"`; names that always mean a secret need neither.
type Secretive interface{ Secrets() []string }

// alwaysSecret are names of settings that hold a secret whatever the kind of source.
func alwaysSecret(name string) bool {
	return slices.Contains([]string{"password", "passphrase", "client_secret", "refresh_token", "access_token", "token", "api_key",
		"private_key", "secret"}, name)
}

// secrets refuses secrets that stand in clear in the file, or warns of a file that others may read.
func (l *loader) secrets(root *yaml.Node, c *Config) {
	for i, s := range c.Sources {
		path := "sources[" + strconv.Itoa(i) + "].settings"
		n := find(root, path)
		if n == nil || s.Settings == nil {
			continue
		}
		named := tagged(reflect.TypeOf(s.Settings), "")
		if own, ok := s.Settings.(Secretive); ok {
			named = append(named, own.Secrets()...)
		}
		l.secretsBelow(n, path, "", named, c.PlainSecrets)
	}
	if n := find(root, "google"); n != nil {
		l.secretsBelow(n, "google", "", tagged(reflect.TypeFor[Google](), ""), c.PlainSecrets)
	}
	if n := find(root, "sign_in"); n != nil {
		l.secretsBelow(n, "sign_in", "", tagged(reflect.TypeFor[SignIn](), ""), c.PlainSecrets)
	}
	named := tagged(reflect.TypeFor[Form](), "")
	for i := range c.Forms {
		path := "forms[" + strconv.Itoa(i) + "]"
		if n := find(root, path); n != nil {
			l.secretsBelow(n, path, "", named, c.PlainSecrets)
		}
	}
}

func (l *loader) secretsBelow(n *yaml.Node, base, path string, named []string, allowed bool) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		at := join(path, name)
		if value.Kind == yaml.MappingNode {
			l.secretsBelow(value, base, at, named, allowed)
			continue
		}
		if value.Kind != yaml.ScalarNode || !alwaysSecret(name) && !slices.Contains(named, at) {
			continue
		}
		if join(base, at) == "google.endpoints.token" {
			continue // an address
		}
		if _, replaced := l.written[value]; replaced || l.unset[value] || value.Value == "" {
			continue
		}
		l.inClear(value, join(base, at), allowed)
	}
}

func (l *loader) inClear(n *yaml.Node, path string, allowed bool) {
	switch {
	case !allowed:
		l.at(n, path, "a secret stands here in clear", "write ${NAME} or ${file:PATH}, or allow it with allow_plain_secrets: true")
	case l.worldReadable:
		l.problem(Problem{Line: n.Line, Column: n.Column, Path: path, Warning: true,
			What: "a secret stands here in clear and every user of this machine can read the file", Hint: "chmod 600 " + l.file})
	}
}

// tagged gives the paths of the fields with the tag `secret:"true"`.
func tagged(t reflect.Type, path string) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		at := join(path, name)
		if slices.Contains(strings.Split(options, ","), "inline") {
			at = path
		}
		if f.Tag.Get("secret") == "true" {
			out = append(out, at)
		}
		out = append(out, tagged(f.Type, at)...)
	}
	return out
}
