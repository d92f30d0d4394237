package mailgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Crowd makes any number of Japanese people at companies, the same ones for the same seed, of whom none has to be kept in
// memory: Person(i) is made when it is asked for. Frequent family names are frequent in it, some people have rare ones,
// and about five work at a company. Domains end in .example.
type Crowd struct {
	seed     uint64
	families []word
	rare     []rune
	given    []word
	kana     map[string]string
}

// NewCrowd makes a crowd.
func NewCrowd(seed uint64) *Crowd {
	c := &Crowd{seed: seed, rare: []rune("鑰靏釼簗橳轟瀧纐躑峠鰐蘭鯨鷲鴨鮎鱒雉"), kana: map[string]string{}}
	for _, n := range strings.Fields(crowdFamilies) {
		shown, rest, _ := strings.Cut(n, ":")
		ascii, kana, _ := strings.Cut(rest, ":")
		c.families = append(c.families, word{shown, ascii})
		c.kana[shown] = kana
	}
	for _, n := range strings.Fields(crowdGiven) {
		shown, rest, _ := strings.Cut(n, ":")
		ascii, kana, _ := strings.Cut(rest, ":")
		c.given = append(c.given, word{shown, ascii})
		c.kana[shown] = kana
	}
	return c
}

// Person gives the person with a number. Account is the number of their company.
func (c *Crowd) Person(i int) Person {
	rng := rand.New(rand.NewPCG(c.seed, uint64(i)))
	at := int(float64(len(c.families)) * rng.Float64() * rng.Float64()) // the first ones are the most frequent
	family := c.families[at]
	if rng.IntN(1000) == 0 {
		family.shown = string(c.rare[rng.IntN(len(c.rare))]) + family.shown
	}
	given := c.given[rng.IntN(len(c.given))]
	account := i / 5
	return Person{
		Name: family.shown + " " + given.shown, Family: family.shown, Given: given.shown, Japanese: true,
		Kana:  strings.TrimSpace(c.kana[family.shown] + " " + c.kana[given.shown]),
		Email: fmt.Sprintf("%s.%s%d@%s", given.ascii, family.ascii, i%97, c.domain(account)),
		Phone: fmt.Sprintf("0%d-%04d-%04d", 3+rng.IntN(4), rng.IntN(10_000), rng.IntN(10_000)), Account: account,
	}
}

// Company gives the company with a number.
func (c *Crowd) Company(i int) Account {
	rng := rand.New(rand.NewPCG(c.seed^0x636f6d70, uint64(i)))
	firsts, seconds := companyNames(), trades()
	name := firsts[rng.IntN(len(firsts))].shown + string([]rune(crowdPlaces)[rng.IntN(60)]) + string([]rune(crowdPlaces)[rng.IntN(60)]) + seconds[rng.IntN(len(seconds))].shown
	switch rng.IntN(4) {
	case 0:
		name = "㈱" + name
	case 1:
		name += "株式会社"
	default:
		name = "株式会社" + name
	}
	return Account{Name: name, Domain: c.domain(i), Japanese: true}
}

func (c *Crowd) domain(company int) string {
	rng := rand.New(rand.NewPCG(c.seed^0x646f6d61, uint64(company)))
	firsts, seconds := companyNames(), trades()
	return fmt.Sprintf("%s-%s%x.example", firsts[rng.IntN(len(firsts))].ascii, seconds[rng.IntN(len(seconds))].ascii, company)
}

const crowdPlaces = "東西南北中山川海空森林木花月星光風雲雪春夏秋冬朝日本富士京都阪神戸奈良滋賀三重岐阜愛知静岡長野新潟富山石福井金沢松江広島"

