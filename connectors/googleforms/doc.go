// Package googleforms reads the answers of Google forms. It only ever reads.
//
// A poll asks each form, with one request, for the answers submitted since two minutes before the newest one that was
// seen (filter "timestamp >="), so that what Google lists late is not lost; the cursor remembers the answers of those two
// minutes and does not yield them again. An answer that was edited is listed with its new time, and is yielded again under
// the same id, as a new version. A walk over several pages keeps its filter to the end, and the mark moves only then.
//
// Answers name questions by id. What the ids mean is asked of the form (questions.go): when a source starts, once an hour, and
// when an answer has an id that is not known. Labels are the titles, of a grid with the row, "満足度 [価格]"; of questions with
// the same title the later ones have their section's before them. Questions that are new, removed or renamed are told once:
// the mapping may have to follow. What they mean is the mapping's business.
package googleforms
