package mimeitem

import "strings"

// The canonical labels that charsetLabel gives; every other label is a name for x/text.
const (
	labelNone    = "" // no label, or one that says nothing: us-ascii, unknown-8bit
	labelUTF8    = "utf-8"
	labelUTF7    = "utf-7"
	labelUTF16   = "utf-16"
	labelUTF16LE = "utf-16le"
	labelUTF16BE = "utf-16be"
	labelJIS     = "iso-2022-jp"
	labelSJIS    = "shift_jis"
	labelEUC     = "euc-jp"
	labelWinJIS  = "cp50220" // like labelJIS and the two before, but surely from Windows
	labelWinSJIS = "cp932"
	labelWinEUC  = "cp51932"
	labelKR      = "iso-2022-kr"
	labelHZ      = "hz-gb-2312"
)

// charsetLabel brings a charset's name, as found, to the form that decodeCharset switches on.
func charsetLabel(name string) string {
	switch name {
	case "utf-8", "UTF-8":
		return labelUTF8
	case "us-ascii", "US-ASCII", "":
		return labelNone
	case "iso-2022-jp", "ISO-2022-JP":
		return labelJIS
	}
	name = strings.ToLower(strings.Trim(name, "\"'<>[]()=;:,. \t"))
	name = strings.TrimLeft(strings.TrimPrefix(name, "charset"), "\"'= ")
	if at := strings.IndexAny(name, "\"';, \t*"); at >= 0 {
		name = name[:at]
	}
	if len(name) > 60 {
		return labelNone
	}
	return aliasLabel(name)
}

func aliasLabel(name string) string {
	switch name {
	case "utf8", "utf_8", "unicode-1-1-utf-8", "x-utf-8", "utf-8n", "utf8mb4", "utf-8-sig", "unicode", "cp65001", "65001":
		return labelUTF8
	case "us-ascii", "ascii", "usascii", "us_ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "unknown", "8bit", "7bit",
		"default", "default_charset", "x-user-defined", "none", "binary", "auto", "_autodetect", "_autodetect_all", "text", "iso", "ansi":
		return labelNone
	case "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "x-utf-7", "csunicode11utf7":
		return labelUTF7
	case "utf16", "utf_16", "x-utf-16", "csutf16", "ucs-2", "ucs2", "iso-10646-ucs-2", "csunicode":
		return labelUTF16
	case "utf16le", "utf-16-le", "utf_16le", "x-utf-16le", "csutf16le", "ucs-2le", "unicodelittle", "cp1200", "1200":
		return labelUTF16LE
	case "utf16be", "utf-16-be", "utf_16be", "x-utf-16be", "csutf16be", "ucs-2be", "unicodebig", "unicodefffe", "cp1201", "1201":
		return labelUTF16BE
	case "iso2022-jp", "iso2022jp", "iso-2022jp", "iso_2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-2004",
		"csiso2022jp", "jis", "jis7", "x-jis", "junet", "iso-2022-jis", "iso-2002-jp", "2022-jp", "jis_encoding":
		return labelJIS
	case "iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "x-windows-50220", "x-windows-50221", "x-windows-50222", "x-windows-iso2022jp", "cp50220raw":
		return labelWinJIS
	case "shift-jis", "shiftjis", "shift_jis-2004", "shift_jisx0213", "sjis", "x-sjis", "s-jis", "shift", "x-shift-jis", "x-shift_jis", "csshiftjis", "ms_kanji", "mskanji", "x-ms-kanji":
		return labelSJIS
	case "cp932", "ms932", "windows-31j", "windows31j", "x-ms932", "x-windows-31j", "cswindows31j", "windows-932", "ms-932", "cp-932", "x-ms-cp932", "sjis-win", "ibm-943", "cp943", "x-sjis-cp932", "932":
		return labelWinSJIS
	case "eucjp", "euc_jp", "x-euc-jp", "x-eucjp", "x-euc", "euc", "ujis", "cseucpkdfmtjapanese", "extended_unix_code_packed_format_for_japanese", "euc-jisx0213":
		return labelEUC
	case "euc-jp-ms", "eucjp-ms", "eucjpms", "eucjp-win", "cp51932", "x-euc-jp-ms", "cp20932":
		return labelWinEUC
	case "iso2022-kr", "iso2022kr", "csiso2022kr":
		return labelKR
	case "hz", "hz-gb", "hzgb2312":
		return labelHZ
	case "gb2312", "gb_2312-80", "gb-2312", "gb2312-80", "euc-cn", "x-euc-cn", "gbk", "x-gbk", "cp936", "ms936", "windows-936", "gb18030", "gb-18030", "csgb2312", "gb", "cn-gb":
		return "gb18030"
	case "ks_c_5601", "ks_c_5601-1987", "ksc5601", "ks_c_5601-1989", "ksc_5601", "ks-c-5601", "cp949", "ms949", "uhc", "windows-949", "x-windows-949", "euckr", "korean", "johab":
		return "euc-kr"
	case "big5", "big-5", "big5-hkscs", "cp950", "ms950", "x-x-big5", "windows-950", "cn-big5", "big5-eten":
		return "big5"
	}
	return name
}
