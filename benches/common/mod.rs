//! The texts that the benches work on, with what must become of them.
//!
//! All of it was written for this purpose. Each text is a few hundred to a
//! few thousand bytes and is repeated to the size that a bench wants.

/// A text, and its canonical form.
pub struct Text {
    /// What the benches call it.
    pub name: &'static str,
    /// What goes in.
    pub raw: &'static str,
    /// What must come out of the whole pipeline.
    pub canonical: &'static str,
}

impl Text {
    /// The text, repeated until it has at least `size` bytes.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub fn raw(&self, size: usize) -> String {
        self.raw.repeat(self.times(size))
    }

    /// The canonical form of what `raw` gives.
    #[allow(dead_code, reason = "not every bench needs it")]
    pub fn canonical(&self, size: usize) -> String {
        self.canonical.repeat(self.times(size))
    }

    #[allow(dead_code, reason = "not every bench needs it")]
    fn times(&self, size: usize) -> usize {
        size.div_ceil(self.raw.len())
    }
}

/// Running Traditional text, canonical but for its script.
pub const TRADITIONAL: Text =
    Text { name: "traditional", raw: HANT, canonical: HANS };
/// The same in its canonical form: nothing is to be done.
pub const SIMPLIFIED: Text =
    Text { name: "simplified", raw: HANS, canonical: HANS };
/// Markup, Latin, Traditional, annotated and mistyped text in turn.
pub const MIXED: Text =
    Text { name: "mixed", raw: MIX, canonical: MIX_CANONICAL };
/// ASCII, canonical.
pub const ASCII: Text = Text { name: "ascii", raw: LATIN, canonical: LATIN };

/// All of them.
pub const ALL: [&Text; 4] = [&TRADITIONAL, &SIMPLIFIED, &MIXED, &ASCII];

/// The annotations in the mixed text.
#[allow(dead_code, reason = "not every bench needs it")]
pub const NOTES: [&str; 9] = [
    "(tuán)", "(jié)", "(yè)", "(wù)", "(jì)", "(jiǎn)", "(shù)", "(dá)",
    "(biān)",
];

const HANT: &str = "\
清晨的霧氣還沒有散去，護林員已經沿山脊巡查了兩遍。他在筆記本上寫下風向、濕度與樹木的變化，然後把損壞的標牌編號登記。溪水從岩縫間流過，發出細碎的聲響，幾隻白鷺停在淺灘上覓食。
本鎮自下個月起調整垃圾清運時間，居民應於規定時段將廢紙、塑膠與玻璃分別裝袋。逾期未領取收據的商戶，可以憑營業執照向櫃檯申請補發。承辦人員核對資料後，三個工作日內回覆結果。
秋天的田野裏，稻穗壓彎了莖稈，農夫們趕在雨季之前收割。合作社準備了烘乾機，免得穀物受潮發霉。孩子們在乾草堆旁奔跑，笑聲傳得很遠。
圖書館計劃擴建閱覽室，預算約為八百六十萬元，其中一半用來購買書架和檢索設備。設計師認為，窗戶應當朝南，使冬季的陽光能夠照進來。
氣象臺預測，颱風將在週末掠過海峽，沿岸漁船須儘快返港避風。港務處提醒船長檢查纜繩、發動機與無線電，並且隨時瞭解最新的警報。
老茶農說，採茶講究時辰：太早露水重，太遲葉片老。他用竹籃盛放嫩芽，攤在廊下晾曬，再慢慢揉捻、烘焙，滿屋都是清香。
縣政府昨天公佈了道路維修的順序，學校、醫院與車站附近優先施工。工程隊夜間鋪設瀝青，白天恢復交通，儘量減少對居民的影響。
候鳥每年飛越數千公里，靠星辰、地磁和記憶辨認方向。濕地若被填平，鳥群就失去了歇腳的驛站，因此保護區拆除了兩處廢棄的魚塘，讓蘆葦重新生長。
檔案室收藏了一批乾隆年間的契約，紙張發黃，邊緣被蟲蛀過。修復人員先用軟刷除塵，再以漿糊補上缺口，最後夾在吸水紙裏壓平。
水庫的蓄水量恢復到七成，灌溉渠道重新開放。技術員測量了閘門的壓力，認為設備運轉正常，無須更換零件。
醫生勸告長者：飯後緩步半小時，比臥床休息更有益處；關節腫脹時不宜勉強，應該及時就診。
夜裏下過一場暴雨，橋樑下的河面漲了一尺多。消防隊員轉移了低窪處的住戶，為他們準備了毛毯、熱湯和乾淨的飲水。
";

