//! The findings and broken rules of ceremonies in Japanese, by their stable ids. English comes from `tegata_ceremony`.

/// What a finding or a broken rule means; `None` for an id that is not known here.
pub(crate) fn meaning(id: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}

/// What to do about it.
pub(crate) fn remedy(id: &str) -> &'static str {
    let groups: [(&[&str], &str); 13] = [
        (
            &["serial-wrong", "serial-reused", "object-state", "bag-other"],
            "中断し、番号を読み直してください。変わらなければ袋を開けず、認証局責任者を呼び、セレモニーを打ち切ってください。",
        ),
        (
            &[
                "chain-broken",
                "event-unreadable",
                "record-tail-missing",
                "history-altered",
                "time-edited",
                "signature-invalid",
                "outcome-other",
                "clock-back",
            ],
            "記録は改変されたものとして扱い、立会人の写しおよびチェックポイントと照合してください。",
        ),
        (&["record-of-other"], "記録に記載されたダイジェストのファイルで検証してください。"),
        (&["root-exists", "root-absent", "policy-not-covered"], "適合する種別のスクリプトを選んでください。"),
        (
            &["roster-not-approved", "approval-missing", "approval-invalid"],
            "現在の名簿に、認証局責任者と証明書発行責任者の署名を得てください。",
        ),
        (
            &[
                "authentication-missing",
                "authentication-foreign",
                "module-not-reopened",
                "module-reopened-by",
                "module-reopened-below-quorum",
            ],
            "指名された者が、その場で認証し直してください。",
        ),
        (
            &["person-other", "same-person-twice", "person-unknown"],
            "その席の本人が、自分の認証情報で署名してください。",
        ),
        (&["step-broken-off"], "その手順を最初からやり直してください。"),
        (&["target-forbidden", "copy-other"], "先へ進まず、一覧と鍵を照合してください。"),
        (&["training-old"], "セレモニー前に教育を実施し、日付をサイトファイルに記載してください。"),
        (
            &["object-not-in-inventory", "object-not-sealed", "serial-clash"],
            "前回の記録で所在を確認し、更新した物品は交換済みとして記載してください。",
        ),
        (&["quorum-impossible"], "ポリシーのkとnを修正してください。"),
        (
            &[
                "seat-vacant",
                "roster-seat-unknown",
                "person-not-listed",
                "person-twice",
                "person-incomplete",
                "key-shared",
                "roles-not-shareable",
                "same-person",
                "witness-not-independent",
                "organisations-few",
                "holders-count",
                "holder-not-entitled",
                "place-not-described",
                "place-unknown",
                "object-not-in-script",
                "object-not-labelled",
            ],
            "サイトファイルを修正し、名簿の承認を取り直してください。",
        ),
    ];
    let found = groups.into_iter().find(|(ids, _)| ids.contains(&id)).map(|(_, text)| text);
    found.unwrap_or("手順書に従ってください。逸脱には認証局責任者の指示が必要です。スクリプトの誤りは修正し、再審査のうえ公開し直してください。")
}

