package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// measureHelp times `tsunagu --help`, which is what a shell's completion and a doubtful user call most.
func (b *bench) measureHelp(ctx context.Context) error {
	binary, err := filepath.Abs(b.binary)
	if err != nil {
		return fmt.Errorf("find binary: %w", err)
	}
	var times []float64
	for range 20 {
		s, err := runProcess(ctx, command(ctx, "", binary, "--help"))
		if err != nil {
			return err
		}
		times = append(times, float64(s.wall)/float64(time.Millisecond))
	}
	b.report.atMost("start of `tsunagu --help`", spreadOf(times), " ms", 50)
	return nil
}
