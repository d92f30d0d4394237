package caldav

import (
	"hash/maphash"
	"time"
)

// The bounds of one fetch that asks for changes, by calendar: pages and time.
const (
	maxPages = 100
	maxNews  = 30 * time.Second
)

// maxIdlePages is how many pages in a row may tell of nothing that was not told before.
const maxIdlePages = 200

// maxTold is how many resources are remembered as told.
const maxTold = 1 << 19

// paging looks whether a server that goes on makes progress.
type paging struct {
	seed maphash.Seed
	told map[uint64]struct{} // hashes of keys
	idle int
}

func newPaging() *paging { return &paging{seed: maphash.MakeSeed(), told: make(map[uint64]struct{})} }

// page counts a page of changes.
func (p *paging) page(members []string) {
	if len(p.told) > maxTold {
		clear(p.told)
	}
	before := len(p.told)
	for _, key := range members {
		p.told[maphash.String(p.seed, key)] = struct{}{}
	}
	if p.idle++; len(p.told) > before {
		p.idle = 0
	}
}

// stuck says that it does not.
func (p *paging) stuck() bool { return p.idle >= maxIdlePages }
