package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// pictures keeps the whole page as it looks on a desk and on a telephone, light and dark, if TSUNAGU_SCREENSHOTS asks
// for pictures.
func (b *tab) pictures(name string) {
	b.t.Helper()
	if os.Getenv("TSUNAGU_SCREENSHOTS") == "" {
		return
	}
	for _, width := range []int64{1280, 390} {
		for _, theme := range []string{"light", "dark"} {
			b.do(chromedp.EmulateViewport(width, 900), theming(theme))
			png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				b.t.Fatalf("picture of %s: %v", name, err)
			}
			path := filepath.Join(b.dir, fmt.Sprintf("e2e-%s-%d-%s.png", name, width, theme))
			if err := os.WriteFile(path, png, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900), theming("light"))
}

// theming makes the page light or dark.
func theming(value string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return chromedp.Void{}, err
	}
}
