//! Texts about the Digital Trust Service.

tegata_terminal::messages! {
    not_empty() = "the directory is not empty", "ディレクトリが空ではありません";
    remedy_not_empty() = "Name a directory that does not exist: a service is made once.",
        "存在しないディレクトリを指定してください。サービスの作成は一度だけです。";
    wrong_member(member) = "{member} holds a value that is not allowed", "{member}の値は使用できません";
    remedy_checkpoint_key() = "Give the file checkpoint.pub of the root.", "ルートのcheckpoint.pubを指定してください。";
    other_fingerprint(found) = "the SHA-256 of the certificate is {found}", "証明書のSHA-256は{found}です";
    remedy_fingerprint() = "Stop and find out which of the two is right: the file, or what you were told.",
        "作業を止め、ファイルと伝えられた値のどちらが正しいか確認してください。";
    root_signed(version, file, digest) = "Root metadata {version} is signed: {file}\nSHA-256 {digest}",
        "ルートメタデータ{version}に署名しました: {file}\nSHA-256 {digest}";
    root_next(folder) = "Give relying parties this file, and the SHA-256 by another way. What is published lies in {folder}/.",
        "このファイルを検証者に渡し、SHA-256は別の経路で伝えてください。公開物は{folder}/に置かれます。";
    drafted(file, digest) = "Nothing is signed yet: {file} goes to the holders of the root keys.\nSHA-256 of what they sign: {digest}",
        "まだ署名されていません。{file}をルート鍵の保持者に渡してください。\n署名対象のSHA-256: {digest}";
    share_written(file, key) = "{file}: share of the key {key}. Send it back to the service.", "{file}: 鍵{key}の署名です。サービスに返送してください。";
    other_draft(found) = "its digest is {found}, not the one that was compared", "ダイジェストは{found}で、照合した値と異なります";
    other_root() = "this is not the root that the draft follows", "原案が前提とするルートと異なります";
    remedy_other_draft() = "Sign nothing. Compare the drafts and roots with the other key holders and with the service.",
        "署名しないでください。他の鍵保持者およびサービスと、原案とルートを照合してください。";
    overtaken() = "the root in force is another one than the draft follows", "現在のルートは原案が前提とするものと異なります";
    remedy_overtaken() = "Make a new draft, and have it signed anew.", "原案を作り直し、署名をやり直してください。";
    draft_of_root(version, repository) = "Root metadata {version} of {repository}", "{repository}のルートメタデータ{version}";
    draft_of_approval(repository) = "Approval of a root by {repository}: verifiers will take it without a hold-down",
        "{repository}によるルートの承認（検証者は保留期間なしに受け入れます）";
    row_draft() = "SHA-256 to compare", "照合するSHA-256";
    row_before() = "follows", "直前のルート";
    row_issued() = "issued", "発行";
    row_expires() = "expires", "期限";
    row_anchor() = "key of the root", "ルートの鍵";
    row_doc_types() = "document types", "文書種別";
    row_purposes() = "purposes", "用途";
    root_before(version, digest) = "root {version}, SHA-256 {digest}", "ルート{version}、SHA-256 {digest}";
    instead_of(now, before) = "{now} (before: {before})", "{now}（変更前: {before}）";
    column_role() = "role", "役割";
    column_threshold() = "must sign", "必要数";
    column_keys() = "key", "鍵";
    column_change() = "change", "変更";
    threshold(count, keys) = "{count} of {keys}", "{keys}個中{count}個";
    key_added() = "NEW", "追加";
    key_removed() = "REMOVED", "削除";
    key_kept() = "kept", "継続";
    quorum(threshold, keys, root, have) = "{threshold} of the {keys} root keys of root {root} must sign; {have} have",
        "ルート{root}のルート鍵{keys}個中{threshold}個の署名が必要（現在{have}個）";
    issuer_added(root, region) = "Root {root} is pinned and authorised for {region}.",
        "ルート{root}を登録し、地域{region}について許可しました。";
    status_list_added(name, kind, uri) = "{kind} {name} is published as {uri} from the next publication on.",
        "{kind} {name}を次回の公開から{uri}として公開します。";
    request_noted(sequence, digest) = "Request {sequence} is waited for, SHA-256 {digest}",
        "要求{sequence}の応答を待ちます。SHA-256 {digest}";
    imported(sequence, roots, links, signers, crls) =
        "Response {sequence} passed the gate: {roots} new root(s), {links} link(s), {signers} list signer(s), {crls} CRL(s).",
        "応答{sequence}は検査を通りました: 新しいルート{roots}、リンク{links}、リスト署名者{signers}、失効リスト{crls}。";
    kept_back(document_signers, voided) =
        "{document_signers} document signer(s) are never published; {voided} unreleased CRL(s) destroyed.",
        "文書署名者{document_signers}件は公開しません。未公開の失効リスト{voided}件を破棄しました。";
    step_release() = "Release CRLs", "失効リストの公開時刻を確認";
    result_release(count) = "{count} released", "{count}件";
    step_list() = "List of anchors", "アンカーのリスト";
    result_list(version) = "version {version} signed", "版{version}に署名";
    result_list_same() = "unchanged", "変更なし";
    step_status() = "Status lists", "ステータスリスト";
    result_status(count) = "{count} file(s) signed", "{count}ファイルに署名";
    step_publish() = "Publish", "公開";
    result_publish(count) = "{count} file(s) written, the pointer last", "{count}ファイルを書き込み、最後にポインタ";
    published(list, pointer, until) = "Published: list {list}, pointer {pointer}; readers believe it until {until}.",
        "公開しました: リスト{list}、ポインタ{pointer}。{until}まで有効です。";
    ledger_needed() = "the service has status lists, and no ledger is given", "ステータスリストがありますが、台帳が指定されていません";
    remedy_ledger() = "Give the issuer's export with --ledger.", "発行者の台帳を--ledgerで指定してください。";
    remedy_store() = "Set the variables of the store, such as AWS_ACCESS_KEY_ID and AWS_ENDPOINT.",
        "AWS_ACCESS_KEY_ID、AWS_ENDPOINTなどの環境変数を設定してください。";
    no_list() = "no list has been signed yet", "まだリストがありません";
    remedy_no_list() = "Publish first.", "先に公開してください。";
    web_written(dir) = "{dir}: copy it to another host, run by others, so that readers can compare.",
        "{dir}: 別の者が運営する別のホストに置き、閲覧者が照合できるようにしてください。";
    decided(subject) = "Recorded: {subject}. It goes out with the next publication.", "記録しました: {subject}。次回の公開に含まれます。";
    repository() = "service", "サービス";
    root_metadata() = "root metadata", "ルートメタデータ";
    list() = "list", "リスト";
    version_until(version, until) = "version {version}, until {until}", "版{version}、{until}まで";
    none() = "none", "なし";
    request() = "exchange with the root", "ルートとの交換";
    request_waiting(sequence) = "request {sequence} waits for its answer", "要求{sequence}の応答待ち";
    request_next(sequence) = "the next request is {sequence}", "次の要求は{sequence}";
    notices() = "notices", "お知らせ";
    due() = "DUE", "要対応";
    crl_ends(subject, last) = "the last CRL of {subject} ends {last}", "{subject}の最後の失効リストは{last}に終わります";
    column_root() = "root", "ルート";
    column_state() = "state", "状態";
    column_crl() = "CRL", "失効リスト";
    column_next_update() = "nextUpdate", "次回更新";
    column_waiting() = "waiting", "公開待ち";
    serving(doors) = "Serving at {doors} – end with Ctrl-C", "配信中: {doors}（Ctrl-Cで終了）";
    not_ready(health) = "Not ready: {health}", "準備未完了: {health}";
    bad_line(number) = "line {number} is not a readiness signal", "{number}行目は準備状況の信号ではありません";
    column_class() = "class", "種別";
    column_ready() = "ready", "準備済み";
    column_signals() = "signals", "信号";
    column_gate() = "gate", "判定";
    go() = "GO: every class that was heard is ready.", "実施可: すべての種別が準備できています。";
    no_go() = "NO-GO: do not put the root into use yet.", "実施不可: まだこのルートを使い始めないでください。";
}
