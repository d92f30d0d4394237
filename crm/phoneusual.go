package crm

// usualPhone is NormalizePhone, at once, for the usual writings of Japanese numbers; ok is false for all others.
// Those are numbers of ten digits, or of eleven, that begin with a single 0, or with +81 in its place, in ASCII or
// full width, with nothing but hyphens, brackets and spaces between. The library that knows all countries takes
// ten microseconds and more to say the same.
func usualPhone(number string) (e164 string, ok bool) {
	if len(number) > maxPhone {
		return "", false
	}
	var digits [13]byte // a plus sign, 81, and ten
	n := 0
	for _, r := range number {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case r >= '0' && r <= '9' && n < len(digits), r == '+' && n == 0:
			digits[n] = byte(r)
			n++
		case r == '-', r == ' ', r == '(', r == ')':
		default:
			return "", false
		}
	}
	switch {
	case n < 3:
		return "", false
	case digits[0] == '+':
		return string(digits[:n]), n >= 12 && digits[1] == '8' && digits[2] == '1' && digits[3] != '0'
	case digits[0] != '0' || digits[1] == '0', digits[1] == '1' && digits[2] == '0': // 010 calls abroad
		return "", false
	}
	return "+81" + string(digits[1:n]), n == 10 || n == 11
}
