package web

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/go-chi/httprate"
)

// limits holds back whoever guesses passwords: 10 tries a minute for an address and an account together,
// and 100 in ten minutes for an address whatever accounts it names. One address means one IPv4 address or
// one IPv6 /64. There is no limit for an account alone, by which a stranger could lock its owner out.
//
// Codes of a second factor are asked of whoever knows the password: there 20 tries in ten minutes are all that an account
// gets, wherever they come from.
type limits struct{ pair, address, leave, codes *httprate.RateLimiter }

func newLimits() limits {
	return limits{
		pair:    httprate.NewRateLimiter(10, time.Minute),
		address: httprate.NewRateLimiter(100, 10*time.Minute),
		codes:   httprate.NewRateLimiter(20, 10*time.Minute),
		leave:   httprate.NewRateLimiter(120, time.Minute), // an office comes to work behind one address
	}
}

// exceeded counts a try and says whether it is one too many.
func (l limits) exceeded(w http.ResponseWriter, r *http.Request, ip netip.Addr, account string) bool {
	from := httprate.CanonicalizeIP(ip.String())
	over := l.address.OnLimit(w, r, from)
	return l.pair.OnLimit(w, r, from+"\x00"+account) || over
}

// guessing counts a code that is tried for an account, and says whether it is one too many.
func (l limits) guessing(w http.ResponseWriter, r *http.Request, ip netip.Addr, account string) bool {
	over := l.exceeded(w, r, ip, "code\x00"+account)
	return l.codes.OnLimit(w, r, account) || over
}

// leaving counts a sign-in with another provider that begins, and says whether it is one too many.
func (l limits) leaving(w http.ResponseWriter, r *http.Request, ip netip.Addr) bool {
	return l.leave.OnLimit(w, r, httprate.CanonicalizeIP(ip.String()))
}
