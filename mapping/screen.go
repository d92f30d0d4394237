package mapping

import (
	"cmp"
	"runtime"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// screen fills in the ledger entry and gives the letter, the enquiry or the gathering to decide about, or none if the verdict
// stands already: the item could not be read, or may not be stored. What stands here is never asked about either.
func (b *batch) screen(item *connectors.Item, w *crm.Write) (o opened) {
	w.Entry = b.entry(item)
	switch {
	case item.Err != nil:
		w.Entry.Verdict, w.Entry.Reason = crm.Failed, crm.ReasonUnreadable+": "+crm.Reason(oneSentence(item.Err.Error()))
	case item.Draft:
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, crm.ReasonDraft
	case item.Message == nil && item.Submission == nil && item.Meeting == nil || item.Key == "":
		w.Entry.Verdict, w.Entry.Reason = crm.Failed, crm.ReasonUnreadable+": the source gave neither contents nor an error"
	case item.Submission != nil:
		o.enquiry = b.screenSubmission(item, w)
	case item.Meeting != nil:
		o.gathering = b.screenMeeting(item, w)
	case b.invites(item.Message):
		o.gathering = b.screenInvitation(item, w)
	default:
		var form bool
		if o.enquiry, form = b.screenFormMail(item, w); !form {
			o.letter = b.screenLetter(b.newLetter(item), w)
		}
	}
	return o
}

// opened is an item about which is decided once the directory has answered; zero if the verdict stands already.
type opened struct {
	letter    *letter
	enquiry   *enquiry
	gathering *gathering
}

func (b *batch) screenLetter(l *letter, w *crm.Write) *letter {
	item := l.item
	reason := b.excludes(l.parties, l.unlisted, l.class, item.Message.Subject, b.thread(item) != string(item.Key))
	if reason == "" {
		reason = b.excludesFolder(item.Folder, b.src.ID, b.src.ExcludeFolders)
	}
	if reason != "" {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
		return nil
	}
	l.refs = b.references(item)
	b.ask(&l.exchange, l.unlisted)
	return l
}

func (b *batch) entry(item *connectors.Item) crm.Entry {
	e := crm.Entry{Source: b.src.ID, ExternalID: item.ExternalID, Key: item.Key, SeenAt: b.now, ItemTime: item.Received}
	if item.Message != nil && !item.Message.Date.IsZero() {
		e.ItemTime = item.Message.Date
	}
	if item.Submission != nil && !item.Submission.At.IsZero() {
		e.ItemTime = item.Submission.At
	}
	if item.Meeting != nil && !item.Meeting.Start.IsZero() {
		e.ItemTime = item.Meeting.Start
	}
	return e
}

// excludes is the reason why nobody may store this, but for the folder it is in; "" if there is none.
func (b *batch) excludes(parties []party, unlisted []*address, class crm.Class, subject string, continues bool) crm.Reason {
	if (class != crm.ClassBounce || namesBounced(parties)) && internal(parties) {
		return crm.ReasonInternal
	}
	if reason := excludedAddress(parties, unlisted); reason != "" {
		return reason
	}
	if reason := b.excludesSubject(subject); reason != "" {
		return reason
	}
	if b.excludesClass(parties, class, continues) {
		return crm.ReasonClass + ": " + crm.Reason(class)
	}
	return ""
}

// excludedAddress is the reason why one of the addresses may not be on anything that is stored.
func excludedAddress(parties []party, unlisted []*address) crm.Reason {
	for i := range parties {
		if a := parties[i].address; a != nil && a.excluded != "" {
			return a.excluded
		}
	}
	for _, a := range unlisted {
		if a.excluded != "" {
			return a.excluded
		}
	}
	return ""
}

func (b *batch) excludesSubject(subject string) crm.Reason {
	if len(b.noSubjects) == 0 {
		return ""
	}
	seen, folded := visible(subject), fold(subject)
	for i := range b.noSubjects {
		if p := &b.noSubjects[i]; p.matches(subject, seen, folded) {
			return crm.ReasonSubject + ": " + crm.Reason(p.text)
		}
	}
	return ""
}

// internal reports that everybody belongs to the organisation, the sender and at least one recipient among
// them. Where somebody cannot be read or no recipient is named (a blind copy), nobody can tell.
func internal(parties []party) bool {
	from, to := false, false
	for i := range parties {
		p := &parties[i]
		if p.address == nil || !p.address.own {
			return false
		}
		if p.role == crm.RoleFrom {
			from = true
		} else {
			to = true
		}
	}
	return from && to
}

// excludesAddress is the reason why items with this address are kept out. Domains name people outside only,
// or the organisation's own would keep out everything.
func (b *batch) excludesAddress(a *address) crm.Reason {
	for i := range b.noAddresses {
		if p := &b.noAddresses[i]; p.matches(a) {
			return crm.ReasonAddress + ": " + crm.Reason(p.text)
		}
	}
	if a.own {
		return ""
	}
	for _, domain := range b.noDomains {
		if a.domain == domain || strings.HasSuffix(a.domain, "."+domain) {
			return crm.ReasonDomain + ": " + crm.Reason(domain)
		}
	}
	return ""
}

// excludesClass follows the document; without a word there, bulk mail is kept out unless a person posted it
// to a list as part of a conversation.
func (b *batch) excludesClass(parties []party, class crm.Class, continues bool) bool {
	if b.noClasses != nil {
		return b.noClasses[class]
	}
	return class == crm.ClassBulk && !(continues && personWrote(parties))
}

func personWrote(parties []party) bool {
	for i := range parties {
		if p := &parties[i]; p.role == crm.RoleFrom && p.address != nil {
			return !p.address.role && !p.address.noReply
		}
	}
	return false
}

// excludesFolder is the reason why items in a folder of a source are kept out.
func (b *batch) excludesFolder(folder, source string, more []string) crm.Reason {
	if folder == "" {
		return ""
	}
	memo := sourceFolder{source, folder}
	reason, ok := b.folders[memo]
	if !ok {
		reason = b.newFolderReason(folder, source, more)
		b.folders[memo] = reason
	}
	return reason
}

type sourceFolder struct{ source, folder string }

func (b *batch) newFolderReason(folder, source string, more []string) crm.Reason {
	folded := fold(folder)
	for _, list := range [][]folderPattern{b.noFolders, b.sources[source], compile("", more, newFolderPattern, new([]connectors.Problem))} {
		for i := range list {
			if list[i].matches(folded) {
				return crm.ReasonFolder + ": " + crm.Reason(list[i].text)
			}
		}
	}
	return ""
}

// contain runs fn; if it panics, the item is failed and nothing else of the write stays.
func (b *batch) contain(item *connectors.Item, w *crm.Write, fn func()) {
	defer func() {
		if cause := recover(); cause != nil {
			*w = crm.Write{Entry: b.entry(item)}
			w.Entry.Verdict, w.Entry.Reason = crm.Failed, crm.ReasonInternalError
			if err, ok := cause.(runtime.Error); ok { // another value might hold the item's content
				w.Entry.Reason += ": " + crm.Reason(oneSentence(err.Error()))
			}
		}
	}()
	fn()
}

// maxDetail is the longest detail of a reason, in bytes.
const maxDetail = 300

// oneSentence makes the text of an error fit a ledger row.
func oneSentence(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) > maxDetail {
		text = strings.ToValidUTF8(text[:maxDetail], "") + "…"
	}
	return cmp.Or(text, "no cause given")
}
