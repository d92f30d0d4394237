package crm

import "time"

// ActivityKind is what sort of exchange an activity is.
type ActivityKind string

// The kinds of activity.
const (
	KindEmail   ActivityKind = "email"
	KindMeeting ActivityKind = "meeting"
	KindForm    ActivityKind = "form"
	KindCall    ActivityKind = "call"
	KindNote    ActivityKind = "note"
)

// Direction is which way an exchange went, seen from the organisation that runs Tsunagu.
type Direction string

// The directions.
const (
	DirectionIn       Direction = "in"
	DirectionOut      Direction = "out"
	DirectionInternal Direction = "internal"
	DirectionNone     Direction = "none"
)

// Class is what sort of mail a message is.
type Class string

// The classes of mail.
const (
	ClassPersonal         Class = "personal"   // one person wrote to others
	ClassAutoReply        Class = "auto_reply" // RFC 3834: out of office and the like
	ClassBounce           Class = "bounce"     // RFC 3464 or a free-form delivery failure
	ClassBulk             Class = "bulk"       // newsletters, notifications, mailing lists
	ClassInvitation       Class = "invitation" // carries a text/calendar part with a METHOD
	ClassFormNotification Class = "form_notification"
)

// Activity is one exchange with people outside, written once however many mailboxes hold it.
type Activity struct {
	ID          string        `json:"id"` // equals Key for what sources yield
	Key         Key           `json:"key"`
	Kind        ActivityKind  `json:"kind"`
	Direction   Direction     `json:"direction"`
	Class       Class         `json:"class,omitempty"`
	Time        time.Time     `json:"time"` // when it happened: the Date field, or the time received if that is missing or impossible
	End         time.Time     `json:"end,omitzero"`
	Subject     string        `json:"subject"`
	Text        string        `json:"text"`                // without quoted replies and signature
	FullText    string        `json:"full_text,omitempty"` // "" if equal to Text
	Truncated   bool          `json:"truncated,omitempty"` // the text went on beyond the limit
	Status      string        `json:"status,omitempty"`    // confirmed, tentative, cancelled …
	People      []Participant `json:"participants"`        // everybody on it, matched or not, ordered by role then address
	Accounts    []string      `json:"accounts"`            // ids, sorted
	Owners      []string      `json:"owners"`              // the reps' addresses in whose sources it was seen, sorted
	Observed    []Observation `json:"observed"`            // sorted by source, external id
	Thread      string        `json:"thread,omitempty"`    // Key of the message that started the conversation, as far as the references tell
	Attachments []Attachment  `json:"attachments,omitempty"`
	Match       Match         `json:"match"`
	Version     int           `json:"version"` // counts from 1

	// Of a submission; custom fields can be on any kind.
	Form      string            `json:"form,omitempty"`      // id of the form
	Fields    []FormField       `json:"fields,omitempty"`    // as sent
	Touch     Touch             `json:"touch,omitzero"`      //
	Product   string            `json:"product,omitempty"`   // what the enquiry is about, as the mapping says
	Custom    map[string]string `json:"custom,omitempty"`    // declared fields (FieldDef) in canonical form
	Revisions []Revision        `json:"revisions,omitempty"` // earlier states, oldest first

	Meeting  *Meeting `json:"meeting,omitempty"`  // of KindMeeting; never changed in place, since copies share it
	Messages []Key    `json:"messages,omitempty"` // mails that are part of this activity (its invitation, replies), beside Key; sorted
	Letters  []Letter `json:"letters,omitempty"`  // what those mails say themselves, ordered by time, at most MaxLetters
	Outcome  *Outcome `json:"outcome,omitempty"`  // of a meeting; nil if nobody said; never changed in place

	Signals []Signal `json:"signals,omitempty"` // what its words tell beside what it is, in the order found
	Call    *Call    `json:"call,omitempty"`    // of KindCall; never changed in place
	By      string   `json:"by,omitempty"`      // who logged it by hand; "" for what a source yielded
	Moved   []Moved  `json:"moved,omitempty"`   // accounts that merges put in the place of others, oldest first
}

