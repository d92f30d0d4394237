package mimeitem

func monthOf(word string) int {
	switch word[:3] {
	case "jan":
		return 1
	case "feb":
		return 2
	case "mar", "mrz":
		return 3
	case "apr", "avr":
		return 4
	case "may", "mai":
		return 5
	case "jun":
		return 6
	case "jul":
		return 7
	case "aug":
		return 8
	case "sep":
		return 9
	case "oct", "okt":
		return 10
	case "nov":
		return 11
	case "dec", "dez":
		return 12
	}
	return 0
}

// zoneOffset knows the zones of RFC 5322, section 4.3, and those that mailers write, in seconds east of UTC.
// Military letters but Z mean nothing.
func zoneOffset(word string) (int, bool) {
	const hour = 3600
	switch word {
	case "z", "ut", "utc", "gmt", "wet":
		return 0, true
	case "jst", "kst":
		return 9 * hour, true
	case "edt":
		return -4 * hour, true
	case "est", "cdt":
		return -5 * hour, true
	case "cst", "mdt":
		return -6 * hour, true
	case "mst", "pdt":
		return -7 * hour, true
	case "pst":
		return -8 * hour, true
	case "bst", "cet", "met", "mez":
		return hour, true
	case "cest", "mest", "eet", "mesz":
		return 2 * hour, true
	case "eest", "msk":
		return 3 * hour, true
	case "ist":
		return 5*hour + hour/2, true
	case "ict":
		return 7 * hour, true
	case "hkt", "sgt", "awst":
		return 8 * hour, true
	case "aest":
		return 10 * hour, true
	case "aedt":
		return 11 * hour, true
	case "nzst":
		return 12 * hour, true
	}
	return 0, false
}
