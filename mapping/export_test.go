package mapping

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// MapWithPanic maps an item with a mistake in the middle of it that panics with cause.
func MapWithPanic(m *Mapper, src Source, item connectors.Item, now time.Time, cause any) crm.Write {
	b := m.newBatch(src, 1)
	b.now = now
	var w crm.Write
	b.contain(&item, &w, func() {
		b.screen(&item, &w)
		w.Reviews = []crm.Review{{Subject: item.Message.Subject}}
		panic(cause)
	})
	return w
}
