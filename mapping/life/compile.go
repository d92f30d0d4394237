package life

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// New prepares a lifecycle section. The environment must be made WithRecords; nil is one without tables, in Japan's time
// zone. beside is what conditions rest on apart from the section, such as lookup tables: the hashes change with it. Every
// mistake is reported, with paths such as "rules[2].to"; the Rules are nil if there is one.
func New(doc Document, env *expr.Env, beside ...string) (*Rules, []connectors.Problem) {
	c := &compiler{doc: complete(doc), env: env}
	c.check()
	r := c.compile()
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	r.hash, r.moves = hashes(c.doc, beside)
	return r, nil
}

// plainEnv is used where a section needs no tables: the one of the defaults is made once.
var plainEnv = sync.OnceValues(func() (*expr.Env, error) { return expr.New(nil, expr.WithRecords()) })

// compiler makes Rules of a section and gathers its mistakes.
type compiler struct {
	doc      Document // complete
	env      *expr.Env
	problems []connectors.Problem
}

func (c *compiler) bad(path, what, hint string) {
	c.problems = append(c.problems, connectors.Problem{Path: path, What: what, Hint: hint})
}

// program compiles a condition; nil if there is none, or a wrong one.
func (c *compiler) program(path, text string) *expr.Program {
	if text == "" {
		return nil
	}
	if c.env == nil {
		env, err := plainEnv()
		if err != nil {
			c.bad(path, err.Error(), "")
			return nil
		}
		c.env = env
	}
	program, err := c.env.Condition(text)
	if err == nil {
		return program
	}
	p := connectors.Problem{Path: path, What: err.Error()}
	var e *expr.Error
	if errors.As(err, &e) {
		p.Line, p.Column, p.Hint = e.Line, e.Column, e.Hint
	}
	c.problems = append(c.problems, p)
	return nil
}

// condition compiles one for the rules, which must not read what is worked out only after it; nil if there is none.
func (c *compiler) condition(r *Rules, path, text string, unknown ...string) condition {
	program := c.program(path, text)
	c.reads(path, program, unknown...)
	if program == nil {
		return nil
	}
	return r.condition(program)
}

func (c *compiler) compile() *Rules {
	doc := &c.doc
	r := &Rules{
		doc: c.doc, statuses: doc.Statuses, meant: map[string]Status{}, results: map[string]Result{}, accept: map[crm.ProposalKind]bool{}, accounts: *doc.Accounts,
		followAfter: c.days("follow_up.after", doc.FollowUp.After), followOldest: c.days("follow_up.oldest", doc.FollowUp.Oldest),
		reply: c.hoursOf("follow_up.reply", doc.FollowUp.Reply), hours: c.hours(),
	}
	for _, status := range slices.Concat(defaultStatuses(), doc.Statuses) {
		r.meant[status.Name.Name] = status
	}
	for _, result := range doc.Results {
		r.results[result.Name.Name] = result
	}
	for _, kind := range doc.Accept {
		r.accept[kind] = true
	}
	c.moves(r)
	c.groups(r)
	c.plans(r)
	r.label = r.labelOf
	return r
}

// hashes are the one of the whole section and the one of what moves statuses, stages and owners, with what these are
// called: history keeps the names of its time.
func hashes(doc Document, beside []string) (whole, moves string) {
	return hash(doc, beside), hash(Document{
		Statuses: doc.Statuses, Reasons: doc.Reasons, Rules: doc.Rules, Requests: doc.Requests, Assignment: doc.Assignment, Territories: doc.Territories,
	}, beside)
}

func hash(doc Document, beside []string) string {
	state, err := json.Marshal(struct {
		Document Document
		Beside   []string
	}{doc, beside})
	if err != nil { // strings, lists and numbers cannot fail
		panic(err)
	}
	sum := sha256.Sum256(state)
	return hex.EncodeToString(sum[:16])
}

// set is a list as a set; nil for an empty one.
func set(list []string) map[string]bool {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]bool, len(list))
	for _, word := range list {
		out[word] = true
	}
	return out
}

const day = 24 * time.Hour
