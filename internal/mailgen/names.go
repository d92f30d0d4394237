package mailgen

type japaneseName struct{ family, given, kana, romaji string }

// japaneseNames has first the reps, then the contacts' names; some are written with characters that only
// the extended charsets of Japanese PCs have (髙, 﨑).
func japaneseNames() []japaneseName {
	return []japaneseName{
		{"佐藤", "健一", "サトウ ケンイチ", "sato"},
		{"鈴木", "花子", "スズキ ハナコ", "suzuki"},
		{"渡辺", "太郎", "ワタナベ タロウ", "watanabe"},
		{"伊藤", "美咲", "イトウ ミサキ", "ito"},
		{"小林", "誠", "コバヤシ マコト", "kobayashi"},
		{"田中", "一郎", "タナカ イチロウ", "tanaka"},
		{"髙橋", "由美", "タカハシ ユミ", "takahashi"},
		{"山﨑", "大輔", "ヤマサキ ダイスケ", "yamasaki"},
		{"中村", "陽子", "ナカムラ ヨウコ", "nakamura"},
		{"加藤", "翔太", "カトウ ショウタ", "kato"},
		{"吉田", "恵", "ヨシダ メグミ", "yoshida"},
		{"山田", "直樹", "ヤマダ ナオキ", "yamada"},
		{"佐々木", "愛", "ササキ アイ", "sasaki"},
		{"松本", "隆", "マツモト タカシ", "matsumoto"},
		{"井上", "さくら", "イノウエ サクラ", "inoue"},
		{"木村", "浩", "キムラ ヒロシ", "kimura"},
		{"林", "智子", "ハヤシ トモコ", "hayashi"},
		{"清水", "亮", "シミズ リョウ", "shimizu"},
		{"斎藤", "真理", "サイトウ マリ", "saito"},
		{"長谷川", "学", "ハセガワ マナブ", "hasegawa"},
	}
}

type word struct{ shown, ascii string }

func companyNames() []word {
	return []word{
		{"大和", "yamato"}, {"東洋", "toyo"}, {"富士見", "fujimi"}, {"サクラ", "sakura"}, {"ひかり", "hikari"},
		{"北斗", "hokuto"}, {"みなと", "minato"}, {"青葉", "aoba"}, {"アルファ", "alpha"}, {"グローバル", "global"},
		{"日の出", "hinode"}, {"つばめ", "tsubame"}, {"千代田", "chiyoda"}, {"オリオン", "orion"}, {"松風", "matsukaze"},
	}
}

func trades() []word {
	return []word{
		{"工業", "kogyo"}, {"商事", "shoji"}, {"電機", "denki"}, {"建設", "kensetsu"}, {"食品", "foods"},
		{"システム", "systems"}, {"物流", "logi"}, {"印刷", "print"}, {"不動産", "estate"}, {"製作所", "works"},
	}
}

func englishCompanies() []string {
	return []string{"Northwind", "Harbour", "Bluefield", "Oakham", "Stellar", "Kestrel", "Brightside", "Marlow"}
}

func englishGiven() []string {
	return []string{"Alice", "James", "Priya", "Tom", "Grace", "Oliver", "Emma", "Lucas", "Chloé", "Zoë", "Henry"}
}

func englishFamily() []string {
	return []string{"Baker", "Carter", "Patel", "Murphy", "Hughes", "Müller", "García", "Lindqvist", "O'Neill"}
}
