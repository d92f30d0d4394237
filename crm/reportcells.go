package crm

import (
	"cmp"
	"slices"
)

// A report by day and campaign has tens of thousands of rows. What was counted is therefore one list of sums, each with the
// number of its row, which is put in order once; every row in turn is then laid out in the same memory, a place for each
// metric and detail, from which its columns are worked out.

// reportCell is all that was counted in a row: a sum for each place of a cellIndex.
type reportCell []cellSum

type cellSum struct{ count, sum int64 }

func (s cellSum) plus(t cellSum) cellSum { return cellSum{s.count + t.count, s.sum + t.sum} }

// places are places of a cellIndex.
type places []int32

// sum adds up what stands in some places.
func (c reportCell) sum(of places) (out cellSum) {
	for _, place := range of {
		out = out.plus(c[place])
	}
	return out
}

// cellKey is what a sum is of.
type cellKey struct {
	metric Metric
	detail string
}

// cellIndex numbers what sums are of. In each row the same come in the same order: what came after the last one is tried
// before it is looked up.
type cellIndex struct {
	at   map[cellKey]int32
	list []cellKey
	next []int32 // by place: what came after it
	last int32
}

func (x *cellIndex) place(k cellKey) int32 {
	if len(x.list) > 0 {
		if next := x.next[x.last]; x.list[next] == k {
			x.last = next
			return next
		}
	}
	place, ok := x.at[k]
	if !ok {
		place = int32(len(x.list))
		x.list, x.next = append(x.list, k), append(x.next, place)
		x.at[k] = place
	}
	x.next[x.last], x.last = place, place
	return place
}

// everything is what a report counted over all its rows, by which its columns are made.
type everything struct {
	index *cellIndex
	cell  reportCell
}

// of are the places of a metric.
func (e everything) of(m Metric) (out places) {
	for place, k := range e.index.list {
		if k.metric == m {
			out = append(out, int32(place))
		}
	}
	return out
}

// only are the places of some details of a metric; what was never counted has none.
func (e everything) only(m Metric, details ...string) (out places) {
	for _, d := range details {
		if place, ok := e.index.at[cellKey{m, d}]; ok {
			out = append(out, place)
		}
	}
	return out
}

// reportCells are the sums of a report.
type reportCells struct {
	index   *cellIndex
	sums    []rowSum
	rows    []reportPlace
	keys    []string // how a key is written; a campaign as it is found first
	total   reportCell
	periods []string

	rowAt    map[reportPlace]int32
	keyAt    map[string]int32 // by how it is written
	foldedAt map[string]int32 // of campaigns: by the folded code
	periodAt map[string]int32
}

// reportPlace is where a row stands: numbers of a period and a key.
type reportPlace struct{ period, key int32 }

// rowSum is a part of a row.
type rowSum struct {
	row, place int32
	cellSum
}

func newReportCells(index *cellIndex) *reportCells {
	return &reportCells{index: index, rowAt: map[reportPlace]int32{}, keyAt: map[string]int32{}, foldedAt: map[string]int32{}, periodAt: map[string]int32{}}
}

// add takes the numbers of a metric in, which are in order: what is looked up of one mostly holds for the next.
func (c *reportCells) add(r *reportRun, m Metric, list []Number) {
	c.sums = slices.Grow(c.sums, len(list))
	var at reportPlace
	row := int32(-1)
	for i := range list {
		n := &list[i]
		same := i > 0
		if !same || n.Period != list[i-1].Period {
			at.period, same = c.periodNumber(r, n.Period), false
		}
		if !same || n.Key != list[i-1].Key {
			at.key, same = c.keyNumber(r, n.Key), false
		}
		if !same {
			row = c.row(at)
		}
		s := rowSum{row, c.index.place(cellKey{m, n.Detail}), cellSum{n.Count, n.Sum}}
		c.sums = append(c.sums, s)
		c.total = c.total.add(s.place, s.cellSum)
	}
}

// add adds to a place, and makes the cell long enough.
func (c reportCell) add(place int32, s cellSum) reportCell {
	for int(place) >= len(c) {
		c = append(c, cellSum{})
	}
	c[place] = c[place].plus(s)
	return c
}

func (c *reportCells) row(at reportPlace) int32 {
	row, ok := c.rowAt[at]
	if !ok {
		row = int32(len(c.rows))
		c.rows, c.rowAt[at] = append(c.rows, at), row
	}
	return row
}

func (c *reportCells) periodNumber(r *reportRun, fine string) int32 {
	n, ok := c.periodAt[fine]
	if ok {
		return n
	}
	name := r.period(fine)
	if n, ok = c.periodAt[name]; !ok {
		n = int32(len(c.periods))
		c.periods, c.periodAt[name] = append(c.periods, name), n
	}
	c.periodAt[fine] = n
	return n
}

func (c *reportCells) keyNumber(r *reportRun, key string) int32 {
	n, ok := c.keyAt[key]
	if ok {
		return n
	}
	folded := key
	if r.by == ByCampaign {
		folded = CampaignCode(key)
	}
	if n, ok = c.foldedAt[folded]; !ok {
		n = int32(len(c.keys))
		c.keys, c.foldedAt[folded] = append(c.keys, key), n
	}
	c.keyAt[key] = n
	return n
}

// inOrder are the numbers of the rows, by period, then key.
func (c *reportCells) inOrder() []int32 {
	periods, keys := ranks(c.periods), ranks(c.keys)
	out := make([]int32, len(c.rows))
	for i := range out {
		out[i] = int32(i)
	}
	compare := func(a, b int32) int {
		x, y := c.rows[a], c.rows[b]
		return cmp.Or(cmp.Compare(periods[x.period], periods[y.period]), cmp.Compare(keys[x.key], keys[y.key]))
	}
	if !slices.IsSortedFunc(out, compare) {
		slices.SortFunc(out, compare)
	}
	return out
}

// ranks says of each text how many are before it.
func ranks(list []string) []int32 {
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(list[a], list[b]) })
	out := make([]int32, len(list))
	for rank, i := range order {
		out[i] = int32(rank)
	}
	return out
}

// groups are sums by a number of what they are of.
type groups struct {
	sums []rowSum
	from []int32 // by number: where its sums begin; one more says where all end
	cell reportCell
}

// groupsOf brings sums of which there are n kinds together by their kind, each kind in the order that they had.
func groupsOf(sums []rowSum, n, places int, kind func(row int32) int32) *groups {
	g := &groups{sums: sums, from: make([]int32, n+1), cell: make(reportCell, places)}
	sorted, last := true, int32(0)
	for i := range sums {
		k := kind(sums[i].row)
		g.from[k+1]++
		sorted, last = sorted && k >= last, k
	}
	for k := range n {
		g.from[k+1] += g.from[k]
	}
	if sorted {
		return g
	}
	next := slices.Clone(g.from)
	g.sums = make([]rowSum, len(sums))
	for i := range sums {
		k := kind(sums[i].row)
		g.sums[next[k]] = sums[i]
		next[k]++
	}
	return g
}

// of lays the sums of a kind out. They are good until the next ones are.
func (g *groups) of(kind int32) reportCell {
	clear(g.cell)
	for _, s := range g.sums[g.from[kind]:g.from[kind+1]] {
		g.cell[s.place] = g.cell[s.place].plus(s.cellSum)
	}
	return g.cell
}
