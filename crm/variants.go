package crm

import (
	"slices"
	"sync"
)

// variants replaces characters that are written one for the other in names of people and companies, see
// variantPairs.
var variants = sync.OnceValue(func() *folder { return newFolder(variantPairs()) })

// sureVariants replaces only those that say nothing about who is meant: forms that many keyboards do not give,
// and old forms of jōyō characters. The others are easily typed and used by families and companies to be told
// apart (中嶋 and 中島, 冨田 and 富田), so that they make candidates but not the same.
var sureVariants = sync.OnceValue(func() *folder {
	pairs := variantPairs()
	telling := []string{"碕", "嶋", "嶌", "峯", "冨", "渕", "舘", "龍", "槇", "條"}
	var sure []string
	for pair := range slices.Chunk(pairs, 2) {
		if !slices.Contains(telling, pair[0]) {
			sure = append(sure, pair...)
		}
	}
	return newFolder(sure)
})

// variantPairs are the old or popular form first, the one of the jōyō table or the common one second. Forms
// that make different names (斎藤 and 斉藤) are not joined.
func variantPairs() []string {
	return []string{
		"髙", "高", "﨑", "崎", "嵜", "崎", "碕", "崎", "濵", "浜", "濱", "浜", "邊", "辺", "邉", "辺", "齋", "斎", "齊", "斉",
		"澤", "沢", "廣", "広", "櫻", "桜", "國", "国", "眞", "真", "瀨", "瀬", "德", "徳", "黑", "黒", "惠", "恵", "榮", "栄",
		"藏", "蔵", "龍", "竜", "嶋", "島", "嶌", "島", "峯", "峰", "冨", "富", "𠮷", "吉", "曻", "昇", "槇", "槙", "渕", "淵",
		"舘", "館", "與", "与", "萬", "万", "壽", "寿", "學", "学", "會", "会", "應", "応", "鐵", "鉄", "鐡", "鉄", "實", "実",
		"條", "条", "體", "体", "氣", "気", "圓", "円", "靜", "静", "彥", "彦", "桒", "桑", "栁", "柳", "柗", "松", "蘓", "蘇",
		"關", "関", "當", "当", "藝", "芸", "總", "総", "縣", "県", "佛", "仏", "傳", "伝", "假", "仮", "驛", "駅", "鹽", "塩",
		"樂", "楽", "藥", "薬", "豐", "豊", "禮", "礼", "讓", "譲", "嚴", "厳", "緣", "縁", "繩", "縄", "槪", "概", "淸", "清",
		"增", "増", "橫", "横", "步", "歩", "每", "毎", "敎", "教", "硏", "研", "產", "産", "卽", "即", "溫", "温", "狀", "状",
		"稻", "稲", "綠", "緑", "賴", "頼", "鄕", "郷", "錄", "録", "戶", "戸", "內", "内",
	}
}
