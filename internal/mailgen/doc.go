// Package mailgen writes mail as it really arrives, together with the truth about it: what a person should
// see, who wrote it, what sort of mail it is. The same seed always gives the same bytes.
//
// A World is made first: the organisation that runs Tsunagu with its reps, and its accounts with their
// contacts. A Corpus then writes mails between them, one after the other. Each mail gets a direction, a
// language, a counterpart (somebody known, somebody unknown at a known account, a stranger, a colleague)
// and often a place in a thread that is under way. Last, it gets exactly one Feature: a way of writing it
// down, from clean UTF-8 to raw Shift_JIS in headers, multiparts without an end and winmail.dat. Features
// are dealt from a deck of a thousand cards that is shuffled anew each time it is used up, so that a corpus
// of a thousand mails has exactly the frequencies that Features lists.
//
// Charsets are written with x/text's tables, but the escape sequences of ISO-2022-JP and the characters that
// x/text refuses are this package's own, and fixed byte sequences in its test hold them. Nothing here uses
// the project's decoder, so that neither can hide the other's mistakes.
package mailgen
