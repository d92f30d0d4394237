package web

import (
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAContactThatStays: taking back the answer that made a contact says when the contact stays, and where it is.
func TestAContactThatStays(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	p := crm.Proposal{ID: crm.ProposalID(crm.ProposeSuccessor, f.tanaka.ID, "", "goto@client.co.jp"), Kind: crm.ProposeSuccessor, Person: f.tanaka.ID, Owner: recordSato,
		Name: "後藤 花子", Value: "goto@client.co.jp", Raised: f.now}
	must(t, f.store.Follow(ctx, []crm.Followed{{ID: f.tanaka.ID, Mark: 1 << 40, Standing: crm.Standing{ID: f.tanaka.ID}, Proposals: []crm.Proposal{p}}}))
	b := f.signedIn(t, recordSato)
	b.post(t, "/proposals/"+p.ID, "action", "accept")
	made, err := f.store.GetPerson(ctx, crm.DerivedID("successor", p.ID))
	must(t, err)
	is := made
	is.Title, is.Updated = "課長", time.Now()
	_, err = f.store.ChangePerson(ctx, recordSato, crm.Amendment[crm.Person]{Was: made, Is: is})
	must(t, err)
	_, page := b.post(t, "/proposals/"+p.ID, "action", "reopen")
	wantIn(t, page, "取引先責任者は", "残しました", `<a href="/people/`+made.ID+`"><bdi>後藤 花子</bdi></a>`)
}
