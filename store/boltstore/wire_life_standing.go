package boltstore

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const standingVersion, changeVersion, factsVersion = 1, 1, 1

// encodeStanding puts where somebody came from first, which is asked for with every activity.
func encodeStanding(st *crm.Standing) []byte {
	var e encoder
	e.uint(standingVersion)
	e.touch(&st.First)
	e.id(st.ID)
	e.time(st.LastHeard)
	e.time(st.LastReached)
	e.time(st.Unreplied)
	e.id(st.UnrepliedAt)
	e.time(st.FirstAt)
	e.touch(&st.Last)
	e.time(st.LastAt)
	e.strs(st.Products)
	e.time(st.Away)
	e.int(int64(st.Freshness))
	e.uint(uint64(len(st.Parts)))
	for i := range st.Parts {
		part := &st.Parts[i]
		e.str(part.Code)
		e.int(int64(part.Points))
		e.str(part.Evidence)
		e.id(part.Activity)
	}
	e.strs(st.Reached)
	e.strs(st.Segments)
	e.str(st.Territory)
	e.time(st.Follow)
	e.time(st.Look)
	e.str(st.Rules)
	e.str(string(st.Began))
	e.time(st.BeganAt)
	e.entered(st)
	e.uint(st.Mark)
	return e.b
}

func decodeStanding(b []byte) (crm.Standing, error) {
	d := decoder{s: string(b)}
	var st crm.Standing
	if d.uint() != standingVersion {
		return st, corrupt("a standing")
	}
	st.First, st.ID = d.touch(), d.id()
	st.LastHeard, st.LastReached, st.Unreplied, st.UnrepliedAt = d.time(), d.time(), d.time(), d.id()
	st.FirstAt, st.Last, st.LastAt = d.time(), d.touch(), d.time()
	st.Products, st.Away, st.Freshness = d.strs(), d.time(), int(d.int())
	st.Parts = listOf(&d, 4, func(d *decoder) crm.Part {
		return crm.Part{Code: d.str(), Points: int(d.int()), Evidence: d.str(), Activity: d.id()}
	})
	st.Reached, st.Segments, st.Territory = d.strs(), d.strs(), d.str()
	st.Follow, st.Look, st.Rules = d.time(), d.time(), d.str()
	st.Began, st.BeganAt, st.Entered = crm.LeadStatus(d.str()), d.time(), d.entered()
	if !d.ended() {
		st.Mark = d.uint()
	}
	if d.bad {
		return crm.Standing{}, corrupt("a standing")
	}
	return st, nil
}

// entered keeps when somebody entered their segments.
func (e *encoder) entered(st *crm.Standing) {
	e.uint(uint64(len(st.Entered)))
	for _, name := range slices.Sorted(maps.Keys(st.Entered)) {
		e.str(name)
		e.time(st.Entered[name])
	}
}

func (d *decoder) entered() map[string]time.Time {
	n := d.count(2)
	if n == 0 {
		return nil
	}
	out := make(map[string]time.Time, n)
	for range n {
		name := d.str()
		out[name] = d.time()
	}
	return out
}

// decodeOrigin reads where somebody came from first, without the rest of their standing; nil is nobody.
func decodeOrigin(b []byte) (origin, error) {
	if b == nil {
		return origin{}, nil
	}
	d := decoder{s: string(b[:min(len(b), 2048)])}
	if d.uint() != standingVersion {
		return origin{}, corrupt("a standing")
	}
	campaign, channel := d.str(), d.str()
	if d.bad {
		st, err := decodeStanding(b)
		return origin{st.First.Channel, st.First.Campaign}, err
	}
	return origin{channel, campaign}, nil
}

func encodeChange(c *crm.Change) []byte {
	var e encoder
	e.uint(changeVersion)
	e.id(c.ID)
	e.id(c.Person)
	e.id(c.Activity)
	e.id(c.Undoes)
	e.id(c.Undone)
	for _, s := range []string{string(c.Field), c.From, c.To, c.Label, c.Reason, c.Rule, c.Rules, c.Event, c.Evidence, c.By} {
		e.str(s)
	}
	e.time(c.At)
	e.time(c.Seen)
	return e.b
}

func decodeChange(b []byte) (crm.Change, error) {
	d := decoder{s: string(b)}
	if d.uint() != changeVersion {
		return crm.Change{}, corrupt("a change")
	}
	c := crm.Change{ID: d.id(), Person: d.id(), Activity: d.id(), Undoes: d.id(), Undone: d.id(), Field: crm.ChangeField(d.str()),
		From: d.str(), To: d.str(), Label: d.str(), Reason: d.str(), Rule: d.str(), Rules: d.str(), Event: d.str(), Evidence: d.str(),
		By: d.str(), At: d.time(), Seen: d.time()}
	if d.bad {
		return crm.Change{}, corrupt("a change")
	}
	return c, nil
}

// encodeFacts gives the same bytes in whatever order the facts come; nil for none.
func encodeFacts(facts []crm.Fact) []byte {
	if len(facts) == 0 {
		return nil
	}
	each := make([][]byte, len(facts))
	for i := range facts {
		var e encoder
		e.fact(&facts[i])
		each[i] = e.b
	}
	slices.SortFunc(each, bytes.Compare)
	var e encoder
	e.uint(factsVersion)
	e.uint(uint64(len(each)))
	for _, fact := range each {
		e.b = append(e.b, fact...)
	}
	return e.b
}

func (e *encoder) fact(f *crm.Fact) {
	e.str(string(f.Metric))
	e.time(f.At)
	e.strs(f.Owners)
	e.str(f.Channel)
	e.str(f.Campaign)
	e.str(f.Detail)
	e.int(f.Value)
}

func decodeFacts(b []byte) ([]crm.Fact, error) {
	d := decoder{s: string(b)}
	if d.uint() != factsVersion {
		return nil, corrupt("what is counted of a person")
	}
	out := listOf(&d, 7, func(d *decoder) crm.Fact {
		return crm.Fact{Metric: crm.Metric(d.str()), At: d.time(), Owners: d.strs(), Channel: d.str(), Campaign: d.str(), Detail: d.str(), Value: d.int()}
	})
	if d.bad {
		return nil, corrupt("what is counted of a person")
	}
	return out, nil
}
