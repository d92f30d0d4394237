package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// importedRows are the rows of the file that is imported.
const importedRows = 100_000

// measureCRM makes the store of a company with a million people and measures what people and managers ask of it:
// searching, reports, the timeline of an account, and an import.
func (b *bench) measureCRM(ctx context.Context) error {
	site, err := b.openCRM(ctx)
	if err != nil {
		return err
	}
	measure := func(ctx context.Context, store *boltstore.Store) error {
		return errors.Join(b.measureSearch(ctx, store), b.measureReports(ctx, store), b.measureAccountPage(ctx, store))
	}
	if err := site.with(ctx, measure); err != nil {
		return err
	}
	return b.measureImport(ctx, site)
}

// openCRM gives the installation with a filled store, which it makes if -dir kept none.
func (b *bench) openCRM(ctx context.Context) (*crmSite, error) {
	site := &crmSite{dir: filepath.Join(b.dir, "crm")}
	var err error
	if site.binary, err = filepath.Abs(b.binary); err != nil {
		return nil, fmt.Errorf("find binary: %w", err)
	}
	if err := site.once("filled", func() error { return b.makeCRM(ctx, site) }); err != nil {
		return nil, err
	}
	if err := site.once("followed", func() error { return b.followAll(ctx, site) }); err != nil {
		return nil, err
	}
	return site, nil
}

// crmSite is an installation whose store is filled beforehand.
type crmSite struct{ binary, dir string }

// once does what was not done before in the installation's folder, which may be kept from one run to the next.
func (s *crmSite) once(what string, do func() error) error {
	mark := filepath.Join(s.dir, what)
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	return os.WriteFile(mark, nil, 0o600)
}

// with does something with the installation's store.
func (s *crmSite) with(ctx context.Context, do func(context.Context, *boltstore.Store) error) error {
	store, err := s.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, store), store.Close())
}

// makeCRM makes the installation and fills its store.
func (b *bench) makeCRM(ctx context.Context, site *crmSite) error {
	if out, err := command(ctx, "", site.binary, "init", site.dir).CombinedOutput(); err != nil {
		return fmt.Errorf("make installation: %s: %w", out, err)
	}
	if err := site.configure(""); err != nil {
		return err
	}
	return site.with(ctx, b.fillCRM)
}

