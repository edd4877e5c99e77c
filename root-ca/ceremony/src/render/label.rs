//! The fixed words of the prints.

use crate::{
    role::Mark,
    script::{Authentication, When},
    text::Lang,
};

macro_rules! labels {
    ($($name:ident: $en:literal, $ja:literal;)*) => {
        $(pub(super) const $name: Label = Label { en: $en, ja: $ja };)*
    };
}

/// A fixed word in both languages.
#[derive(Clone, Copy)]
pub(super) struct Label {
    en: &'static str,
    ja: &'static str,
}

impl Label {
    pub(super) fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ja => self.ja,
        }
    }

    /// A name and its value.
    pub(super) fn with(self, lang: Lang, value: impl Into<String>) -> (String, String) {
        (self.get(lang).to_owned(), value.into())
    }
}

labels! {
    PROCEDURE: "Procedure", "手順書";
    REPORT: "Report", "実施報告書";
    KIND: "Kind", "種別";
    POLICIES: "Policies", "適用ポリシー";
    SCRIPT: "SHA-256 of the script", "手順書のSHA-256";
    SCRIPT_WORDS: "in words", "単語表記";
    SEATS: "Seats", "役割";
    OBJECTS: "Objects", "物品";
    PLACES: "Places", "場所";
    WHEN: "When", "条件";
    DOES: "Performs", "実施";
    CONFIRMS: "Confirms", "確認";
    C1: "C1 (content)", "C1(内容確認)";
    C2: "C2 (authority and order)", "C2(権限・手順確認)";
    AUTHENTICATION: "Authentication", "認証";
    ACTION: "Action", "操作";
    PLACE: "To", "収納先";
    EVERYBODY: "everybody", "全員";
    NUMBER: "Ceremony", "セレモニー番号";
    PLANNED: "Planned for", "実施予定日";
    TOKEN: "Module", "暗号モジュール";
    FIELDS: "Time, serials, signatures", "時刻・番号・署名";
    STARTED: "Started", "開始";
    ENDED: "Ended", "終了";
    COMPLETED: "Completed", "完了";
    BROKEN_OFF: "broken off", "中止";
    YES: "yes", "はい";
    NO: "no", "いいえ";
    RESULT: "Verification", "検証結果";
    NO_VIOLATIONS: "every rule was kept", "全ての規則に適合";
    VIOLATIONS: "rules broken", "規則違反";
    NOT_DUE: "not due", "対象外";
    LEFT_OUT: "left out by order of the CA manager", "認証局管理責任者の命令により省略";
    BEGUN: "Begun", "開始時刻";
    FILES: "SHA-256 of what was made", "生成物のSHA-256";
    CLOCK: "Clock offset in seconds", "時計のずれ(秒)";
    CLOSING: "Closing", "終了承認";
    HEAD: "Head of the record", "記録の末尾ハッシュ";
    SANDBOX: "Sandbox", "検証環境";
    NOTHING: "not carried out", "未実施";
}

pub(super) fn mark(mark: Mark, lang: Lang) -> &'static str {
    let label = match mark {
        Mark::Authenticates => AUTHENTICATION,
        Mark::Does => DOES,
        Mark::Confirms => CONFIRMS,
        Mark::C1 => C1,
        Mark::C2 => C2,
        Mark::OrdersDeviation => Label { en: "Orders a deviation", ja: "逸脱の命令" },
        Mark::ApprovesRoster => Label { en: "Approves the roster", ja: "名簿の承認" },
        Mark::Completes => Label { en: "Approves completion", ja: "完了承認" },
        Mark::Attests => Label { en: "Attests", ja: "監査証明" },
    };
    label.get(lang)
}

pub(super) fn when(when: When, lang: Lang) -> Option<&'static str> {
    let label = match when {
        When::Always => return None,
        When::First => Label { en: "first ceremony only", ja: "初回のみ" },
        When::FirstOrReplaced => {
            Label { en: "first ceremony, or object replaced", ja: "初回および物品交換時のみ" }
        }
        When::Repeat => Label { en: "from the second ceremony on", ja: "2回目以降" },
        When::OnKeygen => Label {
            en: "when a root key is generated or credentials change",
            ja: "ルート鍵生成時または認証情報変更時",
        },
    };
    Some(label.get(lang))
}

pub(super) fn authentication(auth: Authentication, lang: Lang) -> Option<&'static str> {
    let label = match auth {
        Authentication::None => return None,
        Authentication::Single => Label { en: "one person", ja: "1名" },
        Authentication::Pair => Label { en: "two persons", ja: "2名" },
        Authentication::Quorum => Label { en: "k of n holders", ja: "n人中k人" },
    };
    Some(label.get(lang))
}
