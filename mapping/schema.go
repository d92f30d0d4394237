package mapping

import (
	"encoding/json"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
)

// Schema is the JSON Schema (2020-12) of a mapping, for editors: they complete and check while somebody writes. It
// knows the shape and the names; whether expressions work, and tables and declared fields exist, only Parse
// tells.
func Schema() []byte {
	doc := object(schema{
		"screen": screenSchema(), "match": matchSchema(),
		"people":  object(schema{"new": oneOf(Policies(), "What happens to an unknown person on a mail that a person wrote.")}),
		"fields":  fieldsSchema(),
		"forms":   named(ref("form"), "By the form's id."),
		"lookups": named(texts("What is looked up, and what it means."), "Tables, by name."),
		"custom":  customSchema(),
		"meetings": object(schema{
			"private": oneOf(privateRules(), "What becomes of events that are marked private, or of which only the times are shown. Left out: skip."),
		}),
		"lifecycle": lifecycleSchema(),
		"tests":     list(testSchema(), "Examples that must pass before the mapping is saved."),
	})
	doc["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	doc["title"] = "Tsunagu mapping"
	doc["type"] = []string{"object", "null"}
	doc["$defs"] = schema{
		"rule": ruleSchema(), "form": formSchema(), "label": labelSchema(), "scalar": schema{"type": []string{"string", "number", "boolean"}},
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil { // strings, lists and maps of strings cannot fail
		panic(err)
	}
	return append(text, '\n')
}

type schema map[string]any

func object(properties schema) schema {
	return schema{"type": "object", "properties": properties, "additionalProperties": false}
}

func list(of schema, description string) schema {
	return schema{"type": "array", "items": of, "description": description}
}

func text(description string) schema { return schema{"type": "string", "description": description} }

func ref(name string) schema { return schema{"$ref": "#/$defs/" + name} }

func oneOf[S ~string](values []S, description string) schema {
	return schema{"enum": values, "description": description}
}

// named is a group whose keys people choose.
func named(of schema, description string) schema {
	return schema{"type": "object", "patternProperties": schema{words.String(): of}, "additionalProperties": false, "description": description}
}

// texts is a table from text to text.
func texts(description string) schema {
	return schema{"type": "object", "additionalProperties": ref("scalar"), "description": description}
}

func screenSchema() schema {
	one := schema{"type": "string", "minLength": 1, "maxLength": maxPattern}
	return object(schema{
		"addresses": list(one, `Addresses; "*" stands for any characters. Items with such a participant are never stored.`),
		"domains":   list(one, "Domains, with those below them, of people outside."),
		"subjects":  list(one, "Words of the subject, or regular expressions (RE2) between slashes."),
		"folders":   list(one, "Folders, labels or calendars, with all below them."),
		"classes":   list(schema{"enum": classes()}, "Classes of mail. Left out: bulk; an empty list: none."),
	})
}

func matchSchema() schema {
	return object(schema{
		"free_mail":  list(text("A domain."), "Domains that tell nothing about a company, beside the built-in list."),
		"role_names": list(text("A local part."), "Local parts that stand for an office, beside the built-in list."),
		"domain":     schema{"type": "boolean", "description": "Match by an account's domain. Left out: true."},
	})
}

func ruleSchema() schema {
	group := object(schema{
		"value":   schema{"$ref": "#/$defs/scalar", "description": "CEL expression; docs/expressions.md lists the functions."},
		"when":    schema{"$ref": "#/$defs/scalar", "description": "CEL condition; where it is false the field stays as it is."},
		"lookup":  text("Name of a table through which the value goes."),
		"map":     texts(`A table of its own; "*" stands for everything else.`),
		"default": schema{"$ref": "#/$defs/scalar", "description": "The text where the value is empty."},
	})
	group["minProperties"] = 1
	return schema{"description": "An expression, or a group.", "anyOf": []schema{ref("scalar"), group}}
}

// rulesSchema are rules by the name of a field.
func rulesSchema(fields []string) schema {
	properties := schema{}
	for _, field := range fields {
		properties[field] = ref("rule")
	}
	out := object(properties)
	out["patternProperties"] = schema{`^custom\.[a-z][a-z0-9_]{0,39}$`: ref("rule")}
	return out
}

func fieldsSchema() schema {
	kinds := schema{}
	for _, kind := range []crm.ActivityKind{crm.KindEmail, crm.KindMeeting, crm.KindForm} {
		kinds[string(kind)] = object(schema{"activity": rulesSchema(activityFields(kind)), "person": rulesSchema(personFields())})
	}
	out := object(kinds)
	out["description"] = "Which fields of activities and people get which values, by kind of activity."
	return out
}

func formSchema() schema {
	return object(schema{
		"name":     text("As people call the form."),
		"person":   rulesSchema(personFields()),
		"activity": rulesSchema(activityFields(crm.KindForm)),
		"campaign": ref("rule"), "channel": ref("rule"), "product": ref("rule"), "owner": ref("rule"),
		"new_people": oneOf([]Policy{PolicyNever, PolicyAlways}, "What happens to a sender whom nobody knows. Left out: always."),
		"mail":       mailSchema(),
	})
}

func mailSchema() schema {
	yes := schema{"type": "boolean"}
	field := object(schema{
		"name": text("Of the submission's field; left out: it is read and not handed out."), "label": text("As it stands in the mail."),
		"optional": yes, "many": yes, "below": yes, "suffix": text("What stands behind the value and is none of it."),
		"after": list(text("A line."), "Lines between this field and the next."),
	})
	field["required"] = []string{"label"}
	out := object(schema{
		"from": list(text(`An address, or "@" and a domain.`), "Senders."), "subject": text("Words that the subject must contain."),
		"layout": oneOf([]formmail.Layout{formmail.LayoutInline, formmail.LayoutBelow, formmail.LayoutColumns}, "How labels and values stand."),
		"before": text("Bullet or bracket before each label."), "separator": text("What parts label and value."),
		"fields": list(field, "In the order of the mail."), "start": text("Lines after which the fields begin."), "end": text("Lines before which they end."),
	})
	out["required"] = []string{"layout", "fields"}
	out["description"] = "Reads the form's notification mails; made from an example."
	return out
}

func labelSchema() schema {
	out := object(schema{"ja": text("In Japanese."), "en": text("In English.")})
	out["minProperties"] = 1
	return out
}

func customSchema() schema {
	choice := object(schema{"value": text("Stored."), "label": ref("label")})
	choice["required"] = []string{"value"}
	field := object(schema{
		"name": schema{"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}, "type": oneOf(crm.FieldTypes(), "What values it has."),
		"label": ref("label"), "options": list(choice, "Of option and options."),
	})
	field["required"] = []string{"name", "type", "label"}
	targets := schema{}
	for _, target := range crm.FieldTargets() {
		targets[string(target)] = list(field, "Declared fields.")
	}
	return object(targets)
}

func testSchema() schema {
	shape := testShape()
	scalars := schema{"anyOf": []schema{ref("scalar"), {"type": "array", "items": ref("scalar")}}}
	group := func(names []string, except ...string) schema {
		properties := schema{}
		for _, name := range names {
			if !slices.Contains(except, name) {
				properties[name] = scalars
			}
		}
		return properties
	}
	item := group(shape["item"], "fields", "touch", "meeting", "people", "accounts")
	item["fields"] = schema{"type": "object", "additionalProperties": scalars}
	item["touch"] = object(group(shape["item.touch"]))
	item["meeting"] = object(group(shape["item.meeting"]))
	item["people"] = list(object(group(shape["item.people"])), "People who are known.")
	item["accounts"] = list(object(group(shape["item.accounts"])), "Accounts that are known.")
	expect := group(shape["expect"], "activity", "person")
	for _, name := range []string{"activity", "person"} {
		fields := object(group(shape["expect."+name]))
		fields["patternProperties"] = schema{`^custom\.[a-z][a-z0-9_]{0,39}$`: scalars}
		expect[name] = fields
	}
	expect["verdict"] = oneOf(crm.Verdicts(), "What becomes of the item.")
	out := object(schema{"name": text("What the test shows."), "item": object(item), "expect": object(expect)})
	out["required"] = []string{"name", "item", "expect"}
	return out
}
