package boltstore

import "github.com/tsunagu-crm/tsunagu/crm"

const adminVersion = 1

// The records of administration are few, so they share one way to be read: decodeAdmin.

func encodeAdmin(fill func(e *encoder)) []byte {
	var e encoder
	e.uint(adminVersion)
	fill(&e)
	return e.b
}

func decodeAdmin[T any](b []byte, what string, read func(d *decoder) T) (T, error) {
	d := decoder{s: string(b)}
	var zero T
	if d.uint() != adminVersion {
		return zero, corrupt(what)
	}
	out := read(&d)
	if d.bad {
		return zero, corrupt(what)
	}
	return out, nil
}

// review is a review as it is stored: with the item that raised it, whose subject it shows.
type review struct {
	crm.Review
	item string // external id in Source
}

func encodeReview(r review) []byte {
	return encodeAdmin(func(e *encoder) {
		e.id(r.ID)
		for _, s := range []string{string(r.Kind), r.Address, r.Name, r.Subject, r.AccountID, r.Source, r.Owner,
			string(r.State), r.Person, r.DecidedBy, r.item} {
			e.str(s)
		}
		e.candidates(r.Candidates)
		e.time(r.Raised)
		e.time(r.DecidedAt)
		e.bool(r.Changed)
	})
}

func decodeReview(b []byte) (review, error) {
	return decodeAdmin(b, "a review", func(d *decoder) (r review) {
		r.ID, r.Kind, r.Address, r.Name, r.Subject = d.id(), crm.ReviewKind(d.str()), d.str(), d.str(), d.str()
		r.AccountID, r.Source, r.Owner, r.State = d.str(), d.str(), d.str(), crm.ReviewState(d.str())
		r.Person, r.DecidedBy, r.item = d.str(), d.str(), d.str()
		r.Candidates, r.Raised, r.DecidedAt = d.candidates(), d.time(), d.time()
		r.Changed = !d.ended() && d.bool()
		return r
	})
}

func encodeDecision(v crm.Decision) []byte {
	return encodeAdmin(func(e *encoder) {
		e.id(v.Review)
		e.id(v.Person)
		e.str(v.By)
	})
}

func decodeDecision(b []byte) (crm.Decision, error) {
	return decodeAdmin(b, "a decision", func(d *decoder) crm.Decision {
		return crm.Decision{Review: d.id(), Person: d.id(), By: d.str()}
	})
}

func encodeUser(u crm.User) []byte {
	return encodeAdmin(func(e *encoder) {
		for _, s := range []string{u.Email, u.Name, string(u.Role), u.Locale, u.PasswordHash} {
			e.str(s)
		}
		e.bool(u.Disabled)
		e.time(u.Created)
		e.str(u.Team)
		e.str(string(u.TOTP))
		e.time(u.SignedIn)
	})
}

func decodeUser(b []byte) (crm.User, error) {
	return decodeAdmin(b, "a user", func(d *decoder) crm.User {
		u := crm.User{Email: d.str(), Name: d.str(), Role: crm.UserRole(d.str()), Locale: d.str(),
			PasswordHash: d.str(), Disabled: d.bool(), Created: d.time()}
		if d.ended() {
			return u
		}
		u.Team = d.str()
		if sealed := d.str(); sealed != "" {
			u.TOTP = []byte(sealed)
		}
		u.SignedIn = d.time()
		return u
	})
}

func encodeToken(t crm.Token) []byte {
	return encodeAdmin(func(e *encoder) {
		e.str(t.ID)
		e.str(t.Name)
		e.str(string(t.Role))
		e.str(string(t.Hash))
		e.time(t.Created)
		e.time(t.Revoked)
		e.str(t.User)
	})
}

func decodeToken(b []byte) (crm.Token, error) {
	return decodeAdmin(b, "a token", func(d *decoder) crm.Token {
		t := crm.Token{ID: d.str(), Name: d.str(), Role: crm.UserRole(d.str()), Hash: []byte(d.str()),
			Created: d.time(), Revoked: d.time()}
		if !d.ended() {
			t.User = d.str()
		}
		return t
	})
}

func encodeAudit(r crm.AuditRecord) []byte {
	return encodeAdmin(func(e *encoder) {
		e.time(r.At)
		for _, s := range []string{r.Actor, r.Action, r.Object, r.Before, r.After} {
			e.str(s)
		}
	})
}

func decodeAudit(b []byte) (crm.AuditRecord, error) {
	return decodeAdmin(b, "an audit record", func(d *decoder) crm.AuditRecord {
		return crm.AuditRecord{At: d.time(), Actor: d.str(), Action: d.str(), Object: d.str(), Before: d.str(), After: d.str()}
	})
}

func encodeMapping(v crm.MappingVersion) []byte {
	return encodeAdmin(func(e *encoder) {
		e.int(int64(v.Number))
		e.time(v.At)
		for _, s := range []string{v.Author, v.Comment, v.Document, v.Hash} {
			e.str(s)
		}
		e.bool(v.Applied)
	})
}

func decodeMapping(b []byte) (crm.MappingVersion, error) {
	return decodeAdmin(b, "a mapping version", func(d *decoder) crm.MappingVersion {
		return crm.MappingVersion{Number: int(d.int()), At: d.time(), Author: d.str(), Comment: d.str(),
			Document: d.str(), Hash: d.str(), Applied: d.bool()}
	})
}

func encodeOutbox(r crm.OutboxRow) []byte {
	return encodeAdmin(func(e *encoder) {
		e.uint(r.Seq)
		e.id(r.Activity)
		e.str(r.Op)
		e.time(r.At)
	})
}

func decodeOutbox(b []byte) (crm.OutboxRow, error) {
	return decodeAdmin(b, "an outbox row", func(d *decoder) crm.OutboxRow {
		return crm.OutboxRow{Seq: d.uint(), Activity: d.id(), Op: d.str(), At: d.time()}
	})
}

// late is a piece of late work as it is stored.
type late struct {
	address string // one of the two is set
	domain  string
	person  string // with address: not what waits for it, but what was filed under it on this person; "" usually
}

func encodeLate(l late) []byte {
	return encodeAdmin(func(e *encoder) {
		e.str(l.address)
		e.str(l.domain)
		if l.person != "" {
			e.str(l.person)
		}
	})
}

func decodeLate(b []byte) (late, error) {
	return decodeAdmin(b, "late work", func(d *decoder) late {
		l := late{address: d.str(), domain: d.str()}
		if !d.bad && d.s != "" {
			l.person = d.str()
		}
		return l
	})
}
