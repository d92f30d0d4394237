package boltstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// What people do by hand beside the records: comments, and who stands on an activity.
var (
	bucketComments = []byte("comments") // id16 → comment
	bucketFilings  = []byte("filings")  // id16 of an activity → what was decided about who stands on it
)

func handBuckets() [][]byte { return [][]byte{bucketComments, bucketFilings} }

// The lines of comments: about a record, and to somebody who is mentioned.
const (
	lineComments = 'k'
	lineMentions = 'm'
)

func comments() recordKind[crm.Comment] {
	return recordKind[crm.Comment]{bucket: bucketComments, what: "comment", id: func(c *crm.Comment) string { return c.ID }, lines: commentLines}
}

func commentLines(c *crm.Comment) []change {
	id, order := idOf(c.ID), newestFirst(c.At)
	out := []change{entry(bucketRecordLines, recordLine(lineComments, stateOpen, idOf(c.Subject), order, id), nothing)}
	if !c.Deleted.IsZero() {
		return out
	}
	for _, user := range c.Mentions {
		state := byte(stateClosed)
		if c.Unseen(user) {
			state = stateOpen
		}
		out = append(out, entry(bucketRecordLines, recordLine(lineMentions, state, ownerScope(user), order, id), nothing))
	}
	return out
}

// newestFirst orders times backwards.
func newestFirst(t time.Time) []byte {
	key := timeKey(t)
	for i := range key {
		key[i] = ^key[i]
	}
	return key[:]
}

// SaveComment inserts or replaces a comment; see storetest.Comments.
func (s *Store) SaveComment(ctx context.Context, actor string, c crm.Comment) error {
	err := s.update(ctx, func(u *unit) error { return u.saveComment(actor, c) })
	if err != nil {
		return fmt.Errorf("save comment %s: %w", c.ID, err)
	}
	return nil
}

func (u *unit) saveComment(actor string, c crm.Comment) (err error) {
	if c.ID == "" || c.At.IsZero() || utf8.RuneCountInString(c.Text) > crm.MaxComment {
		return errors.New("it has no id or no time, or is too long")
	}
	before, err := comments().find(u.tx, c.ID)
	if err != nil {
		return err
	}
	if before != nil {
		c.Kind, c.Subject, c.Author, c.At = before.Kind, before.Subject, before.Author, before.At
		c.Seen = slices.DeleteFunc(slices.Clone(before.Seen), func(user string) bool { return !slices.Contains(c.Mentions, user) })
	} else if c.Subject, err = u.commented(&c); err != nil {
		return err
	}
	if !c.Deleted.IsZero() {
		c.Text, c.Mentions, c.Seen = "", nil, nil
	}
	if err := comments().put(u, before, &c); err != nil {
		return err
	}
	return u.auditChange(actor, "comment", c.ID, before, &c)
}

// commented is the record that a new comment is about: the winner, if it was merged since it was read.
func (u *unit) commented(c *crm.Comment) (string, error) {
	id, err := nowCalled(u.tx, c.Subject)
	if err != nil {
		return "", err
	}
	switch c.Kind {
	case crm.CommentPerson:
		_, err = readPerson(u.tx, id)
	case crm.CommentAccount:
		_, err = readAccount(u.tx, id)
	default:
		err = fmt.Errorf("%q is nothing that is commented on", c.Kind)
	}
	return id, err
}

// GetComment gives a comment by ID.
func (s *Store) GetComment(ctx context.Context, id string) (crm.Comment, error) {
	return getRecord(ctx, s, comments(), id)
}

// ListComments gives a page of the comments about a record, newest first.
func (s *Store) ListComments(ctx context.Context, subject, after string, limit int) (out []crm.Comment, next string, err error) {
	return s.listComments(ctx, lineQuery{line: lineComments, states: []byte{stateOpen}, scope: idOf(subject), after: after, limit: limit})
}

// ListMentions gives a page of the comments that mention a user, newest first; unseen only those at which they did not look.
func (s *Store) ListMentions(ctx context.Context, user string, unseen bool, after string, limit int) (out []crm.Comment, next string, err error) {
	q := lineQuery{line: lineMentions, states: []byte{stateOpen, stateClosed}, scope: ownerScope(user), after: after, limit: limit}
	if unseen {
		q.states = q.states[:1]
	}
	return s.listComments(ctx, q)
}

func (s *Store) listComments(ctx context.Context, q lineQuery) (out []crm.Comment, next string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, next, err = readLines(tx, comments(), q, func(*crm.Comment, []byte) bool { return true })
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list comments: %w", err)
	}
	return out, next, nil
}

// maxMentions is how many mentions one look marks as seen.
const maxMentions = 1000

// SeeMentions notes that a user looked at the comments about a record.
func (s *Store) SeeMentions(ctx context.Context, user, subject string) error {
	err := s.update(ctx, func(u *unit) error {
		q := lineQuery{line: lineMentions, states: []byte{stateOpen}, scope: ownerScope(user), limit: maxMentions}
		list, _, err := readLines(u.tx, comments(), q, func(c *crm.Comment, _ []byte) bool { return c.Subject == subject })
		if err != nil {
			return err
		}
		for i := range list {
			after := list[i]
			after.Seen = append(slices.Clone(after.Seen), user)
			slices.Sort(after.Seen)
			if err := comments().put(u, &list[i], &after); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("see mentions: %w", err)
	}
	return nil
}

// commentsOf are all comments about a record.
func (u *unit) commentsOf(subject string) (out []crm.Comment, err error) {
	if err := u.flush(); err != nil {
		return nil, err
	}
	prefix := recordLine(lineComments, stateOpen, idOf(subject), nil, id16{})[:lineHead]
	cursor := u.bucket(bucketRecordLines).Cursor()
	for k, _ := cursor.Seek(prefix); hasPrefix(k, prefix); k, _ = cursor.Next() {
		c, err := comments().readKey(u.tx, k[len(k)-16:])
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// moveComments makes the loser's comments the winner's.
func (u *unit) moveComments(m *merge) error {
	list, err := u.commentsOf(m.Loser)
	if err != nil {
		return err
	}
	for i := range list {
		after := list[i]
		after.Subject = m.Winner
		m.Members = append(m.Members, after.ID)
		if err := comments().put(u, &list[i], &after); err != nil {
			return err
		}
	}
	return nil
}

// returnComment gives one back, and says whether it was one.
func (u *unit) returnComment(m *merge, id string) (bool, error) {
	c, err := comments().find(u.tx, id)
	if err != nil || c == nil {
		return false, err
	}
	after := *c
	if after.Subject == m.Winner {
		after.Subject = m.Loser
	}
	return true, comments().put(u, c, &after)
}

// dropComments removes all comments about a record that goes.
func (u *unit) dropComments(subject string) error {
	list, err := u.commentsOf(subject)
	if err != nil {
		return err
	}
	for i := range list {
		if err := comments().put(u, &list[i], nil); err != nil {
			return err
		}
	}
	return u.flush()
}

// forgetComments removes comments about the person, and takes the person's words out of others.
func (e *erasure) forgetComments(words *regexp.Regexp) error {
	list, err := chosen(e.u.tx, comments(), func(*crm.Comment) bool { return true })
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], &list[i]
		switch text := words.ReplaceAllString(before.Text, erasedMark); {
		case e.people[before.Subject]:
			after = nil
		case text == before.Text:
			continue
		default:
			after.Text = text
		}
		e.dropped["comment/"+before.ID] = true
		if err := comments().put(e.u, &before, after); err != nil {
			return err
		}
	}
	return nil
}
