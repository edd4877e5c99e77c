//! Texts of `tegata trust`.

tegata_terminal::messages! {
    valid() = "VALID", "有効";
    invalid() = "INVALID", "無効";
    undetermined() = "UNDETERMINED", "判定不能";
    not_verified() = "not verified", "未検証";

    kind_vical() = "VICAL (list of vetted IACA certificates)", "VICAL（審査済みIACA証明書リスト）";
    kind_lote_plain() = "List of trusted entities (JSON, not signed)", "トラストエンティティリスト（JSON、署名なし）";
    kind_lote_signed() = "List of trusted entities (JWS)", "トラストエンティティリスト（JWS）";
    kind_status_list(form) = "Token Status List ({form})", "ステータスリスト（{form}）";
    kind_identifier_list() = "Identifier list", "識別子リスト";
    kind_device_key_list() = "Device-key list", "端末鍵失効リスト";
    kind_crl() = "Certificate revocation list", "証明書失効リスト";
    kind_root() = "Root certificate", "ルート証明書";
    kind_link() = "Link certificate or sub-CA", "リンク証明書または下位CA証明書";
    kind_certificate() = "End-entity certificate", "エンドエンティティ証明書";
    kind_metadata() = "Signed metadata of a Digital Trust Service", "デジタルトラストサービスの署名付きメタデータ";

    name() = "name", "名称";
    number() = "number", "番号";
    issued() = "issued", "発行";
    next_update() = "next update", "次回更新";
    expires() = "ends", "期限";
    entry_count() = "entries", "件数";
    status_at(index) = "status at {index}", "{index}番の状態";

    finding() = "finding", "所見";
    meaning() = "meaning", "内容";
    entries() = "entries", "該当項目";
    entries_of(count) = "{count} entries", "{count}件";
    entry() = "no.", "番号";
    subject() = "subject", "主体";
    detail() = "detail", "詳細";
    until() = "date", "日付";
    more(count) = "and {count} more (--json lists them all)", "ほか{count}件（--jsonですべて表示）";

    index_not_applicable() = "--index is for status lists, and this is none", "--indexはステータスリスト専用ですが、これは別の種類です";
    remedy_index() = "Leave out --index.", "--indexを外してください。";
}
