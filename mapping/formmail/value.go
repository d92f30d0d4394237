package formmail

import "strings"

// trimEmpty drops the empty lines at both ends.
func trimEmpty(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	return lines
}

// dedent takes the spaces away with which every line begins.
func dedent(lines []string) []string {
	common := -1
	for _, line := range lines {
		if line != "" {
			n := len(line) - len(strings.TrimLeft(line, " \t"))
			if common < 0 || n < common {
				common = n
			}
		}
	}
	if common <= 0 {
		return lines
	}
	for i, line := range lines {
		if line != "" {
			lines[i] = line[common:]
		}
	}
	return lines
}

// short is the beginning of a line, for a message.
func short(line string) string {
	const most = 40
	n := 0
	for at := range line {
		if n == most {
			return line[:at] + "…"
		}
		n++
	}
	return line
}
