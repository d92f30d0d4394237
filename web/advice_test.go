package web

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestAdviceIsSaidInTheReadersLanguage(t *testing.T) {
	sps := testSpeakers(t)
	for name, tt := range map[string]struct{ hint, want, lang string }{
		"as it is":        {"set this machine's clock", "このサーバーの時計を合わせてください。", ""},
		"the closer one":  {"set this machine's clock, and let it follow a time server", "このサーバーの時計を合わせ、時刻サーバーと同期させてください。", ""},
		"a value":         {"nothing answers at mail.example:993; check the port and whether the server runs", "mail.example:993 から応答がありません。ポートと、サーバーが動いているかを確認してください。", ""},
		"two values":      {"the server's certificate is for a.example, b.example, not for c.example; write the right name as server_name or in addr", "サーバーの証明書は a.example, b.example のもので、c.example のものではありません。正しい名前を server_name か addr に書いてください。", ""},
		"markup stays":    {"there are: <b>{a}</b>", "あるフォルダー: <b>{a}</b>", ""},
		"the end differs": {"set this machine's clock!", "set this machine's clock!", "en"},
		"none":            {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sps["ja"].adviceOn(tt.hint); got != (advice{tt.want, tt.lang}) {
				t.Errorf("got %+v", got)
			}
			if got := sps["en"].adviceOn(tt.hint); got != (advice{Text: tt.hint}) {
				t.Errorf("in English %+v", got)
			}
		})
	}
}

// TestAdviceIsWhatConnectorsSay holds that each hint of the catalogue still stands in the code that gives it.
func TestAdviceIsWhatConnectorsSay(t *testing.T) {
	literal := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	between := regexp.MustCompile("%[a-z]|`") // what is filled in, and where texts are put together
	said := map[string]bool{}
	for _, dir := range []string{"../connectors", "../sync/engine", "../cmd/tsunagu"} {
		must(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			raw, err := fs.ReadFile(os.DirFS(dir), path)
			for _, text := range literal.FindAllString(string(raw), -1) {
				for _, part := range between.Split(strings.Trim(text, `"`), -1) {
					said[part] = true
				}
			}
			return err
		}))
	}
	for key, m := range testSpeakers(t)["en"].hints {
		for i := 0; i < len(m); i += 2 {
			for _, part := range strings.Split(m[i], "`") {
				if !said[part] {
					t.Errorf("%s: nobody says %q", key, part)
				}
			}
		}
	}
}
