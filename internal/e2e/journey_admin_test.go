package e2e

import (
	"regexp"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestJourneysOfAnAdmin changes the mapping without an expression, and goes back.
func TestJourneysOfAnAdmin(t *testing.T) {
	t.Parallel()
	s := newSeed(t, "", sato, katoRep)
	s.must("mapping", "apply", s.write("mapping.yaml", "# What our lawyers want.\nscreen:\n  domains: [lawyer.example] # theirs\n"))
	b := openBrowser(t)
	s.walk(t, b, "admin", func(w *walker, part func(string, func(t *testing.T))) {
		part("edit a mapping", w.editsAMapping)
	})
}

// mappingVersion is a version of the mapping.
type mappingVersion struct {
	Number                    int
	Author, Comment, Document string
}

// editsAMapping has the subject of mails stand in the field for the product: seen at once on an item, tried on history, saved,
// and taken back.
func (w *walker) editsAMapping(t *testing.T) {
	b, from := w.b, w.address("tanaka", "client")
	id := w.add(object{"kind": "lead", "name": w.either("田中 一郎", "Ichiro Tanaka"), "emails": []string{from}, "owner": w.me})
	subjects := []string{w.either("会計の件", "About accounting"), w.either("給与の件", "About wages")}
	for _, subject := range subjects {
		w.gets(seedMail{from: from, subject: subject, text: "Hello."})
	}
	products := func() (list []string) {
		for _, a := range w.timelineOf(id) {
			list = append(list, a.Product)
		}
		slices.Sort(list)
		return list
	}
	w.soon("both mails are logged", func() bool { return slices.Equal(products(), []string{"", ""}) })
	before := w.mapping()

	w.open("/mapping")
	b.do(b.script(`const s = document.querySelector("select[name=sample]"); s.value = [...s.options].find((o) => o.text.includes("` + subjects[0] + `")).value; s.dispatchEvent(new Event("change", { bubbles: true }))`))
	b.wait(`document.getElementById("trial").innerText.includes("` + w.either("記録", "ogged") + `")`)
	b.mark("stayed")
	b.do(b.script(`document.querySelector(".map-guide").open = true; const e = document.getElementById("mapping").elements; e.kind.value = "email"; e.field.value = "activity.product"; e.from.value = "mail.subject"`))
	b.do(chromedp.Click(chromedp.CSS(`[formaction="/mapping/field"][value=set]`)))
	b.wait(`document.getElementById("document").value.includes("product: mail.subject")`)
	b.wait(`[...document.querySelectorAll("#trial .map-fields div")].some((e) => e.innerText.includes("` + w.either("商品", "Product") + `") && e.innerText.includes("` + subjects[0] + `"))`)
	if !value[bool](b, `window.stayed === true`) {
		t.Error("the page was loaded anew")
	}
	b.shoot("journey-mapping-" + w.lang)

	b.leave(b.click("button", w.either("過去", "history")))
	b.wait(`!document.querySelector("[data-poll]") && document.querySelectorAll("#map-preview .figure").length > 0`)
	changes := value[string](b, `[...document.querySelectorAll("#map-preview .figure")].map((e) => e.innerText.replace(/\s+/g, " ")).join("; ")`)
	if !regexp.MustCompile(w.either("変わる", "Would change") + ` [1-9]`).MatchString(changes) {
		t.Errorf("tried on history: %s", changes)
	}
	b.wants(subjects[1])
	b.shoot("journey-tried-" + w.lang)
	if now := w.mapping(); now.Number != before.Number || !slices.Equal(products(), []string{"", ""}) {
		t.Fatalf("trying saved version %d, or changed history: %q", now.Number, products())
	}

	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=comment]`), w.either("商品を件名から", "The product is the subject")))
	b.leave(b.click("button.primary", w.either("保存", "Save")))
	b.wants(w.either("保存しました", "Saved."), w.either("商品を件名から", "The product is the subject"))
	want := slices.Clone(subjects)
	slices.Sort(want)
	w.soon("history follows", func() bool { return slices.Equal(products(), want) })
	if saved := w.mapping(); saved.Number != before.Number+1 || saved.Author != w.me {
		t.Errorf("saved as version %d by %s, want %d by %s", saved.Number, saved.Author, before.Number+1, w.me)
	}

	b.leave(b.script(`[...document.querySelectorAll("tr[data-row] a")][1].click()`)) // the one before
	b.leave(b.click("button.primary", w.either("戻す", "Go back")))
	b.wants(w.either("戻しました", "Rolled back"))
	w.soon("history goes back, too", func() bool { return slices.Equal(products(), []string{"", ""}) })
	if now := w.mapping(); now.Number != before.Number+2 || now.Document != before.Document {
		t.Errorf("version %d is\n%s\nwant %d with\n%s", now.Number, now.Document, before.Number+2, before.Document)
	}
	b.shoot("journey-rolled-back-" + w.lang)
}

// mapping is the version in force.
func (w *walker) mapping() (v mappingVersion) {
	w.t.Helper()
	w.c.get("/mapping", &v)
	return v
}
