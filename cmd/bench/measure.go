package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is what one process cost.
type sample struct {
	wall time.Duration
	cpu  time.Duration // user and system
	peak int64         // resident bytes at the highest
}

// command prepares a program to run in a folder; "" is the current one.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the bench runs the programs it is told to measure
	cmd.Dir = dir
	return cmd
}

// runProcess runs a command to its end and measures it.
func runProcess(ctx context.Context, cmd *exec.Cmd) (sample, error) {
	var stderr bytes.Buffer
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	err := cmd.Wait()
	s := sample{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.peak = usage.Maxrss << 10
	}
	if err != nil {
		return s, fmt.Errorf("run %s: %w: %s", cmd.Path, err, lastLines(stderr.String(), 12))
	}
	return s, nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " / ")
}

// spread is the median of some values with the least and the greatest.
type spread struct{ median, least, greatest float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return spread{median: percentile(sorted, 0.5), least: sorted[0], greatest: sorted[len(sorted)-1]}
}

// percentile of sorted values, nearest rank.
func percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

func (s spread) String() string {
	return fmt.Sprintf("%.3g (%.3g–%.3g)", s.median, s.least, s.greatest)
}

// p99 is the 99th percentile.
func p99(values []float64) float64 { return percentile(slices.Sorted(slices.Values(values)), 0.99) }
