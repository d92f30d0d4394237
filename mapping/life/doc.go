// Package life says what follows from what is known of a person or an account: where a lead stands, who looks after
// them, which segments they are in, how fresh the data is, what should be done next, what is proposed, and what is
// counted. It is pure: the store gives a Following, Follow makes a Followed of it, and the same Following gives the same
// Followed at the same time whatever was known in between.
//
// The admin's lifecycle section (document.go) is compiled into Rules (compile.go, condition.go). Follow (follow.go) turns
// activities into events (events.go), lets the rules walk over them in the order of time (advance.go), and derives the
// rest. What people decided and what was decided under earlier rules is fixed: the walk takes it over when it comes to it, and
// only what happened after that is evidence against it. Nothing new is found before the newest change of earlier rules. So
// the order in which mails are read makes no difference, a decision of a person stands until something new happens, and a
// change of the rules leaves history as it was.
package life
