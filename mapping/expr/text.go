package expr

import (
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// textFunctions are those on text of any language.
func textFunctions() []function {
	list := cel.ListType(cel.StringType)
	return []function{
		textToText("trim", middle, strings.TrimSpace),
		textToText("lower", middle, strings.ToLower),
		textToText("upper", middle, strings.ToUpper),
		textToText("squeeze", middle, func(s string) string { return strings.Join(strings.Fields(s), " ") }),
		{
			name: "replace", params: []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, result: cel.StringType, weight: middle,
			call: func(args []ref.Val) ref.Val { return textValue(replace(text(args[0]), text(args[1]), text(args[2]))) },
		},
		{
			name: "split", params: []*cel.Type{cel.StringType, cel.StringType}, result: list, weight: middle,
			call: func(args []ref.Val) ref.Val { return listValue(split(text(args[0]), text(args[1]))) },
		},
		{
			name: "lines", params: []*cel.Type{cel.StringType}, result: list, weight: middle,
			call: func(args []ref.Val) ref.Val { return listValue(lines(text(args[0]))) },
		},
		{
			name: "join", params: []*cel.Type{cel.ListType(cel.DynType), cel.StringType}, result: cel.StringType, weight: middle,
			call: func(args []ref.Val) ref.Val { return textValue(join(args[0], text(args[1]))) },
		},
		textsToText("before", light, func(s, sep string) string {
			head, _, found := strings.Cut(s, sep)
			if !found {
				return s
			}
			return head
		}),
		textsToText("after", light, func(s, sep string) string {
			_, tail, _ := strings.Cut(s, sep)
			return tail
		}),
		textsToText("default", light, firstFilled),
		textsToText("orElse", light, firstFilled),
		ofMissing("default"),
		ofMissing("orElse"),
		{
			name: "truncate", params: []*cel.Type{cel.StringType, cel.IntType}, result: cel.StringType, weight: middle,
			call: func(args []ref.Val) ref.Val {
				n, _ := args[1].(types.Int)
				return types.String(truncate(text(args[0]), int64(n)))
			},
		},
	}
}

// globalForms are functions that CEL has behind a text only: "abc".contains("b").
func globalForms() []function {
	return []function{
		textsToBool("contains", light, strings.Contains),
		textsToBool("startsWith", light, strings.HasPrefix),
		textsToBool("endsWith", light, strings.HasSuffix),
	}
}

// replace replaces every occurrence. Nothing is replaced for an empty text.
func replace(s, old, with string) (string, error) {
	if old == "" {
		return s, nil
	}
	if n := strings.Count(s, old); len(s)+n*(len(with)-len(old)) > maxText {
		return "", errSize
	}
	return strings.ReplaceAll(s, old, with), nil
}

// split parts a text, trims the parts and leaves out empty ones.
func split(s, sep string) []string {
	if sep == "" {
		return lines(s)
	}
	return filled(strings.SplitN(s, sep, maxList+2))
}

// lines are the lines of a text that are not empty, trimmed.
func lines(s string) []string {
	return filled(strings.SplitN(strings.ReplaceAll(s, "\r", "\n"), "\n", 4*maxList))
}

func filled(parts []string) []string {
	kept := parts[:0]
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			kept = append(kept, part)
		}
	}
	return kept
}

// join puts the elements that are not empty together.
func join(list ref.Val, sep string) (string, error) {
	texts, err := listTexts(list)
	if err != nil {
		return "", err
	}
	texts = filled(texts)
	if len(texts)*len(sep) > maxText {
		return "", errSize
	}
	return strings.Join(texts, sep), nil
}

// firstFilled is s, or the other where s has nothing but white space.
func firstFilled(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// ofMissing declares the form of firstFilled for a field that may be missing: default(form.?zip, "…").
func ofMissing(name string) function {
	return function{
		name: name, params: []*cel.Type{cel.OptionalType(cel.DynType), cel.StringType}, result: cel.StringType, weight: light,
		call: func(args []ref.Val) ref.Val {
			maybe, ok := args[0].(*types.Optional)
			if !ok || !maybe.HasValue() {
				return args[1]
			}
			s, ok := maybe.GetValue().(types.String)
			if !ok {
				return types.NewErr("%s needs a text, and this is %s", name, kindOf(maybe.GetValue()))
			}
			return types.String(firstFilled(string(s), text(args[1])))
		},
	}
}

// truncate cuts after n characters and marks the cut with an ellipsis, which counts as one of them.
func truncate(s string, n int64) string {
	if n <= 0 {
		return ""
	}
	if int64(len(s)) <= n || int64(utf8.RuneCountInString(s)) <= n {
		return s
	}
	at := int64(0)
	for i := range s {
		if at++; at == n {
			return strings.TrimRight(s[:i], " \t\r\n　") + "…"
		}
	}
	return s
}
