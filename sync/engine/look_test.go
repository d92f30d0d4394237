package engine

import (
	"github.com/tsunagu-crm/tsunagu/crm"
)

// ledger is what there is to compare of the rows: verdicts by item.
func (f *fakeStore) ledger() map[crm.ItemRef]crm.Verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	verdicts := make(map[crm.ItemRef]crm.Verdict, len(f.rows))
	for ref, entry := range f.rows {
		verdicts[ref] = entry.Verdict
	}
	return verdicts
}

func (f *fakeStore) source(id string) crm.Source {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *f.sources[id]
}

// row is the row of an item of source a.
func (f *fakeStore) row(id string) crm.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rows[crm.ItemRef{Source: "a", ExternalID: id}]
}

// count reads a counter of the store.
func (f *fakeStore) count(n *int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return *n
}
