package calitem

import (
	"regexp"
	"strings"
)

// conferenceLink is an address of an on-line room: of the services that businesses use.
var conferenceLink = regexp.MustCompile(`(?i)https://(?:` + strings.Join([]string{
	`meet\.google\.com/(?:lookup/)?[a-z0-9-]{3,}`,
	`(?:[a-z0-9-]+\.)*(?:zoom\.us|zoomgov\.com|zoom\.com)/(?:j|s|w|my|wc)/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`teams\.(?:microsoft|live)\.com/(?:l/meetup-join|meet)/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`teams\.microsoft\.us/l/meetup-join/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`(?:[a-z0-9-]+\.)*webex\.com/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`whereby\.com/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`(?:[a-z0-9-]+\.)*(?:vc|vcall)?\.?(?:larksuite|feishu)\.(?:com|cn)/j/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`chime\.aws/[0-9]{6,}`,
	`(?:meet|join)\.(?:goto|gotomeeting)\.com/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`(?:global\.)?gotomeeting\.com/join/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`meet\.jit\.si/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`(?:[a-z0-9-]+\.)*bellface\.com/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`join\.skype\.com/[^\s<>"'\\)\]、。，（）「」『』]+`,
	`facetime\.apple\.com/join[^\s<>"'\\)\]、。，（）「」『』]+`,
}, "|") + `)`)

// maxConference is how long the address of a room may be.
const maxConference = 1000

// Conference finds the address of an on-line room in texts, the first in the first of them that has one; "" if none has.
func Conference(texts ...string) string {
	for _, text := range texts {
		if link := conferenceLink.FindString(text); link != "" {
			link = strings.TrimRight(link, ".,;:!?　。、）」』")
			if len(link) <= maxConference {
				return link
			}
		}
	}
	return ""
}

// conferenceOf is the room that an event names in a field made for it (RFC 7986 section 5.11), or in its texts.
func conferenceOf(e *component, location, description string) string {
	for _, name := range []string{"X-GOOGLE-CONFERENCE", "CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGCONFLINK"} {
		for _, p := range e.all(name) {
			link := cleanLine(unescape(p.value))
			if len(link) <= maxConference && strings.HasPrefix(strings.ToLower(link), "https://") {
				return link
			}
		}
	}
	url, _ := e.get("URL")
	alternative, _ := e.get("X-ALT-DESC")
	return Conference(location, description, unescape(url.value), unescape(alternative.value))
}
