package signals

import (
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals/internal/phrase"
)

var (
	leftEnglish = vocabulary.Expression(`\bno longer (?:be )?(?:with (?:us\b|the |our |this |[a-z])|working (?:at|for|with|here)|employed|part of (?:the|our|this)|a member of|works? (?:at|for|with|here)|an employee|at (?:the company|our|this company|[a-z]+)|works? here)` +
		`|\b(?:has|have|'ve|i've|'s) (?:now |already |recently |since |also )?(?:left|departed|departed from) (?:the |our |this )?(?:company|organi[sz]ation|firm|business|practice|agency|employment|us\b|employ)` +
		`|\b(?:has|have|'ve|i've) (?:now |already |recently |since )?left [a-z0-9&.\- ]{2,40}?(?:\binc\b|\bltd\b|\bcorp|\bk\.?k\b|\bgmbh|\bllc|\bcompany|\bgroup\b|to pursue|for (?:a new|another|new)|as of|effective|with effect)` +
		`|\bi left (?:the )?(?:company|organi[sz]ation|firm|my (?:job|position|role))` +
		`|\bmy (?:last|final) (?:working |business )?day(?: of (?:work|employment|service))?(?: (?:with|at|here at|in the office at) [a-z0-9&.\- ]{2,40}?)?(?: here)? (?:is|was|will be)\b|\b(?:is|was|will be) my (?:last|final) (?:working )?day\b` +
		`|\b(?:i|he|she|[a-z]+)(?:'ve| have| has)? (?:recently |now )?(?:retired|resigned|quit)\b|\bi(?:'m| am| will be|'ll be) (?:retiring|resigning|stepping down|leaving (?:the |our )?(?:company|firm|organi[sz]ation|my (?:role|position|job|post)))` +
		`|\bi(?:'m| am| will be|'ll be|'ve decided to| have decided to) (?:leave|leaving) [a-z0-9&.\- ]{0,40}?(?:new opportunit|new role|new challenge|pursue|new position|another position)|\bdecided to leave (?:the |our )?(?:company|firm|organi[sz]ation)` +
		`|\bmoved on (?:from (?:the company|our|[a-z]+)|to (?:a new opportunity|new opportunities|other opportunities|pastures|another company))|\bis (?:retiring|leaving the company)\b|\bleft (?:our )?employment|\bemployment (?:with|at) [a-z0-9&.\- ]{2,40} (?:has )?ended`)
	movedEnglish = vocabulary.Expression(`\b(?:i|he|she|[a-z]+)(?:'ve| have| has| am| is|'m| will be)? (?:recently |now |just |been )?(?:moved|transferred|transitioned|reassigned|relocated|moving|transferring|transitioning) (?:on |internally |over )?(?:in)?to (?:a |an |the |our |another )?(?:new |different |other |another )?[a-z ]{0,24}?(?:role|position|department|team|division|branch|function|business unit|unit)\b` +
		`|\b(?:has|have|'ve) (?:recently |now )?(?:taken on|taken up|accepted|assumed) (?:a |an |another )?(?:new |different )?(?:internal )?(?:role|position)` +
		`|\bno longer (?:be )?(?:responsible for|in charge of|handling|handle|managing|the (?:right|correct|appropriate|main)? ?(?:person|contact|point of contact)|your (?:contact|account manager|point of contact)|in (?:this|that|my) (?:role|position)|looking after|covering|supporting your)` +
		`|\baccount (?:is|has been|will be) (?:now )?(?:being )?(?:handled|managed|taken over|transferred|handed over)|\b(?:has been|will be|is being) replaced by [a-z]+ [a-z]+`)
	notPerson         = regexp.MustCompile(`(?:^|[ ,;(])(?:we|we're|we are|you|you're|you are|it|it's|it is|this|that|which|products?|items?|services?|support|version|features?|page|plans?|prices?|options?|orders?|offers?|systems?|servers?|devices?|printers?|warranty|software|the app|our (?:company|office|team|product|service)|our offices?|train|shipment|package|parcel|vessel|flight|the (?:old |previous |current )?(?:api|model|contract|policy|address|agreement|website|site|number|account|office|server|data|files?|database|project|machine|printer|team|company|meeting|domain))(?: (?:is|are|has|have|was|were|will|am))?(?: (?:now|already|recently))? ?$`)
	notLeavingEnglish = vocabulary.Expression(`last day (?:of (?:the )?(?:trial|conference|sale|event|promotion|month|week|year|vacation|holiday|trip|school|term|campaign|exhibition|show|fair)|at the (?:conference|event|fair|show|exhibition|booth))|(?:i|we|he|she) (?:have |has )?left (?:the )?(?:office|building|meeting|station|hotel|airport|house|room|venue) |retired (?:the|its|our|this|that|old|several|from service|systems?|servers?)|left (?:a|you|an|the following|some) |no longer with(?:in|out|stand|draw)|resigned to|my former|my predecessor|predecessor|my colleague|my boss|my manager|our former|my previous|moved to a new (?:office|address|building|location|server|platform|system|team room)`)
	succeedingEnglish = vocabulary.Expression(`\b(?:i am|i'm|i have|i've|i will be|i will|i'll be|my name is)\b[^.]{0,60}(?:(?:taken|taking|take) over (?:from|for|his|her|their|the)|\bsucceed|\breplac(?:e|ed|ing) (?:him|her|them|[a-z]+ [a-z]+|[a-z]+,)|your new (?:contact|account manager|point of contact))`)
)

