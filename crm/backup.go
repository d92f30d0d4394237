package crm

import "time"

// Backup is a copy of the store in the folder of back-ups.
type Backup struct {
	Name  string    `json:"name"` // of the file
	At    time.Time `json:"at"`   //
	Bytes int64     `json:"bytes"`
}

// BackupTest is a restore of a back-up that was tried out beside the store.
type BackupTest struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	People  int64     `json:"people"`          // found in it
	Sources int64     `json:"sources"`         // found in it
	Error   string    `json:"error,omitempty"` // why it cannot be restored; "" if it can
}
