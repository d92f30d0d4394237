package crm

import "slices"

// RecordVisibility is how much of the organisation's records a rep sees.
type RecordVisibility string

// The visibilities of records. A record without an owner is everybody's, so that somebody can take it up.
const (
	RecordsAll  RecordVisibility = "all"  // everything; also what "" means
	RecordsTeam RecordVisibility = "team" // what belongs to somebody of the own team
	RecordsOwn  RecordVisibility = "own"  // what belongs to oneself
)

// BodyVisibility is who reads what was said in a mail; the others see that there was one, from whom and when.
type BodyVisibility string

// The visibilities of what was said.
const (
	BodiesAll   BodyVisibility = "all"   // whoever sees the record; also what "" means
	BodiesTeam  BodyVisibility = "team"  // those in whose mailboxes it was, and their teams
	BodiesOwner BodyVisibility = "owner" // only those in whose mailboxes it was
)

// SecondFactorRule is who has to sign in with a second factor.
type SecondFactorRule string

// The rules of second factors. Whoever has one has to use it, whatever the rule. Who enters with another provider shows
// theirs there.
const (
	SecondFactorOptional SecondFactorRule = "optional" // nobody has to; also what "" means
	SecondFactorAdmins   SecondFactorRule = "admins"   // admins and IT
	SecondFactorAll      SecondFactorRule = "all"      // everybody
)

// AccessPolicy is what an organisation lets its people see, and how they show who they are. The zero policy hides nothing.
type AccessPolicy struct {
	Records RecordVisibility `json:"records"`
	Bodies  BodyVisibility   `json:"bodies"`
	Second  SecondFactorRule `json:"totp"`
}

// HidesNothing says that everybody sees and reads everything.
func (p AccessPolicy) HidesNothing() bool {
	return (p.Records == "" || p.Records == RecordsAll) && (p.Bodies == "" || p.Bodies == BodiesAll)
}

// NeedsSecond says whether a user must have a second factor.
func (p AccessPolicy) NeedsSecond(u *User) bool {
	return p.Second == SecondFactorAll || p.Second == SecondFactorAdmins && (u.Role == RoleAdmin || u.Role == RoleIT)
}

// Clearance is what one person or program may see. The zero Clearance sees nothing but what belongs to nobody; it is made by
// NewClearance or Everything.
type Clearance struct {
	own     []string // addresses whose records are seen
	bodies  []string // addresses whose mails may be read
	every   bool     // all records
	reading bool     // all that was said
}

// Everything sees all there is: the command line, and programs with a token that no policy bounds.
func Everything() Clearance { return Clearance{every: true, reading: true} }

// NewClearance is what a user sees under a policy, among all users of the organisation.
//
// Managers see the records of their team where reps see only their own; admins and IT, who answer for the whole, see
// all records. What was said is not shown by rank: a policy that keeps mails to those who had them keeps them from admins
// and IT as well.
func NewClearance(u User, p AccessPolicy, users []User) Clearance {
	team := []string{u.Email}
	for i := range users {
		if u.Team != "" && users[i].Team == u.Team && users[i].Email != u.Email {
			team = append(team, users[i].Email)
		}
	}
	c := Clearance{own: []string{u.Email}, bodies: []string{u.Email}}
	c.every = p.Records == "" || p.Records == RecordsAll || u.Role == RoleAdmin || u.Role == RoleIT
	if p.Records == RecordsTeam || u.Role == RoleManager {
		c.own = team
	}
	c.reading = p.Bodies == "" || p.Bodies == BodiesAll
	if p.Bodies == BodiesTeam {
		c.bodies = team
	}
	return c
}

// All says whether every record is seen, so that lists need no filter.
func (c Clearance) All() bool { return c.every }

// Owners are whose records are seen beside those of nobody; not to be changed. It says nothing where All does.
func (c Clearance) Owners() []string { return c.own }

// Owner says whether what belongs to an address is seen; "" is nobody's.
func (c Clearance) Owner(address string) bool {
	return c.every || address == "" || slices.Contains(c.own, address)
}

// Person says whether a lead or contact is seen.
func (c Clearance) Person(p *Person) bool { return c.Owner(p.Owner) }

// Account says whether a customer organisation is seen.
func (c Clearance) Account(a *Account) bool { return c.Owner(a.Owner) }

// Credited says whether an activity is seen because it is one's own or the team's. Who sees a record sees its whole
// timeline, too: that is for those to ask who know the records.
func (c Clearance) Credited(a *Activity) bool {
	return c.every || slices.ContainsFunc(a.Owners, func(o string) bool { return slices.Contains(c.own, o) })
}

// Bodies says whether everything that was said is shown, so that nothing need be asked of single activities.
func (c Clearance) Bodies() bool { return c.reading }

// BodyOf says whether what was said in a mailbox of an address is shown. That of nobody's is not, unless everything is.
func (c Clearance) BodyOf(address string) bool {
	return c.reading || address != "" && slices.Contains(c.bodies, address)
}

// Body says whether what was said in an activity is shown. Only mail and meetings are kept back: a form's answers, a call
// and a note belong to the record.
func (c Clearance) Body(a *Activity) bool {
	if c.reading || a.Kind != KindEmail && a.Kind != KindMeeting {
		return true
	}
	return slices.ContainsFunc(a.Owners, c.BodyOf)
}
