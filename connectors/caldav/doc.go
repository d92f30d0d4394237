// Package caldav reads the calendars of one account of a CalDAV server (RFC 4791). It only ever reads: PROPFIND,
// REPORT and GET, and nothing else is sent.
//
// The calendars are found from a URL, or from a domain (RFC 6764), by way of the principal and its calendar home.
// One PROPFIND on the home names them all with their sync tokens and ctags; where these are as the cursor has them,
// nothing happened, and a poll is over with that one request.
//
// What changed in a calendar is asked with sync-collection (RFC 6578). A 507 on the collection means that more
// follows; a token that the server knows no more (403 with valid-sync-token, 409, 410) means to read the calendar
// in full. A server without tokens is asked for the etags of what lies in the window, which the cursor keeps.
//
// Read in full means: a token is taken first; then what lies in the window, in the order of its addresses, some at a
// time; at its end a Scope over the calendar says what is there. What changes meanwhile is news after the token.
//
// Each resource is one event with all its exceptions; package calitem makes its occurrences. A resource that
// changed yields all of its occurrences in the window, with a Scope over itself; one that is gone yields a Scope only.
// The window reaches ahead of today; as it moves with each day, the server is asked what lies in the days that are new.
//
// A calendar that cannot be reached any more, because it was removed or is not shared any longer, is left as
// it is: its meetings did take place, or will. A note says so, once, and it is read on when it comes back.
package caldav
