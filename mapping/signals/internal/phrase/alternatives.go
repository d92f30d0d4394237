package phrase

// Alternatives cuts an expression at those of its bars that stand in no group and no class.
func Alternatives(source string) []string {
	var list []string
	depth, start := 0, 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		case '[':
			i = classEnd(source, i)
		case '|':
			if depth == 0 {
				list = append(list, source[start:i])
				start = i + 1
			}
		}
	}
	return append(list, source[start:])
}

// classEnd is where the class that begins at i ends. A bracket at its beginning is one of its characters.
func classEnd(source string, i int) int {
	i++
	if i < len(source) && source[i] == '^' {
		i++
	}
	if i < len(source) && source[i] == ']' {
		i++
	}
	for ; i < len(source) && source[i] != ']'; i++ {
		switch {
		case source[i] == '\\':
			i++
		case source[i] == '[' && i+1 < len(source) && source[i+1] == ':': // [:alpha:]
			for i++; i+1 < len(source) && source[i:i+2] != ":]"; i++ {
			}
			i++
		}
	}
	return i
}
