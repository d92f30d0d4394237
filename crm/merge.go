package crm

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Merge makes one activity of two views of the same exchange, which have the same Key. The result does
// not depend on the order in which views arrive, nor on how often: Merge is commutative, associative and
// idempotent (merge_test.go holds it to that).
//
// Owners and Observed are united. The stronger Match stays, with the runners-up of both. Of two versions
// the higher one says the content, the people and the accounts; within one version people and accounts are
// united (a bcc stands only in the Sent copy), out beats in, and of two contents the fuller one stays. Views of a
// submission and of a meeting are merged by their states: mergeForms, mergeMeetings.
func Merge(old, next Activity) Activity {
	out := mergeByKind(old, next)
	CarryWas(&out, &old, &next)
	return out
}

func mergeByKind(old, next Activity) Activity {
	switch {
	case old.Kind == KindForm && next.Kind == KindForm:
		return mergeForms(old, next)
	case old.Meeting != nil && next.Meeting != nil:
		return mergeMeetings(old, next)
	}
	return mergeViews(old, next)
}

func mergeViews(old, next Activity) Activity {
	out := old
	switch {
	case old.Version > next.Version:
		out.People = mergePeople(old.People, nil)
		out.Accounts = union(old.Accounts, nil)
	case old.Version < next.Version:
		out = next
		out.People = mergePeople(next.People, nil)
		out.Accounts = union(next.Accounts, nil)
	default:
		if compareContent(&next, &old) < 0 {
			out = next
		}
		out.Direction = maxDirection(old.Direction, next.Direction)
		out.People = mergePeople(old.People, next.People)
		out.Accounts = union(old.Accounts, next.Accounts)
	}
	out.Owners = union(old.Owners, next.Owners)
	out.Observed = mergeObserved(old.Observed, next.Observed)
	out.Match = mergeMatch(old.Match, next.Match)
	out.Messages = mergeMessages(&old, &next)
	out.Outcome = mergeOutcomes(old.Outcome, next.Outcome)
	mergeLife(&out, &old, &next)
	return out
}

// compareContent is a total order on what an activity says; the smaller one is kept. Whole texts come
// before truncated ones and longer texts before shorter; the rest only makes the order total.
func compareContent(a, b *Activity) int {
	if c := cmp.Or(
		compareBool(a.Truncated, b.Truncated),
		cmp.Compare(len(b.FullText)+len(b.Text), len(a.FullText)+len(a.Text)),
		strings.Compare(a.ID, b.ID),
	); c != 0 {
		return c // before the texts are compared, which takes longest
	}
	return cmp.Or(
		strings.Compare(string(a.Key), string(b.Key)),
		a.Time.Compare(b.Time),
		a.End.Compare(b.End),
		strings.Compare(string(a.Kind), string(b.Kind)),
		strings.Compare(string(a.Class), string(b.Class)),
		strings.Compare(a.Subject, b.Subject),
		strings.Compare(a.Text, b.Text),
		strings.Compare(a.FullText, b.FullText),
		strings.Compare(a.Status, b.Status),
		cmp.Compare(len(b.Thread), len(a.Thread)),
		strings.Compare(a.Thread, b.Thread),
		cmp.Compare(len(b.Attachments), len(a.Attachments)),
		slices.CompareFunc(a.Attachments, b.Attachments, compareAttachment),
	)
}

func compareAttachment(a, b Attachment) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type), cmp.Compare(a.Size, b.Size))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// maxDirection: who has the Sent copy knows that it went out.
func maxDirection(a, b Direction) Direction {
	if c := cmp.Compare(directionRank(a), directionRank(b)); c > 0 || c == 0 && a >= b {
		return a
	}
	return b
}

func directionRank(d Direction) int {
	switch d {
	case DirectionNone:
		return 0
	case DirectionInternal:
		return 1
	case DirectionIn:
		return 2
	case DirectionOut:
		return 3
	}
	return -1
}

// roleRank is the order in which participants stand: who wrote before who was written to.
func roleRank(r Role) int {
	switch r {
	case RoleFrom:
		return 0
	case RoleOrganizer:
		return 1
	case RoleSubmitter:
		return 2
	case RoleTo:
		return 3
	case RoleAttendee:
		return 4
	case RoleCc:
		return 5
	case RoleBcc:
		return 6
	case RoleThread:
		return 7
	case RoleFiled:
		return 8
	}
	return -1
}

// mergePeople unites by role and address; of two views of a participant the better known one stays.
func mergePeople(a, b []Participant) []Participant {
	return unite(a, b, compareParticipants, func(x, y *Participant) bool {
		return x.Role == y.Role && compareFolded(x.Address, y.Address) == 0
	})
}

// compareParticipants looks no further than to the first difference, which nearly always is the role or the
// address: this is where most of the time of Merge goes.
func compareParticipants(x, y *Participant) int {
	if x.Role != y.Role {
		return cmp.Or(cmp.Compare(roleRank(x.Role), roleRank(y.Role)), strings.Compare(string(x.Role), string(y.Role)))
	}
	if c := compareFolded(x.Address, y.Address); c != 0 {
		return c
	}
	return compareKnown(x, y)
}

