// Package googlecalendar reads the calendars of a Google account. It only ever reads.
//
// Which calendars. Every calendar of the account's list that it owns, may write or may read counts, and of those of which
// it may see the free times only, the ones it shows; the settings take others in or leave some out. The list is asked for
// again every ten minutes. A calendar that is not shared any more is left alone with what was read of it; when it comes
// back it is read anew.
//
// One calendar has three ways to be read (fetch.go), and each of them yields occurrences, never series:
//
//   - The first reading (read.go) takes a sync token before it reads anything, by a pass over the list that asks for no
//     contents. Then it reads the window, from since to some days ahead, with singleEvents: Google itself says when
//     the occurrences are. What changes meanwhile is found by the token afterwards, so nothing falls between the two. At its
//     end a second pass that asks for ids only says what is there, and the store withdraws what is not: the reading
//     that follows a dead token (410) loses nothing and leaves nothing behind.
//   - A poll (news.go) asks with the token what changed, one request a calendar. A changed series is put on a list that
//     stands in the cursor; its occurrences in the window are asked for (series.go), yielded, and what the series does
//     not have any more is withdrawn. A changed exception or single event is one item.
//   - The window ahead moves once a day, at midnight UTC: what lies between the old end and the new one is read like the
//     first reading, without a new token.
//
// Deleted things are told as withdrawn, not as cancelled, unless the calendar is the organiser's: Google marks an event
// that a guest took off the own calendar just like one that the organiser called off. What follows from that is the
// store's to find out, which knows all calendars.
//
// An idle poll gives the cursor back as it was, although Google sends another token with every answer; old tokens stay
// good for weeks, and a newer one is taken whenever the cursor changes anyway, at the latest once a day.
package googlecalendar
