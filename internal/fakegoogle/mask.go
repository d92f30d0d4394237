package fakegoogle

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

var errMask = errors.New("malformed field mask")

// fieldMask is a tree of wanted fields; an empty one wants everything below.
type fieldMask map[string]fieldMask

// mask cuts a JSON body down to a partial-response expression: a,b(c,d),e/f,*.
func mask(body []byte, expression string) ([]byte, error) {
	p := maskParser{rest: expression}
	m, err := p.list()
	if err != nil || p.rest != "" {
		return nil, errMask
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(m.apply(v))
}

func (m fieldMask) apply(v any) any {
	if len(m) == 0 {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			sub, ok := m[k]
			if !ok {
				sub, ok = m["*"]
			}
			if ok {
				out[k] = sub.apply(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = m.apply(x)
		}
		return out
	default:
		return v
	}
}

type maskParser struct{ rest string }

func (p *maskParser) list() (fieldMask, error) {
	m := fieldMask{}
	for {
		if err := p.field(m); err != nil {
			return nil, err
		}
		if !strings.HasPrefix(p.rest, ",") {
			return m, nil
		}
		p.rest = p.rest[1:]
	}
}

func (p *maskParser) field(m fieldMask) error {
	end := strings.IndexAny(p.rest, ",()/")
	if end < 0 {
		end = len(p.rest)
	}
	name := strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	if name == "" {
		return errMask
	}
	sub := m[name]
	if sub == nil {
		sub = fieldMask{}
		m[name] = sub
	}
	switch {
	case strings.HasPrefix(p.rest, "/"):
		p.rest = p.rest[1:]
		return p.field(sub)
	case strings.HasPrefix(p.rest, "("):
		p.rest = p.rest[1:]
		inner, err := p.list()
		if err != nil || !strings.HasPrefix(p.rest, ")") {
			return errMask
		}
		p.rest = p.rest[1:]
		for k, v := range inner {
			sub[k] = v
		}
	}
	return nil
}
