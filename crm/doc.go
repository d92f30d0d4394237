// Package crm is the vocabulary of Tsunagu: people, accounts, activities, the ledger and reviews, with
// the pure rules that belong to them. Every other package speaks these words; this one imports none of
// ours and does no I/O.
//
// Times are UTC. Texts are valid UTF-8 in Unicode's NFC as they came; nothing here is escaped for HTML.
// Slices that a zero value leaves nil mean "none".
package crm