// configure writes the shortest configuration, and what is asked for beside it.
func (s *crmSite) configure(more string) error {
	text := "data_dir: ./data\norganization: {name: Bench, domains: [example.co.jp], timezone: Asia/Tokyo}\nsources: []\n" + more
	if err := os.WriteFile(filepath.Join(s.dir, "tsunagu.yaml"), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return os.MkdirAll(filepath.Join(s.dir, "data"), 0o700)
}

// open opens the installation's store with its own key.
func (s *crmSite) open(ctx context.Context) (*boltstore.Store, error) {
	box, err := secret.Open(filepath.Join(s.dir, "tsunagu.key"))
	if err != nil {
		return nil, fmt.Errorf("open key: %w", err)
	}
	key, err := box.Derive("pending hashes")
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	zone, err := time.LoadLocation("Asia/Tokyo") // as configured: a store counts days anew for another one
	if err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	store, err := boltstore.Open(ctx, filepath.Join(s.dir, "data", "tsunagu.db"), boltstore.Options{HMACKey: key, Location: zone})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return store, nil
}

// fillCRM stores the people and activities.
func (b *bench) fillCRM(ctx context.Context, store *boltstore.Store) error {
	crowd, now := mailgen.NewCrowd(1), time.Now().UTC()
	if err := store.SaveAccounts(ctx, "bench", []crm.Account{{ID: bigAccount, Name: "大口商事株式会社", Domains: []string{"company.example"}, Created: now, Updated: now}}); err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	customers := make([]crm.Person, bigPeople)
	for i := range customers {
		customers[i] = bigPerson(i, now)
	}
	if err := store.SavePeople(ctx, "bench", customers); err != nil {
		return fmt.Errorf("save customers: %w", err)
	}
	start := time.Now()
	for done := 0; done < manyPeople; done += 10_000 {
		people := make([]crm.Person, 10_000)
		for i := range people {
			people[i] = crowdPerson(crowd, done+i, now)
		}
		if err := store.SavePeople(ctx, "bench", people); err != nil {
			return fmt.Errorf("save people: %w", err)
		}
	}
	b.report.inform("save 1,000,000 people with all indexes", fmt.Sprintf("%.0f/s", manyPeople/time.Since(start).Seconds()))
	source := crm.Source{ID: storedSource, Kind: "imap", Owner: userName, Fingerprint: "1"}
	if err := store.DeclareSources(ctx, []crm.Source{source}, now); err != nil {
		return fmt.Errorf("declare source: %w", err)
	}
	claim, ok, err := store.ClaimSource(ctx, storedSource, now, time.Hour)
	if err != nil || !ok {
		return fmt.Errorf("claim source: %v, %w", ok, err)
	}
	maker := newActivityMaker()
	maker.crowd = crowd
	start = time.Now()
	for done := 0; done < b.stored; done += 1000 {
		if err := store.Commit(ctx, maker.batch(1000, claim.Source.Epoch, now)); err != nil {
			return fmt.Errorf("commit batch: %w", err)
		}
		if done%500_000 == 0 {
			fmt.Fprintf(os.Stderr, "   %d stored after %.0f s\n", done, time.Since(start).Seconds())
		}
	}
	b.report.inform(fmt.Sprintf("store %d activities of them", b.stored), fmt.Sprintf("%.0f/s", float64(b.stored)/time.Since(start).Seconds()))
	return nil
}

// followAll has everybody followed, as after a change of the rules: by a command that asks about all, under the product's own
// rules.
func (b *bench) followAll(ctx context.Context, site *crmSite) error {
	start := time.Now()
	if out, err := command(ctx, site.dir, site.binary, "segment", "list").CombinedOutput(); err != nil {
		return fmt.Errorf("follow people: %s: %w", lastLines(string(out), 3), err)
	}
	seconds := time.Since(start).Seconds()
	b.report.inform("follow 1,000,000 people and their accounts", fmt.Sprintf("%.0f/s (%.0f s)", manyPeople/seconds, seconds))
	return nil
}

// measureSearch times the kinds of query that people type.
func (b *bench) measureSearch(ctx context.Context, store *boltstore.Store) error {
	for _, query := range []string{"田", "田中", "たなか", "佐藤 健", "株式会社", "勅使河原", "鑰田中", "富士商事", "sato", "taro.tanaka5", "ｓｈｏｊｉ", "03-1", "example", "zzzz"} {
		var times []float64
		hits := 0
		for range 100 {
			start := time.Now()
			found, err := store.Search(ctx, crm.SearchQuery{Query: query})
			if err != nil {
				return fmt.Errorf("search %q: %w", query, err)
			}
			hits = len(found.Hits)
			times = append(times, time.Since(start).Seconds()*1000)
		}
		b.report.atMost(fmt.Sprintf("search %q among 1,000,000 people (%d shown)", query, hits), spreadOf(times), " ms", 20)
	}
	return nil
}

// measureReports makes every report by all dimensions: by day over a quarter, by week over a year, and by month over three. By
// day over a whole year some have twenty thousand rows, which nobody reads; what they take is told beside.
func (b *bench) measureReports(ctx context.Context, store *boltstore.Store) error {
	usual, of, err := slowestReport(ctx, store, map[crm.Grain]int{crm.GrainDay: 92, crm.GrainWeek: 365, crm.GrainMonth: 3 * 365})
	if err != nil {
		return err
	}
	b.report.atMost("any report, the slowest: "+of, usual, " ms", 10)
	long, of, err := slowestReport(ctx, store, map[crm.Grain]int{crm.GrainDay: 365})
	if err != nil {
		return err
	}
	b.report.inform("any report by day over a year, the slowest: "+of, fmt.Sprintf("%.1f ms", long.median))
	return nil
}

// slowestReport times all reports over so many days for each grain, and says which takes longest.
func slowestReport(ctx context.Context, store *boltstore.Store, ranges map[crm.Grain]int) (worst spread, of string, err error) {
	today := time.Now().UTC()
	for _, info := range crm.Reports() {
		for _, by := range []crm.Dimension{crm.ByNone, crm.ByOwner, crm.ByChannel, crm.ByCampaign} {
			if info.List || by != crm.ByNone && !slices.Contains(info.Dimensions, by) {
				continue
			}
			for grain, days := range ranges {
				q := crm.ReportQuery{ID: info.ID, Grain: grain, By: &by, From: today.AddDate(0, 0, -days).Format(time.DateOnly), To: today.Format(time.DateOnly)}
				s, err := timedReport(ctx, store, q)
				if err != nil {
					return spread{}, "", fmt.Errorf("make report %s: %w", info.ID, err)
				}
				if s.median > worst.median {
					worst, of = s, fmt.Sprintf("%s by %s, by %s", info.ID, grain, by)
				}
			}
		}
	}
	return worst, of, nil
}

// timedReport makes a report ten times, and gives milliseconds.
func timedReport(ctx context.Context, store *boltstore.Store, q crm.ReportQuery) (spread, error) {
	var times []float64
	for range 10 {
		start := time.Now()
		if _, err := crm.RunReport(ctx, store, q); err != nil {
			return spread{}, err
		}
		times = append(times, time.Since(start).Seconds()*1000)
	}
	return spreadOf(times), nil
}

func (b *bench) measureAccountPage(ctx context.Context, store *boltstore.Store) error {
	for what, below := range map[string]bool{"alone": false, "with its subsidiaries": true} {
		var times []float64
		for range 100 {
			start := time.Now()
			list, _, err := store.ListActivities(ctx, crm.ActivityFilter{Account: bigAccount, Below: below, Limit: 50})
			if err != nil || len(list) != 50 {
				return fmt.Errorf("read timeline: %d rows, %w", len(list), err)
			}
			times = append(times, time.Since(start).Seconds()*1000)
		}
		b.report.atMost(fmt.Sprintf("timeline (50 rows) of an account with %d activities, %s", b.stored/5, what), spreadOf(times), " ms", 10)
	}
	return nil
}

// measureImport has the binary import a file of which half is known already.
func (b *bench) measureImport(ctx context.Context, site *crmSite) error {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	crowd := mailgen.NewCrowd(1)
	_ = w.Write([]string{"氏名", "フリガナ", "会社名", "メールアドレス", "電話番号", "役職"}) // a buffer takes all
	run := int(time.Now().Unix())                                       // a store that was kept knows what runs before this one imported
	rng := rand.New(rand.NewPCG(3, uint64(run)))
	for i := range importedRows {
		n := manyPeople + run + i // new
		if i%2 == 0 {
			n = rng.IntN(manyPeople)
		}
		_ = w.Write(crowdRow(crowd, n, run))
	}
	w.Flush()
	path := filepath.Join(site.dir, "rows.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	start := time.Now()
	out, err := command(ctx, site.dir, site.binary, "import", "people", path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("import: %w: %s", err, out)
	}
	seconds := time.Since(start).Seconds()
	b.report.atMost(fmt.Sprintf("import of %d rows into 1,000,000 people, with duplicate check", importedRows), spread{seconds, seconds, seconds}, " s", 60)
	return nil
}
