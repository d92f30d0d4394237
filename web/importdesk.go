package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// Imports in the browser. An uploaded file lies in a folder of its own, with a small file that says how far it is and, once
// it was looked through, one with the report and one with the rows that are left out. Nothing of it stays in memory but
// while it is worked on, by one goroutine; whoever opens the page of the import sees how far that is. What is older than
// the bounds below goes away, names and addresses first.

// Bounds of what is kept of imports.
const (
	importWaits   = 24 * time.Hour       // a file that nobody imports
	importRemains = 7 * 24 * time.Hour   // the report, and the rows that were left out
	importHistory = 365 * 24 * time.Hour // the counts
	maxImports    = 200                  // imports of which there is anything
	maxWaiting    = 20                   // files that are not imported yet
	maxImportFile = 64 << 20             // bytes
)

// importPhase is where an import stands.
type importPhase string

// The phases. The first of each line is work that goes on; the second is what waits for a person then.
const (
	importReadingPhase  importPhase = "reading"
	importColumns       importPhase = "columns"
	importCheckingPhase importPhase = "checking"
	importChecked       importPhase = "checked"
	importWriting       importPhase = "importing"
	importDone          importPhase = "done"
	importFailed        importPhase = "failed"  // the file cannot be imported
	importHalted        importPhase = "stopped" // the work ended in the middle
	importGone          importPhase = "expired" // the file was not imported in time, and is gone
)

func (p importPhase) works() bool {
	return p == importReadingPhase || p == importCheckingPhase || p == importWriting
}

// importState is what is kept of an import beside its file. It names nobody but who uploaded it.
type importState struct {
	ID      string
	By      string
	File    string // name of the file
	Size    int64
	At      time.Time
	Changed time.Time
	Phase   importPhase
	Waits   importPhase // the work that goes on when it is started anew

	Kind       string // as was chosen; "" for what is guessed
	Map        map[string]string
	Policy     importing.Policy
	ClearEmpty bool
	Decided    map[int]importing.Decision

	ReadAs     string
	TakenFor   string // kind
	Columns    []importHeading
	Rows       int
	People     importing.Counts
	Accounts   importing.Counts
	Refused    int
	Held       int
	Duplicates int
	Skipped    int
	Remarks    int
	Written    importing.Written
	Said       importing.Sentence // why it failed
	Advice     importing.Sentence
}

// importHeading is a column with what it is taken for.
type importHeading struct {
	Heading string
	Guess   importing.Field
	Field   importing.Field
	Samples []string
}

// importReport is what the page shows of rows.
type importReport struct {
	Bad        []importing.BadRow
	Remarks    []importing.Remark
	Known      []importing.Duplicate // of rows that are not held
	Held       []importing.Held
	Candidates map[int][]importing.Duplicate // of those that are, by row
}

// leftRow is a row that is not written, with its cells as they were.
type leftRow struct {
	Row    int
	Column string
	Said   importing.Sentence
	Cells  []string
}

// importDesk keeps imports and works on them.
type importDesk struct {
	taken  sync.Mutex // while somebody decides about an import: see take
	mu     sync.Mutex
	dir    string
	own    bool // dir was made by the desk
	root   *os.Root
	jobs   map[string]*importJob
	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup // of the work
	sweeps sync.WaitGroup
}

// importJob is work that goes on.
type importJob struct {
	mu       sync.Mutex
	done, of int
	told     time.Time
}

func newImportDesk(dir string) *importDesk {
	ctx, cancel := context.WithCancel(context.Background())
	d := &importDesk{dir: dir, jobs: map[string]*importJob{}, ctx: ctx, cancel: cancel}
	if dir != "" {
		d.sweeps.Go(d.sweep)
	}
	return d
}

