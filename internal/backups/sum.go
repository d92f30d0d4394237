package backups

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"os"
)

// A back-up is a store file with a sum behind it: the mark and the SHA-256 of everything before. The store can
// tell that its pages are whole, but not that a letter in a text is another one; the sum tells that a disk or a
// copy has changed something. Back-ups of versions that wrote none are taken without.
const (
	sumMark   = "tsunagu-backup/1\n"
	sumLength = len(sumMark) + sha256.Size
)

// Summed passes on what is written and sums it up. Finish writes the sum.
type Summed struct {
	to  io.Writer
	sum hash.Hash
}

// NewSummed makes a Summed.
func NewSummed(to io.Writer) Summed { return Summed{to, sha256.New()} }

// Write writes p.
func (s Summed) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	_, _ = s.sum.Write(p[:n]) // a hash takes everything
	return n, err
}

// Finish writes the sum.
func (s Summed) Finish() error {
	_, err := s.to.Write(s.sum.Sum([]byte(sumMark)))
	return err
}

// TakeSum checks the sum behind a back-up and cuts it off. It is true as well if there is none.
func TakeSum(ctx context.Context, f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("look at the back-up: %w", cause(err))
	}
	length := info.Size() - int64(sumLength)
	if length < 0 {
		return true, nil
	}
	tail := make([]byte, sumLength)
	if _, err := f.ReadAt(tail, length); err != nil {
		return false, fmt.Errorf("read the sum of the back-up: %w", cause(err))
	}
	if string(tail[:len(sumMark)]) != sumMark {
		return true, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, reader{ctx, io.NewSectionReader(f, 0, length)}); err != nil {
		return false, fmt.Errorf("sum the back-up up: %w", cause(err))
	}
	if subtle.ConstantTimeCompare(sum.Sum(nil), tail[len(sumMark):]) == 0 {
		return false, nil
	}
	if err := f.Truncate(length); err != nil {
		return false, fmt.Errorf("cut the sum off: %w", cause(err))
	}
	return true, nil
}

// reader ends a long read with its context.
type reader struct {
	ctx  context.Context
	from io.Reader
}

// Read reads into p.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
