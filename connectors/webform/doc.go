// Package webform is the source kind "webform": the answers of a form that a service hands out as JSON or
// CSV. It polls, and never writes.
//
// One look at everything that the endpoint has to say is a walk: it asks for page after page, by number,
// offset, token or link, until there are no more. Each row of a page becomes a submission. A row is known by its
// response id, or, without one, by a hash of the form, its time and its values; the cursor remembers each
// known row with a hash of what it said, so that a row is yielded when it is new or says something else, and
// never because it comes again. Pages may repeat and overlap, lists may be in any order.
//
// Where the service can filter, the next walk starts at a mark, the newest time or id of the last one, less an
// overlap, because services finish what happens in the same second in any order. The mark moves only at the
// end of a walk that is sure to have seen everything: a list that is cut into pages by number or offset
// shifts while it is read when a row is deleted, so after news on several pages the walk is done once more.
// Of the rows that the mark has left behind, and that the last walk did not see, the oldest are forgotten.
//
// The place in the walk is part of the cursor. Wherever a process is killed, the next one asks for the same
// page again and passes over what it knows.
package webform
