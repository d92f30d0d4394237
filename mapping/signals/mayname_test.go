package signals

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// TestWhatIsAskedFirstHidesNothing compares what is asked before the large expressions with them, on generated mail.
func TestWhatIsAskedFirstHidesNothing(t *testing.T) {
	everyDay := regexp.MustCompile(days)
	dated, left := 0, 0
	same, lines := newSameness(), map[string]bool{}
	check := func(text string) {
		f := fold(text)
		if lines[f] {
			return
		}
		lines[f] = true
		all := everyDay.FindAllStringSubmatchIndex(f, maxDays)
		if diff := cmp.Diff(all, findDays(f)); diff != "" {
			t.Errorf("%q (-search from each character +ours):\n%s", f, diff)
		}
		if len(all) > 0 {
			dated++
		}
		left += same.compare(t, f)
	}
	for m := range mailgen.Generate(7, 300) {
		for line := range strings.Lines(m.Truth.Text) {
			check(line)
		}
	}
	for _, text := range []string{
		"第123月4日", "「あ」「い」う」『x』『xy』“a”“b c”", "3rd of may", "21 of jun 2026", "31st  dec", "x2026/1/2/3", "12月12月12日12/12", "_mar 3", "5may 6", "3月3月末", "日日曜", "\xff3日", "aug 1aug 2", "明日明後日本日", "１月",
		"令和元年5月1日", "令和8年1月2日", "来月3日", "再来月上旬", "月曜", "3 march", "mar. 3rd, 2027", "on monday", "by eod", "close of business", "年内に", "5日(金)", "12/3", "2026.12.1", "週明け", "明後日",
		"she has left the company", "my last working day is friday", "i've retired", "he quit", "i am stepping down", "moved on to a new opportunity", "employment with acme has ended",
		"i have transferred to another department", "has taken on a new role", "your account is now handled by kim", "has been replaced by ann lee", "i am no longer with acme", "i'm leaving the company",
	} {
		check(text)
	}
	if dated < 50 || left < 12 {
		t.Errorf("only %d dates and %d leavings were compared", dated, left)
	}
}