const MEANINGS: &[(&str, &str)] = &[
    ("chain-broken", "記録の連鎖が成り立たない"),
    ("event-unreadable", "記録の事象を読み取れない"),
    ("ceremony-not-started", "記録がセレモニーの開始から始まっていない"),
    ("ceremony-started-twice", "セレモニーが二度開始されている"),
    ("ceremony-already-ended", "終了後の記録がある"),
    ("record-tail-missing", "記録の末尾が失われている"),
    ("record-of-other", "別のファイルで作られた記録である"),
    ("root-exists", "ルート鍵が既に存在する"),
    ("root-absent", "ルート鍵が存在しない"),
    ("roster-not-approved", "名簿が承認されていない"),
    ("step-unknown", "スクリプトにない手順である"),
    ("step-skipped", "手順が飛ばされている"),
    ("step-unrecorded", "対象外の手順が記録されていない"),
    ("step-not-due", "対象外の手順が実施されている"),
    ("step-out-of-order", "手順の順序が違う"),
    ("step-begun-twice", "手順が二度開始されている"),
    ("step-broken-off", "手順が途中で終わっている"),
    ("action-missing", "操作が記録されていない"),
    ("action-twice", "操作が二度行われている"),
    ("action-other", "別の操作が行われている"),
    ("authentication-missing", "操作直前の認証が足りない"),
    ("authentication-foreign", "認証すべきでない者が認証している"),
    ("module-not-reopened", "中断後にモジュールが再び開かれていない"),
    ("module-reopened-unasked", "開いていなかったモジュールが再び開かれている"),
    ("module-reopened-by", "分割片を持たない者がモジュールを開いたか、別のものに署名している"),
    ("module-reopened-below-quorum", "定足数に満たない者でモジュールが再び開かれている"),
    ("mark-missing", "署名が足りない"),
    ("closing-missing", "終了時の署名が足りない"),
    ("mark-unexpected", "予定にない署名がある"),
    ("mark-too-early", "操作より前に署名されている"),
    ("person-other", "席の本人ではない者が署名している"),
    ("same-person-twice", "同じ者が二役を務めている"),
    ("person-unknown", "名簿にない者である"),
    ("signature-invalid", "署名を検証できない"),
    ("history-altered", "署名後に記録が改変されている"),
    ("time-edited", "時刻が書き換えられている"),
    ("clock-back", "時刻が戻っている"),
    ("outcome-other", "署名された結果と記録が違う"),
    ("serial-wrong", "封印袋の番号が違う"),
    ("serial-reused", "封印袋の番号が再使用されている"),
    ("bag-other", "対象外の封印袋である"),
    ("object-unknown", "在庫にない物品である"),
    ("object-state", "物品の封印状態が違う"),
    ("clock-missing", "時計の照合が行われていない"),
    ("clock-twice", "時計の照合が二度行われている"),
    ("target-forbidden", "削除してはならない鍵である"),
    ("copy-other", "別の鍵の複製である"),
    ("deviation-forbidden", "逸脱を指示できない手順である"),
    ("deviation-by-seat", "逸脱を指示できない席である"),
    ("text-missing", "いずれかの言語の文がない"),
    ("name-twice", "名称が重複している"),
    ("policy-not-covered", "スクリプトがこのポリシーに対応していない"),
    ("seat-unknown", "存在しない席が指定されている"),
    ("step-object-unknown", "存在しない物品が指定されている"),
    ("step-place", "保管場所の指定が誤っている"),
    ("phase-unknown", "手順の属する段階がない"),
    ("step-order", "手順番号が昇順でない"),
    ("nobody-does", "実施者がいない"),
    ("seat-twice", "一つの席が二つの役割を持っている"),
    ("witness-missing", "必要な立会いがない"),
    ("operators-few", "操作者が足りない"),
    ("authentication-weak", "認証の要件が弱い"),
    ("action-not-allowed", "この種別では許されない操作である"),
    ("action-demanded", "必要な操作がない"),
    ("action-order", "先に行うべき操作がない"),
    ("action-open", "後に行うべき操作がない"),
    ("objects-missing", "対象の物品が指定されていない"),
    ("copy-left-out", "鍵の複製が漏れている"),
    ("role-missing", "必要な役割の席がない"),
    ("order-missing", "認証局責任者の指示がない"),
    ("seat-vacant", "席が空いている"),
    ("roster-seat-unknown", "スクリプトにない席が名簿にある"),
    ("person-not-listed", "人物の記載がない"),
    ("person-twice", "人物が重複している"),
    ("person-incomplete", "人物の記載が足りない"),
    ("key-shared", "二人が同じ鍵を持っている"),
    ("roles-not-shareable", "兼務できない役割である"),
    ("same-person", "一つの手順で同じ者が二役を務める"),
    ("witness-not-independent", "立会人が操作者と同じ組織に属する"),
    ("organisations-few", "二つの組織の責任者が必要である"),
    ("quorum-impossible", "定足数が成り立たない"),
    ("holders-count", "活性化情報の保持者の数が合わない"),
    ("holder-not-entitled", "活性化情報を保持できない役割である"),
    ("approval-missing", "名簿の承認がない"),
    ("approval-invalid", "名簿の承認が無効である"),
    ("training-old", "教育から期間が経過している"),
    ("place-not-described", "場所の記載がない"),
    ("place-unknown", "スクリプトにない場所である"),
    ("object-not-in-script", "スクリプトにない物品である"),
    ("object-not-labelled", "物品のラベルがない"),
    ("object-not-in-inventory", "物品が在庫にない"),
    ("object-not-sealed", "物品が封印されていない"),
    ("serial-clash", "封印袋の番号が重複している"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids are string literals of one crate: every one of them in its sources has a Japanese text here.
    #[test]
    fn every_id_of_the_ceremonies_has_a_meaning() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ceremony/src/");
        for file in ["breach.rs", "check/finding.rs"] {
            let source = std::fs::read_to_string(format!("{folder}{file}")).unwrap();
            let bodies =
                source.split("pub fn id(&self)").skip(1).map(|rest| rest.split("pub fn remedy").next().unwrap());
            let mut count = 0;
            for id in bodies.flat_map(|body| body.split('"').skip(1).step_by(2)) {
                assert!(meaning(id).is_some(), "{file}: {id}");
                count += 1;
            }
            assert!(count > 40, "{file}: {count}");
        }
    }
}
