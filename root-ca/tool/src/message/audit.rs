//! Texts about the audit log.

tegata_terminal::messages! {
    sound(size, signed) = "Sound: {size} records, the first {signed} of them signed by checkpoints.", "異常なし: {size}件の記録。うち先頭{signed}件はチェックポイントで署名済み。";
    unsigned(count) = "{count} record(s) after the last checkpoint could still be rewritten by who holds the file.", "最後のチェックポイント以降の{count}件は、ファイルの所持者が書き換え可能です。";
    head() = "head", "先頭ハッシュ";
    root() = "tree root", "木の根";
    faults(count) = "{count} fault(s):", "異常{count}件:";
    remedy() = "what to do", "対処";
    line(number) = "line {number}", "{number}行目";
    whole() = "the whole", "全体";
    time() = "time", "日時";
    event() = "event", "事象";
    actor() = "actor", "実行者";
    found(count, of) = "{count} of {of} records.", "{of}件中{count}件。";
    reference() = "sheet", "作業記録";
    agree(count) = "{count} work entries agree with the log.", "作業記録{count}件がログと一致しました。";
    missing(count) = "In the work record and not in the log: {count}", "作業記録にありログにない: {count}件";
    extra(count) = "In the log and not in the work record: {count}", "ログにあり作業記録にない: {count}件";
    written(file) = "Written to {file}. Keep it away from this machine.", "{file}に書き出しました。この端末の外で保管してください。";
}
