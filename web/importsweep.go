package web

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// list gives the imports, newest first, and takes away what is too old; nobody decides about one meanwhile (take).
func (d *importDesk) list(now time.Time) ([]importState, error) {
	d.taken.Lock()
	defer d.taken.Unlock()
	root, err := d.folder()
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	var out []importState
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok { // of an import, or of one whose upload was cut off
			if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > importRemains+importWaits {
				_ = root.Remove(e.Name())
			}
			continue
		}
		st, err := d.load(id)
		if err != nil {
			continue // it was removed meanwhile
		}
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b importState) int { return b.At.Compare(a.At) })
	kept := out[:0]
	for i := range out {
		if d.age(&out[i], now) && len(kept) < maxImports {
			kept = append(kept, out[i])
		} else if d.job(out[i].ID) == nil {
			d.remove(out[i].ID)
		}
	}
	return kept, nil
}

// age takes away what is too old of an import; false if nothing is to stay.
func (d *importDesk) age(st *importState, now time.Time) bool {
	idle := now.Sub(st.Changed)
	switch {
	case d.job(st.ID) != nil:
	case idle > importHistory:
		return false
	case st.Phase == importDone || st.Phase == importFailed:
		if idle > importRemains {
			d.remove(st.ID, ".json")
		}
	case st.Phase != importGone && idle > importWaits:
		d.remove(st.ID, ".json")
		st.Phase, st.Decided, st.Columns = importGone, nil, nil
		_ = d.put(st.ID+".json", st) // tried again the next time
	}
	return true
}
