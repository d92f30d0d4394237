package crm_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestClearance asks, for each role and policy, for one's own, the team's, a stranger's and nobody's.
func TestClearance(t *testing.T) {
	users := []crm.User{{Email: "me@x", Team: "east"}, {Email: "mate@x", Team: "east"}, {Email: "far@x", Team: "west"}, {Email: "lone@x"}, {Email: "solo@x"}}
	of := func(owner string) *crm.Activity {
		return &crm.Activity{Kind: crm.KindEmail, Owners: []string{owner}}
	}
	for name, tt := range map[string]struct {
		user            crm.User
		policy          crm.AccessPolicy
		records, bodies string // of me, mate, far: y or n
	}{
		"no policy":                  {crm.User{Email: "me@x", Team: "east", Role: crm.RoleRep}, crm.AccessPolicy{}, "yyy", "yyy"},
		"own records":                {crm.User{Email: "me@x", Team: "east", Role: crm.RoleRep}, crm.AccessPolicy{Records: crm.RecordsOwn}, "ynn", "yyy"},
		"the team's records":         {crm.User{Email: "me@x", Team: "east", Role: crm.RoleRep}, crm.AccessPolicy{Records: crm.RecordsTeam}, "yyn", "yyy"},
		"a manager under own":        {crm.User{Email: "me@x", Team: "east", Role: crm.RoleManager}, crm.AccessPolicy{Records: crm.RecordsOwn}, "yyn", "yyy"},
		"an admin under own":         {crm.User{Email: "me@x", Team: "east", Role: crm.RoleAdmin}, crm.AccessPolicy{Records: crm.RecordsOwn}, "yyy", "yyy"},
		"IT reads no others' mail":   {crm.User{Email: "me@x", Team: "east", Role: crm.RoleIT}, crm.AccessPolicy{Bodies: crm.BodiesOwner}, "yyy", "ynn"},
		"the team's mail":            {crm.User{Email: "me@x", Team: "east", Role: crm.RoleRep}, crm.AccessPolicy{Records: crm.RecordsAll, Bodies: crm.BodiesTeam}, "yyy", "yyn"},
		"nobody's team is no team":   {crm.User{Email: "lone@x", Role: crm.RoleManager}, crm.AccessPolicy{Records: crm.RecordsTeam, Bodies: crm.BodiesTeam}, "nnn", "nnn"},
		"both kept to their owners":  {crm.User{Email: "mate@x", Team: "east", Role: crm.RoleRep}, crm.AccessPolicy{Records: crm.RecordsOwn, Bodies: crm.BodiesOwner}, "nyn", "nyn"},
		"mail of a manager's people": {crm.User{Email: "me@x", Team: "east", Role: crm.RoleManager}, crm.AccessPolicy{Records: crm.RecordsOwn, Bodies: crm.BodiesOwner}, "yyn", "ynn"},
	} {
		t.Run(name, func(t *testing.T) {
			s := crm.NewClearance(tt.user, tt.policy, users)
			for i, owner := range []string{"me@x", "mate@x", "far@x"} {
				want := tt.records[i] == 'y'
				if s.Owner(owner) != want || s.Person(&crm.Person{Owner: owner}) != want || s.Account(&crm.Account{Owner: owner}) != want || s.Credited(of(owner)) != want {
					t.Errorf("records of %s: %v", owner, !want)
				}
				if want := tt.bodies[i] == 'y'; s.Body(of(owner)) != want {
					t.Errorf("mail of %s: %v", owner, !want)
				}
			}
			if !s.Person(&crm.Person{}) || !s.Body(&crm.Activity{Kind: crm.KindCall, Owners: []string{"far@x"}}) {
				t.Error("a record of nobody's, or a call's result, is hidden")
			}
		})
	}
}
