// Package quota spends the units that a provider grants: to each of its users so many a minute, to a project so
// many for all its users. Whoever wants to make a call asks Spend first, with all limits that the call counts
// against; it returns when the units are spent of all of them, which happens at once or not at all.
//
// Pace. Each limit follows the generic cell rate algorithm (GCRA): a single time, full, says when all that was
// spent will have been earned again, and a call of cost c may go when full <= now + (burst-c)/rate; it then moves
// full on by c/rate. So what is sent in any stretch W is at most rate*W + burst, also for a call that costs more
// than a burst: that one waits until enough was left unspent before it. The provider counts when a
// request arrives, which may be late by some transit time; requests of a stretch Per there were sent in
// a stretch Per+transit here. Hence rate = (Units-burst)/(Per+transit): with a burst of 1.4 % and a transit of
// Per/60 the provider never sees more than Units, and somebody who always has something to ask gets 97 % of them.
// Nobody knows what was spent before the process started, so every limit is empty at the start.
//
// Order. Whoever cannot go is parked at the limit that holds him back longest. Each limit has a lane for news and
// one for history; history moves only when no news is parked, and it leaves the last quarter of a burst to news,
// so that a poll finds something to spend at once. Within a lane the groups (the first limit
// named: the user) take turns, within a group who came first goes first. When a limit has earned enough for its
// first one, a timer tries him again: either all his limits have enough, or he is parked at another one.
//
// A limit with nobody parked is a few words in a map, without a timer or a goroutine. One that was not used for
// longer than its stretch is forgotten by a later call.
package quota