// sweep takes away what is too old, now and every hour.
func (d *importDesk) sweep() {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		_, _ = d.list(time.Now()) // tried again in an hour
		select {
		case <-d.ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// close ends the work that goes on, and waits for it.
func (d *importDesk) close() {
	d.cancel()
	d.group.Wait()
	d.sweeps.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		_ = d.root.Close()
	}
	if d.own {
		_ = os.RemoveAll(d.dir)
	}
}

// folder opens the folder, and makes it first if need be.
func (d *importDesk) folder() (*os.Root, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.root != nil {
		return d.root, nil
	}
	if d.dir == "" {
		dir, err := os.MkdirTemp("", "tsunagu-imports-")
		if err != nil {
			return nil, fmt.Errorf("make folder for imports: %w", err)
		}
		d.dir, d.own = dir, true
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for imports: %w", err)
	}
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return nil, fmt.Errorf("open folder for imports: %w", err)
	}
	d.root = root
	return root, nil
}

// isImportID keeps anything but our own ids from becoming the name of a file.
func isImportID(id string) bool {
	return len(id) > 8 && len(id) < 64 && strings.Trim(id, "0123456789abcdef-") == ""
}

// load gives an import; crm.ErrNotFound.
func (d *importDesk) load(id string) (st importState, err error) {
	if !isImportID(id) {
		return st, crm.ErrNotFound
	}
	if err := d.get(id+".json", &st); err != nil {
		return st, err
	}
	if st.Phase.works() && d.job(id) == nil { // the server ended in the middle of it
		st.Waits, st.Phase = st.Phase, importHalted
	}
	return st, nil
}

// get reads a small file; crm.ErrNotFound.
func (d *importDesk) get(name string, into any) error {
	root, err := d.folder()
	if err != nil {
		return err
	}
	raw, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return crm.ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return fmt.Errorf("read import: %w", err)
	}
	return nil
}

// put writes a small file whole or not at all.
func (d *importDesk) put(name string, what any) error {
	root, err := d.folder()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(what)
	if err == nil {
		err = root.WriteFile(name+".new", raw, 0o600)
	}
	if err == nil {
		err = root.Rename(name+".new", name)
	}
	if err != nil {
		return fmt.Errorf("write import: %w", err)
	}
	return nil
}

func (d *importDesk) save(st *importState) error {
	st.Changed = time.Now().UTC()
	return d.put(st.ID+".json", st)
}

// receive stores an uploaded file; tooBig says that it is larger than may be.
func (d *importDesk) receive(id string, from io.Reader) (size int64, tooBig bool, err error) {
	root, err := d.folder()
	if err != nil {
		return 0, false, err
	}
	f, err := root.OpenFile(id+".data", os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return 0, false, fmt.Errorf("store upload: %w", err)
	}
	size, err = io.Copy(f, io.LimitReader(from, maxImportFile+1))
	if err = errors.Join(err, f.Close()); err != nil || size > maxImportFile {
		d.remove(id)
	}
	return size, size > maxImportFile, err
}

// sheet reads the uploaded file.
func (d *importDesk) sheet(id string) (*importing.Sheet, error) {
	root, err := d.folder()
	if err != nil {
		return nil, err
	}
	f, err := root.Open(id + ".data")
	if err != nil {
		return nil, fmt.Errorf("open upload: %w", err)
	}
	defer func() { _ = f.Close() }()
	return importing.Read(f)
}

// remove takes away all that there is of an import but for the kinds of files that stay.
func (d *importDesk) remove(id string, stay ...string) {
	root, err := d.folder()
	if err != nil {
		return
	}
	for _, kind := range []string{".json", ".data", ".report", ".left"} {
		if !slices.Contains(stay, kind) {
			_ = root.Remove(id + kind) // it may not be there
		}
	}
}

func (d *importDesk) job(id string) *importJob {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.jobs[id]
}

// start begins work on an import; false if it is being worked on.
func (d *importDesk) start(id string, work func(ctx context.Context, job *importJob)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jobs[id] != nil || d.ctx.Err() != nil {
		return false
	}
	job := &importJob{}
	d.jobs[id] = job
	d.group.Go(func() {
		work(d.ctx, job)
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.jobs, id)
	})
	return true
}

// far notes how far the work is, and says whether it is time to tell.
func (j *importJob) far(done, of int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done, j.of = done, of
	if now := time.Now(); now.Sub(j.told) > time.Second/2 {
		j.told = now
		return true
	}
	return false
}

func (j *importJob) progress() (done, of int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done, j.of
}
