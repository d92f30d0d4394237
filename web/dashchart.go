package web

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// A chart is an SVG of a fixed height whose places across are percentages, so that it fits every width and its texts keep
// their size. Colours are classes (s1 to s8), of which the style sheet knows light, dark and print.

const (
	dashHeight = 260 // of the plot, in pixels
	dashSmall  = 120 // of one on the overview
	dashSeries = 8   // how many are told apart; the last stands for the rest of keys
	dashTop    = 12  // pixels above the greatest value
)

// dashChart is a chart as the template draws it.
type dashChart struct {
	Kind   string // "bars", "line" or "across"
	Height int
	Ticks  []dashTick
	Bars   []dashBar
	Ghosts []dashMark // of the period before
	Lines  []dashMark
	Labels []dashLabel
	Legend []dashLegend
	Across []dashAcross // bars that lie: a funnel, or one of each key
	Ghost  bool
}

type dashTick struct {
	Y     string
	Label string
}

type dashBar struct{ X, Y, W, H, Class, Title, URL string }

type dashMark struct{ X1, Y1, X2, Y2, Title string }

type dashLabel struct{ X, Text, Class string }

type dashLegend struct{ Class, Label string }

// dashAcross is a bar that lies, with its label and value beside.
type dashAcross struct{ Label, Value, Note, Width, Class, URL, Title string }

// dashStep is a round step such that a few of them hold the greatest value.
func dashStep(most float64, whole bool) float64 {
	if most <= 0 {
		return 1
	}
	raw := most / 4
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5, 10} {
		if step := f * unit; step >= raw {
			if whole {
				return math.Max(1, step)
			}
			return step
		}
	}
	return 10 * unit
}

// dashScale turns values into heights.
type dashScale struct{ top, height float64 }

func newDashScale(most float64, unit crm.Unit, c *dashChart, sp *speaker) dashScale {
	whole := unit != crm.UnitRate
	step := dashStep(most, whole)
	top := step * math.Max(1, math.Ceil(most/step-1e-9))
	s := dashScale{top, float64(c.Height)}
	for v := 0.0; v <= top+step/2; v += step {
		c.Ticks = append(c.Ticks, dashTick{px(s.y(v)), sp.dashValue(crm.Measure{Value: v, Known: true}, unit)})
	}
	return s
}

func (s dashScale) y(v float64) float64 {
	return s.height - v/s.top*(s.height-dashTop)
}

func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func share(v float64) string { return strconv.FormatFloat(100*v, 'f', 3, 64) + "%" }

// dashValue is a value on an axis or over a bar.
func (sp *speaker) dashValue(m crm.Measure, unit crm.Unit) string {
	if m.Known && unit == crm.UnitRate {
		digits := 1
		if v := 100 * m.Value; v == math.Trunc(v) {
			digits = 0
		}
		return strconv.FormatFloat(100*m.Value, 'f', digits, 64) + " %"
	}
	return sp.measure(m, unit)
}

// dashSlots are the periods across a chart with what stands in each, from below.
type dashSlots struct {
	names []string // of the periods
	parts [][]dashPart
	ghost []crm.Measure // of the period before, place by place
	unit  crm.Unit
	line  bool
	small bool
}

// dashPart is one part of a bar.
type dashPart struct {
	value      crm.Measure
	class      string
	label, url string
}

