package main

import (
	"context"
	"log/slog"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
)

// notifier tells systemd how the daemon is (sd_notify(3)). Without systemd it does nothing.
type notifier struct {
	log *slog.Logger
	on  bool
}

func newNotifier(env func(string) (string, bool), log *slog.Logger) notifier {
	_, on := env("NOTIFY_SOCKET")
	return notifier{log, on}
}

func (n notifier) tell(state string) {
	if !n.on {
		return
	}
	if _, err := systemd.SdNotify(false, state); err != nil {
		n.log.Warn("systemd was not told", "state", state, "error", err)
	}
}

func (n notifier) ready(status string) { n.tell(systemd.SdNotifyReady + "\nSTATUS=" + status) }
func (n notifier) stopping() {
	n.tell(systemd.SdNotifyStopping + "\nSTATUS=finishing what is being stored")
}
func (n notifier) reloading() {
	n.tell(systemd.SdNotifyReloading + "\nSTATUS=reading the configuration")
}

// watch keeps the watchdog content, twice in its time, until ctx ends.
func (n notifier) watch(ctx context.Context) {
	if !n.on {
		return
	}
	every, err := systemd.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			n.tell(systemd.SdNotifyWatchdog)
		}
	}
}
