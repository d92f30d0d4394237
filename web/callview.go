package web

import "github.com/tsunagu-crm/tsunagu/crm"

// callView is what somebody said of a call beside the facts.
type callView struct {
	Result, Note, By, Number string
	Next                     []fact
}

// callView is nil for what is no call.
func (s *Server) callView(sp *speaker, a *crm.Activity) *callView {
	if a.Call == nil {
		return nil
	}
	v := &callView{Result: sp.wordOf(resultNames(s.lifecycle()), "call", a.Call.Result), Note: a.Call.Note, By: sp.actor(a.By), Number: a.Call.Number}
	for _, f := range []struct{ key, value string }{{"outcome.when", sp.plannedDay(a.Call.Next.When)}, {"outcome.whom", a.Call.Next.Whom}, {"outcome.what", a.Call.Next.What}} {
		if f.value != "" {
			v.Next = append(v.Next, fact{sp.text(f.key), f.value})
		}
	}
	return v
}
