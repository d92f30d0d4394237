package mapping

import (
	"maps"

	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// lifecycleSchema is the shape of the lifecycle section.
func lifecycleSchema() schema {
	yes := func(description string) schema { return schema{"type": "boolean", "description": description} }
	status := entry(schema{
		"reason": yes("It goes with a reason."), "next": yes("It wants a next action."), "won": yes("It counts as a meeting won."),
		"closed": yes("Nothing is to be done: no follow-up, no load of the owner."),
	})
	result := entry(schema{"next": yes("A next action must be given."), "connected": yes("Somebody was spoken to: it counts as contact.")})
	stage := entry(schema{"ends": oneOf([]string{life.EndsWon, life.EndsLost}, "Opportunities end with it; of won and lost.")})
	request := entry(schema{
		"forms": list(text("The id of a form."), "A submission of one makes the request."), "if": condition(),
		"stages": list(entry(nil), "The first is that of a new one."), "final": list(entry(nil), "Actions one of which ends it."),
	})
	out := object(schema{
		"statuses": list(status, "Statuses of leads, in the order shown."), "reasons": list(entry(nil), "Why a lead is nurtured."),
		"results": list(result, "Results of calls."), "stages": list(stage, "Stages of opportunities."),
		"rules": list(moveSchema(), "What moves a lead's status. The first that fits an event counts."), "requests": list(request, "Types of enquiry."),
		"assignment": list(assignmentSchema(), "Who gets leads without an owner. The first that fits counts."),
		"segments": list(required(entry(schema{
			"if": condition(), "follow_up": text(`No contact for so long makes its members due, instead of follow_up.after: 60d, or "never".`),
		}), "name", "if"), "People for whom a condition holds."),
		"territories": list(required(entry(schema{"if": condition()}), "name", "if"), "Sales territories. The first that fits counts."),
		"plans":       list(planSchema(), "Work plans: tasks for everybody who enters a segment."),
		"follow_up": object(schema{
			"after": days("No contact for so long makes somebody due. Left out: 120d."), "oldest": days("Nobody stays off the list longer. Left out: 365d."),
			"reply": schema{"type": "string", "pattern": "^[0-9]+h$", "description": "Business hours after which something unanswered is proposed as a next action. Left out: 8h."},
		}),
		"hours": hoursSchema(), "accept": list(schema{"enum": life.Acceptable()}, "Proposals that need nobody's consent."),
		"accounts":     yes("Customer organisations (顧客組織) are shown. Left out: true."),
		"fiscal_start": schema{"type": "integer", "minimum": 1, "maximum": 12, "description": "Month in which the fiscal year starts. Left out: 4."},
	})
	out["description"] = "What follows from what is logged: statuses, owners, segments, tasks. Of each list, what is written takes the place of the defaults."
	return out
}

// entry is an entry of a list, with what it has beside its name.
func entry(more schema) schema {
	properties := schema{
		"name": schema{"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "description": "What records keep. It stays when the label changes."}, "label": ref("label"),
		"retired": schema{"type": "boolean", "description": "It cannot be chosen any more; history keeps it."},
	}
	maps.Copy(properties, more)
	return required(object(properties), "name")
}

func required(of schema, names ...string) schema {
	of["required"] = names
	return of
}

func condition() schema { return text("CEL condition on person, account, standing and activity.") }

func days(description string) schema {
	return schema{"type": "string", "pattern": "^[0-9]+[dw]$", "description": description}
}

func title() schema {
	return schema{"type": "string", "minLength": 1, "maxLength": 60, "description": "History shows it as the cause."}
}

func moveSchema() schema {
	return required(object(schema{
		"name": title(), "on": oneOf(life.Events(), "What happened."), "result": list(text("A result."), "Of a call: one of these."),
		"after": days("Of silence: how long nothing happened."), "if": condition(), "from": list(text("A status."), "Left out: any but to."),
		"to": text("A status."), "reason": text("A reason, if the status wants one."),
	}), "name", "on", "to")
}

func assignmentSchema() schema {
	return required(object(schema{
		"name": title(), "territory": text("A territory."), "product": list(text("A product."), "One of these was asked for."),
		"language": oneOf([]string{"ja", "en"}, "Of what they wrote first."), "company": list(text("A name or a domain."), "One of these."), "if": condition(),
		"owners": list(text("A rep's address."), "The one who waited longest gets it."),
		"cap":    schema{"type": "integer", "minimum": 0, "description": "Open leads that an owner can have. Left out: no limit."},
	}), "name", "owners")
}

func planSchema() schema {
	step := required(object(schema{
		"after": days("From entering the segment. Left out: 0d."), "kind": oneOf(life.TaskKinds(), "What is to be done."), "what": text("In words."),
	}), "kind", "what")
	return required(object(schema{"name": title(), "segment": text("A segment."), "steps": list(step, "In order.")}), "name", "segment", "steps")
}

func hoursSchema() schema {
	clock := schema{"type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$"}
	return object(schema{
		"from": clock, "to": clock, "days": list(schema{"enum": life.Weekdays()}, "Business days. Left out: monday to friday."),
		"holidays": oneOf([]string{life.HolidaysJapan, life.HolidaysNone}, "Days that are closed. Left out: jp."),
		"closed":   list(schema{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`}, "Further closed days."),
	})
}
