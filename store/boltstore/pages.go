package boltstore

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"go.etcd.io/bbolt"
)

// bbolt keeps a list of the pages that nothing refers to any more. What stood on them stays there until
// they are used again: this file finds them, so that removed content can be overwritten and never gets into
// a back-up. The layout is bbolt's (internal/common: page.go, meta.go), little-endian on every platform we
// build for.

const (
	pageHeader    = 16         // id(8) flags(2) count(2) overflow(4)
	flagFreelist  = 0x10       // in the header's flags
	metaMagic     = 0xED0CDAED // first field of a meta page
	metaFreelist  = 32         // offsets behind the header
	metaTxID      = 48
	countOverflow = 0xFFFF // the first element holds the count
)

// freePages reads the list of free pages that transaction txid left. The caller sees to it that the pages
// of that transaction are not written meanwhile.
func freePages(file io.ReaderAt, pageSize int, txid uint64) ([]uint64, error) {
	meta := make([]byte, pageHeader+64)
	if _, err := file.ReadAt(meta, int64(txid%2)*int64(pageSize)); err != nil {
		return nil, fmt.Errorf("read meta page: %w", err)
	}
	meta = meta[pageHeader:]
	if binary.LittleEndian.Uint32(meta) != metaMagic || binary.LittleEndian.Uint64(meta[metaTxID:]) != txid {
		return nil, corrupt("the meta page")
	}
	list := binary.LittleEndian.Uint64(meta[metaFreelist:])
	if list > math.MaxInt64/uint64(pageSize) {
		return nil, corrupt("the meta page")
	}
	at := int64(list) * int64(pageSize)
	header := make([]byte, pageHeader+8)
	if _, err := file.ReadAt(header, at); err != nil {
		return nil, fmt.Errorf("read list of free pages: %w", err)
	}
	count := uint64(binary.LittleEndian.Uint16(header[10:]))
	overflow := uint64(binary.LittleEndian.Uint32(header[12:]))
	at += pageHeader
	if count == countOverflow {
		count = binary.LittleEndian.Uint64(header[pageHeader:])
		at += 8
	}
	if binary.LittleEndian.Uint16(header[8:]) != flagFreelist || count > (overflow+1)*uint64(pageSize)/8 {
		return nil, corrupt("the list of free pages")
	}
	raw := make([]byte, count*8)
	if _, err := file.ReadAt(raw, at); err != nil {
		return nil, fmt.Errorf("read list of free pages: %w", err)
	}
	out := make([]uint64, count)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	return out, nil
}

// snapshot begins a read transaction and gives the pages that are free in it. The caller holds the writer:
// later transactions would overwrite the meta page.
func (s *Store) snapshot() (tx *bbolt.Tx, free []uint64, err error) {
	tx, err = s.db.Begin(false)
	if err != nil {
		return nil, nil, err
	}
	free, err = freePages(s.file, s.db.Info().PageSize, uint64(tx.ID()))
	if err != nil {
		_ = tx.Rollback()
		return nil, nil, err
	}
	return tx, free, nil
}

// blanker is a writer that passes a store file on with its free pages blanked. free is ascending.
type blanker struct {
	w        io.Writer
	pageSize int64
	free     []uint64
	at       int64
}

func (b *blanker) Write(p []byte) (int, error) {
	var zero []byte
	written := 0
	for len(p) > 0 {
		page := b.at / b.pageSize
		n := min(int64(len(p)), (page+1)*b.pageSize-b.at)
		for len(b.free) > 0 && b.free[0] < uint64(page) {
			b.free = b.free[1:]
		}
		out := p[:n]
		if len(b.free) > 0 && b.free[0] == uint64(page) {
			if zero == nil {
				zero = make([]byte, b.pageSize)
			}
			out = zero[:n]
		} else if len(b.free) == 0 {
			n = int64(len(p)) // nothing is blanked from here on
			out = p
		}
		m, err := b.w.Write(out)
		written, b.at = written+m, b.at+int64(m)
		if err != nil {
			return written, err
		}
		p = p[n:]
	}
	return written, nil
}
