package signals

// gate is a set of readings that may find something.
type gate uint8

const (
	gateLeft gate = 1 << iota
	gateAway
	gateRefusal
	gateAsk  // together with gateMeet: dates
	gateMeet //
	gatePromise
)

// gateOf looks once at each character of a text: at pairs of Japanese characters, and at the first four letters of
// Latin words. A bitmap sorts out nearly all of them.
func gateOf(text string) (open gate) {
	var last, word uint64 // the character before; the first letters of the word under way
	length := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c < 0x80 {
			i++
			last = 0
			if c|0x20 >= 'a' && c|0x20 <= 'z' || c == '\'' && length > 0 {
				if length++; length <= 4 {
					word = word<<8 | uint64(c|0x20)
					if length == 4 {
						open |= keys.of(word)
					}
				}
				continue
			}
			if length == 3 {
				open |= keys.of(word)
			}
			length, word = 0, 0
			continue
		}
		if c < 0xe0 || c >= 0xf0 || i+2 >= len(text) {
			i++
			last = 0
			continue
		}
		r := uint64(c&0xf)<<12 | uint64(text[i+1]&0x3f)<<6 | uint64(text[i+2]&0x3f)
		if last != 0 {
			open |= keys.of(1<<40 | last<<16 | r)
		}
		last, length, word = r, 0, 0
		i += 3
	}
	if length == 3 {
		open |= keys.of(word)
	}
	return open
}

// keyring knows which gates a pair of characters or the start of a word opens.
type keyring struct {
	may   [256]uint64 // bitmap over a hash of the keys
	gates map[uint64]gate
}

func (k *keyring) of(key uint64) gate {
	h := key * 0x9e3779b97f4a7c15 >> 50
	if k.may[h>>6]&(1<<(h&63)) == 0 {
		return 0
	}
	return k.gates[key]
}

// keys is never written after the start of the program.
var keys = newKeyring()

func newKeyring() *keyring {
	k := &keyring{gates: map[uint64]gate{}}
	add := func(g gate, words ...string) {
		for _, word := range words {
			var key uint64
			if runes := []rune(word); runes[0] >= 0x800 {
				key = 1<<40 | uint64(runes[0])<<16 | uint64(runes[1])
			} else {
				for _, c := range []byte(word) {
					key = key<<8 | uint64(c)
				}
			}
			k.gates[key] |= g
			h := key * 0x9e3779b97f4a7c15 >> 50
			k.may[h>>6] |= 1 << (h & 63)
		}
	}
	add(gateLeft, "退職", "退社", "転職", "在籍", "異動", "転勤", "転籍", "出向", "退任", "後任", "離れ", "辞め", "辞し", "辞職", "離職", "当が", "当を", "当変", "部署", "配属", "去り", "去る", "退き", "退く", "を卒", "終出", "終勤", "独立", "外れ",
		"long", "left", "leav", "last", "reti", "resi", "tran", "move", "movi", "role", "posi", "hand", "repl", "quit", "depa", "empl", "step")
	add(gateAway, "不在", "休暇", "休み", "出張", "休業", "休職", "育休", "産休", "席を", "留守", "有休", "離席",
		"offi", "vaca", "leav", "holi", "away", "ooo", "abse", "trav", "trip", "out", "unav", "abro", "off", "pto", "sabb")
	add(gateRefusal, "不要", "遠慮", "控え", "停止", "断り", "断わ", "解除", "止め", "やめ", "除外", "削除", "結構", "二度", "一切", "中止", "拒否", "らな", "しな", "こな", "けな", "でく", "外し", "退会", "無用", "迷惑", "なく", "き取", "いり", "要り",
		"remo", "unsu", "stop", "ceas", "cont", "wish", "dele", "opt", "not", "don'", "dont", "neve", "furt", "more", "refr", "take", "quit")
	add(gateAsk, "候補", "都合", "日程", "いか", "空い", "可能", "調整", "ずれ", "希望", "どち", "よろ",
		"avai", "woul", "prop", "sugg", "free", "how", "what", "does", "coul", "suit", "conv", "shal", "can", "whic", "are", "eith", "pref") //nolint:misspell // beginnings of words
	add(gateMeet, "打ち", "打合", "会議", "面談", "商談", "ミー", "訪問", "伺い", "伺え", "伺わ", "伺う", "伺っ", "伺し", "伺た", "時間", "アポ", "オン", "来社", "デモ", "話し", "日程", "候補", "会い", "ヒア", "説明",
		"meet", "call", "demo", "zoom", "team", "chat", "slot", "appo", "visi", "sche", "avai", "mtg", "disc", "catc", "sess", "talk", "spea", "work")
	add(gatePromise, "でに", "中に", "末に", "日に", "内に", "中で", "り日", "明日", "今日", "本日",
		"will", "i'll", "we'l", "shal", "goin", "plan")
	return k
}
