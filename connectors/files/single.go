package files

import (
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// file lists a file outside of a Maildir.
func (s *source) file(root *os.Root, f *folder, name, folder string) error {
	extension := strings.ToLower(path.Ext(name))
	isMbox := extension == ".mbox" || extension == ".mbx"
	isEML := extension == ".eml"
	single := folder == "" && f.modTime.IsZero() // the settings name this very file
	if s.format == formatMaildir {
		return nil
	}
	mayBeMbox := single || s.format == formatMbox
	if !isMbox && !isEML && !mayBeMbox {
		return nil
	}
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // opening a pipe would wait for somebody who writes
		return err
	}
	switch s.format {
	case formatEML:
		isMbox, isEML = false, isEML || single
	case formatMbox:
		isMbox, isEML = isMbox || single || startsWithFrom(root, name), false
	default:
		if single && !isMbox {
			isMbox = startsWithFrom(root, name)
			isEML = !isMbox
		}
	}
	if isMbox {
		f.mboxes = append(f.mboxes, name)
		return nil
	}
	if !isEML {
		return nil
	}
	id, err := escapeID(name)
	if err != nil {
		return err
	}
	return s.keep(root, f, entry{id: id, path: name, changed: changed(info), folder: folder, modTime: info.ModTime()})
}

// keep adds an entry unless it is older than the settings ask for.
func (s *source) keep(root *os.Root, f *folder, e entry) error {
	if !s.since.IsZero() {
		at, err := s.head(root, &e)
		if err != nil {
			return err
		}
		if at.Before(s.since) {
			return nil
		}
	}
	f.entries = append(f.entries, e)
	return nil
}

// head reads when a message was received from the start of its file.
func (s *source) head(root *os.Root, e *entry) (time.Time, error) {
	const enough = 64 << 10
	file, err := root.Open(e.path)
	if err != nil {
		return time.Time{}, err
	}
	defer shut(file)
	start, err := io.ReadAll(io.LimitReader(file, enough))
	if err != nil {
		return time.Time{}, err
	}
	return received(mimeitem.FromRaw(mimeitem.Envelope{}, start, 1), e.modTime), nil
}

// received is when an item was received, or the time of its file if it does not say.
func received(item connectors.Item, modTime time.Time) time.Time {
	if item.Received.IsZero() {
		return modTime.UTC()
	}
	return item.Received
}

func startsWithFrom(root *os.Root, name string) bool {
	file, err := root.Open(name)
	if err != nil {
		return false
	}
	defer shut(file)
	start := make([]byte, 5)
	_, err = io.ReadFull(file, start)
	return err == nil && string(start) == "From "
}

// folderName is the folder of a file outside of a Maildir, as people read it.
func folderName(dir string) string {
	if dir == "." {
		return "/"
	}
	return strings.ToValidUTF8(dir, "?")
}
