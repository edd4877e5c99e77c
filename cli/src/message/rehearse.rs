//! Texts of the rehearsal of a rollover.

tegata_terminal::messages! {
    step_first() = "First ceremony, service, first document", "初回セレモニー、サービス、最初の文書";
    result_first(day) = "root 1; the new root follows on day {day}", "ルート1。新しいルートは{day}日目";
    step_day(day, last) = "day {day} of {last}", "{last}日中{day}日目";
    step_rekey() = "Ceremony: new root, both link certificates; announced", "セレモニー: 新しいルートと両方向のリンク証明書。予告";
    step_keep() = "Ceremony: the next CRLs of both roots", "セレモニー: 両ルートの次の失効リスト";
    step_switch() = "Ceremony: first Document Signer under the new root", "セレモニー: 新しいルートの下の最初の文書署名者";
    result_phase(trials) = "{trials} verdict(s), all as expected", "判定{trials}件、すべて想定どおり";
    day(day) = "day {day}", "{day}日目";
    phase_established() = "one root", "ルートは一つ";
    phase_announced() = "the new root is announced", "新しいルートを予告";
    phase_active() = "the new root is active, and issues nothing yet", "新しいルートは有効、まだ発行していない";
    phase_ready() = "ready: the gate is asked again", "準備完了: 可否を再度判定";
    phase_switched() = "documents under the new root", "新しいルートの下で発行開始";
    phase_woken() = "the sleeper wakes up", "休止していた検証者が復帰";
    phase_caught_up() = "everybody has caught up", "全員が追随";
    phase_removed() = "the old root is removed", "古いルートを削除";
    reader_daily() = "updated daily", "毎日更新";
    reader_sleeper() = "asleep from day 55 to 153", "55～153日目は休止";
    reader_gate() = "offline gate, a bundle every 30 days", "オフラインのゲート（30日ごとのバンドル）";
    reader_newcomer() = "began with the new root alone", "新しいルートだけで開始";
    document_old() = "old root's document", "古いルートの文書";
    document_new() = "new root's document", "新しいルートの文書";
    column_store() = "store", "ストア";
    column_anchors() = "roots held (why)", "保持するルート（根拠）";
    root_state(generation, state) = "root {generation} {state}", "ルート{generation} {state}";
    listed(states) = "list: {states}", "リスト: {states}";
    gate_go(shares) = "readiness: {shares} → GO: the new root may go into use", "準備状況: {shares} → 実施可: 新しいルートを使い始められます";
    gate_no_go(shares) = "readiness: {shares} → NO-GO: the new root stays out of use", "準備状況: {shares} → 実施不可: 新しいルートは使いません";
    unexpected(found, expected) = "{found} – expected {expected}", "{found} – 想定は{expected}";
    stopped() = "the gate still says no-go: the new root is not put into use", "判定は実施不可のままです。新しいルートは使い始めません";
    remedy_stopped() = "Look at the stores with `tegata trust show`, and at readiness-ready.jsonl in exchange/.",
        "tegata trust showでストアを、exchange/のreadiness-ready.jsonlで準備状況を確認してください。";
    serving(url, phase, now) = "{url} serves: {phase}. Verifiers that look at it are set to {now}; see /rehearsal.json",
        "{url} で配信中: {phase}。接続する検証者の時刻は{now}に合わせます。/rehearsal.jsonを参照";
    press_enter() = "Enter goes on to the next phase.", "Enterで次の段階に進みます。";
    notice_announcement(day) = "Staging: a new root is announced. It certifies its first Document Signer on {day}; verifiers that are updated take it up by its link certificate.",
        "予行: 新しいルートを予告します。{day}に最初の文書署名者を認証します。更新されている検証者はリンク証明書により受け入れます。";
    notice_switch(day) = "Staging: from {day} on documents are issued under the new root.",
        "予行: {day}から新しいルートの下で文書を発行します。";
    try_next() = "Look at it:", "確認するには:";
}
