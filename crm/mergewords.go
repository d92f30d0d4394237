package crm

import (
	"cmp"
	"slices"
	"strings"
)

// wordsRank is how much a view says in words. That a calendar has the meeting marked private says that there are none.
func wordsRank(a *Activity, m *Meeting) int {
	bare := a.Text == "" && a.FullText == ""
	switch {
	case m.ReplyOnly:
		return rankReply
	case m.Private && !m.Mail:
		return rankFull
	case m.TimesOnly, bare && (a.Subject == "" || m.Stated == MeetingCancelled):
		return rankSome
	}
	return rankFull
}

// saysWords says whether a view of a calendar has any say in the words: not if it may only tell when the meeting is, nor
// if it is what a calendar leaves of one that was deleted.
func saysWords(a *Activity, m *Meeting) bool {
	bare := a.Subject == "" && a.Text == "" && a.FullText == ""
	return m.Private || !m.TimesOnly && !(bare && m.Stated == MeetingCancelled)
}

// silence takes the words off a view.
func (v *meetingView) silence() {
	a, m := &v.a, &v.m
	a.Subject, a.Text, a.FullText, a.Truncated, a.Attachments, a.Letters = "", "", "", false, nil, nil
	m.Location, m.Conference = "", ""
}

func mergeWords(out *meetingView, x, y meetingView) {
	c := compareMarks(x.memory.Words, y.memory.Words)
	title, text, made := x, x, y
	if c < 0 {
		title, text = y, y
	}
	if c > 0 {
		made = x
	}
	switch {
	case c != 0:
	case x.m.Private != y.m.Private:
		if title = x; y.m.Private {
			title = y
		}
		text, made = title, title
	default:
		if compareTitles(y, x) < 0 {
			title = y
		}
		if compareTexts(y, x) < 0 {
			text = y
		}
	}
	a, m := &out.a, &out.m
	out.memory.Words = text.memory.Words
	a.Subject, m.Location = title.a.Subject, title.m.Location
	a.Text, a.FullText, a.Truncated, a.Class, a.Attachments = text.a.Text, text.a.FullText, text.a.Truncated, text.a.Class, text.a.Attachments
	m.Conference = text.m.Conference
	m.TimesOnly = title.m.TimesOnly
	m.Private = title.m.Private
	if c == 0 && x.m.Private == y.m.Private {
		m.TimesOnly = x.m.TimesOnly && y.m.TimesOnly
	}
	a.Custom, a.Product, a.Form, a.Fields, a.Touch = made.a.Custom, made.a.Product, made.a.Form, made.a.Fields, made.a.Touch
}

func compareTitles(x, y meetingView) int {
	return cmp.Or(compareBool(x.a.Subject == "", y.a.Subject == ""), compareBool(x.m.Location == "", y.m.Location == ""),
		strings.Compare(x.a.Subject, y.a.Subject), strings.Compare(x.m.Location, y.m.Location))
}

// compareTexts is like compareContent, for the part of it that is not the title and the times.
func compareTexts(x, y meetingView) int {
	a, b := &x.a, &y.a
	return cmp.Or(
		compareBool(a.Truncated, b.Truncated),
		cmp.Compare(len(b.FullText)+len(b.Text), len(a.FullText)+len(a.Text)),
		compareBool(x.m.Conference == "", y.m.Conference == ""),
		strings.Compare(x.m.Conference, y.m.Conference),
		strings.Compare(string(a.Class), string(b.Class)),
		strings.Compare(a.Text, b.Text),
		strings.Compare(a.FullText, b.FullText),
		cmp.Compare(len(b.Attachments), len(a.Attachments)),
		slices.CompareFunc(a.Attachments, b.Attachments, compareAttachment),
	)
}
