package crm

import "strings"

// In is the label in a language of the product, "ja" or "en"; the other language stands in for an empty one.
func (l Label) In(lang string) string {
	if lang == "ja" && l.JA != "" || l.EN == "" {
		return l.JA
	}
	return l.EN
}

// is reports whether a text that somebody wrote is the label in one of its languages, without regard to
// width, case and white space at its ends.
func (l Label) is(text string) bool {
	folded := Fold(text)
	return folded != "" && (folded == Fold(l.JA) || folded == Fold(l.EN))
}

// Heading is the field's label in a language, or its name if it has none.
func (d FieldDef) Heading(lang string) string {
	if label := d.Label.In(lang); label != "" {
		return label
	}
	return d.Name
}

// Display is a canonical value as people read it: options by their labels, yes and no as words. What it
// cannot read it gives back as it is, such as the value of an option that is no longer declared. A time stays
// in UTC, since only the caller knows the zone.
func (d FieldDef) Display(value, lang string) string {
	switch d.Type {
	case FieldBool:
		words := map[string]Label{"true": {JA: "はい", EN: "yes"}, "false": {JA: "いいえ", EN: "no"}}
		if word, ok := words[value]; ok {
			return word.In(lang)
		}
	case FieldOption:
		return d.displayOption(value, lang)
	case FieldOptions:
		parts := strings.Split(value, ";")
		for i := range parts {
			parts[i] = d.displayOption(parts[i], lang)
		}
		if lang == "ja" {
			return strings.Join(parts, "、")
		}
		return strings.Join(parts, ", ")
	}
	return value
}

func (d FieldDef) displayOption(value, lang string) string {
	for _, o := range d.Options {
		if o.Value == value {
			return o.Heading(lang)
		}
	}
	return value
}

// Heading is the choice's label in a language, or its value if it has none.
func (c FieldChoice) Heading(lang string) string {
	if label := c.Label.In(lang); label != "" {
		return label
	}
	return c.Value
}

// FieldNamed finds a declared field by its Name.
func FieldNamed(defs []FieldDef, name string) (FieldDef, bool) {
	for _, d := range defs {
		if d.Name == name {
			return d, true
		}
	}
	return FieldDef{}, false
}

// FieldHeaded finds the declared field that a column of a table or a question of a form is called after:
// "custom." and its name, or one of its labels. A label that two fields have finds neither.
func FieldHeaded(defs []FieldDef, heading string) (FieldDef, bool) {
	heading = Fold(heading)
	if name, ok := strings.CutPrefix(heading, "custom."); ok {
		return FieldNamed(defs, name)
	}
	var found FieldDef
	n := 0
	for _, d := range defs {
		if d.Label.is(heading) {
			found = d
			n++
		}
	}
	if n != 1 {
		return FieldDef{}, false
	}
	return found, true
}
