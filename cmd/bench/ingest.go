package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"
)

// measureIngest reads one mailbox with every contender, round after round.
func (b *bench) measureIngest(ctx context.Context) error {
	box, err := b.newMailbox(ctx)
	if err != nil {
		return err
	}
	defer box.close()
	contenders, err := b.contenders(ctx, box)
	if err != nil {
		return err
	}
	if err := b.measureCold(ctx, box, contenders); err != nil {
		return err
	}
	results := make(map[string][]sample)
	for round := range b.rounds {
		for _, c := range contenders {
			s, err := c.run(ctx, box.addr())
			if err != nil {
				return fmt.Errorf("round %d: %s: %w", round+1, c.name, err)
			}
			fmt.Fprintf(os.Stderr, "   round %d  %-38s %8.2f s wall  %7.2f s CPU  %5d MiB\n",
				round+1, c.name, s.wall.Seconds(), s.cpu.Seconds(), s.peak>>20)
			results[c.name] = append(results[c.name], s)
		}
	}
	b.reportIngest(contenders, results)
	return b.measureRoundTrips(ctx, box, contenders)
}

// measureCold compares the first two on a server that has to build its index.
func (b *bench) measureCold(ctx context.Context, box *mailbox, contenders []contender) error {
	var ratios []float64
	for range b.rounds {
		var walls []float64
		for _, c := range contenders[:2] {
			if err := box.forgetIndex(); err != nil {
				return err
			}
			s, err := c.run(ctx, box.addr())
			if err != nil {
				return fmt.Errorf("read with a cold index: %s: %w", c.name, err)
			}
			walls = append(walls, s.wall.Seconds())
		}
		ratios = append(ratios, walls[0]/walls[1])
	}
	b.report.atLeast("first read ÷ limit c1, cold server index", spreadOf(ratios), "", 0.6)
	return nil
}

// reportIngest turns the samples into ratios, round by round.
func (b *bench) reportIngest(contenders []contender, results map[string][]sample) {
	ours := results[oursName]
	for _, c := range contenders {
		b.report.inform(c.name, fmt.Sprintf("%s s wall, %s mails/s, %s s CPU, %s MiB",
			spreadBy(results[c.name], wallSeconds), rate(results[c.name], b.mails), spreadBy(results[c.name], cpuSeconds), spreadBy(results[c.name], peakMiB)))
	}
	ratios := func(name string, value func(sample) float64) spread {
		var list []float64
		for i, s := range results[name] {
			list = append(list, value(s)/value(ours[i]))
		}
		return spreadOf(list)
	}
	b.report.atLeast("first read ÷ limit c1, warm server index", ratios(limitName, wallSeconds), "", 0.25)
	for _, target := range []struct {
		name string
		wall float64
		cpu  float64
	}{{fullPeerName, 15, 15}, {partPeerName, 8, 0}, {mbsyncName, 8, 0}} {
		if len(results[target.name]) == 0 {
			continue
		}
		b.report.atLeast("first read ÷ "+target.name+", wall", ratios(target.name, wallSeconds), "×", target.wall)
		if target.cpu > 0 {
			b.report.atLeast("first read ÷ "+target.name+", CPU", ratios(target.name, cpuSeconds), "×", target.cpu)
		}
	}
	b.report.atMost("peak memory of the first read", spreadBy(ours, peakMiB), " MiB", 150)
}

// measureRoundTrips compares with one message a command on a line with a round trip of 20 ms.
func (b *bench) measureRoundTrips(ctx context.Context, box *mailbox, contenders []contender) error {
	proxy, err := newDelayProxy(ctx, box.addr(), 20*time.Millisecond)
	if err != nil {
		return err
	}
	defer proxy.close()
	var ratios []float64
	for range min(3, b.rounds) {
		const slow = 200
		start := time.Now()
		if _, err := readOneByOne(ctx, proxy.addr(), userName, userPassword, slow); err != nil {
			return fmt.Errorf("read one message a command: %w", err)
		}
		oneByOne := slow / time.Since(start).Seconds()
		s, err := contenders[1].run(ctx, proxy.addr())
		if err != nil {
			return fmt.Errorf("read at 20 ms: %w", err)
		}
		ratios = append(ratios, float64(b.mails)/s.wall.Seconds()/oneByOne)
	}
	b.report.atLeast("first read at a round trip of 20 ms ÷ one message a command", spreadOf(ratios), "×", 100)
	return nil
}

func wallSeconds(s sample) float64 { return s.wall.Seconds() }
func cpuSeconds(s sample) float64  { return s.cpu.Seconds() }
func peakMiB(s sample) float64     { return float64(s.peak) / (1 << 20) }

func spreadBy(samples []sample, value func(sample) float64) spread {
	var list []float64
	for _, s := range samples {
		list = append(list, value(s))
	}
	return spreadOf(list)
}

func rate(samples []sample, mails int) string {
	return strconv.Itoa(int(float64(mails) / spreadBy(samples, wallSeconds).median))
}
