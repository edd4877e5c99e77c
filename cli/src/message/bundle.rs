//! Texts about bundles.

tegata_terminal::messages! {
    kind_request() = "request to the offline root", "オフラインルートへの要求";
    kind_response() = "response of the offline root", "オフラインルートの応答";
    not_verified() = "Shown as it is; signature and sequence were not verified.", "内容を表示しただけで、署名と連番は検証していません。";
    digest() = "SHA-256 of the file", "ファイルのSHA-256";
    sequence() = "sequence", "連番";
    created() = "made", "作成";
    previous_response() = "last response", "直前の応答";
    checkpoint() = "checkpoint", "チェックポイント";
    applicant(role) = "applies as {role}", "申請者（{role}）";
    request_digest() = "answers request", "対象の要求";
    next_sequence() = "next sequence", "次の連番";
    token() = "root key", "ルートの鍵";
    token_software() = "SOFTWARE TOKEN: sandbox, not for production", "ソフトウェアトークン: 試験用、本番使用不可";
    token_hardware() = "in a hardware token, as the root says", "ハードウェアトークン内（ルートの申告）";
    item() = "asked for", "求める内容";
    object() = "object", "内容物";
    object_csr(role, subject) = "certificate {role} for {subject}", "{subject}の証明書（{role}）";
    object_attested() = "with attestation", "鍵の証明あり";
    object_revoke(serial, issuer, at) = "revoke {serial} of issuer {issuer} from {at}", "発行者{issuer}の{serial}を{at}から失効";
    object_reason(reason) = "reason {reason}", "理由{reason}";
    object_certificate(role, subject, until) = "certificate {role} of {subject} until {until}", "{subject}の証明書（{role}）、期限{until}";
    object_link(subject, issuer) = "link certificate of {subject} by {issuer}", "{issuer}による{subject}のリンク証明書";
    object_crl(number, issuer, from) = "CRL {number} of {issuer} from {from}", "{issuer}の失効リスト{number}、発行{from}";
    unreadable(bytes, error) = "{bytes} bytes that cannot be read: {error}", "読み取れない{bytes}バイト: {error}";
    made_request(file, sequence, digest) = "{file}: request {sequence}, SHA-256 {digest}", "{file}: 要求{sequence}、SHA-256 {digest}";
    opened(dir, count, sequence) = "{dir}: {count} file(s) of bundle {sequence}, signature and manifest verified.",
        "{dir}: バンドル{sequence}の{count}ファイル。署名と目録を検証しました。";
    codes_written(dir, count) = "{dir}: {count} QR code(s).", "{dir}: QRコード{count}個。";
    code_title(set, number, total) = "set {set}, code {number} of {total}", "組{set}、コード{number}/{total}";

    no_authority_key(file) = "{file} names no issuer key (authority key identifier)", "{file}に発行者の鍵（機関鍵識別子）がありません";
    remedy_no_authority_key() = "Name a certificate that the root issued.", "ルートが発行した証明書を指定してください。";
    attestation_without_csr(number) = "there is no --csr number {number}, or two attestations name it",
        "{number}番目の--csrがないか、証明が2つ指定されています";
    remedy_attestation() = "Number the --csr options from 1 in their order, one attestation each.",
        "--csrは順に1から数え、証明は各1つにしてください。";
    request_needed() = "a response must be compared with the request that it answers", "応答は対象の要求と照合する必要があります";
    remedy_request_needed() = "Give the request that was sent with --request.", "送った要求を--requestで指定してください。";
    request_not_needed() = "this is a request itself; it answers none", "これは要求そのもので、応答ではありません";
    remedy_request_not_needed() = "Leave --request out, or give the response.", "--requestを外すか、応答を指定してください。";
    scan_line(line, detail) = "line {line}: {detail}", "{line}行目: {detail}";
}
