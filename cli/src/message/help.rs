//! The help in Japanese. English stands beside the arguments themselves; a test checks that nothing is missing here.

use clap::Command;
use tegata_terminal::Lang;

/// Replaces the texts of `command` and of everything below it by those of `lang`.
pub(crate) fn translate(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command,
        Lang::Ja => translated(command, ""),
    }
}

fn translated(mut command: Command, path: &str) -> Command {
    if let Some(about) = find(path) {
        command = command.about(about).long_about(about);
    }
    let ids: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    for id in ids {
        let key = if path.is_empty() { format!("--{id}") } else { format!("{path} --{id}") };
        if let Some(help) = find(&key).or_else(|| find(&format!("--{id}"))) {
            command = command.mut_arg(&id, |argument| argument.help(help).long_help(help));
        }
    }
    let names: Vec<_> = command.get_subcommands().map(|subcommand| subcommand.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(&name, |subcommand| translated(subcommand, &path));
    }
    command
}

fn find(key: &str) -> Option<&'static str> {
    JAPANESE.iter().find(|(name, _)| *name == key).map(|(_, text)| *text)
}

/// Commands by their path, arguments by `PATH --ID`, or by `--ID` where they mean the same everywhere.
const JAPANESE: &[(&str, &str)] = &[
    ("", "モバイル文書（ISO/IEC 18013-5 mdoc）の発行、提示、検証、閲覧を行います"),
    ("--lang", "メッセージの言語（既定: LC_ALL、LC_MESSAGES、LANGから）"),
    ("--color", "出力の色付け。autoは端末のときだけ（NO_COLOR設定時を除く）"),
    ("--json", "結果を標準出力に、エラーを標準エラーにJSONで出力"),
    ("--out", "出力ファイル。全体が書けたときだけ残ります"),
    ("--force", "FILEが存在しても置き換える"),
    ("--at", "基準時刻、RFC 3339（既定: 現在）"),
    ("--token_dir", "組み込みトークンの保存ディレクトリ（既定: $XDG_DATA_HOME/tegata/token）"),
    ("--pin_prompt", "PINを端末で尋ねる（既定）"),
    ("--pin_file", "PINをファイルの1行目から読む"),
    ("--pin_env", "PINを環境変数から取る"),
    ("--module", "PKCS#11モジュール（共有ライブラリ）（既定: 組み込みトークン）"),
    ("--label", "トークンのラベル"),
    ("--valid_days", "現在からの有効日数"),
    ("--country", "国、英字2文字"),
    ("--state", "州または県"),
    ("--crl_uri", "失効リストの公開場所"),
    ("--root_cert", "ルートの証明書、PEMまたはDER"),
    ("--root_key", "ルートの鍵: pkcs11: URI"),
    ("demo", "一部始終を実演: 発行、提示、検証、失効、拒否"),
    ("demo --dir", "成果物を置くディレクトリ。なければ作成"),
    (
        "verify",
        "DeviceResponse、Document、IssuerSignedを検証（内容から自動判別）。トランスクリプトがなければデバイスの証明は検査できず、--issuer-signedで発行者データだけを求めない限り「受理」にはなりません",
    ),
    ("verify --input", "検証するファイル。-は標準入力"),
    (
        "verify --issuer_signed",
        "発行者データだけを判定し、誰が提示したかは見ない（--transcriptがあればデバイス署名も検査）",
    ),
    ("verify --trust", "信頼するルート（IACA）証明書、PEM（複数可）またはDER。なければすべて拒否"),
    (
        "verify --dangerous_pin_ds",
        "この文書署名者証明書そのものを信頼（ルートの裏付けなし）。日付、用途、署名は検査します",
    ),
    ("verify --transcript", "リーダー自身のSessionTranscript: CBOR、またはその入力を示すJSON"),
    (
        "verify --reader_key",
        "リーダーの一時秘密鍵（デバイスMAC用）: JWKまたは16進、直接またはファイル。16進はP-256、他はP-384:HEX",
    ),
    ("verify --policy", "strictはISOプロファイル通り、interopは実在ウォレットの無害な逸脱を明示して許容"),
    ("verify --crl", "証明書失効リスト、DERまたはPEM"),
    ("verify --status", "ステータスリストトークン、CWTまたはJWT"),
    (
        "verify --revocation",
        "require: 答えがなければ判定不能、available: 手元の証拠は使えること、dangerous-off: 見ない（既定: strictはrequire、interopはavailable）",
    ),
    ("verify --provider", "暗号プロバイダー"),
    ("verify --verbose", "合格した検査も表示"),
    (
        "inspect",
        "ファイルの内容を自動判別して表示: mdoc、MSO、要求、応答、エンゲージメント、トランスクリプト、証明書、失効リスト、ステータスリスト、鍵",
    ),
    ("inspect --input", "表示するファイル。-は標準入力"),
    ("issue", "文書を発行: クレームをソルト付き要素とMSOにし、トークンで署名し、検証してから書き出す"),
    ("issue --doctype", "文書種別。例: org.iso.18013.5.1.mDL"),
    ("issue --claims", "クレーム、JSON"),
    ("issue --ds", "文書署名者の鍵: PINを含まないpkcs11: URI（RFC 7512）"),
    ("issue --cert", "文書署名者証明書、PEMまたはDER"),
    ("issue --chain", "文書署名者が連なるルート（IACA）証明書、PEMまたはDER"),
    ("issue --device_key", "所持者デバイスの公開鍵: PEM、JWK、COSE_Key（CBOR）"),
    ("issue --batch", "多数のデバイス鍵: COSE_KeyのCBOR配列。鍵ごとに1文書を発行"),
    ("issue --valid_days", "現在からの有効日数。証明書より長くはなりません"),
    ("issue --status", "失効に用いるステータスリスト上の位置"),
    ("issue --digest", "ダイジェストアルゴリズム"),
    (
        "present",
        "ウォレットのように文書を提示（模擬所持者）: 要素を選び、トランスクリプトに署名し、DeviceResponseを書き出す",
    ),
    ("present --issued", "発行済み文書: IssuerSigned、CBOR"),
    ("present --device_key", "デバイス鍵: pkcs11: URI、試験では秘密鍵ファイル（PEM PKCS#8またはJWK）"),
    ("present --elements", "開示する要素 名前空間/要素、コンマ区切り"),
    ("present --transcript", "SessionTranscript: CBOR、またはその入力を示すJSON（verifyの--help参照）"),
    ("present --mac", "署名ではなくMACで認証"),
    ("present --reader_key", "MAC用のリーダー公開鍵: PEM、JWK、COSE_Key"),
    ("explain", "検査項目、または2つのトランスクリプトの違いを説明"),
    ("explain transcript", "2つのトランスクリプトを診断表記で左右に並べ、最初の相違を示す"),
    ("explain transcript --left", "一方: CBOR、またはその入力を示すJSON（verifyの--help参照）"),
    ("explain transcript --right", "もう一方"),
    ("explain check", "検査項目1つ: 要求事項、条項、方針ごとの重大度、対処"),
    ("explain check --id", "報告に出るID"),
    ("explain checks", "検査項目の一覧"),
    ("explain checks --markdown", "Markdownのページとして"),
    ("sandbox", "試験用のルート、文書署名者、失効リスト、ステータスリストを作成。本番使用不可"),
    ("sandbox root", "自己署名のルート（IACA）証明書"),
    ("sandbox root --key", "ルートの鍵: pkcs11: URI"),
    ("sandbox ds", "サンドボックスのルートの下の文書署名者証明書"),
    ("sandbox ds --key", "文書署名者の鍵: pkcs11: URI"),
    ("sandbox status-signer", "ステータスリストに署名する鍵の証明書"),
    ("sandbox status-signer --key", "ステータス署名者の鍵: pkcs11: URI"),
    ("sandbox crl", "サンドボックスのルートの証明書失効リスト（DER）"),
    ("sandbox crl --number", "失効リスト番号。回ごとに大きくします"),
    ("sandbox crl --revoke", "失効させる証明書、PEMまたはDER"),
    ("sandbox crl --valid_days", "次のリストまでの日数"),
    ("sandbox status", "ステータスリストトークン（CWT）、1文書1ビット"),
    ("sandbox status --uri", "文書に記載されたリストのURI"),
    ("sandbox status --key", "ステータス署名者の鍵: pkcs11: URI"),
    ("sandbox status --cert", "ステータス署名者の証明書、PEMまたはDER"),
    ("sandbox status --revoke", "失効した文書の位置"),
    ("sandbox status --size", "リストの件数"),
    ("sandbox status --valid_days", "リストを使える日数"),
    ("token", "PKCS#11トークンの管理: 組み込みトークン、または--moduleのモジュール"),
    ("token list", "トークンの一覧"),
    ("token init", "空のトークンを初期化。初期化済みのものには触れません"),
    ("token init --label", "新しいトークンのラベル、1～32バイト"),
    ("token init --so_pin_file", "管理者（SO）のPINをファイルから読む（既定: 尋ねる）"),
    ("token keys", "トークンの秘密鍵の一覧"),
    ("token generate", "トークンから出ない鍵ペアを作成"),
    ("token generate --key", "新しい鍵のラベル"),
    ("token generate --curve", "新しい鍵の曲線"),
    ("token generate --public_out", "公開鍵をJWKとして書き出すファイル"),
    ("token csr", "鍵の証明書発行要求（PKCS #10、PEM）を作成"),
    ("token csr --key", "鍵: pkcs11: URI"),
    ("token csr --organization", "組織名"),
    ("token csr --common_name", "一般名（CN）"),
    ("trust check", "トラストオブジェクトを自動判別して検査: 種類、有効性、内容"),
    ("trust check --input", "検査するファイル。-は標準入力"),
    (
        "trust check --signer",
        "署名者: 証明書（PEM、DER。そのバイト列、または署名者のCAとして信頼）または公開鍵（JWK、PEM）",
    ),
    ("trust check --root", "署名者の上位のルート（失効リストでは発行者、ルートでは本来のもの）、PEMまたはDER"),
    ("trust check --old", "リンク証明書の旧ルート、PEMまたはDER"),
    ("trust check --new", "リンク証明書の新ルート、PEMまたはDER"),
    ("trust check --index", "ステータスリストのこの番号の状態を表示"),
    ("bundle", "オフラインのルートに証明書の発行と失効を求め、回答を開く"),
    ("bundle request", "オフラインのルートへの要求を作成"),
    ("bundle request --sequence", "要求の番号。最初の応答を受け取る前だけ必要"),
    ("bundle request --previous_response", "直前の応答。番号、ダイジェスト、チェックポイントをここから取る"),
    ("bundle request --response_signer", "応答に署名する公開鍵: PEM、JWK、COSE_Key"),
    ("bundle request --csr", "証明書発行要求とその用途（document-signer、status-signer、vical-signer）"),
    ("bundle request --attestation", "NUMBER番目の--csrの鍵についてのモジュールの証明"),
    ("bundle request --revoke", "失効させる証明書、PEMまたはDER"),
    ("bundle request --reason", "失効の理由"),
    ("bundle request --revoked_at", "証明書を信頼できなくなった時刻、RFC 3339（既定: 要求の時刻）"),
    ("bundle request --requested_by", "失効を指示した人の識別名（既定: 運用管理者）"),
    ("bundle request --ops_manager", "申請する運用管理者の識別名"),
    ("bundle request --key_manager", "申請する鍵管理者の識別名。別の人であること"),
    ("bundle request --key", "要求に署名する鍵: pkcs11: URI"),
    ("bundle show", "バンドルの内容を表示、またはQRコードで表示。検証は行いません"),
    ("bundle show --input", "バンドル、または読み取り機の出力。-は標準入力"),
    ("bundle show --qr", "QRコードを端末に表示（暗い背景に明るい文字）"),
    ("bundle show --qr_dir", "QRコードをSVG画像として新しいディレクトリに書き出す"),
    ("bundle open", "バンドルを検証し、中の証明書、失効リスト、発行要求を新しいディレクトリに書き出す"),
    ("bundle open --input", "バンドル、または読み取り機の出力。-は標準入力"),
    ("bundle open --signer", "署名しているべき公開鍵: PEM、JWK、COSE_Key"),
    ("bundle open --request", "応答が答えているべき要求。応答のときに必要"),
    ("bundle open --dir", "書き出し先として新しく作るディレクトリ"),
    ("trust", "トラストオブジェクトを調べ、トラストストアを最新に保つ: アンカー、失効リスト、ステータスリスト"),
    ("trust init", "サービスまたはVICALの提供者のルートを固定してストアを作成。最初の更新までは誰も信頼しません"),
    ("trust init --root", "サービスのルート（v1/root/番号.cbor）、通常は最新のもの"),
    ("trust init --sha256", "ルートのSHA-256（16進、大小文字・空白・コロン可）。ファイルとは別の経路で入手した値"),
    ("trust init --vical_root", "VICALの提供者のルート証明書。サービスの代わり、または併用"),
    ("trust init --vical_sha256", "その証明書のSHA-256フィンガープリント（16進）。ファイルとは別の経路で入手した値"),
    ("trust init --vical_name", "提供者の呼び名: 英小文字、数字、ピリオド、ハイフン"),
    ("trust init --offline", "ネットワークのないことが多いリーダー用。保持する情報を90日間有効とする"),
    ("--store", "ストアのファイル"),
    ("--from", "サービスの基底URL（httpまたはhttps）、または公開内容の写しがあるディレクトリ"),
    ("--vical", "提供者のVICAL: そのURL、ファイル、またはvical/latest.cborのあるディレクトリ"),
    (
        "--map",
        "ステータスリストや失効リストのURIの代わりとなるファイル、または/で終わるURIの前半に対応するディレクトリ",
    ),
    ("trust sync", "ストアを更新: メタデータ、アンカー、失効リスト、ステータスリスト、VICAL。取得元ごとに全部か無か"),
    ("trust show", "誰をいつから何を根拠に信頼しているか、証拠がどれだけ古いかを表示"),
    ("trust show --history", "各アンカーの経緯も表示"),
    ("trust doctor", "ストアを診断: 時計、リスト、失効確認、保留、欠落。問題があれば終了状態1"),
    ("trust doctor --from", "更新の取得元。最大のオブジェクトの取得を試す"),
    ("trust doctor --revocation", "ストアを使う検証機の失効確認の要求（verifyの--revocation）"),
    ("trust add", "別経路のフィンガープリントで確認したルートを直ちに信頼"),
    ("trust add --certificate", "ルート（IACA）証明書、PEMまたはDER"),
    ("trust add --sha256", "証明書のSHA-256フィンガープリント（16進）。ファイルとは別の経路で入手した値"),
    ("trust add --doctype", "対象とする文書種別"),
    ("trust add --any_doctype", "全文書種別を対象とする"),
    ("trust add --purpose", "用途: issuance（文書署名者）、status（ステータスリスト）、reader、vical"),
    ("trust distrust", "アンカーを今後リストにかかわらず信頼しない"),
    ("trust lift", "不信を解除。アンカーは忘れられ、リストにより保留期間を経て再び取り込まれます"),
    ("trust confirm-removal", "次の更新で範囲の最後のアンカーが外れることを承認"),
    ("--anchor", "アンカー: trust showに出る鍵のSHA-256、またはその先頭8桁以上"),
    ("trust vical", "VICALの提供者を登録または解除"),
    ("trust vical add", "VICALの提供者に今後従う"),
    ("trust vical add --name", "提供者の呼び名: 英小文字、数字、ピリオド、ハイフン"),
    ("trust vical add --root", "提供者のルート証明書、PEMまたはDER"),
    ("trust vical add --dangerous_signer", "その代わりに署名者の証明書1枚: 試験用、またはルートを公表しない提供者用"),
    ("trust vical add --sha256", "その証明書のSHA-256フィンガープリント（16進）。ファイルとは別の経路で入手した値"),
    ("trust vical add --hold_down", "以後のリストが加えたアンカーの保留日数（既定: 30）"),
    ("trust vical remove", "VICALの提供者に従うのをやめる。失効または不信としたもの以外のアンカーは忘れられます"),
    ("trust vical remove --name", "提供者の呼び名"),
    ("trust crl", "失効リストをファイルから取り込む。署名したアンカーは名前と鍵で特定します"),
    ("trust crl --input", "失効リスト、DERまたはPEM"),
    ("trust export", "ネットワークのないゲート用に、すべてを1ファイルに取得"),
    ("trust export --root", "ゲートの設定に用いたルート（v1/root/番号.cbor）"),
    ("trust import", "そのファイルを取り込む。取得時と同じく検証し、古さも考慮します"),
    ("trust import --input", "trust exportのバンドル"),
    ("trust signal", "ルート更新の準備シグナルを表示し、指定があれば送信"),
    ("trust signal --class", "この検証機の種類"),
    ("trust signal --post", "送信先"),
    (
        "verify --store",
        "このストア（tegata trust）のアンカー、失効リスト、ステータスリストを使う。期限超過のストアでは判定不能",
    ),
    ("--dir", "サービスのディレクトリ"),
    ("--actor", "実行者: 監査ログに残る名前"),
    ("--root_threshold", "ルート役の鍵のうち署名に必要な数（既定: すべて）"),
    ("--list_key", "リスト役の鍵: pkcs11: URI"),
    ("--list_threshold", "リスト役の鍵のうち署名に必要な数（既定: すべて）"),
    ("--snapshot_key", "スナップショット役の鍵（オンライン）"),
    ("--pointer_key", "ポインタ役の鍵（オンライン）。1つの鍵は1つの役のみ"),
    ("--root_days", "ルートメタデータに次に署名するまでの日数"),
    ("dts", "デジタルトラストサービスの運用: ルートの応答を取り込み、公開し、配信"),
    ("dts init", "新しいサービスのディレクトリを作り、最初のルートメタデータに署名"),
    ("dts init --repository", "すべてのメタデータに入る名前。変わりません"),
    ("dts init --base_url", "公開先のURL。末尾のスラッシュなし"),
    ("dts init --operator_en", "運営者名（英語）"),
    ("dts init --operator_ja", "運営者名（日本語）"),
    ("dts init --response_signer", "ルートの応答に署名する公開鍵。手渡しで受け取ったもの: PEM、JWKまたはCOSE_Key"),
    ("dts init --checkpoint_key", "ルートのcheckpoint.pub: 監査ログの名前と鍵"),
    ("dts init --edition", "証明書とリストが従うプロファイル"),
    ("dts init --signer_key", "リスト署名者（ステータスリスト、VICAL）の鍵: pkcs11: URI"),
    ("dts init --sandbox", "試験用: ソフトウェアトークンのルートが署名したものも取り込む"),
    ("dts issuer", "フィンガープリントを照合したルートを登録し、用途を定め、許可"),
    ("dts issuer --certificate", "ルート証明書、PEMまたはDER"),
    ("dts issuer --sha256", "証明書のSHA-256。ファイルとは別の経路で入手した値"),
    ("dts issuer --doctype", "対象とする文書種別"),
    ("dts issuer --status", "他のルートの文書についてもリスト署名者を認める"),
    ("dts issuer --review_by", "人が再確認するまで許可が有効な最終日、YYYY-MM-DD"),
    ("dts issuer --crl_fresh_hours", "検証者はこれより新しい失効リストを持つべき"),
    ("dts issuer --crl_max_age_hours", "これより古い失効リストは使わない"),
    ("dts issuer --revocation_duty_hours", "発行者が約束する、失効を公開するまでの時間"),
    ("dts status-list", "ステータスリスト、識別子リスト、端末鍵リストをサービスに追加"),
    ("dts status-list --name", "ファイル名: status/NAME.cwt"),
    ("dts status-list --uri", "文書に書かれるURI"),
    ("dts status-list --issuer", "対象とする文書のルート"),
    ("dts status-list --kind", "リストの種類"),
    ("dts status-list --entries", "ステータスリストの要素数。後から変わりません"),
    ("dts status-list --bits", "1要素のビット数: 1、2、4、8"),
    ("dts request", "ルートに送った要求を記録。その応答だけを取り込みます"),
    ("dts request --bundle", "ルートに運んだ要求バンドル"),
    ("dts request --signer", "要求に署名した公開鍵: PEM、JWKまたはCOSE_Key"),
    ("dts import", "ルートの応答を取り込む。全体か、何もしないか"),
    ("dts import --bundle", "応答バンドル、または読み取ったQRコード"),
    ("dts import --dry_run", "すべて検査し、何も変更しない"),
    ("dts publish", "期限のものを公開し、リストを作り、公開。ポインタは最後に変わります"),
    ("dts publish --ledger", "発行者の文書台帳（JSON Lines）。ステータスリストがあれば必要"),
    ("dts publish --to", "公開先: ディレクトリ（既定: サービスのpublic/）、またはs3://bucket/prefix"),
    ("dts publish --new_list", "変更がなくても新しいリストに署名"),
    ("dts show", "保有しているもの、期限、閲覧者がいつまで信頼するかを表示"),
    ("dts notice", "お知らせを追加。次のリストとともに公開されます"),
    ("dts notice --id", "名前: 英小文字、数字、ピリオド、ハイフン"),
    ("dts notice --category", "種類"),
    ("dts notice --root", "対象のルート"),
    ("dts notice --text_en", "本文（英語）"),
    ("dts notice --text_ja", "本文（日本語）"),
    ("dts retire", "ルートが発行を終える時と、その下に有効なものがなくなる時を定める"),
    ("dts retire --certificate", "ルート証明書"),
    ("dts retire --retiring", "最後の文書署名者を発行する時刻、RFC 3339"),
    ("dts retire --removed", "その下に有効なものがなくなる時刻、RFC 3339"),
    ("dts revoke-root", "ルートを失効とする。取り消せません"),
    ("dts revoke-root --certificate", "ルート証明書"),
    ("dts revoke-root --sha256", "証明書のSHA-256をもう一度入力。取り消せません"),
    ("dts approve", "ルート役の定足数でルートを承認: 検証者は保留期間なしに受け入れます"),
    ("dts approve --certificate", "ルート証明書"),
    ("dts approve --sha256", "各承認者が照合した証明書のSHA-256"),
    ("dts approve --days", "承認が有効な日数"),
    ("dts rotate", "次のルートメタデータに署名: 鍵、必要数、期限の更新"),
    ("dts metadata", "離れた場所にあるルート鍵でメタデータに署名: 原案の確認、署名、取りまとめ"),
    ("dts metadata show", "原案の内容と変更点、必要な署名者、署名済みの鍵を表示"),
    ("dts metadata show --shares", "手元にある署名"),
    ("dts metadata sign", "ルート役の鍵で原案に署名"),
    ("dts metadata sign --sha256", "showに出る原案のダイジェスト。鍵の保持者全員が照合した値"),
    ("dts metadata sign --key", "鍵: pkcs11: URI"),
    ("dts metadata sign --root", "手元にある現在のルート。原案はこのファイルに続くものでなければなりません"),
    ("dts metadata complete", "署名を取りまとめ、メタデータを取り込む"),
    ("dts metadata complete --shares", "署名"),
    ("dts metadata show --draft", "原案"),
    ("dts metadata sign --draft", "原案"),
    ("dts metadata complete --draft", "原案"),
    ("--draft", "署名せず、ルート鍵の保持者のための原案を書き出す（dts metadata）"),
    ("dts web", "独立した第二の経路のためのフィンガープリントのページを書き出す"),
    ("dts web --out", "ページのディレクトリ"),
    ("dts serve", "公開物をHTTPとLDAPで配信（中断するまで）"),
    ("dts serve --dir", "サービスのディレクトリ、または公開物のディレクトリ"),
    ("dts serve --http", "HTTPの待ち受けアドレス。ポート0は空きポート"),
    ("dts serve --ldap", "LDAPの待ち受けアドレス"),
    ("dts serve --access_log", "提供履歴のファイル: 要求ごとに1行のJSON。要求元のアドレスは残しません"),
    ("dts serve --readiness", "準備シグナルを残すファイル。なければ受け付けません"),
    ("dts readiness", "ルートを信頼する検証者の数を種別ごとに示し、更新を進めてよいか判定"),
    ("dts readiness --file", "dts serve --readinessのファイル"),
    ("dts readiness --root", "信頼されるべきルート"),
    ("dts readiness --least", "各種別で信頼する検証者の最低割合（パーセント）"),
    ("dts readiness --signals", "判定に必要な各種別の信号数"),
    ("dts rehearse-rollover", "ルート更新を早送りで予行。検証者と文書も含む"),
    ("dts rehearse-rollover --dir", "作成するもの一式のディレクトリ。存在しないか、空であること"),
    ("dts rehearse-rollover --at", "最初の日、RFC 3339（既定: 現在）"),
    ("dts rehearse-rollover --serve", "公開物をここで配信し、各段階で止まる。ポート0は空きポート"),
    ("dts rehearse-rollover --step", "配信する段階の長さ、秒（既定: Enterまで）"),
    ("completions", "シェルの補完スクリプトを出力"),
    ("completions --shell", "シェル"),
];

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn every_command_and_argument_has_a_japanese_text_and_every_text_a_place() {
        let mut used = Vec::new();
        walk(&Cli::command(), "", &mut used);
        for (key, text) in JAPANESE {
            assert!(!text.is_ascii() && used.contains(&(*key).to_owned()), "{key:?} is not used");
        }
    }

    fn walk(command: &Command, path: &str, used: &mut Vec<String>) {
        assert!(find(path).is_some(), "no text for command {path:?}");
        used.push(path.to_owned());
        for argument in command.get_arguments() {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "{path} {id} has no English help");
            let own = if path.is_empty() { format!("--{id}") } else { format!("{path} --{id}") };
            let key = if find(&own).is_some() { own } else { format!("--{id}") };
            assert!(find(&key).is_some(), "no text for {path:?} {id}");
            used.push(key);
        }
        for subcommand in command.get_subcommands() {
            let name = subcommand.get_name();
            walk(subcommand, &if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }, used);
        }
    }
}
