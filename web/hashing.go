package web

import "context"

// hashing lets a few passwords be hashed at a time: each takes 19 MiB and some ten milliseconds, which a
// crowd of strangers could otherwise ask for at once.
type hashing chan struct{}

func newHashing() hashing { return make(hashing, 2) }

// check is checkPassword with a place in the queue; false if ctx ends before there is one.
func (h hashing) check(ctx context.Context, phc, password string) bool {
	select {
	case h <- struct{}{}:
		defer func() { <-h }()
		return checkPassword(phc, password)
	case <-ctx.Done():
		return false
	}
}

// hash is HashPassword with a place in the queue.
func (h hashing) hash(ctx context.Context, password string) (string, error) {
	select {
	case h <- struct{}{}:
		defer func() { <-h }()
		return HashPassword(password)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
