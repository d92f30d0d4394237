package crm

import "time"

// Standing is what follows from all that is known of a person or an account: nobody enters it, and it can be worked out
// again at any time (mapping/life).
type Standing struct {
	ID          string               `json:"id"`                           // of the person or account
	LastHeard   time.Time            `json:"last_heard,omitzero"`          // they last wrote, called or met us
	LastReached time.Time            `json:"last_reached,omitzero"`        // we last wrote to, called (and reached) or met them
	Unreplied   time.Time            `json:"unreplied,omitzero"`           // the first thing they wrote that nobody answered
	UnrepliedAt string               `json:"unreplied_activity,omitempty"` // id of that activity
	First       Touch                `json:"first_touch,omitzero"`         // where they came from first
	FirstAt     time.Time            `json:"first_touch_at,omitzero"`      //
	Last        Touch                `json:"last_touch,omitzero"`          // where they came from last
	LastAt      time.Time            `json:"last_touch_at,omitzero"`       //
	Products    []string             `json:"products,omitempty"`           // asked for, sorted
	Away        time.Time            `json:"away_until,omitzero"`          // out of office until the end of this day
	Freshness   int                  `json:"freshness"`                    // 0 to 100
	Parts       []Part               `json:"freshness_parts,omitempty"`
	Reached     []string             `json:"reached,omitempty"`  // all that a lead ever reached: statuses, "converted", "opportunity", "won"; sorted
	Segments    []string             `json:"segments,omitempty"` // names of segments of the mapping, sorted
	Territory   string               `json:"territory,omitempty"`
	Follow      time.Time            `json:"follow_up,omitzero"` // when no contact makes them due for a follow-up; zero if they are not to be followed up
	Began       LeadStatus           `json:"began,omitempty"`    // the status the lead was made with, before any Change
	BeganAt     time.Time            `json:"began_at,omitzero"`  // from when on things count as evidence; zero for all
	Entered     map[string]time.Time `json:"entered,omitempty"`  // when they entered the Segments that they are in now
	Look        time.Time            `json:"-"`                  // when time alone changes something here; zero for never
	Rules       string               `json:"-"`                  // hash of the rules by which it was worked out
	Mark        uint64               `json:"-"`                  // of the Following on which it rests; the store sets it
}

// Part is a part of a freshness score: the score is 100 and the sum of all points, at least 0.
type Part struct {
	Code     string `json:"code"`   // "silence", "bounce", "left", "never_heard", "unverified", "contradiction" …
	Points   int    `json:"points"` // 0 or less
	Evidence string `json:"evidence,omitempty"`
	Activity string `json:"activity,omitempty"` // id
}

// FollowWindow is how many activities of a person, the newest, following looks at.
const FollowWindow = 500

// Following is a person or account of whom something changed, with all that follows from what. Exactly one of Person and
// Account is set, unless Err is.
type Following struct {
	ID            string
	Mark          uint64 // of the queue's entry: the entry stays if it was marked again meanwhile
	Person        *Person
	Account       *Account
	Standing      Standing   // as it is; the zero value if there is none
	Changes       []Change   // oldest first by At, then ID
	Activities    []Activity // the newest FollowWindow, newest first, without Text, FullText, Fields and Revisions. Of an account none
	More          bool       // there are more activities
	Opportunities []Opportunity
	Proposals     []Proposal   // all of the subject, in any state
	Tasks         []Task       // all of the subject that are open, and those done in the last 30 days
	Twins         []Person     // others who share an address, a telephone number or a crm.NameKey; at most 20
	Employer      *Account     // of a contact: the account it belongs to; nil if it is not there
	TwinAccounts  []Account    // of an account: others with a domain or the same Company.Base; at most 20
	Members       []Standing   // of an account: its members', at most 1,000
	Heard         [2]time.Time // of an account: as LastHeard says, in and out
	Err           error        // why NextFollowing could not read them; all but ID and Mark is zero then
}

// Followed is what following made of it.
type Followed struct {
	ID        string
	Mark      uint64
	Standing  Standing
	Status    LeadStatus // of a lead; stored in the person with Reason and StatusAt, if it differs
	Reason    string
	StatusAt  time.Time
	Request   string // type of the newest enquiry; stored in the person with Stage and Final. "" leaves the person's
	Stage     string
	Final     string
	Owner     string     // given by an assignment rule; "" leaves the person's
	Changes   []Change   // of rules: these take the place of all that are not Fixed
	Rules     string     // the hash by which that is told
	Facts     []Fact     // what is counted of the person, in the place of all but responses (MetricResponse) before FactsFrom
	FactsFrom time.Time  // responses before it stay as they were counted: zero for none
	Proposals []Proposal // raised, or moot by now; one that exists keeps its decision
	Apply     []string   // ids of open proposals (also of Proposals) that a policy accepts
	Tasks     []Task     // of plans and next actions; one whose ID exists is left
	TasksDone []Task     // open ones that an activity did, or that are not needed any more
	Missing   bool       // nothing is known under ID any more: only the queue's entry goes
	Keep      bool       // following failed: the queue's entry goes, and of Standing only Look is stored
}

// Load is how much an owner has to do.
type Load struct {
	Leads    map[LeadStatus]int // how many leads they have in each status
	Assigned time.Time          // when a rule last gave them one; zero for never
}

// Listed is a row of a list of people.
type Listed struct {
	Person   Person   `json:"person"`
	Standing Standing `json:"standing"`
}
