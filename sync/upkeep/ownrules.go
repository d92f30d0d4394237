package upkeep

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ownRules brings what is stored in line with what reps keep out of their own mailboxes. The store notes how far it is, so
// that an interruption costs nothing.
func (u *Upkeep) ownRules(ctx context.Context, report *Report) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		started := time.Now()
		changed, more, err := u.cfg.Store.SettleOwnRules(ctx, started.UTC())
		if err != nil {
			return fmt.Errorf("follow own rules: %w", err)
		}
		report.Excluded += changed
		if !more {
			return nil
		}
		u.rest(ctx, time.Since(started))
	}
}

// heldByPeople says whether people keep a row out, not the mapping: whatever that is, the store would keep it out again.
func heldByPeople(entry crm.Entry) bool {
	code, _, _ := strings.Cut(string(entry.Reason), ": ")
	return entry.Verdict == crm.Excluded && (code == crm.ReasonPrivateThread || code == crm.ReasonOwnRule)
}
