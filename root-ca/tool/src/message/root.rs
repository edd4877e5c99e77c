//! Texts about the root, its policy and its state.

tegata_terminal::messages! {
    made(dir, policy, digest) = "Root made in {dir} under policy {policy} (SHA-256 {digest}).",
        "{dir}にルートを作成しました。ポリシー{policy}（SHA-256 {digest}）。";
    sandbox_root() = "SANDBOX: for practice only, for good", "サンドボックス: 練習用。変更できません";
    next_init() = "Next: enrol the persons (tegata-root person enrol), pin the online side (tegata-root pin-online), rehearse the first ceremony.",
        "次の作業: 要員の登録（tegata-root person enrol）、オンライン側の鍵の登録（tegata-root pin-online）、初回セレモニーのリハーサル。";

    policy_holds(file, id, digest) = "{file}: policy {id} contradicts nothing (SHA-256 {digest}).",
        "{file}: ポリシー{id}に矛盾はありません（SHA-256 {digest}）。";

    plan_holds() = "The plan holds: nothing outlives its issuer, there is no gap.", "計画に問題はありません。発行者より後まで有効な証明書も、空白期間もありません。";
    plan_fails(count) = "The plan does not hold in {count} point(s):", "計画に{count}件の問題があります:";
    bar_root() = "root certificate", "ルート証明書";
    bar_key_use() = "key certifies", "鍵の使用期間";
    bar_rekey() = "next root published", "次世代ルートの公開";
    bar_drain() = "CRLs only", "CRL署名のみ";
    bar_link(name) = "link {name}", "リンク{name}";
    bar_signers(role) = "{role}", "{role}証明書";
    bar_alarms() = "alarms", "警報";

    fingerprint() = "SHA-256 of the key", "鍵のSHA-256";
    words() = "in words", "単語表記";
    compare() = "The other side reads its fingerprint aloud. Compare every word.", "相手側に指紋を読み上げてもらい、すべての単語を照合してください。";
    ask_first() = "Type the first word: ", "最初の単語を入力: ";
    ask_last() = "Type the last word: ", "最後の単語を入力: ";
    pinned(file) = "Pinned as {file}. Only requests signed with this key are imported.", "{file}として登録しました。この鍵で署名された要求だけを受け付けます。";

    crl_agrees(file) = "{file}: agrees with the issuance record.", "{file}: 発行記録と一致します。";
    crl_differs(file, count) = "{file}: differs from the issuance record in {count} point(s):", "{file}: 発行記録との相違が{count}件あります:";

    withdrawn(sequence, person) = "Request {sequence} is withdrawn by order of {person}; the next request has the next number.", "申請{sequence}は{person}の指示により取り下げました。次の申請は次の番号となります。";
    parts_renewed(holders) = "The parts of the activation are made anew, for {holders}.", "活性化の分割片を{holders}向けに作り直しました。";
    old_parts() = "The old parts still open the module: destroy every copy of them, on media and on paper.", "旧い分割片でもモジュールは開きます。媒体と紙の写しをすべて破棄してください。";
    policy_adopted(id, digest) = "The root goes on under this version of policy {id}. SHA-256 {digest}", "以後はこの版のポリシー{id}によります。SHA-256 {digest}";
    closed(id) = "Intent {id} is closed; its number stays used.", "署名意図{id}を閉じました。番号は使用済みのままです。";

    copied(file) = "Copied to {file}, read back and checked.", "{file}に複製し、読み戻して確認しました。";
    write_down() = "Write the hash or its words into the record and onto the label of the medium.", "ハッシュ値またはその単語を、記録と媒体のラベルに書き写してください。";

    status_of(dir, policy) = "Root in {dir}, policy {policy}", "{dir}のルート、ポリシー{policy}";
    keys() = "Root keys", "ルート鍵";
    certificates() = "Certificates", "証明書";
    certificates_ended(count) = "{count} ended certificate(s) are not shown; --json has them.", "有効期間を過ぎた{count}件は省略しています（--jsonで表示）。";
    crls() = "CRLs", "失効リスト（CRL）";
    duties() = "Revocation duties", "失効の公開期限";
    intents() = "Open intents: nothing is signed until each is closed (tegata-root close-intent)", "未完了の署名意図: 閉じるまで署名できません（tegata-root close-intent）";
    incidents() = "Incidents", "危殆化対応";
    exchange() = "Exchange with the online side", "オンライン側との授受";
    none() = "none", "なし";
    none_yet() = "none yet", "まだありません";

    head_generation() = "key", "鍵";
    head_state() = "state", "状態";
    head_created() = "generated", "生成";
    head_key_use() = "certifies until", "使用期限";
    head_ends() = "ends", "満了";
    head_restore() = "backup restored", "バックアップ復元試験";
    head_where() = "where", "所在";
    head_kind() = "kind", "種別";
    head_subject() = "subject", "主体者";
    head_serial() = "serial", "シリアル番号";
    head_from() = "from", "開始";
    head_until() = "until", "終了";
    head_number() = "in effect", "有効な番号";
    head_last_number() = "last number", "最終番号";
    head_covered() = "covered until", "カバー期限";
    head_unreleased() = "unreleased", "未公開";
    head_clock() = "clock", "残り時間";
    head_due() = "due", "期限";
    head_intent() = "intent", "番号";
    head_object() = "object", "対象";
    head_opened() = "opened", "開始日時";
    head_incident() = "incident", "番号";
    head_step() = "step", "段階";
    head_evidence() = "shown by", "証拠";
    head_at() = "at", "日時";

    key_pending() = "pending", "準備中";
    key_active() = "active", "使用中";
    key_retiring() = "retiring", "引継中";
    key_retired() = "retired", "使用終了";
    key_destroyed() = "destroyed", "廃棄済";
    key_compromised() = "COMPROMISED", "危殆化";
    certificate_valid() = "valid", "有効";
    certificate_future() = "not yet", "開始前";
    certificate_ended() = "ended", "満了";
    certificate_revoked() = "revoked", "失効";
    no_crl() = "NONE", "なし";

    duty_left(hours, minutes) = "{hours} h {minutes} min left", "残り{hours}時間{minutes}分";
    duty_overdue(hours, minutes) = "OVERDUE by {hours} h {minutes} min", "{hours}時間{minutes}分超過";
    duty_met() = "CRL signed in time", "期限内に署名済";
    duty_met_late() = "CRL signed too late", "期限後に署名済";

    next_sequence(number) = "The next request has number {number}.", "次の要求は番号{number}です。";
    request_waits(number) = "Request {number} waits for its response.", "要求{number}への応答が未了です。";

    incident_opened(id, generation) = "Incident {id} is open. Key {generation} is compromised; every certificate below it is revoked.",
        "インシデント{id}を開始しました。鍵{generation}は危殆化、配下の証明書はすべて失効となりました。";
    incident_advanced(id, step) = "Incident {id}: step {step} is entered.", "インシデント{id}: 段階{step}を記録しました。";
    incident_title(id, generation, by) = "Incident {id}: key {generation}, judged compromised by {by}", "インシデント{id}: 鍵{generation}、危殆化の判断者{by}";
    incident_next(step) = "Next: {step}", "次の作業: {step}";
    incident_done() = "Treated: issue has been resumed.", "対応完了: 発行を再開しました。";
    do_old_crl() = "sign a CRL with the compromised key that lists all its certificates, or state why that key is unusable",
        "危殆化した鍵で全証明書を記載したCRLに署名。署名できない場合は理由を記録";
    do_halt() = "stop all certification; the compromised key signs nothing more", "証明書の発行を停止。危殆化した鍵では以後署名しない";
    do_intake() = "have the issuers stop taking in applications", "発行機関に申請受付の停止を依頼";
    do_new_root() = "make a new root in an emergency-rekey ceremony, without a link by the compromised key", "emergency-rekeyセレモニーで新ルートを作成。危殆化した鍵によるリンクは作らない";
    do_new_crl() = "sign a CRL with the new key that lists every certificate of the compromised key", "新しい鍵で、危殆化した鍵の全証明書を記載したCRLに署名";
    do_canary() = "issue a canary document under the new root and verify it", "新ルートで試験文書を発行し検証";
    do_open() = "judgement by the CA manager", "認証局責任者による判断";
}