// draw lays bars or a line out.
func (sp *speaker) dashDraw(slots dashSlots, grain crm.Grain) *dashChart {
	c := &dashChart{Kind: "bars", Height: dashHeight}
	if slots.small {
		c.Height = dashSmall
	}
	if !slices.ContainsFunc(slots.ghost, func(m crm.Measure) bool { return m.Value != 0 }) {
		slots.ghost = nil // a line along the axis says nothing
	}
	most := 0.0
	for i := range slots.names {
		sum := 0.0
		for _, p := range slots.parts[i] {
			sum += math.Max(0, p.value.Value)
		}
		most = math.Max(most, sum)
		if i < len(slots.ghost) {
			most = math.Max(most, slots.ghost[i].Value)
		}
	}
	scale := newDashScale(most, slots.unit, c, sp)
	n := float64(len(slots.names))
	every := max(1, (len(slots.names)+11)/12)
	for i, name := range slots.names {
		left := float64(i) / n
		gap := math.Min(.18/n, .01)
		sp.dashSlot(c, slots, i, left+gap, 1/n-2*gap, scale)
		if i%every == 0 {
			class := "few"
			if i%(2*every) == 0 {
				class = ""
			}
			if len(slots.names) > 4 && i%(4*every) != 0 {
				class = "few"
			}
			c.Labels = append(c.Labels, dashLabel{share(left + .5/n), sp.dashPeriod(name, grain), class})
		}
		if i < len(slots.ghost) && slots.ghost[i].Known {
			y := px(scale.y(slots.ghost[i].Value))
			c.Ghosts = append(c.Ghosts, dashMark{share(left + gap/2), y, share(left + 1/n - gap/2), y,
				sp.text("dash.ghost_value", "value", sp.dashValue(slots.ghost[i], slots.unit))})
		}
	}
	if slots.line {
		c.Kind = "line"
		sp.dashLine(c, slots, scale)
	}
	c.Ghost = len(c.Ghosts) > 0
	return c
}

func (sp *speaker) dashSlot(c *dashChart, slots dashSlots, i int, left, width float64, scale dashScale) {
	below := 0.0
	for _, p := range slots.parts[i] {
		if !p.value.Known || p.value.Value <= 0 {
			continue
		}
		from, to := scale.y(below+p.value.Value), scale.y(below)
		if slots.line { // what is pointed at is a column as high as the point
			from = scale.y(p.value.Value)
		}
		title := slots.names[i] + " " + p.label + ": " + sp.dashValue(p.value, slots.unit)
		c.Bars = append(c.Bars, dashBar{share(left), px(from), share(width), px(math.Max(1.5, to-from)), p.class, title, p.url})
		below += p.value.Value
	}
}

// dashLine joins the points of periods that follow each other.
func (sp *speaker) dashLine(c *dashChart, slots dashSlots, scale dashScale) {
	n := float64(len(slots.names))
	value := func(i int) crm.Measure {
		if len(slots.parts[i]) == 0 {
			return crm.Measure{}
		}
		return slots.parts[i][0].value
	}
	for i := 1; i < len(slots.names); i++ {
		if a, b := value(i-1), value(i); a.Known && b.Known {
			c.Lines = append(c.Lines, dashMark{X1: share((float64(i) - .5) / n), Y1: px(scale.y(a.Value)), X2: share((float64(i) + .5) / n), Y2: px(scale.y(b.Value))})
		}
	}
}

// dashPeriod is a period on the axis, as short as it can be.
func (sp *speaker) dashPeriod(name string, grain crm.Grain) string {
	layout, out := time.DateOnly, "1/2"
	if grain == crm.GrainMonth {
		layout, out = "2006-01", "2006/1"
	}
	if sp.lang == "en" {
		out = "2 Jan"
		if grain == crm.GrainMonth {
			out = "Jan 06"
		}
	}
	t, err := time.Parse(layout, name)
	if err != nil {
		return name
	}
	return t.Format(out)
}

// dashPeriodName is a period in a table.
func (sp *speaker) dashPeriodName(name string, grain crm.Grain) string {
	t, err := time.Parse(time.DateOnly, name)
	if grain == crm.GrainMonth {
		t, err = time.Parse("2006-01", name)
	}
	switch {
	case err != nil:
		return name
	case grain == crm.GrainMonth && sp.lang == "ja":
		return t.Format("2006年1月")
	case grain == crm.GrainMonth:
		return t.Format("Jan 2006")
	case grain == crm.GrainWeek:
		return sp.text("dash.week_of", "date", sp.plannedDay(name))
	}
	return sp.plannedDay(name)
}

// measure is a value in its unit; "–" for what cannot be known.
func (sp *speaker) measure(m crm.Measure, unit crm.Unit) string {
	switch {
	case !m.Known:
		return "–"
	case unit == crm.UnitRate:
		return strconv.FormatFloat(100*m.Value, 'f', 1, 64) + " %"
	case unit == crm.UnitSeconds:
		return sp.ago(time.Duration(m.Value) * time.Second)
	case unit == crm.UnitMoney:
		return sp.money(int64(math.Floor(m.Value + 0.5)))
	default:
		return group(int64(math.Floor(m.Value + 0.5)))
	}
}