// leavingEnglish says what an English sentence tells of the sender.
func (t *telling) leavingEnglish(told phrase.Text) crm.SignalKind {
	told = notLeavingEnglish.Replace(told, " - ")
	f := told.String
	at, kind := leftEnglish.Find(told), crm.SignalLeft
	if at == nil {
		at, kind = movedEnglish.Find(told), crm.SignalTransferred
	}
	if at == nil {
		return ""
	}
	before := f[:at[0]]
	if conditional(before) || notPerson.MatchString(before) || strings.HasSuffix(strings.TrimSpace(before), "-") {
		return ""
	}
	match := f[at[0]:at[1]]
	if strings.HasPrefix(match, "we ") || strings.HasPrefix(match, "it ") || strings.HasPrefix(match, "this ") || strings.HasPrefix(match, "office ") || strings.HasPrefix(match, "company ") {
		return ""
	}
	if t.otherEnglish(before, match) {
		return ""
	}
	return kind
}

// conditional says whether the words before belong to a condition that is still open.
func conditional(before string) bool {
	for _, word := range []string{"if ", "when ", "whether ", "in case ", "unless ", "should ", "once "} {
		at := strings.LastIndex(" "+before, " "+word)
		if at >= 0 && !strings.Contains(before[at:], ",") {
			return true
		}
	}
	return false
}

// otherEnglish says whether the subject is a name that is not the sender's. In an automatic answer it is the sender.
func (t *telling) otherEnglish(before, match string) bool {
	if t.Class == crm.ClassAutoReply {
		return false
	}
	if has(" "+before, "- ", " colleague ", " former ", " boss ", " predecessor ") {
		return true
	}
	words := strings.Fields(before)
	words = append(words[max(0, len(words)-4):], strings.Fields(firstWords(match, before))...)
	from := strings.ToLower(t.From.Name + " " + t.From.Address)
	for _, w := range words {
		switch w {
		case "i", "i'm", "i've", "i'll", "my", "that", "please", "you", "reach", "contact", "person", "recipient", "employee", "who", "and", "as", "inform", "know":
			return false
		}
		if len(w) > 2 && strings.Contains(from, w) {
			return false
		}
	}
	return len(words) > 0 && !strings.Contains(before+match, "my ") && t.From.Name != "" && !japanese(t.From.Name)
}

// firstWords is the subject where the match holds it itself.
func firstWords(match, before string) string {
	if strings.TrimSpace(before) != "" {
		return ""
	}
	word, _, _ := strings.Cut(match, " ")
	return word
}
