package web

import (
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditedKinds are what stands behind an action that ends with a kind, which comes from elsewhere.
func auditedKinds() map[string][]string {
	return map[string][]string{
		"merge x":  {string(crm.MergePeople), string(crm.MergeAccounts)},
		"import x": {"leads", "contacts", "accounts"},
		"log x":    {string(crm.KindCall), string(crm.KindEmail), string(crm.KindMeeting), string(crm.KindForm)},
	}
}

// actions are what a package writes to the audit log as having been done: in AuditRecord{Action: …}, and where a field
// Action is set to what begins like one.
func (p *parsedPackage) actions() (out []saidHint) {
	for _, f := range p.funcs {
		if f.Name.Name == "decodeAudit" { // reads what was written
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if n.Type == nil || !strings.HasSuffix(types.ExprString(n.Type), "AuditRecord") {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && types.ExprString(kv.Key) == "Action" {
						out = append(out, p.say(f, kv.Value)...)
					}
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if field, ok := to.(*ast.SelectorExpr); ok && field.Sel.Name == "Action" && types.ExprString(field.X) == "r" && len(n.Lhs) == len(n.Rhs) {
						out = append(out, p.say(f, n.Rhs[i])...)
					}
				}
			}
			return true
		})
	}
	return out
}

// TestEveryAuditedActionHasWords finds every action that the code can write to the audit log and demands it in words in
// every language.
func TestEveryAuditedActionHasWords(t *testing.T) {
	var actions []string
	for _, dir := range []string{"../store/boltstore", "../web", "../cmd/tsunagu", "../sync", "../importing"} {
		for _, pkg := range parsedPackages(t, dir) {
			for _, said := range pkg.actions() {
				kinds, ended := auditedKinds()[said.text]
				switch {
				case said.unknown != "":
					t.Errorf("%s: nobody can tell what %s says", said.at, said.unknown)
				case ended:
					for _, kind := range kinds {
						actions = append(actions, strings.TrimSuffix(said.text, "x")+kind)
					}
				default:
					actions = append(actions, said.text)
				}
			}
		}
	}
	slices.Sort(actions)
	actions = slices.Compact(actions)
	if len(actions) < 70 {
		t.Errorf("only %d actions were found", len(actions))
	}
	for lang, sp := range testSpeakers(t) {
		for _, action := range actions {
			if words, ok := sp.auditAction(action); !ok {
				t.Errorf("%s: %q is %q", lang, action, words)
			}
			if verb, _, _ := strings.Cut(action, " "); !slices.Contains(auditVerbs(), verb) || !sp.has("audit.verb."+verb) {
				t.Errorf("%s: nobody can search for the verb of %q", lang, action)
			}
		}
	}
}

// jsonFields are the paths of what encodes to JSON in a type, those of its parts behind a dot.
func jsonFields(t reflect.Type, path string, into map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		into[path] = true
		return
	}
	for f := range fieldsOf(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
		case f.Anonymous && name == "":
			jsonFields(f.Type, path, into)
		case path == "":
			jsonFields(f.Type, name, into)
		default:
			jsonFields(f.Type, path+"."+name, into)
		}
	}
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// TestEveryAuditedFieldHasWords demands every field of the records that the audit log holds in words in every language.
func TestEveryAuditedFieldHasWords(t *testing.T) {
	fields := map[string]bool{}
	for _, record := range []any{crm.Person{}, crm.Account{}, crm.User{}, crm.Token{}, crm.Review{}, crm.Proposal{}, crm.Task{}, crm.Comment{}, crm.SavedView{}, crm.Campaign{},
		crm.Product{}, crm.Opportunity{}, crm.Contract{}, crm.Filed{}, crm.Settings{}, mailingCounts{}} {
		jsonFields(reflect.TypeOf(record), "", fields)
	}
	for _, name := range []string{"second_factor", "sessions", "read_as", "rows", "people", "accounts", "written", "problems", "duplicates", "skipped", "complete"} { // of no record
		fields[name] = true
	}
	for lang, sp := range testSpeakers(t) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if words, ok := sp.auditField(name); !ok && !unshownField(name) {
				t.Errorf("%s: %q is %q", lang, name, words)
			}
		}
	}
}
