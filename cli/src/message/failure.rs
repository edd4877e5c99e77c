//! Texts of failures.

tegata_terminal::messages! {
    standard_input() = "standard input", "標準入力";

    not_found(file) = "{file} does not exist", "{file}がありません";
    permission_denied(file) = "{file} may not be read by this user", "{file}を読む権限がありません";
    is_directory(file) = "{file} is a directory, not a file", "{file}はファイルではなくディレクトリです";
    is_empty(file) = "{file} is empty", "{file}は空です";
    too_large(file, limit) = "{file} is larger than {limit} MiB", "{file}は{limit} MiBを超えています";
    unreadable(file, kind) = "{file} cannot be read: {kind}", "{file}を読み取れません: {kind}";
    remedy_not_found() = "Check the path.", "パスを確認してください。";
    remedy_permission() = "Check the permissions of the file and of its directory.", "ファイルとディレクトリの権限を確認してください。";
    remedy_directory() = "Name a file in it.", "中のファイルを指定してください。";
    remedy_empty() = "The file was not written whole, or is another one; make or fetch it again.",
        "書き込みが途中で終わったか別のファイルです。作成または取得し直してください。";
    remedy_too_large() = "No file of this kind is that large; check the path.", "この種類のファイルがこれほど大きいことはありません。パスを確認してください。";
    remedy_unreadable() = "Check the path, the device and the permissions.", "パス、装置、権限を確認してください。";

    output_exists(file) = "{file} exists and was not touched", "{file}は既に存在するため変更しませんでした";
    output_is_directory(file) = "{file} is a directory; nothing was written", "{file}はディレクトリです。何も書き込みませんでした";
    output_no_directory(file) = "the directory of {file} does not exist; nothing was written",
        "{file}のディレクトリがありません。何も書き込みませんでした";
    output_unwritable(file, kind) = "{file} cannot be written: {kind}; nothing was written",
        "{file}に書き込めません: {kind}。何も書き込みませんでした";
    output_unsettled(file, kind) = "{file} was written but may be lost when the power fails: {kind}",
        "{file}を書き込みましたが、電源断で失われる可能性があります: {kind}";
    remedy_exists() = "Choose another name, or add --force to replace it.", "別の名前を選ぶか、--forceで置き換えてください。";
    remedy_directory_exists() = "Name a directory that does not exist yet.", "まだ存在しないディレクトリを指定してください。";
    remedy_unsettled() = "Check the device that holds the directory.", "ディレクトリのある装置を確認してください。";
    remedy_output() = "Name a file in a directory that you may write to.", "書き込み可能なディレクトリ内のファイルを指定してください。";

    wrong_kind(file, found, expected) = "{file} holds {found}, not {expected}", "{file}の内容は{found}であり、{expected}ではありません";
    remedy_wrong_kind() = "Check which file belongs to which option; `tegata inspect` shows what a file holds.",
        "どのファイルをどのオプションに渡すか確認してください。`tegata inspect`で内容を表示できます。";
    malformed(file, expected, detail) = "{file} cannot be read as {expected}: {detail}",
        "{file}を{expected}として読み取れません: {detail}";
    remedy_malformed() = "The file is damaged or was made wrongly; `tegata inspect` shows how far it can be read.",
        "ファイルが壊れているか、作成に誤りがあります。`tegata inspect`でどこまで読めるか確認できます。";

    claims(file, doc_type) = "the claims in {file} are not those of {doc_type}:", "{file}のクレームは{doc_type}のものではありません:";
    remedy_claims() = "Correct the claims; the data models are in mdoc/data-models.", "クレームを訂正してください。データモデルはmdoc/data-modelsにあります。";
    remedy_did_you_mean(name) = "Did you mean `{name}`?", "`{name}`の間違いではありませんか。";

    argument(argument, value, reason) = "the value `{value}` of {argument} is wrong: {reason}", "{argument}の値`{value}`に誤りがあります: {reason}";
    remedy_argument() = "See --help of the command for the form of the value.", "値の書き方はコマンドの--helpを見てください。";
    not_a_key() = "neither a JWK nor a hex scalar, nor a file that holds one", "JWKでも16進スカラーでもなく、それを含むファイルでもありません";
    key_unusable() = "not a private key of its curve (wrong length or out of range)", "曲線の秘密鍵ではありません（長さまたは範囲の誤り）";
    unknown_curve() = "unknown curve", "未知の曲線です";
    key_curve() = "device key and reader key are of different curves", "デバイス鍵とリーダー鍵の曲線が異なります";
    cannot_agree() = "keys on a token make signatures only; a MAC needs a key file", "トークンの鍵は署名専用です。MACには鍵ファイルが必要です";
    value_too_large() = "too large", "大きすぎます";
    mac_needs_jwk() = "a MAC needs the device key as a private JWK", "MACには秘密鍵のJWKが必要です";

    no_such_element(file, element) = "{file} holds no element {element}", "{file}に要素{element}はありません";
    remedy_no_such_element() = "`tegata inspect` lists the elements of a document.", "`tegata inspect`で文書の要素を一覧できます。";
    no_such_check(id) = "there is no check `{id}`", "検査項目`{id}`はありません";
    remedy_no_such_check() = "`tegata explain checks` lists them all.", "`tegata explain checks`で一覧できます。";

    token(detail) = "the key cannot be used: {detail}", "鍵を使用できません: {detail}";
    signer(detail) = "no signature was made: {detail}", "署名は作成されませんでした: {detail}";
    pin(detail) = "no PIN: {detail}", "PINを取得できません: {detail}";
    remedy_pin() = "Run at a terminal, or give --pin-file or --pin-env. A PIN is one line of text of 1 to 255 bytes.",
        "端末で実行するか、--pin-fileまたは--pin-envを指定してください。PINは1行のテキストで、1～255バイトです。";
    reference(argument, detail) = "{argument} is not a key reference: {detail}", "{argument}は鍵参照ではありません: {detail}";
    remedy_reference() = "Write it like pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so, special characters as %NN, without a PIN.",
        "pkcs11:token=LABEL;object=KEY?module-path=/path/to/module.so のように書き、特殊文字は%NNとし、PINは含めないでください。";
    refused_file(file, detail) = "{file}: {detail}", "{file}が拒否されました: {detail}";
    refused(detail) = "{detail}", "拒否されました: {detail}";
    remedy_refused() = "Correct what the message names and try again; nothing was written.",
        "メッセージの示す点を直してもう一度実行してください。何も書き込んでいません。";
    remedy_untrustable() = "Leave this certificate out of the file: what was issued under it cannot be verified.",
        "この証明書をファイルから除いてください。この証明書の下で発行されたものは検証できません。";
    foreign_file(file) = "{file} was not made by the demo and was not touched", "{file}はデモが作成したものではないため変更しませんでした";
    remedy_foreign_file() = "Choose another --dir, or move the file away.", "別の--dirを選ぶか、ファイルを移動してください。";
    root_absent(file) = "the offline root is not there: {file}", "オフラインルートのプログラム{file}がありません";
    remedy_root_absent() = "build it: cargo build -p tegata-root (it has to stand beside tegata)",
        "作成してください: cargo build -p tegata-root（tegataと同じディレクトリに置きます）";
    root_unstartable(file, kind) = "{file} cannot be started: {kind}", "{file}を起動できません: {kind}";
    root_failed(id, detail) = "the offline root stopped [{id}]: {detail}", "オフラインルートが停止しました[{id}]: {detail}";
    root_answer(file) = "the answer of {file} is not understood", "{file}の応答を理解できません";
    remedy_root_program() = "Build both from the same sources: cargo build -p tegata-cli -p tegata-root",
        "同じソースから両方を作成してください: cargo build -p tegata-cli -p tegata-root";
    machine(detail) = "this machine failed: {detail}", "この計算機で障害が発生しました: {detail}";
    remedy_machine() = "Try again; if it stays, the system is short of something.", "再試行してください。続く場合はシステムの資源が不足しています。";

    certificate_count(count) = "it holds {count} certificates where one is needed", "証明書は1つだけ必要ですが、{count}個あります";
    transport_unknown(name) = "there is no transport `{name}`", "トランスポート`{name}`はありません";
    member_missing(name) = "the member `{name}` is missing", "メンバー`{name}`がありません";
    member_unknown(name) = "the member `{name}` does not belong to this transport", "メンバー`{name}`はこのトランスポートにありません";
    member_not_text(name) = "the member `{name}` is not a string", "メンバー`{name}`は文字列ではありません";
    member_not_bytes(name) = "the member `{name}` is neither hex nor base64url", "メンバー`{name}`は16進でもbase64urlでもありません";

    expected_document() = "a DeviceResponse, a Document or an IssuerSigned", "DeviceResponse、Document、IssuerSignedのいずれか";
    expected_issuer_signed() = "an IssuerSigned", "発行済み文書（IssuerSigned）";
    expected_certificate() = "a certificate (PEM or DER)", "証明書（PEMまたはDER）";
    expected_crl() = "a CRL (PEM or DER)", "証明書失効リスト（PEMまたはDER）";
    expected_status_list() = "a revocation list token (status list, identifier list or device-key list)", "失効リストトークン（ステータスリスト、識別子リストまたは端末鍵リスト）";
    expected_transcript() = "a SessionTranscript (CBOR) or its inputs (JSON)", "SessionTranscript（CBOR）またはその入力（JSON）";
    expected_transport_inputs() = "the inputs of a session transcript (JSON)", "セッショントランスクリプトの入力（JSON）";
    expected_public_key() = "a public key (PEM, JWK or COSE_Key)", "公開鍵（PEM、JWK、COSE_Key）";
    expected_private_key() = "a private key (PEM PKCS#8 or JWK)", "秘密鍵（PEM PKCS#8またはJWK）";
    expected_device_keys() = "a CBOR array of COSE_Keys", "COSE_KeyのCBOR配列";
    expected_inspectable() = "anything that `tegata inspect` knows", "`tegata inspect`が扱える形式";
    expected_trust_object() = "a trust object (VICAL, list of trusted entities, status list, CRL, certificate, metadata)",
        "トラストオブジェクト（VICAL、トラストエンティティリスト、ステータスリスト、証明書失効リスト、証明書、メタデータ）";
    expected_csr() = "a certification request (PKCS #10, PEM or DER)", "証明書発行要求（PKCS #10、PEMまたはDER）";
    expected_bundle() = "a bundle, or QR codes of one", "バンドルまたはそのQRコード";
    expected_claims() = "claims (JSON)", "クレーム（JSON）";
}
