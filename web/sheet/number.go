package sheet

import (
	"fmt"
	"math"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Number is a number with how people read it. In a workbook it stays a number, whose format shows it so.
type Number struct {
	Value float64 // of a share 0.25 for a quarter, of a length of time seconds
	As    Form
}

// Form is how a Number is shown.
type Form int

// The forms.
const (
	Whole    Form = iota // rounded to the next whole number
	Percent              // a share, as a percentage with one digit behind the point
	Duration             // a length of time, as hours, minutes and seconds
)

// String is the number as CSV has it: as Excel reads it, without marks between the digits.
func (n Number) String() string {
	switch n.As {
	case Percent:
		return strconv.FormatFloat(100*n.Value, 'f', 1, 64) + "%"
	case Duration:
		s := int64(math.Round(max(0, n.Value)))
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return strconv.FormatFloat(math.Floor(n.Value+0.5), 'f', -1, 64)
}

// formats are the number formats of the forms in a workbook.
func formats() map[Form]string {
	return map[Form]string{Whole: "#,##0", Percent: "0.0%", Duration: "[h]:mm:ss"}
}

// newStyles adds the formats to a workbook.
func newStyles(f *excelize.File) (map[Form]int, error) {
	styles := map[Form]int{}
	for form, format := range formats() {
		id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			return nil, fmt.Errorf("add number format: %w", err)
		}
		styles[form] = id
	}
	return styles, nil
}

// cell is a number in a workbook. Its times are parts of a day.
func (s *xlsxSheet) cell(n Number) excelize.Cell {
	value := n.Value
	if n.As == Duration {
		value /= 24 * 60 * 60
	}
	return excelize.Cell{StyleID: s.styles[n.As], Value: value}
}
