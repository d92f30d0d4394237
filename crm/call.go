package crm

// Call is what a person said of a telephone call that they logged. The facts stand in the activity's Text and stay as
// they were said; Note is that person's opinion, a field of its own.
type Call struct {
	Result string     `json:"result"`         // code of a call result of the mapping; the defaults are below
	Note   string     `json:"note,omitempty"` // opinion, at most 2,000 characters
	Next   NextAction `json:"next,omitzero"`  // when, to whom, what
	Number string     `json:"number,omitempty"`
}

// The call results out of the box.
const (
	CallNoAnswer     = "no_answer"    // 未接続
	CallAgain        = "call_again"   // 再架電必要
	CallMeetingWon   = "meeting_won"  // アポ獲得
	CallLost         = "lost"         // 失注
	CallDisqualified = "disqualified" // 対象外
)
