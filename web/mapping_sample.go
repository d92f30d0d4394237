package web

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// previewSample is what becomes of one item.
type previewSample struct{ Before, After previewSide }

// previewSide is an item as it stands, or as it would: a verdict in people's words, or the fields in which it differs; else the
// English words of what differs.
type previewSide struct {
	Said   template.HTML
	Fields []previewField
	Text   string
}

type previewField struct {
	Label string
	Value template.HTML
}

// previewSample puts a sample into the reader's words.
func (s *Server) previewSample(r *request, known *names, sample MappingSample) previewSample {
	var out previewSample
	for _, f := range sample.Fields {
		label := s.sampleField(r, f.Field)
		out.Before.Fields = append(out.Before.Fields, previewField{label, s.sampleValue(r, known, f.Field, f.Before)})
		out.After.Fields = append(out.After.Fields, previewField{label, s.sampleValue(r, known, f.Field, f.After)})
	}
	if len(sample.Fields) == 0 {
		sample = known.named(r.Context(), sample)
		out = previewSample{r.say.previewSide(sample.Before), r.say.previewSide(sample.After)}
	}
	return out
}

// sampleField names a field of an activity.
func (s *Server) sampleField(r *request, field string) string {
	if field == "match" {
		return ""
	}
	if words := s.fieldWord(r, field, crm.OnActivity); words != field {
		return words
	}
	words, _ := r.say.auditField(field)
	return words
}

// sampleValue puts a value into words: records and colleagues by their names, codes by theirs.
func (s *Server) sampleValue(r *request, known *names, field, value string) template.HTML {
	switch field {
	case "match":
		return r.say.previewSide(value).Said
	case "status":
		value = r.say.label("status", value)
	case "accounts":
		value = known.named(r.Context(), MappingSample{Before: value}).Before
	case "owners":
		owners := strings.Fields(value)
		for i := range owners {
			owners[i] = known.user(r.Context(), owners[i])
		}
		value = strings.Join(owners, ", ")
	}
	return template.HTML("<bdi>" + template.HTMLEscapeString(cmp.Or(value, r.say.text("mapping.nothing"))) + "</bdi>") //nolint:gosec // escaped
}

// previewSide reads what is said of an item: its verdict and why, the rule and evidence by which it was matched, or in how many
// places it is left out.
func (sp *speaker) previewSide(text string) previewSide {
	verdict, reason, _ := strings.Cut(text, ": ")
	var n, total int
	switch _, err := fmt.Sscanf(verdict, "excluded in %d of %d places", &n, &total); {
	case err == nil:
		said := sp.html("mapping.excluded_in", "done", n, "total", total)
		return previewSide{Said: said + ": " + sp.reason(crm.Reason(reason))}
	case !sp.has("verdict." + verdict):
		return previewSide{Text: text}
	}
	said := template.HTML(template.HTMLEscapeString(sp.text("verdict." + verdict))) //nolint:gosec // escaped
	rule, evidence, matched := strings.Cut(reason, " ")
	switch {
	case reason == "":
	case verdict == string(crm.Logged) && matched && sp.has("rule."+rule):
		evidence, others := strings.CutSuffix(evidence, ", with others in question")
		said += " · " + sp.html("mapping.found_by", "rule", sp.text("rule."+rule), "evidence", evidence)
		if others {
			said += " " + sp.html("mapping.others_too")
		}
	default:
		said += ": " + sp.reason(crm.Reason(reason))
	}
	return previewSide{Said: said}
}
