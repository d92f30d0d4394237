package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// options are what the command line says.
type options struct {
	only   string // comma-separated sections; "" for all
	rounds int
	mails  int
	people int
	stored int
	binary string // of tsunagu
	dir    string // for mailboxes and stores
	peers  string // where the Node peers are installed
	alone  bool
	rows   bool   // print the figures for another process
	dsn    string // PostgreSQL for the Node peers; "" leaves them out, named
}

func main() {
	var opt options
	flag.StringVar(&opt.only, "only", "", "comma-separated sections: "+strings.Join(sectionNames(), ", "))
	flag.IntVar(&opt.rounds, "rounds", 5, "interleaved rounds")
	flag.IntVar(&opt.mails, "mails", 14362, "messages in the INBOX that is read")
	flag.IntVar(&opt.people, "people", 100_000, "people to match against")
	flag.IntVar(&opt.stored, "stored", 5_000_000, "activities in the large store")
	flag.StringVar(&opt.binary, "binary", "bin/tsunagu", "the tsunagu binary")
	flag.StringVar(&opt.dir, "dir", "", "working folder; a temporary one if empty")
	flag.StringVar(&opt.peers, "peers", ".cache/peers", "where the peers' node_modules are")
	flag.BoolVar(&opt.alone, "alone", false, "leave the peers out, for tuning")
	flag.BoolVar(&opt.rows, "rows", false, "print the figures as JSON")
	flag.StringVar(&opt.dsn, "dsn", os.Getenv("TSUNAGU_BENCH_DSN"), "PostgreSQL database for the peers")
	c1 := flag.String("c1", "", "only read this server's INBOX as the limit does, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *c1 != "" {
		err = printC1(ctx, *c1)
	} else {
		err = run(ctx, opt)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// section measures a few figures that belong together.
type section struct {
	name string
	run  func(context.Context) error
}

func (b *bench) sections() []section {
	return []section{
		{"help", b.measureHelp},
		{"ingest", b.measureIngest},
		{"forms", b.measureForms},
		{"mapping", b.measureMapping},
		{"idle", b.measureIdle},
		{"google", b.measureGoogle},
		{"match", b.measureMatch},
		{"store", b.measureStore},
		{"crm", b.measureCRM},
		{"pages", b.measurePages},
	}
}

func sectionNames() []string {
	var names []string
	for _, s := range (&bench{}).sections() {
		names = append(names, s.name)
	}
	return names
}

// bench is one run of the program.
type bench struct {
	options
	report report
}

func run(ctx context.Context, opt options) error {
	b := &bench{options: opt}
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "tsunagu-bench-")
		if err != nil {
			return fmt.Errorf("make working folder: %w", err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		b.dir = dir
	}
	wanted := strings.FieldsFunc(opt.only, func(r rune) bool { return r == ',' })
	for _, name := range wanted {
		if !slices.Contains(sectionNames(), name) {
			return fmt.Errorf("choose section: there is none called %q (there are: %s)", name, strings.Join(sectionNames(), ", "))
		}
	}
	for _, s := range b.sections() {
		if len(wanted) > 0 && !slices.Contains(wanted, s.name) {
			continue
		}
		if len(wanted) == 1 {
			fmt.Fprintf(os.Stderr, "== %s\n", s.name)
			if err := s.run(ctx); err != nil {
				return fmt.Errorf("measure %s: %w", s.name, err)
			}
		} else if err := b.runApart(ctx, s.name); err != nil {
			return err
		}
	}
	if opt.rows {
		return b.report.encode(os.Stdout)
	}
	return b.report.print(os.Stdout)
}

// runApart measures a section in a process of its own. What one section leaves in memory is no other's business:
// Linux even counts it in the peak of the processes that are started later.
func (b *bench) runApart(ctx context.Context, name string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	args := slices.Concat(os.Args[1:], []string{"-only=" + name, "-rows", "-dir=" + b.dir}) // the last word counts
	cmd := command(ctx, "", self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("measure %s: %w", name, err)
	}
	return b.report.decode(out)
}
