// Package boltstore keeps everything in one file, with bbolt (a B+ tree whose pages are never changed in
// place) and no other process.
//
// Writing. All writes go through one goroutine, commitLoop. It takes every write that waits, applies them
// to one transaction and makes that durable with one fsync. A write works on a unit: activities, ledger
// rows and sources are loaded into memory, changed there, and when the unit is flushed each is compared
// with what was stored. Index entries, roll-ups and tallies follow from that comparison alone, so an
// operation cannot forget one. A write that fails after it changed something is taken out and the others
// are done again, so that no outcome depends on what else happened to be in the group.
//
// Keys. Activities and ledger rows are numbered, so that they are appended; everything else refers to the
// number. A timeline is the index entries (scope, class, time, number), where the scope is a person, an
// account, an owner, an owner's meetings or everybody, and the class says who wrote to whom: the last entry of a class is when
// we last heard from somebody. Indexes whose keys are random by nature (identities of mails, timelines, keyed
// hashes) are kept in layers of packed blocks, so that a commit touches few pages of a big store; layers.go
// tells how. buckets.go lists all buckets.
//
// Pending hashes. Of a row with unknown people on it only keyed hashes (HMAC-SHA-256, cut) of domain and
// address are kept. When an address or a domain becomes known, a piece of late work is queued if a row
// waits for it; the same goes for the mails that a row answers, when one of them is logged. A commit that
// rests on an older state of the directory than the stored one checks its own pending addresses, so that no
// row falls between.
//
// Submissions. What comes in through a form endpoint is appended to a queue and durable before the sender is
// answered; the intake source reads the queue like a mailbox. What is doubtful is kept beside the queue, under numbers
// of the same row, until a person lets it in: then it goes to the end. letterbox.go says how versions follow another.
//
// Meetings. A mail that is part of a meeting stands in the index of activities beside the meeting's own id and key, so
// that it leads there; an activity that has the key as its own comes first. What a source says is not there any more is
// found by walking over the ledger rows under a prefix, in chunks; the rows stay, the activities follow.
//
// Removed content. bbolt leaves what was removed on free pages. Erase, ExcludeRows, DeleteSealed and a Commit that excludes
// what was logged, or keeps no more than a tombstone of it, overwrite those before they return (Scrub), and a back-up is
// written with its free pages blank.
//
// Values are read with a decoder that trusts nothing. Whatever goes wrong while reading the file, a panic
// of bbolt or a memory fault among it, becomes crm.ErrCorrupt.
package boltstore
