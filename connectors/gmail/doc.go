// Package gmail reads a mailbox through the Gmail API. It only ever reads: users.messages, users.history,
// users.labels and users.getProfile; users.watch is called if a Pub/Sub subscription is configured.
//
// News. The cursor holds a history id. A Fetch asks users.history.list what happened since, in the order in which
// it happened, and reads the messages that came, left the spam folder or the trash, or got a label that is to be read. The
// cursor moves record by record, so that it may stop anywhere. An idle poll is this one call.
//
// History. On the first read a history id is taken before anything is listed; what comes later is news. Then spans of
// time are read, newest first, in windows: all message ids of a window are listed at once and sorted, and the cursor remembers the
// window and the last id read in it. Neither page tokens nor the order of a list are relied on, so mail that comes
// and goes while it is being listed makes no gap. A Fetch reads news first and then some of history, for
// a few seconds only.
//
// When the history id is too old (404), a new one is taken and then the time since the old one was last good, and
// a day before that, is put in front of the spans. Messages read once more are recognised by their ids.
//
// A message is asked for whole (format raw): Gmail's parsed form (format full) has lost the bytes that tell the
// charset of a badly labelled text. Only one that is too large for that is asked for again in the parsed form,
// which leaves attachments out. Both forms and every list cost quota, which is spent through Env.Budgets: news before history,
// with limits for the mailbox and for the project.
//
// Drafts, spam and trash are not part of the source, nor is what has an excluded label; of these no content is kept.
package gmail
