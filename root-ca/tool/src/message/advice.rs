//! What to do about an error of the libraries, in Japanese, by its stable id. English comes from the library.

use tegata_ceremony::RunError;
use tegata_root_ca::AuthorityError;
use tegata_terminal::Lang;

use super::finding;

/// The advice for an id; the library's own where the id is not known here.
pub(crate) fn japanese(id: &str, english: &'static str) -> &'static str {
    ADVICE.iter().find(|(name, _)| *name == id).map_or(english, |(_, text)| *text)
}

/// What to do about an error of the root, in both languages.
pub(crate) fn of_root(error: &AuthorityError) -> [String; 2] {
    const PROFILE: &str = "指摘された入力を訂正してください。これによる署名は行われていません。";
    const APPLICANTS: &str = "運用管理責任者と鍵管理者が共同で申請してください。";
    const THEN: [&str; 2] = [
        "Then close the open intent with its reason (tegata-root status, close-intent) and perform the step again.",
        "その後、未完の署名意図を理由とともに閉じ(tegata-root status、close-intent)、手順をやり直してください。",
    ];
    let [english, japanese] = match error {
        AuthorityError::Signer(signer) => {
            return [format!("{} {}", signer.remedy(), THEN[0]), format!("{} {}", signer.remedy_ja(), THEN[1])];
        }
        AuthorityError::Audit(audit) => [audit.remedy(), audit.remedy_ja()],
        AuthorityError::Sequence(sequence) => [sequence.remedy(), sequence.remedy_ja()],
        AuthorityError::Build(_) | AuthorityError::Crl(_) | AuthorityError::Name(_) => [error.remedy(), PROFILE],
        AuthorityError::Applicants(_) => [error.remedy(), APPLICANTS],
        other => [other.remedy(), japanese(other.id(), other.remedy())],
    };
    [english.to_owned(), japanese.to_owned()]
}

/// What to do when the engine of a ceremony does not go on.
pub(crate) fn of_run(error: &RunError, lang: Lang) -> String {
    if lang == Lang::En {
        return error.remedy().to_owned();
    }
    match error {
        RunError::Unready(findings) => {
            findings.first().map_or("検査を実行してください。", |one| finding::remedy(one.id()))
        }
        RunError::Refused(breaches) => {
            breaches.first().map_or("手順に従ってください。", |one| finding::remedy(one.id()))
        }
        RunError::Action(action) => match &action.remedy {
            Some(remedy) => &remedy.ja,
            None => "原因を取り除いて処理をやり直すか、認証局責任者の判断を仰いでください。",
        },
        RunError::Record(_) => "この記録を継続せず保管し、監査人に検証を依頼してください。",
        RunError::Audit(audit) => audit.remedy_ja(),
        _ => error.remedy(),
    }
    .to_owned()
}

const SECOND_MEDIUM: &str = "中断して媒体を保管し、第二媒体の複製で続行してください。";
const CLOCK: &str = "時計を合わせてください。2名で確認します。";
const OWN_FACTOR: &str = "各自専用の第二要素で登録してください。";
const SHARE_COPY: &str = "分割片の控えまたは紙に印刷した語を使うか、別の保有者に依頼し、早めに分割し直してください。";
const LAST_SHARE: &str = "直近の分割で作成した分割片を持参してください。";
const THIS_COMPUTER: &str = "この計算機の時計と乱数生成器を確認してください。";
const PROGRAM: &str = "文を作成したプログラムを訂正してください。";
const DO_NOT_SIGN: &str = "署名しないでください。セレモニーのプログラムから文を取得し直してください。";

const ADVICE: &[(&str, &str)] = &[
    // The root.
    ("authority", "原因の表示を確認してください。"),
    ("authority-audit", "中断してください。署名の前に監査ログが完全でなければなりません。"),
    ("authority-applicants", "運用管理責任者と鍵管理者が共同で申請してください。"),
    ("authority-signer", "トークンを確認し、未完の署名意図を理由とともに閉じ、手順をやり直してください。"),
    ("authority-profile", "指摘された入力を訂正してください。これによる署名は行われていません。"),
    ("authority-other-policy", "このルートのポリシーファイルを使用してください。"),
    ("authority-policy-changed", "変更後のポリシーを認証局責任者の承認のもとで採用してください(policy adopt)。"),
    ("authority-open-intents", "未完の署名意図を一覧し、それぞれ理由とともに閉じてください。"),
    ("authority-reason-empty", "監査人に分かる言葉で理由を記してください。"),
    ("authority-root-curve", "ポリシーの定める曲線で鍵を生成してください。"),
    ("authority-key-status", "状態が許す鍵を使用してください。"),
    ("authority-key-use-ended", "次のルートを使用してください。なければ鍵更新セレモニーを実施してください。"),
    ("authority-not-certified", "先にルートの自己署名証明書に署名してください。"),
    ("authority-certified-before", "ルートの証明は一度だけです。新しい鍵を生成してください。"),
    ("authority-restored-other-key", "中断してください。このバックアップはこの鍵のものではありません。"),
    ("authority-no-restore-test", "バックアップから復元し、照合結果を記録してください。"),
    ("authority-still-needed", "この鍵の下の最後の証明書が満了するまで待ってください。"),
    ("authority-approvals", "両組織の承認を得てください。"),
    ("authority-copies-left", "先に在庫にあるすべての複製を破棄してください。"),
    ("authority-missing-signer", "この鍵を保持するトークンを活性化してください。"),
    ("authority-foreign-signer", "このルートのトークンを使用してください。"),
    ("authority-link-order", "古い世代を先に指定してください。"),
    ("authority-not-as-intended", "中断し、トークンと状態ファイルを調査のため保管してください。"),
    ("authority-randomness", "中断してください。乱数生成器が故障しています。"),
    ("authority-csr", "報告の指摘を訂正し、申請を作り直してください。"),
    ("authority-outlives-root", "次のルートの下で発行してください。"),
    ("authority-not-before", "範囲内の開始時刻を選んでください。"),
    ("authority-too-many-valid", "開始を遅らせるか、理由のあるものを失効させてください。"),
    ("authority-next-ceremony", "ポリシーの間隔内で次回セレモニーを計画してください。"),
    ("authority-nobody-signs", "新しいルートを作成してください。"),
    ("authority-role", "表示された役割の者が指示してください。"),
    ("authority-revoked-before", "対処は不要です。失効は取り消せません。"),
    ("authority-revocation-date", "証明書の有効期間内の日付を指定してください。"),
    ("authority-ended", "対処は不要です。満了した証明書の失効は不要です。"),
    ("authority-order-unusable", "7種の事由のいずれかによる失効を指示してください。"),
    ("authority-nonce-used", "オンライン側で申請を作り直してください。"),
    (
        "authority-unanswered",
        "先に直前の申請への応答を完了するか、認証局責任者の指示で取り下げてください(withdraw-request)。",
    ),
    ("authority-order-other", "今行うことについて指示を出し直してください。"),
    ("authority-order-unsigned", "誰が署名したか調べ、名簿の者が指示を出し直してください。"),
    ("authority-one-person", "第二の役割は別の者が署名してください。"),
    ("authority-too-few-persons", "保有者をさらに招集してください。"),
    ("authority-nothing-to-answer", "先に申請を取り込んでください。"),
    ("authority-incident-open", "インシデントの手順に従ってください。"),
    ("authority-incident-step", "手順を順番どおりに実施してください。"),
    ("authority-no-incident", "インシデントを一覧し、そのいずれかを指定してください。"),
    ("authority-evidence", "手順を実施したうえで、それを示すものを指定してください。"),
    ("authority-output-exists", "空のフォルダーを使用してください。上書きは行いません。"),
    (
        "authority-output",
        "媒体の空き容量を確保し、手順をやり直してください。署名済みのものは状態ファイルから書き出されます。",
    ),
    // Its state.
    ("state-sqlite", SECOND_MEDIUM),
    ("state-locked", "他のプログラムを終了してください。状態ファイルを開けるのは一つだけです。"),
    ("state-full", "媒体の空き容量を確保し、手順をやり直してください。"),
    (
        "state-unwritten",
        "媒体が満杯か故障か確認してください。空き容量を確保するか第二媒体の複製を使い、手順をやり直してください。",
    ),
    ("state-exists", "別のファイル名を指定してください。上書きは行いません。"),
    ("state-io", "媒体とパスを確認してください。"),
    ("state-damaged", SECOND_MEDIUM),
    ("state-schema", "このファイルを書いた版のプログラムを使用してください。"),
    ("state-row", SECOND_MEDIUM),
    ("state-clock-back", "セレモニーの時計の手順で時計を合わせてください。"),
    ("state-no-key", "ルート鍵を一覧し、そのいずれかを指定してください。"),
    ("state-key-known", "新しい鍵を生成してください。一つの鍵を二つのルートに使うことはありません。"),
    ("state-transition", "鍵の状態を一覧し、表示された順に従ってください。"),
    ("state-no-certificate", "証明書を一覧し、そのシリアル番号を指定してください。"),
    ("state-no-intent", "未完の署名意図を一覧し、そのいずれかを指定してください。"),
    ("state-numbers-used-up", "新しい名前のルートを作成してください。"),
    // Policies and files.
    ("policy-toml", "policy/iso-18013-5.tomlと比べてください。未知の項目は使えません。"),
    ("policy-faults", "表示された数値をすべて訂正してください。後で検査されることはありません。"),
    ("file-too-large", "承認されたスクリプトまたはサイトファイルか確認してください。"),
    ("file-not-text", "ファイルをUTF-8で保存してください。"),
    ("file-malformed", "表示された行を訂正してください。同梱のスクリプトと比べてください。"),
    // Persons.
    ("credential-malformed", "控えの認証情報を使うか、登録し直してください。"),
    ("credential-damaged", "控えの認証情報を使うか、登録し直してください。"),
    ("credential-wrong-password", "直近の登録または更新時に設定したパスワードを入力し直してください。"),
    ("credential-other-factor", "認証情報に記載された第二要素を挿入してください。"),
    (
        "credential-factor-refused",
        "控えと比べてください。同一であれば第二要素が交換されています。登録し直してください。",
    ),
    ("credential-clock", CLOCK),
    ("credential-password-is-handle", "別のパスワードを選んでください。"),
    ("credential-unusable", THIS_COMPUTER),
    ("password-too-short", "本人と無関係な複数の単語を選んでください。"),
    ("password-too-long", "パスワードを一行で手入力してください。"),
    ("password-control-character", "パスワードを一行で手入力してください。"),
    ("password-too-uniform", "本人と無関係な複数の単語を選んでください。"),
    ("factor-file", "スティックを挿入し、パスを確認してください。"),
    ("factor-malformed", "登録時に作成した鍵ファイルを選んでください。"),
    ("factor-device", "装置を挿し直してください。再び失敗する場合は予備を使用してください。"),
    ("person-id-length", "2～32文字の英小文字、数字、ハイフンで指定してください。"),
    ("person-id-character", "2～32文字の英小文字、数字、ハイフンで指定してください。"),
    // Parts and quorum.
    ("share-threshold", "2 <= k <= n <= 32となるkとnを選んでください。"),
    ("share-too-many-holders", "2 <= k <= n <= 32となるkとnを選んでください。"),
    ("share-duplicate-holder", "各人を一度だけ、本人の認証情報とともに指定してください。"),
    ("share-label", "トークンのラベルなど短い名前を付けてください。"),
    ("share-secret-length", "1～64オクテットの秘密を使用してください。"),
    ("share-malformed", "分割時に書き出したファイルか確認してください。"),
    ("share-other-set", LAST_SHARE),
    ("share-no-such-index", LAST_SHARE),
    ("share-not-holder", "保有者本人が自分の分割片を開いてください。"),
    ("share-sealed", SHARE_COPY),
    ("share-spoilt", SHARE_COPY),
    ("share-too-few", "保有者をさらに招集してください。"),
    ("share-payload", "分割一式の控えを使用してください。"),
    ("share-unusable", THIS_COMPUTER),
    ("activation-threshold", "ポリシーの定足数でPINを分割し直してください。"),
    ("activation-roster", "十分な数の保有者を名簿に載せ、承認を得てください。"),
    ("activation-duplicate-member", "各人を一度だけ、本人の鍵とともに指定してください。"),
    ("activation-purpose", "セレモニーと手順を一行で記してください。"),
    ("activation-not-on-roster", "承認された名簿の者のみが参加できます。"),
    ("activation-other-key", "先へ進む前に、誰の認証情報か調べてください。"),
    ("activation-sandbox-credential", "本物の第二要素で登録してください。"),
    ("activation-not-now", "本人が今もう一度認証してください。"),
    ("activation-password-too-old", "本人がパスワードを更新し(person renew)、認証し直してください。"),
    ("activation-shared-factor", OWN_FACTOR),
    ("activation-foreign-share", "各保有者が自分の分割片を持参してください。"),
    ("activation-below-quorum", "十分な人数でやり直してください。表示された者は認証し直します。"),
    ("activation-expired", "活性化をやり直してください。"),
    ("activation-clock", CLOCK),
    ("quorum-policy-threshold", "2名以上としてください。"),
    ("quorum-policy-window", "1時間以内の時間枠を選んでください。"),
    ("quorum-policy-session", "12時間以内の活性化時間を選んでください。"),
    ("quorum-policy-password-age", "400日以内の期間を選んでください。"),
    // Statements and signatures of persons.
    ("statement-empty", PROGRAM),
    ("statement-too-long", PROGRAM),
    ("statement-prefix", DO_NOT_SIGN),
    ("statement-not-json", DO_NOT_SIGN),
    ("statement-not-canonical", DO_NOT_SIGN),
    ("statement-number", PROGRAM),
    ("statement-name", PROGRAM),
    ("sign-off-key-kind", "本人の認証情報ファイルの公開鍵を使用してください。"),
    ("sign-off-other-statement", "この手順の文に署名してください。"),
    ("sign-off-signature", "誰の認証情報で署名されたか調べ、この署名を受け付けないでください。"),
    // PINs.
    ("pin-empty", "PINだけを1～255バイトの一行で与えてください。"),
    ("pin-too-long", "PINだけを1～255バイトの一行で与えてください。"),
    ("pin-control-character", "PINだけを1～255バイトの一行で与えてください。"),
    ("pin-not-text", "PINだけを1～255バイトの一行で与えてください。"),
    ("pin-no-terminal", "端末で実行するか、PINのファイルまたは環境変数を指定してください。"),
    ("pin-file-unreadable", "PINファイルのパスと権限を確認してください。"),
    ("pin-environment-unset", "このプロセスの環境変数を設定してください。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids are string literals of the libraries: every one that a screen can show has advice here.
    #[test]
    fn every_id_of_the_libraries_has_advice_in_japanese() {
        let sources = [
            ("../src/error.rs", "fn entry(&self)", 45),
            ("../src/state/error.rs", "fn entry(&self)", 14),
            ("../src/policy.rs", "pub fn id(&self)", 2),
            ("../ceremony/src/script.rs", "pub fn id(&self)", 3),
            ("../quorum/src/credential/error.rs", "pub fn id(&self)", 8),
            ("../quorum/src/credential/password.rs", "fn id(&self)", 4),
            ("../quorum/src/credential/factor.rs", "pub const fn id(&self)", 3),
            ("../quorum/src/person.rs", "fn id(&self)", 2),
            ("../quorum/src/share/error.rs", "fn id(&self)", 13),
            ("../quorum/src/activation/error.rs", "fn id(&self)", 17),
            ("../quorum/src/statement.rs", "fn id(&self)", 7),
            ("../quorum/src/sign_off.rs", "fn id(&self)", 3),
            ("../../hsm/src/pin.rs", "fn id(&self)", 7),
        ];
        for (file, function, least) in sources {
            let source = std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let bodies = source.split(function).skip(1).map(|rest| rest.split("\n    }\n").next().unwrap().to_owned());
            let literals: Vec<String> = bodies
                .flat_map(|body| body.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
                .collect();
            let is_id =
                |text: &&String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let ids: Vec<_> = literals.iter().filter(is_id).collect();
            for id in &ids {
                assert_ne!(japanese(id, ""), "", "{file}: {id}");
            }
            assert!(ids.len() >= least, "{file}: {}", ids.len());
        }
        assert!(ADVICE.iter().all(|(_, text)| !text.is_ascii()));
    }
}
