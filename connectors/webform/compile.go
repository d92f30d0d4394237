package webform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// compile reads the paths and the zone of the settings.
func (s *source) compile() error {
	cfg := &s.cfg
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return fmt.Errorf("read setting time_zone: %w", err)
	}
	s.rows = layout{form: cfg.Form, timeFormat: cfg.TimeFormat, zone: zone, touch: make(map[string]path),
		skip: append([]string{cfg.ID, cfg.Time, cfg.Updated}, cfg.Skip...)}
	if cfg.Answers != nil {
		s.rows.answers = &answerPaths{values: make([]path, len(cfg.Answers.Value))}
	}
	s.rows.named = make([]namedField, len(cfg.Fields))
	for i, f := range cfg.Fields {
		s.rows.named[i].name, s.rows.named[i].label = f.Name, f.Label
	}
	for _, p := range s.placesOf() {
		compiled, err := compile(p.text, p.plain)
		if err != nil {
			return fmt.Errorf("read setting %s: %w", p.setting, err)
		}
		p.set(compiled)
	}
	return nil
}

// pathPlace is a setting that holds a path, and where the path goes.
type pathPlace struct {
	setting string
	text    string
	plain   bool // the heading of a column
	set     func(path)
}

func (s *source) placesOf() []pathPlace {
	cfg, rows := &s.cfg, &s.rows
	table := cfg.Format == formatCSV
	into := func(p *path) func(path) { return func(c path) { *p = c } }
	out := []pathPlace{
		{"list", cfg.List, false, into(&rows.list)}, {"id", cfg.ID, table, into(&rows.id)},
		{"time", cfg.Time, table, into(&rows.time)}, {"updated", cfg.Updated, table, into(&rows.updated)},
		{"item", cfg.Item, false, into(&s.paths.item)}, {"paging.next", cfg.Paging.Next, false, into(&s.paths.next)},
		{"paging.pages", cfg.Paging.Pages, false, into(&s.paths.pages)}, {"paging.total", cfg.Paging.Total, false, into(&s.paths.total)},
		{"paging.more", cfg.Paging.More, false, into(&s.paths.more)},
	}
	for i, f := range cfg.Fields {
		out = append(out, pathPlace{"fields[" + strconv.Itoa(i) + "].path", f.Path, table, into(&rows.named[i].path)})
	}
	for _, word := range slices.Sorted(maps.Keys(cfg.Touch)) {
		out = append(out, pathPlace{"touch." + word, cfg.Touch[word], table, func(c path) { rows.touch[word] = c }})
	}
	if a := cfg.Answers; a != nil {
		out = append(out, pathPlace{"answers.list", a.List, false, into(&rows.answers.list)},
			pathPlace{"answers.name", a.Name, false, into(&rows.answers.name)}, pathPlace{"answers.label", a.Label, false, into(&rows.answers.label)})
		for i, text := range a.Value {
			out = append(out, pathPlace{"answers.value[" + strconv.Itoa(i) + "]", text, false, into(&rows.answers.values[i])})
		}
	}
	return out
}
