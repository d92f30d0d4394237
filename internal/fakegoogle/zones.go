package fakegoogle

import (
	"sync"
	"time"
	_ "time/tzdata" // a machine without a zone database must not show other times
)

// zones remembers time zones, which the standard library reads anew on every call.
type zones struct{ known sync.Map }

// load returns a zone by name; a name that is not known is UTC.
func (z *zones) load(name string) *time.Location {
	if loc, ok := z.known.Load(name); ok {
		if loc, ok := loc.(*time.Location); ok {
			return loc
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	z.known.Store(name, loc)
	return loc
}
