//! Texts about trust stores.

tegata_terminal::messages! {
    made_store(file, repository, root, profile) = "{file}: trust store of {repository}, pinned to root {root}, for {profile} use.",
        "{file}: {repository}のトラストストアを作成しました（ルート{root}に固定、用途{profile}）。";
    made_vical_store(file, profile) = "{file}: trust store without a service, for {profile} use.", "{file}: サービスなしのトラストストアを作成しました（用途{profile}）。";
    next_is_sync() = "Nobody is trusted yet; `tegata trust sync` makes the first update.",
        "まだ誰も信頼されていません。`tegata trust sync`で最初の更新を行ってください。";
    root_digest(found) = "its SHA-256 is {found}, not the expected one", "SHA-256は{found}で、指定された値と異なります";
    certificate_fingerprint(found) = "its fingerprint is {found}, not the expected one", "フィンガープリントは{found}で、指定された値と異なります";
    remedy_fingerprint() = "Do not use the file. Fetch it again and compare with the digest that the authority publishes on another channel.",
        "このファイルを使用せず、取得し直して、機関が別経路で公表した値と照合してください。";

    store_absent() = "there is no trust store", "トラストストアがありません";
    remedy_store_absent() = "Check the path, or make one with `tegata trust init`.", "パスを確認するか、`tegata trust init`で作成してください。";
    store_unusable(detail) = "the trust store cannot be used: {detail}", "トラストストアを使用できません: {detail}";
    remedy_store_damaged() = "Nobody is trusted by a damaged store. Put back a copy and update it, or begin again with `tegata trust init`: hold-downs then start anew.",
        "壊れたストアでは誰も信頼されません。控えを戻して更新するか、`tegata trust init`でやり直してください（保留期間は最初からになります）。";
    remedy_store_type() = "Name the file that `tegata trust init` made.", "`tegata trust init`で作成したファイルを指定してください。";
    remedy_store_version() = "It was written by a later version of this program: use that one.", "新しい版のプログラムで書かれています。その版を使用してください。";
    settings_unknown() = "these are no settings of a trust store", "トラストストアの設定ではありません";
    remedy_settings() = "Delete the file: the store is then judged by the stricter rules for use with a network.",
        "このファイルを削除してください。ストアはネットワーク利用向けの厳しい規則で判断されます。";

    origin_url(url) = "{url} is no base URL that can be fetched from", "{url}は取得元にできるURLではありません";
    remedy_origin_url() = "Write it like https://dts.example.org, with http or https, without a user, a query or a fragment.",
        "https://dts.example.org のように、httpまたはhttpsで、ユーザー名、クエリ、フラグメントを付けずに書いてください。";
    origin_not_directory() = "this is a file, not a directory", "ディレクトリではなくファイルです";
    remedy_origin_directory() = "Name the directory that holds v1/, o/ and the rest of what the service publishes.",
        "v1/やo/など、サービスの公開内容を含むディレクトリを指定してください。";

    update_failed(origin, detail) = "nothing new from {origin}: {detail}", "{origin}から更新できませんでした: {detail}";
    remedy_clock() = "Set the clock of this machine from a trusted source, then try again.", "信頼できる時刻源に本機の時計を合わせ、再実行してください。";
    remedy_try_again() = "Try again.", "再度実行してください。";
    remedy_portal() = "A captive portal or a proxy answered: sign in to the network, and fetch the file again.",
        "キャプティブポータルかプロキシーの応答です。ネットワークにログインし、ファイルを取得し直してください。";
    step_metadata() = "metadata and CRLs", "メタデータと失効リスト";
    step_metadata_done(files, list, roots) = "{files} file(s), list {list}, {roots} new root(s)", "{files}ファイル、リスト{list}、新しいルート{roots}件";
    step_lists() = "status lists", "ステータスリスト";
    step_lists_done(came, total) = "{came} of {total}", "{total}件中{came}件";
    step_vical(name) = "VICAL of {name}", "{name}のVICAL";
    step_vical_done(issue) = "issue {issue}", "第{issue}号";
    step_crls() = "CRLs of its anchors", "アンカーの失効リスト";
    step_store() = "kept", "保存";
    step_store_done(generation) = "state {generation}", "状態{generation}";
    next_update(at) = "Next update: {at}", "次の更新: {at}";

    row_root() = "root", "ルート";
    row_list() = "list", "リスト";
    row_profile() = "use", "用途";
    row_trust() = "TRUSTS NOBODY", "信頼なし";
    root_line(version, expires) = "{version}, until {expires}", "{version}、期限{expires}";
    list_line(version, as_of, age, freshness) = "{version}, current as of {as_of} ({age} ago): {freshness}",
        "{version}、{as_of}時点で最新（{age}前）: {freshness}";
    no_service() = "no service", "サービスなし";
    column_vical() = "VICAL of", "VICALの提供者";
    column_provider() = "calls itself", "提供者名";
    column_issue() = "issue", "号";
    column_date() = "date", "発行日";
    column_vical_next() = "next due", "次回予定";
    column_current() = "current", "最新確認";
    never_updated() = "there has been no update yet", "一度も更新されていません";
    trusts_nobody(detail) = "{detail}", "理由: {detail}";
    no_anchors() = "no anchors", "アンカーなし";
    column_key() = "key digest", "鍵ダイジェスト";
    column_anchor() = "anchor", "アンカー";
    column_state() = "state", "状態";
    column_why() = "vouched for by", "根拠";
    column_scope() = "speaks for", "範囲";
    column_crl() = "CRL of", "失効リストの発行者";
    column_number() = "number", "番号";
    column_this_update() = "thisUpdate", "thisUpdate（発行）";
    column_next_update() = "nextUpdate", "nextUpdate（次回）";
    column_fetched() = "fetched", "取得";
    column_freshness() = "freshness", "鮮度";
    column_when() = "when", "日時";
    column_event() = "what", "出来事";
    column_by() = "by", "契機";
    state_candidate(until) = "held down until {until}", "{until}まで保留";
    state_valid(since) = "trusted since {since}", "{since}から信頼";
    state_retiring(since) = "trusted since {since}, retiring", "{since}から信頼（退役予定）";
    state_missing(since) = "trusted, MISSING from the list since {since}", "信頼中、{since}からリストになし";
    state_retired(since) = "retired {since}", "{since}退役";
    state_revoked(since) = "REVOKED {since}", "{since}失効";
    state_expired(since) = "expired {since}", "{since}期限切れ";
    state_distrusted(since) = "distrusted here since {since}", "{since}から本機で不信";
    because_list() = "the list alone", "リストのみ";
    because_new_with_old(by) = "older root {by}", "旧ルート{by}";
    because_old_with_new(by) = "newer root {by}", "新ルート{by}";
    because_approval() = "offline quorum", "オフラインの定足数";
    because_vical() = "VICAL", "VICALの提供者";
    because_vical_of(name) = "VICAL {name}", "VICAL（{name}）";
    because_operator() = "operator", "運用者";
    any_doc_type() = "any document type", "全文書種別";
    listed_as(state, version) = "listed as {state} (list {version})", "リスト{version}での状態: {state}";
    widening(until) = "more from {until}", "{until}から範囲拡大";
    ago(age) = "{age} ago", "{age}前";
    fresh() = "fresh", "新しい";
    grace() = "still counts", "猶予内";
    stale() = "STALE", "期限超過";
    by_operator() = "operator", "運用者";
    by_vical(name, issue) = "VICAL {name} {issue}", "VICAL（{name}）{issue}";
    by_list(version) = "list {version}", "リスト{version}";
    event_seen(until, why) = "seen; held down until {until} ({why})", "検出、{until}まで保留（{why}）";
    event_timer(until, why) = "now vouched for by {why}; held down until {until}", "根拠が{why}に変わり、{until}まで保留";
    event_dropped() = "gone before its hold-down was over", "保留中に消滅";
    event_adopted(why) = "TRUSTED ({why})", "信頼開始（{why}）";
    event_missing() = "went missing from the list without a reason", "理由なくリストから消失";
    event_returned() = "listed again", "リストに復帰";
    event_retired() = "retired", "退役";
    event_held_back() = "should be removed, is the last of its scope: kept", "削除対象だが範囲で最後のため維持";
    event_revoked() = "REVOKED for good", "恒久的に失効";
    event_expired() = "expired", "期限切れ";
    event_distrusted() = "distrusted by the operator", "運用者が不信を設定";
    event_lifted() = "distrust lifted", "不信を解除";
    event_widened() = "may speak for more", "範囲を拡大";
    event_narrowed() = "may speak for less", "範囲を縮小";

    held_back(anchor, scopes, key) = "{anchor} should go and is the last for {scopes}: find out why, then `tegata trust confirm-removal STORE {key}`",
        "{anchor}は削除対象ですが{scopes}で最後のアンカーです。理由を確認し`tegata trust confirm-removal STORE {key}`を実行してください";
    emptied(scope) = "nobody is trusted any more for {scope}", "{scope}について信頼されたアンカーがなくなりました";
    refused(name, detail, id) = "not taken in: {name}: {detail} [{id}]", "取り込み拒否: {name}: {detail} [{id}]";
    notice(category, published) = "notice {category}, {published}", "告知 {category}、{published}";

    severity_error() = "ERROR", "エラー";
    severity_warning() = "warning", "警告";
    severity_info() = "info", "情報";
    column_severity() = "severity", "重大度";
    column_finding() = "finding", "所見";
    column_words() = "meaning", "意味";
    is_healthy() = "No error was found.", "エラーは見つかりませんでした。";
    is_ill() = "Documents are not, or not safely, verified with this store.", "このストアでは文書を（安全に）検証できません。";

    added(anchor) = "{anchor} is trusted from now on.", "{anchor}を今から信頼します。";
    distrusted(anchor) = "{anchor} is distrusted from now on, whatever lists say.", "{anchor}は今後リストにかかわらず信頼されません。";
    lifted(key) = "The distrust of {key} is lifted; it comes in again by the list, with its hold-down.",
        "{key}の不信を解除しました。リストにより保留期間を経て再び取り込まれます。";
    removal_confirmed(anchor) = "The next update may take {anchor} away.", "次の更新で{anchor}が外れることを承認しました。";
    vical_added(name) = "The VICAL provider {name} is followed from now on: its first list counts at once, what later lists add after its hold-down.",
        "VICALの提供者{name}を登録しました。最初のリストは直ちに、以後の追加分は保留期間を経て有効になります。";
    vical_removed(name) = "The VICAL provider {name} is followed no longer.", "VICALの提供者{name}の登録を解除しました。";
    remedy_vical_name() = "Choose another name, of small letters, digits, dots and hyphens; `tegata trust show` names the providers.",
        "英小文字、数字、ピリオド、ハイフンからなる別の名前を指定してください。登録済みの提供者は`tegata trust show`で確認できます。";
    remedy_vical_unknown() = "`tegata trust show` names the providers; `tegata trust vical add` adds one.",
        "登録済みの提供者は`tegata trust show`で確認し、`tegata trust vical add`で追加できます。";
    remedy_vical_pin() = "Name the provider's root certificate, or with --dangerous-signer one signer of its VICALs; `tegata inspect` shows what it is.",
        "提供者のルート証明書、または--dangerous-signerで署名者の証明書を指定してください。`tegata inspect`で内容を確認できます。";
    remedy_vical_place() = "Check the address and the network, then try again.", "アドレスとネットワークを確認し、再実行してください。";
    remedy_vical_signer() = "Do not use it. If the provider has announced a new root, compare its fingerprint and add it with `tegata trust vical add`.",
        "使用しないでください。提供者が新しいルートを告知した場合は、フィンガープリントを照合し`tegata trust vical add`で追加してください。";
    remedy_vical_older() = "Fetch the newest list from the provider itself: a copy on the way may be old.", "途中の複製が古い可能性があります。提供者から最新のリストを取得してください。";
    remedy_vical() = "Fetch the list again; what the store holds is unchanged. `tegata trust check` says what the file is.",
        "リストを取得し直してください。ストアの内容は変わっていません。`tegata trust check`でファイルの内容を確認できます。";
    remedy_no_service() = "The store follows VICALs only: give --vical NAME=PLACE without --from.", "このストアはVICALのみに従います。--fromを付けず--vical NAME=PLACEを指定してください。";
    remedy_nothing_followed() = "Give a bundle with what the store follows; `tegata trust show` tells what that is.",
        "ストアが従うものを含むバンドルを指定してください。`tegata trust show`で確認できます。";
    unknown_anchor(key) = "there is no anchor {key}", "アンカー{key}はありません";
    remedy_unknown_anchor() = "`tegata trust show` names the anchors and their states.", "`tegata trust show`でアンカーと状態を確認してください。";
    ambiguous_anchor(key, count) = "{count} anchors have a digest that begins with {key}", "{key}で始まるアンカーが{count}件あります";
    remedy_ambiguous_anchor() = "Give more digits.", "より多くの桁を指定してください。";
    remedy_revoked() = "A revoked key is never trusted again. The issuer has to come with a new root.", "失効した鍵は二度と信頼されません。発行者の新しいルートが必要です。";
    remedy_not_an_anchor() = "Name the self-signed root (IACA) certificate of the issuer; `tegata inspect` shows what it is.",
        "発行者の自己署名ルート（IACA）証明書を指定してください。`tegata inspect`で内容を確認できます。";

    crl_taken(number, anchor) = "CRL {number} of {anchor} is taken in.", "{anchor}の失効リスト{number}を取り込みました。";
    remedy_unknown_issuer() = "Only anchors of the store have CRLs here: check the file, or add the root first.",
        "ストアのアンカーの失効リストだけを取り込めます。ファイルを確認するか、先にルートを追加してください。";
    remedy_older_crl() = "An older CRL would bring revoked certificates back to life: fetch the newest.",
        "古い失効リストは失効を取り消してしまいます。最新のものを取得してください。";
    remedy_crl() = "Fetch the CRL again from its issuer; what the store holds is unchanged.", "発行者から失効リストを取得し直してください。ストアの内容は変わっていません。";

    bundle_made(file, list, at) = "{file}: evidence with list {list}, fetched {at}.", "{file}: リスト{list}の証拠（取得{at}）。";
    bundle_made_of_vicals(file, names, at) = "{file}: evidence with the VICAL of {names}, fetched {at}.", "{file}: {names}のVICALの証拠（取得{at}）。";
    list_missing(uri, detail) = "without {uri}: {detail}", "{uri}を含みません: {detail}";
    bundle_taken(fetched, as_of, age) = "Evidence fetched {fetched}, current as of {as_of}, {age} old.", "取得{fetched}、{as_of}時点で最新、経過{age}の証拠を取り込みました。";
    remedy_bundle() = "Make a new bundle with `tegata trust export`; what the store holds is unchanged.",
        "`tegata trust export`で新しいバンドルを作成してください。ストアの内容は変わっていません。";

    signal_class() = "class", "種類";
    signal_list() = "list version", "リストの版";
    signal_anchor() = "anchor", "アンカー";
    signal_bytes() = "signal", "シグナル";
    signal_sent(url) = "Sent to {url}.", "{url}に送信しました。";
    signal_not_sent() = "This is all that would be sent; --post sends it.", "送信する内容は以上です。--postで送信します。";

    store_gap() = "The trust store trusts nobody at the moment; `tegata trust doctor` tells why.",
        "トラストストアは現在誰も信頼していません。`tegata trust doctor`で原因を確認できます。";
    give_sync() = "Update the trust store with `tegata trust sync`; `tegata trust doctor` tells what is wrong.",
        "`tegata trust sync`でトラストストアを更新してください。`tegata trust doctor`で原因を確認できます。";
}
