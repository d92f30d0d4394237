package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// row is one figure with its target.
type row struct {
	Figure   string
	Measured string
	Target   string // "" for a figure that only informs
	Holds    bool
}

// report collects the figures in the order they were measured.
type report struct{ rows []row }

func (r *report) add(figure, measured, target string, holds bool) {
	r.rows = append(r.rows, row{figure, measured, target, holds})
	fmt.Fprintf(os.Stderr, "   %s: %s\n", figure, measured)
}

func (r *report) inform(figure, measured string) { r.add(figure, measured, "", true) }

// atLeast adds a figure that must not be smaller than its target.
func (r *report) atLeast(figure string, value spread, unit string, target float64) {
	r.add(figure, value.String()+unit, fmt.Sprintf("≥ %g%s", target, unit), value.median >= target)
}

// atMost adds a figure that must not be greater than its target.
func (r *report) atMost(figure string, value spread, unit string, target float64) {
	r.add(figure, value.String()+unit, fmt.Sprintf("≤ %g%s", target, unit), value.median <= target)
}

// encode writes the figures for decode.
func (r *report) encode(w io.Writer) error {
	if err := json.NewEncoder(w).Encode(r.rows); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}

// decode takes in the figures that another process wrote.
func (r *report) decode(text []byte) error {
	var rows []row
	if err := json.Unmarshal(text, &rows); err != nil {
		return fmt.Errorf("read figures: %w", err)
	}
	r.rows = append(r.rows, rows...)
	return nil
}

// print writes the table as Markdown.
func (r *report) print(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s · %s\n\n", time.Now().Format("2 January 2006"), machine())
	fmt.Fprintln(&out, "| figure | measured: median (least–greatest) | target | |\n|---|---|---|---|")
	for _, row := range r.rows {
		verdict := ""
		switch {
		case row.Target == "":
		case row.Holds:
			verdict = "holds"
		default:
			verdict = "**missed**"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", row.Figure, row.Measured, row.Target, verdict)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// machine says what the figures were taken on.
func machine() string {
	model := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores, %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
