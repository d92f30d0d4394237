package oauth

import "slices"

// Missing are the scopes of asked that granted does not cover, in their order.
func Missing(asked, granted []string) []string {
	var out []string
	for _, s := range asked {
		if !slices.ContainsFunc(granted, func(g string) bool { return covers(g, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// covers says whether a granted scope allows what another asks. Google answers with other names than those that
// OpenID Connect has, and a wider scope of Gmail, Calendar or Forms contains the one to read.
func covers(granted, asked string) bool {
	if granted == asked {
		return true
	}
	const google = "https://www.googleapis.com/auth/"
	wider := map[string][]string{
		"email":                                   {google + "userinfo.email"},
		google + "userinfo.email":                 {"email"},
		"profile":                                 {google + "userinfo.profile"},
		google + "userinfo.profile":               {"profile"},
		google + "gmail.readonly":                 {google + "gmail.modify", "https://mail.google.com/"},
		google + "calendar.readonly":              {google + "calendar"},
		google + "forms.body.readonly":            {google + "forms.body"},
		google + "admin.directory.group.readonly": {google + "admin.directory.group"},
	}
	return slices.Contains(wider[asked], granted)
}
