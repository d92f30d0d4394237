package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
	"github.com/tsunagu-crm/tsunagu/web"
)

// What IT sees is kept in plain records, which hold no secret and nothing of anybody's mail.
const (
	settingsRecord = upkeep.PlainPrefix + "settings"    // crm.Settings
	sizesRecord    = upkeep.PlainPrefix + "sizes"       // []web.DaySize
	madeRecord     = upkeep.PlainPrefix + "backup-made" // lastBackup
	triedRecord    = upkeep.PlainPrefix + "backup-test" // crm.BackupTest
)

// lastBackup is how the newest attempt to make a back-up ended.
type lastBackup struct {
	At       time.Time `json:"at,omitzero"` // of the newest that was made, wherever to
	Error    string    `json:"error,omitempty"`
	FailedAt time.Time `json:"failed_at,omitzero"`
}

// plain reads a plain record; false if there is none.
func (in *instance) plain(ctx context.Context, name string, v any) (bool, error) {
	raw, err := in.store.GetSealed(ctx, name)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return false, fmt.Errorf("read record %s: %w", name, err)
	}
	return true, nil
}

func (in *instance) putPlain(ctx context.Context, name string, v any) error {
	raw, err := json.Marshal(v)
	if err == nil {
		err = in.store.PutSealed(ctx, name, raw)
	}
	if err != nil {
		return fmt.Errorf("write record %s: %w", name, err)
	}
	return nil
}

// madeBackup notes how making a back-up ended.
func (in *instance) madeBackup(ctx context.Context, failure error) error {
	var last lastBackup
	if _, err := in.plain(ctx, madeRecord, &last); err != nil {
		return err
	}
	now := time.Now().UTC()
	if failure == nil {
		last = lastBackup{At: now}
	} else {
		last.Error, last.FailedAt = oneLine(failure.Error()), now
	}
	return in.putPlain(ctx, madeRecord, last)
}

