package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// itRoutes are the pages of those who run the machine.
func itRoutes() []route {
	return []route{
		{pattern: "GET /health", access: admin, handle: (*Server).showHealth},
		{pattern: "POST /health/prove", access: it, handle: (*Server).proveSources},
		{pattern: "GET /backups", access: it, handle: (*Server).listBackups},
		{pattern: "POST /backups", access: it, handle: (*Server).makeBackup},
		{pattern: "GET /backups/{name}/file", access: it, handle: (*Server).downloadBackup, endless: true},
		{pattern: "POST /backups/{name}/try", access: it, handle: (*Server).tryBackup},
		{pattern: "GET /audit", access: it, handle: (*Server).showAudit},
	}
}

// light is how something stands: the worst of many is that of the whole.
type light int

const (
	lightGood light = iota
	lightWarn
	lightBad
)

// Name is the light in style sheets and keys.
func (l light) Name() string { return [...]string{"good", "warn", "bad"}[l] }

// healthView is the page of health.
type healthView struct {
	Light    light
	Headline string
	Todos    []healthTodo // what somebody should do, worst first
	Rows     []healthRow
	Facts    []healthFact
	Proof    proofView
	IT       bool
}

// healthTodo is one thing to do.
type healthTodo struct {
	Light light
	Text  string
	URL   string
}

// healthRow is one source.
type healthRow struct {
	ID, Name, Owner, State, StateLabel, StateText string
	Light                                         light
	Success, Lag, Rate, Quota, Silence            string
	Trouble, Todo, Raw                            string
	Advice                                        advice
}

// healthFact is a line about the daemon or the machine.
type healthFact struct {
	Light             light
	Label, Text, Note string
}

func (s *Server) showHealth(w http.ResponseWriter, r *request) error {
	v, err := s.health(r, time.Now())
	if err != nil {
		return err
	}
	return s.render(w, r, "health", page{Title: r.say.text("health.title"), Nav: "health", Live: "page=health", Data: v})
}

func (s *Server) health(r *request, now time.Time) (*healthView, error) {
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return nil, err
	}
	v := &healthView{IT: it.allows(r.user.Role)}
	var m Machine
	if s.cfg.IT.Machine != nil {
		m = s.cfg.IT.Machine(r.Context())
	}
	choices, err := s.choices(r.Context())
	if err != nil {
		return nil, err
	}
	list, err := s.allConnections(r.Context())
	if err != nil {
		return nil, err
	}
	for i := range sources {
		row, err := s.healthRow(r, &sources[i], m.Quotas, now)
		if err != nil {
			return nil, err
		}
		choice := choices[row.ID]
		if sources[i].State == crm.SourceAuthExpired {
			switch s.wayInto(&sources[i], &choice, list) {
			case wayToken:
				row.Todo = r.say.text("health.todo.signin_token", "id", row.ID)
			case wayFile:
				row.Todo = r.say.text("health.todo.signin_file")
			}
		}
		v.Rows = append(v.Rows, row)
		if row.Light > lightGood {
			text := row.Todo
			if text == "" {
				text = row.Silence
			}
			v.todo(row.Light, row.Name+": "+text, "/sources#"+row.ID)
		}
	}
	slices.SortStableFunc(v.Rows, func(a, b healthRow) int { return int(b.Light) - int(a.Light) })
	if v.Proof, err = s.proofs(r, sources, now); err != nil {
		return nil, err
	}
	if err := s.machineFacts(r, v, &m, now); err != nil {
		return nil, err
	}
	if err := s.backupFact(r, v, now); err != nil {
		return nil, err
	}
	s.proofFact(r, v)
	for _, todo := range v.Todos {
		v.Light = max(v.Light, todo.Light)
	}
	slices.SortStableFunc(v.Todos, func(a, b healthTodo) int { return int(b.Light) - int(a.Light) })
	v.Headline = r.say.text("health.headline." + v.Light.Name())
	return v, nil
}

func (v *healthView) todo(l light, text, url string) {
	v.Todos = append(v.Todos, healthTodo{l, text, url})
}

// healthRow puts a source into words.
func (s *Server) healthRow(r *request, src *crm.Source, quotas []Quota, now time.Time) (healthRow, error) {
	p, err := s.paceOf(r.Context(), src, now)
	if err != nil {
		return healthRow{}, err
	}
	sp := r.say
	row := healthRow{ID: src.ID, Name: sp.nameOfSource(src), Owner: src.Owner, State: string(src.State), StateLabel: sp.label("state", string(src.State)),
		StateText: sp.label("state_text", string(src.State)), Success: sp.when(src.LastSuccess), Silence: sp.silenceText(&p.Silence, now),
		Rate: sp.text("health.rate", "n", strconv.FormatFloat(p.PerHour, 'f', 1, 64)), Raw: src.Error, Advice: sp.adviceOn(src.Hint), Quota: sp.quotaOf(src, quotas)}
	if d, ok := lag(*src, now); ok {
		row.Lag = sp.since(d)
	}
	switch src.State {
	case crm.SourceAuthExpired, crm.SourceNeedsIT:
		row.Light = lightBad
	case crm.SourceRetrying:
		row.Light = lightWarn
	}
	if code := troubleCodeOf(src); code != "" {
		row.Trouble, row.Todo = sp.text("health.trouble."+code), sp.text("health.todo."+code)
	} else if row.Light > lightGood {
		row.Todo = row.StateText
	}
	if row.Silence != "" {
		row.Light = max(row.Light, lightWarn)
	}
	return row, nil
}

