package mailgen

import (
	"math/rand/v2"
	"time"
)

// Large writes one mail of about so many bytes, nearly all of them an attachment: 50 MB take half a second.
func Large(seed uint64, size int) Mail {
	world := DefaultWorld()
	d := &draft{
		rng: rand.New(rand.NewPCG(seed, 0x6c61726765)), world: world, cs: utf8Charset(), override: map[string][]string{},
		tongue: inEnglish, date: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), messageID: "large.1@example.co.jp",
	}
	d.from, d.to = matching(d.rng, world.Contacts, inEnglish), world.Reps[0].writing(inEnglish)
	d.truth.Relation = Known
	d.write()
	content := make([]byte, size/4*3)
	d.fill(content)
	d.root = d.multipart("mixed", "", textPart("plain", d.cs, quoted, d.text, ""),
		d.file("film.mp4", "video/mp4", `; filename="film.mp4"`, content))
	m := d.finish("large")
	m.Folder = Inbox
	return m
}
