package web

import (
	"context"
	"net/url"
	"strings"
)

// otherObject names what an action was about where that is no record with a page of its own; false for a record.
func (a *auditor) otherObject(object string) (at link, is bool) {
	kind, id, _ := strings.Cut(object, "/")
	switch kind {
	case "source":
		return link{a.say.nameOfSourceID(id), "/sources#" + url.PathEscape(id)}, true
	case "mapping":
		return link{a.say.text("mapping.version", "n", id), "/mapping/versions/" + url.PathEscape(id)}, true
	case "segment":
		return link{id, "/segments/" + url.PathEscape(id)}, true
	case "user", "backup":
		return link{Name: id}, true
	case "subject":
		return link{Name: id[strings.LastIndexByte(id, '/')+1:]}, true
	case "account": // one that is connected, and no organisation
		if _, address, ok := strings.Cut(id, "/"); ok {
			return link{address, "/connections"}, true
		}
	case "review", "proposal", "token", "comment", "view", "campaign", "product", "private", "submission", "import", "erased", "settings", "session":
		return link{}, true // it says itself what it is about, or nothing
	}
	if n, _, ok := strings.Cut(object, " "); ok && strings.Trim(n, "0123456789") == "" {
		return link{Name: a.say.text("audit.count", "n", n)}, true
	}
	return link{}, false
}

// auditAction is an action in words, of its own or made of its verb and what it was done to; false if there are none.
func (sp *speaker) auditAction(action string) (words string, ok bool) {
	if key := "audit.action." + strings.NewReplacer(" ", "_", "-", "_").Replace(action); sp.has(key) {
		return sp.text(key), true
	}
	verb, noun, _ := strings.Cut(action, " ")
	if !sp.has("audit.did."+verb) || !sp.has("audit.noun."+noun) {
		return action, false
	}
	return sp.text("audit.did."+verb, "kind", sp.text("audit.noun."+noun)), true
}

// actor names who did it: a colleague by the name and the address that the page is searched by.
func (a *auditor) actor(ctx context.Context, by string) string {
	switch {
	case by == "cli", by == "tsunagu", by == "setup":
		return a.say.text("audit.actor." + by)
	case strings.HasPrefix(by, "token:"):
		return a.say.text("audit.actor.token")
	case strings.HasPrefix(by, "signin:"):
		return a.say.text("audit.actor.signin")
	}
	if name := a.names.user(ctx, by); name != by && by != "" {
		return name + " (" + by + ")"
	}
	return by
}
