package life

import (
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// followAccount sums an account up from its members: it was heard from when any of them was. Its own is which other account
// may be the same.
func (r *Rules) followAccount(f *crm.Following, around *Around) crm.Followed {
	st := crm.Standing{ID: f.ID, Rules: r.hash, LastHeard: f.Heard[0], LastReached: f.Heard[1]}
	for i := range f.Members {
		member(&st, &f.Members[i])
	}
	for _, list := range []*[]string{&st.Products, &st.Reached} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	r.freshAccount(&st, f, around)
	out := crm.Followed{ID: f.ID, Mark: f.Mark, Rules: r.moves, Standing: st}
	var raised []crm.Proposal
	if r.accounts {
		raised = accountTwins(f)
	}
	out.Proposals, out.Apply = settled(raised, f.Proposals, r.accept, func(*crm.Proposal) bool { return false })
	return out
}

// member adds what is known of a member.
func member(st, m *crm.Standing) {
	st.LastHeard, st.LastReached = latest(st.LastHeard, m.LastHeard), latest(st.LastReached, m.LastReached)
	if !m.Unreplied.IsZero() && (st.Unreplied.IsZero() || m.Unreplied.Before(st.Unreplied)) {
		st.Unreplied, st.UnrepliedAt = m.Unreplied, m.UnrepliedAt
	}
	if !m.FirstAt.IsZero() && (st.FirstAt.IsZero() || m.FirstAt.Before(st.FirstAt)) {
		st.First, st.FirstAt = m.First, m.FirstAt
	}
	if m.LastAt.After(st.LastAt) {
		st.Last, st.LastAt = m.Last, m.LastAt
	}
	st.Products = append(st.Products, m.Products...)
	st.Reached = append(st.Reached, m.Reached...)
}

// freshAccount is how far the account's record can be trusted: nobody there was heard from, or most of its members' records
// are bad.
func (r *Rules) freshAccount(st *crm.Standing, f *crm.Following, around *Around) {
	zone := around.Location
	if zone == nil {
		zone = time.UTC
	}
	since := st.LastHeard
	if since.IsZero() {
		since = f.Account.Created
		st.Parts = append(st.Parts, crm.Part{Code: "never_heard", Points: -20, Evidence: since.In(zone).Format(time.DateOnly)})
	}
	points, next := silentPoints(since, around.Now)
	if st.Look = next; points < 0 {
		st.Parts = append(st.Parts, crm.Part{Code: "silence", Points: points, Evidence: since.In(zone).Format(time.DateOnly)})
	}
	bad := 0
	for i := range f.Members {
		if slices.ContainsFunc(f.Members[i].Parts, func(p crm.Part) bool { return p.Code == "left" || p.Code == "bounce" && p.Points <= -20 }) {
			bad++
		}
	}
	if bad > 0 {
		st.Parts = append(st.Parts, crm.Part{Code: "members", Points: -40 * bad / len(f.Members), Evidence: fmt.Sprintf("%d/%d", bad, len(f.Members))})
	}
	score(st)
}

// accountTwins proposes the accounts that this one would take in. A parent and its subsidiary are two.
func accountTwins(f *crm.Following) (out []crm.Proposal) {
	a := f.Account
	for i := range f.TwinAccounts {
		twin := &f.TwinAccounts[i]
		if twin.ID == a.ID || twin.Parent == a.ID || a.Parent == twin.ID {
			continue
		}
		if winner, _ := crm.MergeWinnerAccount(a, twin); winner != a.ID {
			continue
		}
		like := crm.CompareAccounts(*a, *twin)
		if like.Score < crm.DuplicateAt {
			continue
		}
		out = append(out, crm.Proposal{
			ID: crm.ProposalID(crm.ProposeMerge, a.ID, "", twin.ID), Kind: crm.ProposeMerge, Account: a.ID, Owner: a.Owner, Value: twin.ID, Name: twin.Name,
			Other: twin.ID, Score: like.Score, Evidence: evidence(like.Evidence...), Raised: latest(a.Created, twin.Created).UTC(), State: crm.ProposalOpen,
		})
	}
	return out
}