// watchSize notes the size of the store once a day, until ctx ends.
func (in *instance) watchSize(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := in.noteSize(ctx, time.Now()); err != nil && ctx.Err() == nil {
			in.log.Error("note the size of the store", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (in *instance) noteSize(ctx context.Context, now time.Time) error {
	var sizes []web.DaySize
	if _, err := in.plain(ctx, sizesRecord, &sizes); err != nil {
		return err
	}
	day := now.In(in.cfg.Load().Location).Format(time.DateOnly)
	if n := len(sizes); n > 0 && sizes[n-1].Day >= day {
		return nil
	}
	bytes, err := in.store.Size(ctx)
	if err != nil {
		return err
	}
	sizes = append(sizes, web.DaySize{Day: day, Bytes: bytes})
	return in.putPlain(ctx, sizesRecord, sizes[max(0, len(sizes)-keptSizes):])
}

// machine says how the daemon and the machine are.
func (d *daemon) machine(ctx context.Context) web.Machine {
	cfg := d.cfg.Load()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	m := web.Machine{Started: d.started, Memory: int64(mem.Sys), DiskFree: freeSpace(cfg.DataDir), KeyFile: cfg.Secrets.KeyFile}
	if err := usableKeyFile(cfg.Secrets.KeyFile); err != nil {
		m.KeyError = oneLine(err.Error())
	}
	if _, err := d.plain(ctx, sizesRecord, &m.Sizes); err != nil {
		d.log.Error("read sizes", "error", err)
	}
	for _, l := range d.quota.Left() {
		if l.Per == time.Minute {
			m.Quotas = append(m.Quotas, web.Quota{Name: l.Name, Units: l.Units, Left: l.Left, Paused: l.Paused})
		}
	}
	return m
}

// usableKeyFile says why the key file could not be used at the next start.
func usableKeyFile(path string) error {
	_, err := secret.Open(path)
	return err
}

// withSettings puts what was set up in the browser where the file says nothing.
func (in *instance) withSettings(ctx context.Context, base *config.Config) (*config.Config, error) {
	if in.store == nil {
		return base, nil
	}
	var s crm.Settings
	known, err := in.plain(ctx, settingsRecord, &s)
	if err != nil || !known {
		return base, err
	}
	out := *base
	if out.Organization.Name == "" {
		out.Organization.Name = s.Name
	}
	if len(out.Organization.Domains) == 0 {
		out.Organization.Domains = slices.Clone(s.Domains)
	}
	return &out, nil
}

// zoneSetUp is the time zone of the set-up in the browser if the file names none; nil for the file's.
func (in *instance) zoneSetUp(ctx context.Context, base *config.Config) (*time.Location, error) {
	var s crm.Settings
	known, err := in.plain(ctx, settingsRecord, &s)
	if err != nil || !known || base.Organization.ZoneFiled || s.Timezone == "" || s.Timezone == base.Location.String() {
		return nil, err
	}
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return zone, nil
}

// webSetUp is the set-up as the web app wants it.
type webSetUp struct{ in *instance }

// SetUp says what is known of the organisation so far.
func (w webSetUp) SetUp(ctx context.Context) (web.SetUpState, error) {
	base, cfg := w.in.base.Load(), w.in.cfg.Load()
	st := web.SetUpState{Settings: crm.Settings{Name: cfg.Organization.Name, Domains: cfg.Organization.Domains, Timezone: cfg.Location.String()},
		Filed: len(base.Organization.Domains) > 0, ZoneFiled: base.Organization.ZoneFiled, Sources: len(cfg.Sources)}
	zone, err := w.in.zoneSetUp(ctx, base)
	if zone != nil {
		st.Timezone, st.Restart = zone.String(), true
	}
	return st, err
}

// Save keeps the settings and puts them into force.
func (w webSetUp) Save(ctx context.Context, actor string, s crm.Settings) error {
	s, err := crm.CheckSettings(s)
	if err != nil {
		return err
	}
	var was crm.Settings
	if _, err := w.in.plain(ctx, settingsRecord, &was); err != nil {
		return err
	}
	if err := w.in.putPlain(ctx, settingsRecord, s); err != nil {
		return err
	}
	before, errBefore := json.Marshal(was)
	after, errAfter := json.Marshal(s)
	if err := errors.Join(errBefore, errAfter); err != nil {
		return err
	}
	if err := w.in.store.AppendAudit(ctx, crm.AuditRecord{At: time.Now().UTC(), Actor: actor, Action: "change settings", Object: "settings/organization", Before: string(before), After: string(after)}); err != nil {
		return err
	}
	return w.in.rejoin(ctx)
}

// mxLimit is how long the servers of a domain's mail are looked for.
const mxLimit = 3 * time.Second

// MX gives the names of the servers that take a domain's mail.
func (w webSetUp) MX(ctx context.Context, domain string) []string {
	ctx, cancel := context.WithTimeout(ctx, mxLimit)
	defer cancel()
	records, err := net.DefaultResolver.LookupMX(ctx, domain)
	if err != nil && len(records) == 0 {
		return nil
	}
	var names []string
	for _, r := range records[:min(len(records), 5)] {
		names = append(names, r.Host)
	}
	return names
}

// keepZone opens the store anew if the set-up in the browser named another time zone than the file's: days begin by it.
func (in *instance) keepZone(ctx context.Context, cfg *config.Config, path string, key []byte) error {
	zone, err := in.zoneSetUp(ctx, cfg)
	if err != nil || zone == nil {
		if err != nil {
			err = errors.Join(err, in.store.Close())
		}
		return err
	}
	if err := in.store.Close(); err != nil {
		return err
	}
	cfg.Location = zone
	in.store, err = boltstore.Open(ctx, path, boltstore.Options{HMACKey: key, Location: zone, Log: in.log, LockTimeout: 300 * time.Millisecond})
	return err
}
