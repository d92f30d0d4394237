package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// heartbeat is how often an event stream shows that it is alive, and looks whether its session is.
const heartbeat = 15 * time.Second

// maxStreams bounds the open event streams; one more is told to come back later.
const maxStreams = 2000

// topic says what a page shows. The zero topic is a page on which any change may matter.
//
// A page about long work of the server itself is told of that work alone (hub.tell).
type topic struct{ person, account, activity, work string }

func (t topic) concerns(e Event) bool {
	switch {
	case t.work != "":
		return false
	case e.Many:
		return true
	case t.person != "":
		return slices.Contains(e.People, t.person)
	case t.account != "":
		return slices.Contains(e.Accounts, t.account)
	case t.activity != "":
		return slices.Contains(e.Activities, t.activity)
	default:
		return true
	}
}

// hub passes events on to the open streams. A stream has room for one message, "something changed", and
// that is all it can ever be told, so a slow browser holds nothing up and misses nothing.
type hub struct {
	mu      sync.Mutex
	seq     uint64    // counts events; starts with the time, so that no two runs share a number
	recent  [512]told // the latest ones, each in the place of its number modulo the length
	streams map[*stream]struct{}
	stop    chan struct{}
	done    chan struct{}
	cancel  func()
}

// told is an event, or the work of the server that went on.
type told struct {
	event Event
	work  string
}

func (d *told) concerns(t topic) bool {
	if d.work != "" {
		return t.work == d.work
	}
	return t.concerns(d.event)
}

type stream struct {
	topic   topic
	changed chan struct{}
	recheck chan struct{}
}

func newHub(engine Engine) *hub {
	events, cancel := engine.Subscribe()
	h := &hub{seq: uint64(time.Now().UnixNano()), streams: map[*stream]struct{}{}, stop: make(chan struct{}), done: make(chan struct{}), cancel: cancel}
	go h.run(events)
	return h
}

func (h *hub) run(events <-chan Event) {
	defer close(h.done)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			h.publish(e)
		case <-h.stop:
			return
		}
	}
}

// publish tells the streams that an event concerns.
func (h *hub) publish(e Event) {
	h.say(told{event: e})
}

// tell tells the streams of pages about a piece of work how it goes on.
func (h *hub) tell(work string) {
	h.say(told{work: work})
}

func (h *hub) say(d told) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	h.recent[h.seq%uint64(len(h.recent))] = d
	for s := range h.streams {
		if d.concerns(s.topic) {
			poke(s.changed)
		}
	}
}

// recheck makes every stream look now whether its session still counts.
func (h *hub) recheck() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		poke(s.recheck)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// now is the number of the latest event. A page that starts to read the store at this number and listens
// from it on misses nothing.
func (h *hub) now() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strconv.FormatUint(h.seq, 10)
}

// open starts a stream. If anything that concerns it happened since the number seen, it is told so at once.
func (h *hub) open(t topic, seen string) (*stream, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.streams) >= maxStreams {
		return nil, false
	}
	s := &stream{topic: t, changed: make(chan struct{}, 1), recheck: make(chan struct{}, 1)}
	h.streams[s] = struct{}{}
	if h.missed(t, seen) {
		poke(s.changed)
	}
	return s, true
}

// missed says whether something happened that concerns a page since the number it was made at; also if nobody knows any more.
func (h *hub) missed(t topic, seen string) bool {
	at, err := strconv.ParseUint(seen, 10, 64)
	if err != nil || at > h.seq || h.seq-at > uint64(len(h.recent)) {
		return true
	}
	for at++; at <= h.seq; at++ {
		if h.recent[at%uint64(len(h.recent))].concerns(t) {
			return true
		}
	}
	return false
}

func (h *hub) close(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s)
}

// shutdown ends every stream and waits until the engine is no longer listened to.
func (h *hub) shutdown() {
	close(h.stop)
	h.cancel()
	<-h.done
}

// showEvents is a stream of server-sent events (WHATWG HTML section 9.2) for one page. It ends with the
// session, with the daemon, or when the browser goes.
func (s *Server) showEvents(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	st, ok := s.live.open(topic{person: q.Get("person"), account: q.Get("account"), activity: q.Get("activity"), work: q.Get("work")}, q.Get("seen"))
	if !ok {
		return &statusError{http.StatusServiceUnavailable, "error.busy"}
	}
	defer s.live.close(st)
	cookie, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil {
		return errForbidden
	}
	out := eventWriter{w, http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	if out.write("retry: 2000\n\n") != nil {
		return nil
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-s.live.stop:
			return nil
		case <-st.changed:
			err = out.write("event: change\ndata: {}\n\n")
		case <-st.recheck:
			err = s.stillSignedIn(r.Context(), cookie.Value)
		case <-tick.C:
			if err = s.stillSignedIn(r.Context(), cookie.Value); err == nil {
				err = out.write(": alive\n\n")
			}
		}
		if err != nil {
			return nil // either the browser or its right to listen is gone
		}
	}
}

func (s *Server) stillSignedIn(ctx context.Context, token string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := s.sessionUser(ctx, token)
	return err
}

type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (e eventWriter) write(text string) error {
	_ = e.control.SetWriteDeadline(time.Now().Add(10 * time.Second)) // not supported by a test recorder
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}
