package life

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Hash changes with the section: whoever was followed under another one must be followed again.
func (r *Rules) Hash() string { return r.hash }

// Document is the section with the defaults of what it leaves out. It must not be written to.
func (r *Rules) Document() Document { return r.doc }

// Statuses are the statuses of leads in the order shown, with the retired ones.
func (r *Rules) Statuses() []Status { return r.doc.Statuses }

// Reasons are the nurturing reasons, with the retired ones.
func (r *Rules) Reasons() []Name { return r.doc.Reasons }

// Results are the results of calls, with the retired ones.
func (r *Rules) Results() []Result { return r.doc.Results }

// Stages are the stages of opportunities, with the retired ones.
func (r *Rules) Stages() []DealStage { return r.doc.Stages }

// Requests are the types of enquiry, with the retired ones.
func (r *Rules) Requests() []Request { return r.doc.Requests }

// Segments are the segments, with the retired ones.
func (r *Rules) Segments() []Segment { return r.doc.Segments }

// Territories are the sales territories, with the retired ones.
func (r *Rules) Territories() []Territory { return r.doc.Territories }

// Plans are the work plans.
func (r *Rules) Plans() []Plan { return r.doc.Plans }

// Assigns reports whether rules give owners to leads.
func (r *Rules) Assigns() bool { return len(r.assignments) > 0 }

// AccountsOn reports whether customer organisations are shown (顧客組織).
func (r *Rules) AccountsOn() bool { return r.accounts }

// FiscalStart is the month in which the fiscal year starts, 1 to 12.
func (r *Rules) FiscalStart() int { return r.doc.FiscalStart }

// Hours are the business hours. They must not be written to.
func (r *Rules) Hours() *crm.Hours { return r.hours }

// Failures is how often, since the Rules were made, a condition failed on a record. It did not hold then.
func (r *Rules) Failures() int64 { return r.failures.Load() }

// Status is the status with a code; false if the section does not know it.
func (r *Rules) Status(code string) (Status, bool) {
	i := slices.IndexFunc(r.doc.Statuses, func(s Status) bool { return s.Name.Name == code })
	if i < 0 {
		return Status{}, false
	}
	return r.doc.Statuses[i], true
}

// StatusInUse reports whether the section has a status and it is not retired.
func (r *Rules) StatusInUse(code string) bool {
	s, ok := r.Status(code)
	return ok && !s.Retired
}

// Closed reports whether nothing is to be done for leads of a status. One that the section does not have any more means what it
// did out of the box.
func (r *Rules) Closed(status string) bool { return r.meant[status].Closed }

// Won reports whether a status counts as a meeting won, in the same way.
func (r *Rules) Won(status string) bool { return r.meant[status].Won }

// CheckStatus finds what is wrong with a status and a reason that somebody wants to give a lead: paths are "status" and
// "reason".
func (r *Rules) CheckStatus(code, reason string) []connectors.Problem {
	status, ok := r.Status(code)
	switch {
	case !ok:
		return one("status", unknown(code, "a status"), choices(r.doc.Statuses, func(s Status) Name { return s.Name }))
	case status.Retired:
		return one("status", fmt.Sprintf("the status %q is retired", code), choices(r.doc.Statuses, func(s Status) Name { return s.Name }))
	case !status.Reason && reason != "":
		return one("reason", fmt.Sprintf("the status %q has no reason", code), "leave the reason out")
	case !status.Reason:
		return nil
	}
	at := slices.IndexFunc(r.doc.Reasons, func(n Name) bool { return n.Name == reason })
	hint := choices(r.doc.Reasons, func(n Name) Name { return n })
	switch {
	case reason == "":
		return one("reason", fmt.Sprintf("the status %q wants a reason", code), hint)
	case at < 0:
		return one("reason", unknown(reason, "a reason"), hint)
	case r.doc.Reasons[at].Retired:
		return one("reason", fmt.Sprintf("the reason %q is retired", reason), hint)
	}
	return nil
}

// CheckCall finds what is wrong with the result of a call that somebody logs, and whether the next action that it asks for is
// missing (when and what): paths are "result", "next.when" and "next.what".
func (r *Rules) CheckCall(call crm.Call) []connectors.Problem {
	result, ok := r.results[call.Result]
	name := func(r Result) Name { return r.Name }
	switch {
	case !ok:
		return one("result", unknown(call.Result, "a result of a call"), choices(r.doc.Results, name))
	case result.Retired:
		return one("result", fmt.Sprintf("the result %q is retired", call.Result), choices(r.doc.Results, name))
	}
	var problems []connectors.Problem
	if !result.Next {
		return nil
	}
	if strings.TrimSpace(call.Next.When) == "" {
		problems = append(problems, one("next.when", fmt.Sprintf("the result %q asks for a next action, and it is not said when", call.Result), "give a day, such as 2026-11-24")...)
	}
	if strings.TrimSpace(call.Next.What) == "" {
		problems = append(problems, one("next.what", fmt.Sprintf("the result %q asks for a next action, and it is not said what", call.Result), "")...)
	}
	return problems
}

// CheckStage finds what is wrong with the stage of an opportunity: the path is "stage".
func (r *Rules) CheckStage(stage crm.Stage) []connectors.Problem {
	name := func(s DealStage) Name { return s.Name }
	at := slices.IndexFunc(r.doc.Stages, func(s DealStage) bool { return s.Name.Name == string(stage) })
	switch {
	case at < 0:
		return one("stage", unknown(string(stage), "a stage"), choices(r.doc.Stages, name))
	case r.doc.Stages[at].Retired:
		return one("stage", fmt.Sprintf("the stage %q is retired", stage), choices(r.doc.Stages, name))
	}
	return nil
}

// CheckRequest finds what is wrong with a type of enquiry, its stage and the action that ended it, any of which may be "":
// paths are "request", "stage" and "final".
func (r *Rules) CheckRequest(request, stage, final string) []connectors.Problem {
	at := slices.IndexFunc(r.doc.Requests, func(q Request) bool { return q.Name.Name == request })
	switch {
	case request == "" && stage == "" && final == "":
		return nil
	case at < 0:
		return one("request", unknown(request, "a type of enquiry"), choices(r.doc.Requests, func(q Request) Name { return q.Name }))
	}
	var problems []connectors.Problem
	self := func(n Name) Name { return n }
	for _, part := range []struct {
		path, code, what string
		list             []Name
	}{{"stage", stage, "a stage of this type of enquiry", r.doc.Requests[at].Stages}, {"final", final, "an action that ends this type of enquiry", r.doc.Requests[at].Final}} {
		if part.code != "" && !slices.ContainsFunc(part.list, func(n Name) bool { return n.Name == part.code && !n.Retired }) {
			problems = append(problems, one(part.path, unknown(part.code, part.what), choices(part.list, self))...)
		}
	}
	return problems
}

func one(path, what, hint string) []connectors.Problem {
	return []connectors.Problem{{Path: path, What: what, Hint: hint}}
}

func unknown(code, what string) string {
	if code == "" {
		return what + " must be given"
	}
	return fmt.Sprintf("%q is not %s", code, what)
}

// choices names what can be chosen of a list.
func choices[T any](list []T, name func(T) Name) string {
	var codes []string
	for _, entry := range list {
		if n := name(entry); !n.Retired {
			codes = append(codes, n.Name)
		}
	}
	if len(codes) == 0 {
		return "the mapping has none"
	}
	return "one of " + strings.Join(codes, ", ")
}
