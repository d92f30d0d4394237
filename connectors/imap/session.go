package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// relistAfter is how old the list of folders may become.
const relistAfter = 10 * time.Minute

// maxUIDs bounds how many UIDs of one folder are held; a server that lists more is wrong.
const maxUIDs = 20_000_000

// errTooMany means that a search gave more messages than a folder can hold.
var errTooMany = errors.New("server lists an impossible number of messages")

// session is a signed-in connection.
type session struct {
	client   *imapclient.Client
	tap      *tap
	flow     *flow
	caps     imap.CapSet
	how      string // how it signed in
	folders  []folder
	listed   time.Time
	selected string                  // "" if no folder is open
	validity uint32                  // of the open folder
	idle     *imapclient.IdleCommand // ended but not yet confirmed
}

// open gives the session, connecting and signing in if there is none. The folders are listed.
func (s *source) open(ctx context.Context) (*session, error) {
	if s.sess != nil && !s.sess.tap.broken() {
		return s.sess, nil
	}
	s.drop()
	conn, greeting, err := s.dial(ctx)
	if err != nil {
		return nil, s.fault(ctx, "connect", err)
	}
	t := newTap(conn, greeting)
	t.stall = s.stallLimit()
	s.sess = &session{tap: t, flow: newFlow(t), client: imapclient.New(t, nil)}
	if err := s.start(ctx); err != nil {
		s.drop()
		return nil, err
	}
	return s.sess, nil
}

func (s *source) stallLimit() time.Duration {
	if s.stall > 0 {
		return s.stall
	}
	return stallLimit
}

// start signs in and lists the folders.
func (s *source) start(ctx context.Context) error {
	sess := s.sess
	defer sess.guard(ctx)()
	if err := sess.client.WaitGreeting(); err != nil {
		return s.fault(ctx, "connect", err)
	}
	if sess.client.State() == imap.ConnStateNotAuthenticated {
		how, err := s.signIn(ctx, sess.client)
		if err != nil {
			if ctx.Err() != nil {
				return s.fault(ctx, "sign in", err)
			}
			return s.settings.signInFault(err)
		}
		sess.how = how
	}
	if sess.caps = sess.client.Caps(); sess.caps == nil {
		return s.fault(ctx, "sign in", lost{errors.New("server did not tell its capabilities")})
	}
	return s.list(ctx)
}

// drop closes the session without a word.
func (s *source) drop() {
	if s.sess != nil {
		_ = s.sess.tap.Close()
		s.sess = nil
	}
}

// guard makes ctx's end break the connection, and silence too, until the returned function is called. An IDLE
// that was ended earlier is confirmed first.
func (sess *session) guard(ctx context.Context) (release func()) { return sess.guardAfter(ctx, 0) }

// guardAfter is guard, but lets a command that is nearly done have some time after ctx's end.
func (sess *session) guardAfter(ctx context.Context, grace time.Duration) (release func()) {
	sess.tap.begin()
	released := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			_ = sess.tap.Close()
		case <-released:
		}
	})
	if sess.idle != nil {
		_ = sess.idle.Wait() // a broken connection shows in the next command
		sess.idle = nil
	}
	return func() {
		stop()
		close(released)
		sess.tap.end()
	}
}

// list asks which folders there are.
func (s *source) list(ctx context.Context) error {
	sess := s.sess
	var options *imap.ListOptions
	if sess.caps.Has(imap.CapSpecialUse) && (sess.caps.Has(imap.CapListExtended) || sess.caps.Has(imap.CapIMAP4rev2)) {
		options = &imap.ListOptions{ReturnSpecialUse: true}
	}
	all, err := sess.client.List("", "*", options).Collect()
	if err != nil {
		return s.fault(ctx, "list folders", err)
	}
	sess.folders = sess.folders[:0]
	for _, data := range all {
		if !slices.Contains(data.Attrs, imap.MailboxAttrNoSelect) && !slices.Contains(data.Attrs, imap.MailboxAttrNonExistent) {
			sess.folders = append(sess.folders, folder{name: data.Mailbox, attrs: data.Attrs})
		}
	}
	sess.listed = s.now()
	if len(sess.folders) == 0 {
		return s.fault(ctx, "list folders", errors.New("server lists no folder at all"))
	}
	return nil
}

// examine opens a folder for reading only, unless it is open already.
func (sess *session) examine(name string) error {
	if sess.selected == name {
		return nil
	}
	sess.selected = ""
	sess.flow.drop()
	data, err := sess.client.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return fmt.Errorf("open folder %s: %w", name, err)
	}
	if data.UIDValidity == 0 {
		return fmt.Errorf("open folder %s: server gives no UIDVALIDITY", name)
	}
	sess.selected, sess.validity = name, data.UIDValidity
	sess.tap.grown.Store(false)
	return nil
}

// search lists UIDs of the open folder, ascending.
func (sess *session) search(criteria *imap.SearchCriteria) ([]uint32, error) {
	data, err := sess.searching(criteria).Wait()
	if err != nil {
		return nil, fmt.Errorf("search folder %s: %w", sess.selected, err)
	}
	return uidsOf(data)
}

func (sess *session) searching(criteria *imap.SearchCriteria) *imapclient.SearchCommand {
	var options *imap.SearchOptions
	if sess.caps.Has(imap.CapESearch) || sess.caps.Has(imap.CapIMAP4rev2) {
		options = &imap.SearchOptions{ReturnAll: true}
	}
	return sess.client.UIDSearch(criteria, options)
}

// uidsOf spells a set out, ascending and bounded.
func uidsOf(data *imap.SearchData) ([]uint32, error) {
	set, ok := data.All.(imap.UIDSet)
	if !ok {
		return nil, nil
	}
	var total uint64
	for _, r := range set {
		if r.Start == 0 || r.Stop < r.Start {
			return nil, errors.New("server lists UIDs that cannot be")
		}
		total += uint64(r.Stop-r.Start) + 1
	}
	if total > maxUIDs {
		return nil, errTooMany
	}
	uids := make([]uint32, 0, total)
	for _, r := range set {
		for uid := uint64(r.Start); uid <= uint64(r.Stop); uid++ {
			uids = append(uids, uint32(uid))
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids), nil
}

// uidRange is the set from first to last; last 0 stands for the highest there is.
func uidRange(first, last uint64) []imap.UIDSet {
	var set imap.UIDSet
	set.AddRange(imap.UID(first), imap.UID(last))
	return []imap.UIDSet{set}
}
