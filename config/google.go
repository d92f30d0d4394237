package config

import (
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Google is how people sign in with Google, and which sources an account brings. ClientID is empty if nobody can sign
// in; then there is Delegation, or the section is not there at all.
type Google struct {
	ClientID     string          `yaml:"client_id"`
	ClientSecret string          `yaml:"client_secret" secret:"true"`
	Services     []string        `yaml:"services"`      // of mail, calendar and forms; mail and calendar if not given
	SignIn       bool            `yaml:"sign_in"`       // people may enter the web app this way
	Domains      []string        `yaml:"domains"`       // Workspace domains whose accounts are accepted; empty for any
	Scopes       []string        `yaml:"scopes"`        // asked for beside those of the services
	Delegation   *Delegation     `yaml:"delegation"`    // nil for none
	NewPeople    mapping.Policy  `yaml:"new_people"`    // of the accounts' sources; "" for the mapping's
	Quota        GoogleQuota     `yaml:"quota"`         //
	QuotaProject string          `yaml:"quota_project"` // project that calls are counted for; "" for the application's
	Endpoints    GoogleEndpoints `yaml:"endpoints"`     // in place of Google's own
	CAFile       string          `yaml:"ca_file"`       // private authority, for endpoints; absolute

	accounts map[string]accountKind // by service
}

// Delegation is the right to act for users of a Workspace domain without their doing anything.
type Delegation struct {
	KeyFile string   `yaml:"key_file"` // of the service account, absolute
	Users   []string `yaml:"users"`    // lower-case addresses
	Group   string   `yaml:"group"`    // whose members are users too; "" for none
	Admin   string   `yaml:"admin"`    // administrator as whom the group is read
}

// GoogleQuota are what Google grants to a project, a minute.
type GoogleQuota struct {
	UserPerMinute            int `yaml:"user_per_minute"`             // Gmail units of one user
	ProjectPerMinute         int `yaml:"project_per_minute"`          // Gmail units of all users
	CalendarUserPerMinute    int `yaml:"calendar_user_per_minute"`    // calls
	CalendarProjectPerMinute int `yaml:"calendar_project_per_minute"` // calls
	FormsUserPerMinute       int `yaml:"forms_user_per_minute"`       // lists of answers
	FormsProjectPerMinute    int `yaml:"forms_project_per_minute"`    // lists of answers
}

// GoogleEndpoints take the place of Google's own where they are not "". Those of services end in a slash.
type GoogleEndpoints struct {
	Issuer    string `yaml:"issuer"`
	Auth      string `yaml:"auth"`
	Token     string `yaml:"token"`
	Revoke    string `yaml:"revoke"`
	Device    string `yaml:"device"`
	JWKS      string `yaml:"jwks"`
	Gmail     string `yaml:"gmail"`
	Calendar  string `yaml:"calendar"`
	Forms     string `yaml:"forms"`
	Directory string `yaml:"directory"`
	PubSub    string `yaml:"pubsub"`
}

// GoogleServices are the services of an account, in their order.
func GoogleServices() []string { return []string{"mail", "calendar", "forms"} }

// googleKind is the kind of source that a service brings.
func googleKind(service string) string {
	return map[string]string{"mail": "gmail", "calendar": "googlecalendar", "forms": "googleforms"}[service]
}

// newGoogle is the section before it is read.
func newGoogle() Google {
	return Google{Services: []string{"mail", "calendar"}, Quota: GoogleQuota{
		UserPerMinute: 6000, ProjectPerMinute: 1_200_000, CalendarUserPerMinute: 600, CalendarProjectPerMinute: 10_000,
		FormsUserPerMinute: 180, FormsProjectPerMinute: 450,
	}}
}
