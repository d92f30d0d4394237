// Package sample is the data of `tsunagu demo`: the mail of two reps of a small Japanese company over the last
// thirty days, and the IMAP server that holds it.
//
// The story is written in story.txt; parse reads it. What a rep sent or received lies in that rep's mailbox, so
// mail to both lies in both. Newsletters and notices, of which every mailbox holds too many, are made from a
// few patterns (bulk.go). message.go writes each mail as a real one would be written, in its charset. The server
// (server.go) speaks IMAP on the loopback interface, and new mail from the end of the story arrives on request.
package sample