const crowdFamilies = `佐藤:sato:サトウ 鈴木:suzuki:スズキ 高橋:takahashi:タカハシ 田中:tanaka:タナカ 伊藤:ito:イトウ 渡辺:watanabe:ワタナベ 山本:yamamoto:ヤマモト
中村:nakamura:ナカムラ 小林:kobayashi:コバヤシ 加藤:kato:カトウ 吉田:yoshida:ヨシダ 山田:yamada:ヤマダ 佐々木:sasaki:ササキ 山口:yamaguchi:ヤマグチ 松本:matsumoto:マツモト
井上:inoue:イノウエ 木村:kimura:キムラ 林:hayashi:ハヤシ 斎藤:saito:サイトウ 清水:shimizu:シミズ 山崎:yamazaki:ヤマザキ 森:mori:モリ 池田:ikeda:イケダ 橋本:hashimoto:ハシモト
阿部:abe:アベ 石川:ishikawa:イシカワ 山下:yamashita:ヤマシタ 中島:nakajima:ナカジマ 石井:ishii:イシイ 小川:ogawa:オガワ 前田:maeda:マエダ 岡田:okada:オカダ 長谷川:hasegawa:ハセガワ
藤田:fujita:フジタ 後藤:goto:ゴトウ 近藤:kondo:コンドウ 村上:murakami:ムラカミ 遠藤:endo:エンドウ 青木:aoki:アオキ 坂本:sakamoto:サカモト 福田:fukuda:フクダ 太田:ota:オオタ
西村:nishimura:ニシムラ 藤井:fujii:フジイ 金子:kaneko:カネコ 岡本:okamoto:オカモト 藤原:fujiwara:フジワラ 三浦:miura:ミウラ 中野:nakano:ナカノ 原田:harada:ハラダ 松田:matsuda:マツダ
竹内:takeuchi:タケウチ 小野:ono:オノ 田村:tamura:タムラ 和田:wada:ワダ 石田:ishida:イシダ 上田:ueda:ウエダ 森田:morita:モリタ 柴田:shibata:シバタ 酒井:sakai:サカイ 工藤:kudo:クドウ
宮崎:miyazaki:ミヤザキ 高木:takagi:タカギ 安藤:ando:アンドウ 谷口:taniguchi:タニグチ 大野:ono2:オオノ 丸山:maruyama:マルヤマ 今井:imai:イマイ 武田:takeda:タケダ 村田:murata:ムラタ
上野:ueno:ウエノ 杉山:sugiyama:スギヤマ 増田:masuda:マスダ 平野:hirano:ヒラノ 大塚:otsuka:オオツカ 千葉:chiba:チバ 久保:kubo:クボ 松井:matsui:マツイ 岩崎:iwasaki:イワサキ
桜井:sakurai:サクライ 野口:noguchi:ノグチ 菊地:kikuchi:キクチ 野村:nomura:ノムラ 熊谷:kumagai:クマガイ 五十嵐:igarashi:イガラシ 東海林:shoji:ショウジ 勅使河原:teshigawara:テシガワラ`

const crowdGiven = `太郎:taro:タロウ 花子:hanako:ハナコ 一郎:ichiro:イチロウ 健一:kenichi:ケンイチ 美咲:misaki:ミサキ 誠:makoto:マコト 由美:yumi:ユミ 大輔:daisuke:ダイスケ 陽子:yoko:ヨウコ 翔太:shota:ショウタ
恵:megumi:メグミ 直樹:naoki:ナオキ 愛:ai:アイ 隆:takashi:タカシ さくら:sakura:サクラ 浩:hiroshi:ヒロシ 智子:tomoko:トモコ 亮:ryo:リョウ 真理:mari:マリ 学:manabu:マナブ 健太:kenta:ケンタ 結衣:yui:ユイ
裕子:yuko:ユウコ 和也:kazuya:カズヤ 久美子:kumiko:クミコ 拓也:takuya:タクヤ 明美:akemi:アケミ 哲也:tetsuya:テツヤ 麻衣:mai:マイ 剛:tsuyoshi:ツヨシ 奈々:nana:ナナ 悠斗:yuto:ユウト 千尋:chihiro:チヒロ 修:osamu:オサム
彩香:ayaka:アヤカ 徹:toru:トオル 瞳:hitomi:ヒトミ 勇気:yuki:ユウキ 典子:noriko:ノリコ 慎太郎:shintaro:シンタロウ`