// Moved is an account of an activity that a merge put in the place of another.
type Moved struct {
	From  string `json:"from"`  // id
	To    string `json:"to"`    // id
	Merge string `json:"merge"` // id of the MergeRecord
}

// Role is a participant's part in an activity.
type Role string

// The roles.
const (
	RoleFrom      Role = "from"
	RoleTo        Role = "to"
	RoleCc        Role = "cc"
	RoleBcc       Role = "bcc"
	RoleOrganizer Role = "organizer"
	RoleAttendee  Role = "attendee"
	RoleSubmitter Role = "submitter"
	RoleBounced   Role = "bounced" // the recipient whom a delivery failure names
	RoleThread    Role = "thread"  // not on the item itself: known from the conversation it continues (RuleThread)
	RoleFiled     Role = "filed"   // not on the item itself: a person put them there by hand (Filed)
)

// Participant is somebody on an activity.
type Participant struct {
	Kind     PersonKind      `json:"kind,omitempty"` // "" if no person is known by this address
	ID       string          `json:"id,omitempty"`   // of the person, "" likewise
	Name     string          `json:"name,omitempty"` // as the item says
	Address  string          `json:"email,omitempty"`
	Role     Role            `json:"role"`
	Response string          `json:"response,omitempty"` // to an invitation: ResponseAccepted …
	Optional bool            `json:"optional,omitempty"` // may stay away from a meeting
	Type     ParticipantType `json:"type,omitempty"`
	Internal bool            `json:"internal,omitempty"` // belongs to the organisation that runs Tsunagu
	Was      string          `json:"was,omitempty"`      // ids of the people it named before merges, oldest first, separated by spaces
}

// Observation is one place where an activity was seen.
type Observation struct {
	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
	Owner      string `json:"owner,omitempty"`     // of the source
	Folder     string `json:"folder,omitempty"`    // as people read it
	Withdrawn  bool   `json:"withdrawn,omitempty"` // it is not there any more: deleted, or taken off this calendar
	AfterEnd   bool   `json:"after_end,omitempty"` // of a withdrawn meeting: that was after its end, which says nothing of whether it took place
	Mail       bool   `json:"mail,omitempty"`      // of a meeting: seen as a mail about it, not in a calendar. The store sets it
	Message    Key    `json:"message,omitempty"`   // of such a mail: its own key, that of its row and of its letter. The store sets it
}

// Attachment describes an attached file; its bytes are never read.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"` // media type, lower-case
	Size int64  `json:"size"` // bytes as transferred
}

// Rule names the rule by which an item was matched.
type Rule string

// The matching rules, in the order in which they decide about an item.
const (
	RuleDecision   Rule = "decision"   // a person decided it in a review
	RuleAddress    Rule = "address"    // the exact address
	RuleNormalized Rule = "normalized" // the address after case, +tag, Gmail dots and IDNA
	RuleThread     Rule = "thread"     // In-Reply-To or References of a logged message
	RuleDomain     Rule = "domain"     // the domain of an account
	RulePhone      Rule = "phone"      // a telephone number given in a form (E.164)
	RuleName       Rule = "name"       // name and company given in a form, after Japanese normalising
	RuleForm       Rule = "form"       // nobody was known: the form made a lead
	RuleBounce     Rule = "bounce"     // the recipient whom a delivery failure names
	RuleManual     Rule = "manual"     // a person logged it by hand
)

// Match says why an item became this activity.
type Match struct {
	Rule      Rule        `json:"rule"`
	Evidence  string      `json:"evidence"` // the address, domain or message that decided it
	RunnersUp []Candidate `json:"runners_up"`
}

// Candidate is a person or account that might have been meant.
type Candidate struct {
	Kind     string `json:"kind"` // lead, contact or account
	ID       string `json:"id"`
	Name     string `json:"name"`
	Rule     Rule   `json:"rule"`
	Evidence string `json:"evidence"`
}
