package imap

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// How often Wait looks for itself.
const (
	pollBeat = 30 * time.Second // at servers without IDLE
	idleBeat = 5 * time.Minute  // beside IDLE, which watches one folder only; also shows a dead connection, and stays below the 29 minutes of RFC 2177
)

// idleGrace is how long a server may take to start IDLE after ctx ended, so that the connection can be kept.
const idleGrace = time.Second

// Wait looks at all folders, then idles on the first of them until the server says that it grew, looking at the
// others at a slow beat. It returns nil as soon as anything may be new.
func (s *source) Wait(ctx context.Context, cur connectors.Cursor) error {
	pos, err := decode(cur)
	if err != nil {
		return err
	}
	for {
		news, err := s.anythingNew(ctx, pos)
		if err != nil || news {
			return err
		}
		if s.settings.Idle && s.sess.caps.Has(imap.CapIdle) {
			news, err = s.idleFor(ctx, idleBeat)
		} else {
			news, err = sleep(ctx, pollBeat)
		}
		if err != nil || news {
			return err
		}
	}
}

// anythingNew compares the folders with the cursor. The folder to idle on is opened first, so that what arrives
// from here on is announced.
func (s *source) anythingNew(ctx context.Context, pos position) (bool, error) {
	sess, err := s.open(ctx)
	if err != nil {
		return false, err
	}
	if names := s.settings.choose(sess.folders).names; len(names) > 0 && sess.selected != names[0] {
		release := sess.guard(ctx)
		err := sess.examine(names[0])
		release()
		if lostUnlessRefused(err) != nil && sess.tap.broken() {
			return false, s.fault(ctx, "open folder", lost{err})
		}
	}
	select {
	case <-sess.tap.news:
	default:
	}
	v, err := s.look(ctx, pos)
	if err != nil {
		return false, err
	}
	for name, at := range pos.Folders {
		if v.status[name] == nil && v.refused[name] == nil && !v.there[name] {
			return true, nil
		}
		if v.status[name] != nil && s.changed(v, name, at) {
			return true, nil
		}
	}
	for name := range v.status {
		if _, known := pos.Folders[name]; !known {
			return true, nil
		}
	}
	return false, nil
}

// idleFor idles until news, ctx's end or the end of d. After it the IDLE is ended but perhaps not confirmed yet.
func (s *source) idleFor(ctx context.Context, d time.Duration) (bool, error) {
	sess := s.sess
	sess.flow.drop()
	release := sess.guardAfter(ctx, idleGrace)
	idle, err := sess.client.Idle()
	release()
	if err != nil {
		return false, s.fault(ctx, "wait for mail", lostUnlessRefused(err))
	}
	beat := time.NewTimer(d)
	defer beat.Stop()
	news := false
	s.idling.Store(true)
	defer s.idling.Store(false)
	select {
	case <-sess.tap.news:
		news = true
	case <-beat.C:
	case <-ctx.Done():
	}
	sess.idle = idle
	err = idle.Close()
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case sess.tap.broken():
		return false, s.fault(ctx, "wait for mail", sess.tap.reason())
	case err != nil:
		return false, s.fault(ctx, "wait for mail", lost{err})
	}
	return news, nil
}

// sleep waits for d. It never has news.
func sleep(ctx context.Context, d time.Duration) (bool, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}
