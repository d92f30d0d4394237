// Package mapping decides what becomes of an item. It is pure: the only thing it asks is a Directory, once
// for a whole batch.
//
// An item walks through three rooms. screen (screen.go) throws out what may never be stored: internal mail,
// drafts, excluded addresses, domains, subjects, folders and classes, and the erased. match (match.go) looks
// for the people and accounts on it, with the evidence and the runners-up. build (build.go) makes the
// activity, or the ledger row that says why there is none, and raises a review when a person must decide.
//
// The outcome does not depend on the order in which items arrive: what an item says by itself comes before
// what its thread says, and late matching (sync/upkeep) takes up what becomes clear only later.
package mapping
