//! Texts of the demo.

tegata_terminal::messages! {
    step_token() = "Keys in an embedded PKCS#11 token", "組み込みPKCS#11トークンに鍵を用意";
    result_token() = "requests, Document Signer, status signer, device: none of them leaves it", "要求、文書署名者、ステータス署名者、デバイスの鍵。いずれも外に出ません";
    step_ceremony() = "Offline root made and signers certified in a rehearsed first ceremony",
        "初回セレモニーのリハーサルでオフラインルートを作成し、署名者を認証";
    result_ceremony(subject, records) = "{subject}; its record of {records} lines verifies", "{subject}。記録{records}行、検証済み";
    step_claims() = "Claims checked against the mDL data model", "mDLデータモデルでクレームを検査";
    result_claims(count) = "{count} elements", "{count}要素";
    step_issue() = "Document issued, signed in the token", "トークン内で署名し文書を発行";
    result_issue(size) = "{size} bytes", "{size}バイト";
    step_publish() = "Status list and CRL published", "ステータスリストと失効リストを公開";
    step_service() = "Digital Trust Service takes in the root's answer through its gate", "デジタルトラストサービスがルートの応答を検査して取り込み";
    result_service() = "root pinned, authorised, approved by two keys", "ルートを登録・許可し、2つの鍵で承認";
    result_published(files) = "{files} files, the pointer last", "{files}ファイル、最後にポインタ";
    step_sync() = "A relying party brings its trust store up to date", "検証者がトラストストアを更新";
    result_sync(anchors) = "{anchors} anchor trusted, CRL and status list fresh", "信頼するアンカー{anchors}、失効情報は最新";
    step_holder_revoked() = "Issuer revokes the document; published, synchronised", "発行者が文書を失効。公開・同期";
    file_ledger() = "the issuer's ledger, as the service gets it", "サービスに渡す発行台帳";
    step_present() = "Holder presents some elements over a QR session", "所持者がQRセッションで一部の要素を提示";
    result_present(size) = "DeviceResponse of {size} bytes", "DeviceResponse {size}バイト";
    step_revocation() = "Document Signer revoked in a rehearsed emergency ceremony", "緊急セレモニーのリハーサルで文書署名者を失効";
    result_revocation(records) = "new CRL; its record of {records} lines verifies", "新しい失効リストを発行。記録{records}行、検証済み";
    response_lacks(what) = "the answer of the root lacks what was asked for: {what}", "ルートの応答に要求したものがありません: {what}";
    remedy_response_lacks() = "Do not go on with this answer; the record of the ceremony says what was signed.",
        "この応答で作業を続けないでください。何に署名したかはセレモニーの記録にあります。";
    step_artefacts() = "Everything left for a look", "成果物を保存";

    trial_accepted() = "the document as presented", "提示されたままの文書";
    trial_revoked() = "the same, after its issuer revoked it", "発行者が失効させた後の同じ文書";
    trial_tampered() = "one letter of the name changed", "氏名を1文字改ざん";
    trial_other_session() = "replayed in another session", "別のセッションでの再送";
    trial_signer_revoked() = "Document Signer on the CRL", "文書署名者が失効リストに記載";

    column_trial() = "verified", "検証対象";
    column_verdict() = "verdict", "判定";
    column_reason() = "reason", "理由";
    column_file() = "file", "ファイル";
    column_content() = "content", "内容";
    try_next() = "To try next:", "次に試せること:";

    file_root() = "root (IACA) certificate", "ルート（IACA）証明書";
    file_document_signer() = "Document Signer certificate", "文書署名者証明書";
    file_status_signer() = "status signer certificate", "ステータス署名者証明書";
    file_online_key() = "public key of the online side, pinned by the root", "ルートが登録したオンライン側の公開鍵";
    file_request() = "request to the offline root: two certification requests", "オフラインルートへの要求（証明書発行要求2件）";
    file_answer() = "its answer: certificates, CRL, checkpoint of its log", "その応答（証明書、失効リスト、ログのチェックポイント）";
    file_record() = "record of the first ceremony, signed by everyone at the table", "初回セレモニーの記録（参加者全員の署名つき）";
    file_revoke_request() = "request to revoke the Document Signer", "文書署名者の失効要求";
    file_revoke_answer() = "its answer with the new CRL", "その応答（新しい失効リスト）";
    file_revoke_record() = "record of the emergency ceremony", "緊急セレモニーの記録";
    file_answer_key() = "public key of the root's answers", "ルートの応答を検証する公開鍵";
    file_claims() = "claims of the sample document", "見本文書のクレーム";
    file_device_key() = "public key of the holder's device", "所持者デバイスの公開鍵";
    file_issued() = "the document as issued (IssuerSigned)", "発行された文書（IssuerSigned）";
    file_status_before() = "status list before the revocation", "失効前のステータスリスト";
    file_status_after() = "status list after the revocation", "失効後のステータスリスト";
    file_crl() = "CRL of the root, nothing revoked", "ルートの失効リスト（失効なし）";
    file_crl_after() = "CRL with the Document Signer", "文書署名者を失効させた失効リスト";
    file_engagement() = "text of the QR code", "QRコードの文字列";
    file_transcript() = "SessionTranscript of the session", "セッションのSessionTranscript";
    file_other_transcript() = "SessionTranscript of another session", "別セッションのSessionTranscript";
    file_response() = "what the holder presented (DeviceResponse)", "所持者が提示したDeviceResponse";
    file_tampered() = "the same with one letter changed", "1文字改ざんしたもの";
    file_report(what) = "report: {what}", "検証報告: {what}";
}
