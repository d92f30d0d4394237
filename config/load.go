package config

import (
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Load reads a configuration file. Env looks up an environment variable (os.LookupEnv); kinds are the kinds of
// source by name. The Config is nil if the problems are fatal; warnings alone leave it usable.
func Load(path string, env func(string) (string, bool), kinds map[string]connectors.SourceKind) (*Config, Problems) {
	l := &loader{
		file: path, dir: folder(path), env: env, kinds: kinds,
		written: map[*yaml.Node]string{}, unset: map[*yaml.Node]bool{}, broken: map[*yaml.Node]bool{},
	}
	data, mode, problem := read(path)
	if problem != nil {
		return nil, Problems{*problem}
	}
	l.worldReadable = mode&0o004 != 0
	c := l.load(data)
	l.problems.sort()
	if l.problems.Fatal() {
		return nil, l.problems
	}
	return c, l.problems
}

func folder(path string) string {
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil { // the working directory is gone
		return filepath.Dir(path)
	}
	return dir
}

// loader carries one Load.
type loader struct {
	file          string
	dir           string
	env           func(string) (string, bool)
	kinds         map[string]connectors.SourceKind
	worldReadable bool
	written       map[*yaml.Node]string // scalars in which ${…} was replaced, as they stood
	unset         map[*yaml.Node]bool   // scalars in which it could not be
	broken        map[*yaml.Node]bool   // nodes of the wrong shape: what they lack need not be said
	problems      Problems
}

func (l *loader) load(data []byte) *Config {
	root := l.parse(data)
	if root == nil {
		return nil
	}
	l.expand(root, "")
	c := defaults()
	c.Dir = l.dir
	l.decode(l.withoutSettings(root), reflect.ValueOf(&c).Elem(), "")
	l.section(root, &c)
	for i := range c.Sources {
		l.settings(root, &c.Sources[i], i)
	}
	l.googleSettings(root, &c)
	l.secrets(root, &c)
	l.check(root, &c)
	return &c
}

// withoutSettings copies the nodes down to the sources without their settings, whose type the kind names, those of the
// sources of Google accounts included, and without the mapping, which reads itself.
func (l *loader) withoutSettings(root *yaml.Node) *yaml.Node {
	top := *root
	top.Content = append([]*yaml.Node(nil), root.Content...)
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == "mapping" {
			top.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
		}
		if top.Content[i].Value == "google" {
			for _, service := range GoogleServices() {
				top.Content[i+1] = without(top.Content[i+1], service)
			}
		}
		if top.Content[i].Value != "sources" || top.Content[i+1].Kind != yaml.SequenceNode {
			continue
		}
		list := *top.Content[i+1]
		list.Content = nil
		for _, source := range top.Content[i+1].Content {
			list.Content = append(list.Content, without(source, "settings"))
		}
		top.Content[i+1] = &list
	}
	return &top
}

// without copies a mapping without one key; other nodes it gives back.
func without(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n
	}
	c := *n
	c.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != key {
			c.Content = append(c.Content, n.Content[i], n.Content[i+1])
		}
	}
	return &c
}

// settings decodes and checks the settings of source i.
func (l *loader) settings(root *yaml.Node, s *Source, i int) {
	path := "sources[" + strconv.Itoa(i) + "]"
	kind, known := l.kinds[s.Kind]
	if !known {
		names := make([]string, 0, len(l.kinds))
		for name := range l.kinds {
			names = append(names, name)
		}
		if l.broken[nearest(root, path)] {
			return
		}
		if s.Kind == "" {
			l.at(find(root, path), path+".kind", "the kind of source is missing", mapping.Suggest("", names))
		} else {
			n := find(root, path+".kind")
			l.at(n, path+".kind", l.quote(n)+" is no kind of source", mapping.Suggest(s.Kind, names))
		}
		return
	}
	if s.Schedule == "" {
		s.Schedule = kind.Schedule
	}
	s.Settings = kind.NewSettings()
	before := len(l.problems)
	n := find(root, path+".settings")
	if n == nil || isNull(n) {
		n = &yaml.Node{Kind: yaml.MappingNode}
	}
	l.decode(n, reflect.ValueOf(s.Settings), path+".settings")
	said := map[string]bool{}
	for _, p := range l.problems[before:] {
		said[p.Path] = true
	}
	for _, p := range s.Settings.Check() {
		full := path + ".settings"
		if p.Path != "" {
			full = join(full, p.Path)
		}
		if n := nearest(root, full); !said[full] && !l.unset[n] && !l.broken[n] {
			l.at(n, full, strings.TrimSuffix(p.What, "."), strings.TrimSuffix(p.Hint, "."))
		}
	}
}

// find is the node at a path such as "sources[0].settings.addr"; nil if there is none.
func find(root *yaml.Node, path string) *yaml.Node {
	n := root
	for path != "" && n != nil {
		var step string
		switch at := strings.IndexAny(path, ".["); {
		case path[0] == '[':
			step, path, _ = strings.Cut(path[1:], "]")
			path = strings.TrimPrefix(path, ".")
			n = element(n, step)
			continue
		case at < 0:
			step, path = path, ""
		case path[at] == '.':
			step, path = path[:at], path[at+1:]
		default:
			step, path = path[:at], path[at:]
		}
		n = child(n, step)
	}
	return n
}

func element(n *yaml.Node, index string) *yaml.Node {
	i, err := strconv.Atoi(index)
	if err != nil || n.Kind != yaml.SequenceNode || i < 0 || i >= len(n.Content) {
		return nil
	}
	return n.Content[i]
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// nearest is the node at a path or, if that is missing, the one that it is missing from.
func nearest(root *yaml.Node, path string) *yaml.Node {
	for path != "" {
		if n := find(root, path); n != nil {
			return n
		}
		at := strings.LastIndexAny(path, ".[")
		path = path[:max(at, 0)]
	}
	return root
}

func (l *loader) at(n *yaml.Node, path, what, hint string) {
	p := Problem{Path: path, What: what, Hint: hint}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	l.problem(p)
}

func (l *loader) problem(p Problem) {
	p.File = l.file
	l.problems = append(l.problems, p)
}

// location is a time zone of the database, never the machine's own.
func location(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}
