package crm

import "time"

// The bands of response times, the Details of MetricResponse, from the quickest to the slowest.
const (
	BandHour  = "1h"    // within an hour
	BandHours = "4h"    // within four hours
	BandDay   = "24h"   // within a day
	BandDays  = "3d"    // within three days
	BandWeek  = "7d"    // within a week
	BandLater = "later" // later than that
)

// ResponseBands are all bands, the quickest first.
func ResponseBands() []string {
	return []string{BandHour, BandHours, BandDay, BandDays, BandWeek, BandLater}
}

// ResponseBand is the band of a time until an answer. The bound belongs to the quicker band.
func ResponseBand(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d <= time.Hour:
		return BandHour
	case d <= 4*time.Hour:
		return BandHours
	case d <= day:
		return BandDay
	case d <= 3*day:
		return BandDays
	case d <= 7*day:
		return BandWeek
	}
	return BandLater
}
