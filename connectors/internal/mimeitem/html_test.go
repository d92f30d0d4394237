package mimeitem

import "testing"

func TestHTMLText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<p>One</p><p>Two</p>", "One\n\nTwo"},
		{"breaks and blocks", "<div>One<br>Two</div><div>Three</div>", "One\nTwo\nThree"},
		{"white space", "One \n   two\t<b>three</b>", "One two three"},
		{"japanese source lines join", "お世話に\n  なって", "お世話になって"},
		{"entities", "A &amp; B &lt;c&gt; &yen;100&nbsp;&#12354;", "A & B <c> ¥100 あ"},
		{"head, style, script", "<html><head><title>T</title><style>p{}</style></head><body>x<script>if(a<b){}</script>y</body>", "xy"},
		{"links keep their text", `<a href="https://x.jp/?a=1>2">Here</a> it is`, "Here it is"},
		{"lists", "<ul><li>A</li><li>B</li></ul><ol><li>C<li>D</ol>", "- A\n- B\n1. C\n2. D"},
		{"table", "<table><tr><th>品名</th><th>価格</th></tr><tr><td>A</td><td>100円</td></tr></table>", "品名\t価格\nA\t100円"},
		{"cells never closed", "<table><tr><td>A<td>B<tr><td>C<td>D</table>", "A\tB\nC\tD"},
		{"comments", "a<!-- x > y -->b<!--[if mso]><p>no</p><![endif]-->c<![if !mso]>d<![endif]>", "abcd"},
		{"display none", `<div style="display: none !important">preheader</div><p>Text</p>`, "Text"},
		{"visibility", `<span style='VISIBILITY:hidden'>x</span>Text`, "Text"},
		{"font size", `<div style="font-size:0px;line-height:0">x</div>Text`, "Text"},
		{"font size set again", `<td style="font-size:0"><div style="font-size:14px">Text</div></td>`, "Text"},
		{"small font is shown", `<div style="font-size:0.9em">Text</div>`, "Text"},
		{"max height", `<div style="max-height:0;overflow:hidden">x</div>Text`, "Text"},
		{"mso-hide", `<div style="mso-hide:all">x</div>Text`, "Text"},
		{"opacity", `<div style="opacity:0">x</div><div style="opacity:0.8">Text</div>`, "Text"},
		{"hidden attribute", `<p hidden>x</p><p data-x="1" hidden>y</p>Text`, "Text"},
		{"hidden is a name", `<p class="hidden-xs">Text</p>`, "Text"},
		{"hidden and never closed", `<table><tr><td><span style="display:none">x</td></tr></table>Text`, "Text"},
		{"everything hidden", `<div style="display:none">Text</div>`, "Text"},
		{"fillers", "Hello&zwnj;&nbsp;&zwnj;&nbsp;&#847; &shy;&#8203; World", "Hello World"},
		{"quote", `<div>Answer</div><div>On Mon wrote:<br></div><blockquote type="cite"><div>Old</div><div>Text</div></blockquote>`, "Answer\nOn Mon wrote:\n\n> Old\n> Text"},
		{"rule", "a<hr>b", "a\n________________________________\nb"},
		{"pre", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		{"less than", "1 < 2 and <3", "1 < 2 and <3"},
		{"unclosed tag", "Text <a href=", "Text"},
		{"unclosed comment", "Text<!-- x", "Text"},
		{"outlook paragraphs", "<p class=MsoNormal>One<o:p></o:p></p><p class=MsoNormal>Two</p>", "One\nTwo"},
		{"many breaks", "a<br><br><br><br>b", "a\n\nb"},
		{"upper case", "<P>One</P><STYLE>x</STYLE><P>Two", "One\n\nTwo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := htmlText(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestUnflow(t *testing.T) {
	for _, c := range []struct {
		name, in string
		delSp    bool
		want     string
	}{
		{"joined", "one \ntwo\nthree", false, "one two\nthree"},
		{"delsp", "日本 \n語\nend", true, "日本語\nend"},
		{"quotes", "> one \n> two\n> \n>> deep \n>> er\nown", false, "> one two\n>\n>> deep er\nown"},
		{"depth changes", "> one \ntwo", false, "> one \ntwo"},
		{"signature", "text \n-- \nTaro", false, "text \n-- \nTaro"},
		{"stuffed", " From here\nx", false, "From here\nx"},
		{"empty lines", "one\n\n\ntwo \nthree", false, "one\n\n\ntwo three"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := unflow(c.in, c.delSp); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
