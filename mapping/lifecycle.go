package mapping

import (
	"encoding/json"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Life are the rules of the lifecycle section: what follows from what is logged.
func (m *Mapper) Life() *life.Rules { return m.life }

// setLife compiles the lifecycle section. Its conditions know the document's tables and free mail.
func (m *Mapper) setLife(org Organization, doc Document, problems *[]connectors.Problem) {
	var env *expr.Env
	var beside []string
	if doc.Lifecycle.HasConditions() {
		options := []expr.Option{expr.WithRecords(), expr.WithFreeMail(m.isFreeMail)}
		if org.Location != nil {
			options = append(options, expr.WithZone(org.Location))
		}
		var err error
		if env, err = expr.New(doc.Lookups, options...); err != nil {
			*problems = append(*problems, connectors.Problem{Path: "mapping.lookups", What: err.Error()})
			return
		}
		beside = append(tables(doc.Lookups), doc.Match.FreeMail...)
	}
	rules, mistakes := life.New(doc.Lifecycle, env, beside...)
	for _, p := range mistakes {
		p.Path = "mapping.lifecycle." + p.Path
		*problems = append(*problems, p)
	}
	m.life = rules
}

// tables are lookup tables as one text; none if there are none.
func tables(lookups map[string]map[string]string) []string {
	if len(lookups) == 0 {
		return nil
	}
	text, err := json.Marshal(lookups)
	if err != nil { // maps of strings cannot fail
		panic(err)
	}
	return []string{string(text)}
}