// quotaOf is what is left of the limits of a source's owner; "" if none is known.
func (sp *speaker) quotaOf(src *crm.Source, quotas []Quota) string {
	prefix := map[string]string{"gmail": "gmail/user/", "googlecalendar": "calendar/user/", "googleforms": "forms/user/"}[src.Kind]
	if prefix == "" {
		return ""
	}
	for _, q := range quotas {
		switch {
		case q.Name != prefix+src.Owner || q.Units <= 0:
		case q.Paused:
			return sp.text("health.quota_used")
		default:
			return sp.text("health.quota_left", "percent", max(0, q.Left)*100/q.Units)
		}
	}
	return sp.text("health.quota_left", "percent", 100)
}

// machineFacts are the lines about the daemon and the machine.
func (s *Server) machineFacts(r *request, v *healthView, m *Machine, now time.Time) error {
	sp := r.say
	bytes, err := s.store.Size(r.Context())
	if err != nil {
		return err
	}
	add := func(l light, key, text, note string) {
		v.Facts = append(v.Facts, healthFact{l, sp.text("health.fact." + key), text, note})
		if l > lightGood {
			v.todo(l, note, "")
		}
	}
	add(lightGood, "version", s.cfg.Version, "")
	if !m.Started.IsZero() {
		add(lightGood, "uptime", sp.ago(now.Sub(m.Started)), sp.text("health.since", "time", sp.when(m.Started)))
	}
	add(lightGood, "store", wideSize(bytes), sp.growth(m.Sizes, bytes, now))
	if m.Memory > 0 {
		add(lightGood, "memory", wideSize(m.Memory), "")
	}
	if m.DiskFree > 0 || m.DiskFree == 0 && m.KeyFile != "" {
		l, note := lightGood, ""
		switch {
		case m.DiskFree < diskEmpty:
			l, note = lightBad, sp.text("health.disk_empty")
		case m.DiskFree < diskLow || m.DiskFree < 2*bytes:
			l, note = lightWarn, sp.text("health.disk_low")
		}
		add(l, "disk", sp.text("health.free", "value", wideSize(m.DiskFree)), note)
	}
	if m.KeyFile != "" {
		if m.KeyError != "" {
			add(lightBad, "key", sp.text("health.key_bad"), sp.text("health.key_todo"))
		} else {
			add(lightGood, "key", sp.text("health.key_good"), "")
		}
	}
	return nil
}

// growth is how much the store grew in a day over the last week that is known.
func (sp *speaker) growth(sizes []DaySize, bytes int64, now time.Time) string {
	first := now.In(sp.zone).AddDate(0, 0, -7).Format(time.DateOnly)
	for _, d := range sizes {
		if d.Day < first {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, d.Day, sp.zone)
		if err != nil {
			return ""
		}
		days := int64(now.Sub(day) / (24 * time.Hour))
		if days < 1 {
			return ""
		}
		if grown := (bytes - d.Bytes) / days; grown > 0 {
			return sp.text("health.growth", "value", wideSize(grown))
		}
		return ""
	}
	return ""
}

func (s *Server) backupFact(r *request, v *healthView, now time.Time) error {
	if s.cfg.IT.Backups == nil {
		return nil
	}
	st, err := s.cfg.IT.Backups.State(r.Context())
	if err != nil {
		return err
	}
	sp := r.say
	f := healthFact{Label: sp.text("health.fact.backup"), Text: sp.text("health.backup_never")}
	if !st.Last.IsZero() {
		f.Text = sp.when(st.Last)
		f.Note = sp.since(now.Sub(st.Last))
	}
	switch {
	case st.Error != "":
		f.Light, f.Note = lightBad, sp.text("health.backup_failed")
	case st.Last.IsZero():
		f.Light, f.Note = lightWarn, sp.text("health.backup_none")
	case now.Sub(st.Last) > backupStale:
		f.Light, f.Note = lightWarn, sp.text("health.backup_old", "d", sp.ago(now.Sub(st.Last)))
	case st.Test != nil && st.Test.Error != "":
		f.Light, f.Note = lightBad, sp.text("health.backup_broken")
	}
	v.Facts = append(v.Facts, f)
	if f.Light > lightGood {
		v.todo(f.Light, f.Note, "/backups")
	}
	return nil
}

// proofFact says whether the ledger was held against the servers lately.
func (s *Server) proofFact(r *request, v *healthView) {
	if s.cfg.IT.Proofs == nil || len(v.Proof.Rows) == 0 {
		return
	}
	worst := lightGood
	for _, row := range v.Proof.Rows {
		worst = max(worst, row.Light)
	}
	f := healthFact{Light: worst, Label: r.say.text("health.fact.proof"), Text: v.Proof.Date}
	if f.Text == "" {
		f.Text = r.say.text("proof.never")
	}
	if worst > lightGood {
		f.Note = r.say.text("proof.todo")
		v.todo(worst, f.Note, "#proof")
	}
	v.Facts = append(v.Facts, f)
}

// wideSize is a number of bytes for people, also of disks.
func wideSize(n int64) string {
	if n >= 1<<30 {
		return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GB"
	}
	return size(n)
}