// compareKnown puts the participant first of which more is known, then makes the order total.
func compareKnown(x, y *Participant) int {
	return cmp.Or(
		compareBool(x.ID == "", y.ID == ""),
		compareBool(x.Name == "", y.Name == ""),
		compareBool(x.Response == "", y.Response == ""),
		strings.Compare(x.ID, y.ID),
		strings.Compare(string(x.Kind), string(y.Kind)),
		strings.Compare(x.Name, y.Name),
		cmp.Compare(ResponseRank(y.Response), ResponseRank(x.Response)),
		strings.Compare(x.Response, y.Response),
		strings.Compare(x.Address, y.Address),
		compareBool(y.Internal, x.Internal),
		strings.Compare(string(y.Type), string(x.Type)),
		compareBool(x.Optional, y.Optional),
	)
}

func compareFolded(a, b string) int {
	if a == b {
		return 0
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func mergeObserved(a, b []Observation) []Observation {
	return unite(a, b, compareObservations, func(x, y *Observation) bool {
		return x.Source == y.Source && x.ExternalID == y.ExternalID
	})
}

func compareObservations(x, y *Observation) int {
	return cmp.Or(strings.Compare(x.Source, y.Source), strings.Compare(x.ExternalID, y.ExternalID),
		compareBool(x.Owner == "", y.Owner == ""), strings.Compare(x.Owner, y.Owner),
		compareBool(x.Folder == "", y.Folder == ""), strings.Compare(x.Folder, y.Folder),
		compareBool(y.Withdrawn, x.Withdrawn), compareBool(x.AfterEnd, y.AfterEnd), compareBool(y.Mail, x.Mail))
}

// mergeMatch keeps the stronger rule, of equal ones the smaller evidence.
func mergeMatch(a, b Match) Match {
	out := a
	if cmp.Or(cmp.Compare(ruleStrength(a.Rule), ruleStrength(b.Rule)), strings.Compare(string(a.Rule), string(b.Rule)),
		strings.Compare(a.Evidence, b.Evidence)) > 0 {
		out = b
	}
	out.RunnersUp = unite(a.RunnersUp, b.RunnersUp, compareCandidates, func(x, y *Candidate) bool {
		return x.Kind == y.Kind && x.ID == y.ID
	})
	return out
}

func compareCandidates(x, y *Candidate) int {
	return cmp.Or(strings.Compare(x.Kind, y.Kind), strings.Compare(x.ID, y.ID),
		cmp.Compare(ruleStrength(x.Rule), ruleStrength(y.Rule)), strings.Compare(string(x.Rule), string(y.Rule)),
		strings.Compare(x.Evidence, y.Evidence), strings.Compare(x.Name, y.Name))
}

// ruleStrength is 0 for the strongest rule; what is not a rule is weakest. Unlike within one item, where a thread
// may settle which of an account's people is meant, a domain comes before a thread: of two views, the one that
// rests on the thread alone was mapped when nothing was known of the addresses yet.
func ruleStrength(r Rule) int {
	rules := [...]Rule{RuleBounce, RuleDecision, RuleAddress, RuleNormalized, RuleDomain, RuleThread}
	for i, rule := range rules {
		if rule == r {
			return i
		}
	}
	return len(rules)
}

func union(a, b []string) []string {
	return unite(a, b, func(x, y *string) int { return strings.Compare(*x, *y) }, func(x, y *string) bool { return *x == *y })
}

// unite gives the elements of both lists in order, the first of those that are the same, in memory of its own. A
// new activity is merged with itself, so one list counts once if it is given twice; and lists are mostly in order
// and without repetitions already, which is seen without moving anything.
func unite[T any](a, b []T, compare func(x, y *T) int, same func(x, y *T) bool) []T {
	if len(a) > 0 && len(a) == len(b) && &a[0] == &b[0] {
		b = nil
	}
	all := slices.Concat(a, b)
	inOrder, repeated := true, false
	for i := 1; i < len(all) && inOrder; i++ {
		inOrder = compare(&all[i-1], &all[i]) <= 0
		repeated = repeated || same(&all[i-1], &all[i])
	}
	if !inOrder {
		sort.Sort(&ordered[T]{all, compare})
	}
	if !inOrder || repeated {
		kept := 1
		for i := 1; i < len(all); i++ {
			if !same(&all[kept-1], &all[i]) {
				all[kept] = all[i]
				kept++
			}
		}
		all = all[:kept]
	}
	return slices.Clip(all)
}

// ordered sorts a list whose elements are compared where they lie: they are too big to be handed around.
type ordered[T any] struct {
	list    []T
	compare func(x, y *T) int
}

func (o *ordered[T]) Len() int           { return len(o.list) }
func (o *ordered[T]) Less(i, j int) bool { return o.compare(&o.list[i], &o.list[j]) < 0 }
func (o *ordered[T]) Swap(i, j int)      { o.list[i], o.list[j] = o.list[j], o.list[i] }
