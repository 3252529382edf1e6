// SPDX-License-Identifier: GPL-2.0-only
// The texts of the page in other languages than English. Each is found by its English text, which is what the page has; what
// slash64d answers (reasons, names, faults) is the same in every language.

const LANGUAGES = ["en", "ja"];

const JA = {
	// the page
	"Skip to the figures": "数値へ移動",
	"Pause": "一時停止",
	"Colours": "配色",
	"Language": "言語",
	"Auto": "自動",
	"Light": "明るい",
	"Dark": "暗い",
	"Asking slash64d…": "slash64d に問い合わせ中…",
	"Now": "現在",
	"Traffic": "トラフィック",
	"packets a second, last 15 minutes": "毎秒パケット数、直近 15 分",
	"Packets a second over the last 15 minutes; the table beside it has the figures": "直近 15 分の毎秒パケット数。数値は隣の表にあります",
	"Traffic figures": "トラフィックの数値",
	"Packets a second by verdict": "判定別の毎秒パケット数",
	"Verdict": "判定",
	"1 min": "1 分",
	"15 min": "15 分",
	"Peak": "ピーク",
	"Reasons": "理由",
	"why packets were not simply passed on": "パケットがそのまま通過しなかった理由",
	"Packets a second by reason over the last 15 minutes; the table beside it has the figures": "直近 15 分の理由別の毎秒パケット数。数値は隣の表にあります",
	"Figures by reason": "理由別の数値",
	"Packets a second by reason": "理由別の毎秒パケット数",
	"Reason": "理由",
	"Packets": "パケット数",
	"Top sources": "主な送信元",
	"from samples": "サンプリング",
	"Top sources, as a table": "主な送信元の表",
	"The loudest sources": "通信量の多い送信元",
	"Source": "送信元",
	"Packets/s": "パケット/秒",
	"What becomes of it": "処理結果",
	"Class": "クラス",
	"Peak/s": "ピーク/秒",
	"Since": "開始",
	"Top destinations": "主な宛先",
	"Top destinations, as a table": "主な宛先の表",
	"The busiest destinations": "通信量の多い宛先",
	"Destination": "宛先",
	"Blocks": "遮断",
	"Search": "検索",
	"2001:db8::/32, or a word of the reason": "2001:db8::/32、または理由の語句",
	"Order": "並び順",
	"Newest first": "新しい順",
	"Prefix": "プレフィックス",
	"Most hits": "ヒットの多い順",
	"Last hit": "最終ヒット",
	"Ends first": "期限の早い順",
	"A prefix or address finds what is within it;": "プレフィックスやアドレスはその範囲内を検索します。",
	"and": "と",
	"find those; other words are looked for in the reason.": "は登録元とチケットを、その他の語句は理由を検索します。",
	"Blocks, as a table": "遮断の表",
	"Blocks and throttles in force": "有効な遮断とレート制限",
	"Check": "照合",
	"Action": "動作",
	"Ends": "期限",
	"Hits": "ヒット",
	"Ticket": "チケット",
	"Origin": "登録元",
	"Previous": "前へ",
	"Next": "次へ",
	"Last changes": "最近の変更",
	"Last changes, as a table": "最近の変更の表",
	"The last changes of the log": "ログにある最近の変更",
	"Time": "時刻",
	"What": "対象",
	"Who": "操作者",
	"Why": "理由",
	"Events": "イベント",
	"all": "すべて",
	"drop": "破棄",
	"would drop": "破棄対象",
	"pass": "通過",
	"Events, as a table": "イベントの表",
	"Sampled packets as they come, the newest first": "サンプリングしたパケット (新しい順)",
	"On": "インターフェース",
	"Stands for": "換算数",
	"Interfaces": "インターフェース",
	"Interfaces, as a table": "インターフェースの表",
	"Interfaces and what passes there": "インターフェースと通過量",
	"Interface": "インターフェース",
	"State": "状態",
	"Filter": "フィルター",
	"Mode": "モード",
	"Passed/s": "通過/秒",
	"Dropped/s": "破棄/秒",
	"Would drop/s": "破棄対象/秒",
	"Maps and store": "マップとストア",
	"Maps and store, as a table": "マップとストアの表",
	"How full the maps are": "マップの使用率",
	"Map": "マップ",
	"Used": "使用",
	"Of": "容量",
	"Full": "使用率",
	"Feeds": "フィード",
	"Feeds, as a table": "フィードの表",
	"Feeds and when they were last taken": "フィードと最終取り込み時刻",
	"Feed": "フィード",
	"Entries": "件数",
	"Taken": "取り込み",
	"Fault": "障害",
	"Everything here is read-only, and also in the API:": "このページは閲覧専用です。同じ内容は API にもあります:",
	"overview": "概要",
	"history": "履歴",
	"metrics": "メトリクス",
	". To change something:": "。変更はシェルで",
	"in a shell.": "を参照してください。",
	"Charts: dygraphs, MIT license.": "グラフ: dygraphs (MIT ライセンス)",
	// what changes
	"passed": "通過",
	"dropped": "破棄",
	"and: ": "および: ",
	"NOT WELL: ": "異常: ",
	"slash64: all is well": "slash64: 正常",
	"slash64: NOT WELL": "slash64: 異常",
	", {0} of which only monitor": "、うち {0} 個は監視モード",
	"all is well: slash64 is on {0} interfaces{1}, and {2} blocks and throttles are in force": "正常: インターフェース {0} 個で動作中{1}、有効な遮断とレート制限 {2} 件",
	"Samples lost": "失ったサンプル",
	"Running for": "稼働時間",
	"{0} by {1}": "{0} ({1})",
	"slash64 is on no interface": "slash64 はどのインターフェースにも接続していません",
	"{0}: {1} full": "{0}: 使用率 {1}",
	"blocks": "遮断",
	"prefixes": "プレフィックス",
	"limiter": "リミッター",
	"own addresses": "自分のアドレス",
	"Store": "ストア",
	"held by another process": "別のプロセスが使用中",
	"read-only": "読み取り専用",
	"writable": "書き込み可能",
	"Disk free": "ディスクの空き",
	"Changes": "変更数",
	"Last change": "最後の変更",
	"none": "なし",
	"Allowed": "許可",
	"Map memory": "マップのメモリー",
	"not yet": "まだ",
	"no feeds are configured": "フィードは設定されていません",
	"no packets were seen": "パケットは観測されていません",
	"every packet passed, as its class does": "すべてのパケットがクラスどおり通過しました",
	"slash64d answered {0}": "slash64d の応答: {0}",
	"throttle {0}/s": "レート制限 {0}/秒",
	"block": "遮断",
	"{0}, but allowed": "{0} (許可により無効)",
	"never": "なし",
	"no block matches": "該当する遮断はありません",
	"nothing is blocked": "遮断はありません",
	"{0} to {1}": "{0}～{1}",
	"The list is long: it is read anew when you search, turn the page, or sort.": "一覧が長いため、検索、ページ移動、並べ替えのときだけ読み直します。",
	"{0} in force": "{0} 件が有効",
	"nothing was changed yet": "変更履歴はありません",
	", {0} more not shown": "、ほか {0} 件は非表示",
	"samples as they come, at most {0} a second{1}": "サンプルを逐次表示、毎秒最大 {0} 件{1}",
	"stopped": "停止中",
	"the stream ended": "ストリームが終了しました",
	"{0}; trying again": "{0}。再接続しています",
	"stopped, as your system asks for less motion": "システムの設定 (視差効果を減らす) により停止中",
	"no event yet": "イベントはまだありません",
	"As of {0}": "{0} 現在",
	" What is shown is of {0}.": "表示は {0} 時点のものです。",
	"slash64d does not answer: {0}.{1} Filtering goes on without it.": "slash64d が応答しません: {0}。{1}フィルターは slash64d なしでも続きます。",
	"paused": "一時停止中",
};