const HANS: &str = "\
清晨的雾气还没有散去，护林员已经沿山脊巡查了两遍。他在笔记本上写下风向、湿度与树木的变化，然后把损坏的标牌编号登记。溪水从岩缝间流过，发出细碎的声响，几只白鹭停在浅滩上觅食。
本镇自下个月起调整垃圾清运时间，居民应于规定时段将废纸、塑胶与玻璃分别装袋。逾期未领取收据的商户，可以凭营业执照向柜台申请补发。承办人员核对资料后，三个工作日内回复结果。
秋天的田野里，稻穗压弯了茎秆，农夫们赶在雨季之前收割。合作社准备了烘干机，免得谷物受潮发霉。孩子们在干草堆旁奔跑，笑声传得很远。
图书馆计划扩建阅览室，预算约为八百六十万元，其中一半用来购买书架和检索设备。设计师认为，窗户应当朝南，使冬季的阳光能够照进来。
气象台预测，台风将在周末掠过海峡，沿岸渔船须尽快返港避风。港务处提醒船长检查缆绳、发动机与无线电，并且随时了解最新的警报。
老茶农说，采茶讲究时辰：太早露水重，太迟叶片老。他用竹篮盛放嫩芽，摊在廊下晾晒，再慢慢揉捻、烘焙，满屋都是清香。
县政府昨天公布了道路维修的顺序，学校、医院与车站附近优先施工。工程队夜间铺设沥青，白天恢复交通，尽量减少对居民的影响。
候鸟每年飞越数千公里，靠星辰、地磁和记忆辨认方向。湿地若被填平，鸟群就失去了歇脚的驿站，因此保护区拆除了两处废弃的鱼塘，让芦苇重新生长。
档案室收藏了一批乾隆年间的契约，纸张发黄，边缘被虫蛀过。修复人员先用软刷除尘，再以浆糊补上缺口，最后夹在吸水纸里压平。
水库的蓄水量恢复到七成，灌溉渠道重新开放。技术员测量了闸门的压力，认为设备运转正常，无须更换零件。
医生劝告长者：饭后缓步半小时，比卧床休息更有益处；关节肿胀时不宜勉强，应该及时就诊。
夜里下过一场暴雨，桥梁下的河面涨了一尺多。消防队员转移了低洼处的住户，为他们准备了毛毯、热汤和干净的饮水。
";

const MIX: &str = "\
<article class=\"notice\" id=\"n-1024\">\r
<h2>關於開展節能宣傳週的通知</h2>\r
<p>各街道辦事處(含社區),請於 6 月 15 日前提交報表;聯繫郵箱:office@example.org。</p>\r
<p>團(tuán)結(jié)就是力量,業(yè)務(wù)科負責匯總,請準時到達(dá)會場。</p>\r
<a href=\"https://example.org/notice?id=7&amp;lang=zh-Hant\">Read the notice in English, or print it</a>\r
　　第２期共收到稿件３８篇,其中ＰＤＦ格式１２篇!\x20\x20
The form has four fields: name, street, town, and a remark (at most 200 characters).
計(jì)算 total = price * count; 結果寫入 report.csv，不得超過 64 KB。
  - 簡(jiǎn)化 README.md，刪去重複的段落\t
  - 數(shù)據庫升級到 3.4，備份檔保留三十天
  - run `make check` before every release; see section 4 of the manual
編(biān)號 B-204 的水閘在夜間自動關閉（詳見附表 2），平均每天 1,280 次。
Temperature: 21 °C, humidity: 63 %, wind: 4 m/s.
</article>\r
";

const MIX_CANONICAL: &str = "\
<article class=\"notice\" id=\"n-1024\">
<h2>关于开展节能宣传周的通知</h2>
<p>各街道办事处（含社区），请于 6 月 15 日前提交报表；联系邮箱：office@example.org。</p>
<p>团结就是力量，业务科负责汇总，请准时到达会场。</p>
<a href=\"https://example.org/notice?id=7&amp;lang=zh-Hant\">Read the notice in English, or print it</a>
第2期共收到稿件38篇，其中PDF格式12篇！
The form has four fields: name, street, town, and a remark (at most 200 characters).
计算 total = price * count; 结果写入 report.csv，不得超过 64 KB。
  - 简化 README.md，删去重复的段落
  - 数据库升级到 3.4，备份档保留三十天
  - run `make check` before every release; see section 4 of the manual
编号 B-204 的水闸在夜间自动关闭（详见附表 2），平均每天 1,280 次。
Temperature: 21 °C, humidity: 63 %, wind: 4 m/s.
</article>
";

const LATIN: &str = "\
The river rose during the night and left a line of reeds along the footpath.
Two clerks counted the boxes twice, signed the list, and locked the store.
A request must name the street, the number of the house, and the date; a
reply follows within ten days (fifteen in August).
<tr><td class=\"num\">1,024</td><td>closed</td><td>2 of 7</td></tr>
Every spring the swallows return to the same barn, though nobody has ever
found out which of them was born there.
SELECT name, town FROM offices WHERE opened < 1995 ORDER BY town;
The lamp by the bridge was repaired on Tuesday. It had been dark for weeks.
if (depth > limit) { return total - depth; }
Apples keep longest in a cool, dry cellar: turn them once a month.
";
