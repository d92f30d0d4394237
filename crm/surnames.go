package crm

import (
	"strings"
	"sync"
)

// surnames are frequent Japanese family names after foldName. One that stands alone tells nobody apart, and one that
// stands behind a word that is none says that the name was written given name first.
var surnames = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(frequentSurnames) {
		set[foldName(name)] = true
	}
	return set
})

const frequentSurnames = `
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川
前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原 中野 三浦 原田 中川 松田 竹内 小野 田村 中山 和田 石田 森田
上田 原 柴田 酒井 工藤 横山 宮崎 宮本 内田 高木 安藤 谷口 大野 丸山 今井 高田 藤本 武田 村田 上野 杉山 増田 平野 大塚 千葉 久保 松井 小島 岩崎 桜井
野口 松尾 野村 木下 菊地 佐野 大西 菅原 市川 杉本 古川 新井 水野 桑原 小松 吉川 永井 島田 五十嵐 山内 渡部 河野 馬場 西田 中田 小山 本田 東 北村 安田
川口 平田 川崎 飯田 吉村 久保田 東海林 佐久間 本間 樋口 秋山 中西 岩田 服部 松岡 川上 菊池 福島 辻 大島 高野 大橋 浜田 片山 須藤 星野 早川 荒木 熊谷 荒井
望月 黒田 関 大久保 大谷 浅野 土屋 尾崎 柳沢 小池 横田 萩原 堀 内藤 岡 沢田 松下 矢野 田口 松村 森本 高山 篠原 栗原 伊東 片岡 富田 永田 田辺 関口 西川
白石 小沢 上原 成田 川村 奥村 根本 石原 吉岡 川島 小田 中井 岩本 金井 安部 松浦 堀内 堀口 川端 浅井 西山 大石 岡崎 津田 黒木 菅 三宅 神田 児玉 八木 高島
広瀬 岸本 大川 宮田 山中 平井 田島 榎本 矢島 徳永 小笠原 南 西 北 泉 武藤 相沢 石橋 小西 藤沢 宮下 町田 田代 角田 大森 吉野 天野 長尾 村松 村井 西岡 西尾
稲垣 安達 坂井 坂口 河合 江口 福井 福本 水谷 浜口 滝沢 塚本 植田 金沢 中尾 丹羽 今村 平山 土井 松永 大竹 浅田 若林 戸田 足立 青山 渡会 長田 大沢 児島 塩田
宇野 奥田 片桐 寺田 三好 荻野 日高 杉浦 堤 谷 牧野 細川 石塚 石黒 高松 高瀬 高井 高見 藤岡 藤川 藤村 川田 川本 川瀬 野田 野崎 野沢 小原 小泉 小倉 小森
長谷部 長谷 長島 長沼 長野 大山 大木 大場 大下 大和 大原 大平 中嶋 中沢 中里 森下 森山 森川 森岡 岩井 岩瀬 岩下 島崎 島村 島津 金田 金城 比嘉 宮城 新垣 知念
上村 上杉 下田 内山 福岡 福永 村山 村瀬 竹田 竹中 竹下 梅田 梅原 桜田 杉田 杉原 松原 松山 松川 平川 平松 平沢 今野 佐伯 佐竹 佐川 飯島 飯塚 栗田 栗林
須田 相馬 加納 加瀬 木原 木内 北川 北野 北島 西野 西沢 東野 南部 矢部 阿久津 宇佐美 勅使河原 武者小路 長曽我部 小鳥遊 八重樫 久米 久野 三上 三木 三島 三輪 二宮 一色
五味 六車 七海 八田 九条 十河 冨田 峯田 龍田 嶋田 金 李 朴 崔 鄭 王 張 陳 劉 楊 黄 趙 周 呉
`

// BeginsWithSurname reports whether a Japanese text without spaces begins as names do, with one of the frequent family names
// of two characters or more.
func BeginsWithSurname(text string) bool {
	runes := []rune(foldName(text))
	for n := 2; n <= min(4, len(runes)); n++ {
		if surnames()[string(runes[:n])] {
			return true
		}
	}
	return false
}