// The hash is what somebody sent as a link, the storage what was chosen here, the rest what the browser asks for.
function choose() {
	const hash = /(?:^#|&)lang=(\w+)/.exec(location.hash);
	const wanted = [hash && hash[1], localStorage.getItem("language"), ...navigator.languages.map((name) => name.split("-")[0])];

	return wanted.find((name) => LANGUAGES.includes(name)) || "en";
}

export const language = choose();

// The text in the language of the reader; {0} and {1} are replaced.
export function t(text, ...values) {
	const translated = language === "ja" && JA[text] || text;

	return translated.replace(/\{(\d)\}/g, (_, i) => values[i]);
}

function translateNode(node) {
	const text = node.data.trim();

	if (text && text !== t(text))
		node.data = node.data.replace(text, t(text));
}

// The texts that index.html has.
function translatePage() {
	const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);

	document.documentElement.lang = language;
	while (walker.nextNode())
		if (!["SCRIPT", "STYLE", "CODE", "NOSCRIPT"].includes(walker.currentNode.parentNode.tagName))
			translateNode(walker.currentNode);
	for (const name of ["aria-label", "placeholder"])
		for (const element of document.querySelectorAll(`[${name}]`))
			element.setAttribute(name, t(element.getAttribute(name)));
}

export function startLanguage() {
	const select = document.getElementById("language");

	translatePage();
	select.value = language;
	select.addEventListener("change", () => {
		localStorage.setItem("language", select.value);
		history.replaceState(null, "", location.pathname + location.search);
		location.reload();
	});
}
