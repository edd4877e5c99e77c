//! The policy as a document for people. Both languages are made from the same numbers.

use std::fmt::{self, Write as _};

use tegata_pki::{Curve, Role};

use super::{CrlMode, Policy, Quorum, SignerRules};
use crate::{attestation::AttestationRule, text::Lang};

/// Markdown: a title, tables, the decisions.
pub(super) fn document(policy: &Policy, lang: Lang) -> String {
    let mut page = Page { lang, out: String::new() };
    let written = page.write(policy);
    debug_assert!(written.is_ok(), "writing to a string does not fail");
    page.out
}

struct Page {
    lang: Lang,
    out: String,
}

impl Page {
    fn write(&mut self, policy: &Policy) -> fmt::Result {
        writeln!(self.out, "# {}\n", policy.title.get(self.lang))?;
        self.table("This policy", "本ポリシー")?;
        self.row("Identifier", "識別子", &policy.id)?;
        self.row("Version", "版", &policy.version)?;
        self.row("Edition of the profiles", "プロファイルの版", policy.edition.id())?;
        self.row("Basis", "準拠文書", &policy.basis)?;
        self.row("SHA-256 of the file", "ファイルのSHA-256", &hex::encode(policy.digest()))?;
        self.names(policy)?;
        self.root(policy)?;
        self.signer(policy, Role::DocumentSigner, "Document signers", "ドキュメント署名者")?;
        self.signer(policy, Role::StatusSigner, "MSO revocation list signers", "MSO失効リスト署名者")?;
        self.signer(policy, Role::VicalSigner, "VICAL signers", "VICAL署名者")?;
        self.attestation(policy)?;
        self.crl(policy)?;
        self.people(policy)?;
        self.decisions(policy)
    }

    fn names(&mut self, policy: &Policy) -> fmt::Result {
        self.table("Names", "名称")?;
        self.row("countryName", "countryName", &policy.names.country)?;
        if let Some(state) = &policy.names.state {
            self.row("stateOrProvinceName", "stateOrProvinceName", state)?;
        }
        self.row("organizationName", "organizationName", &policy.names.organization)?;
        self.row("commonName of the root", "ルートのcommonName", &policy.names.root)?;
        let contact = [&policy.contact.email, &policy.contact.uri].into_iter().flatten().cloned().collect::<Vec<_>>();
        self.row("Contact (issuerAltName)", "連絡先（issuerAltName）", &contact.join(", "))
    }

    fn root(&mut self, policy: &Policy) -> fmt::Result {
        let (root, lang) = (&policy.root, self.lang);
        self.table("Root key and certificate", "ルート鍵及び証明書")?;
        self.row("Curves", "曲線", &curves(&root.curves))?;
        self.row("Signatures", "署名アルゴリズム", &root.signatures.join(", "))?;
        self.row("Validity of the certificate", "証明書の有効期間", &root.validity.text(lang))?;
        self.row("Use of the private key", "秘密鍵の使用期間", &root.key_use.text(lang))?;
        let lead = ("Next root before the end of the key use", "次世代ルートの生成（鍵使用期間満了前）");
        self.row(lead.0, lead.1, &root.rekey_lead.text(lang))?;
        let pre = ("Publication before first use", "使用開始前の公開期間");
        self.row(pre.0, pre.1, &policy.rollover.pre_publish.text(lang))?;
        let alarms = policy.rollover.alarms.iter().map(|alarm| alarm.text(lang)).collect::<Vec<_>>();
        self.row("Alarms before the rekey", "鍵更新前の警報", &alarms.join(", "))?;
        let crl = ("CRL distribution points in the root", "ルート証明書のCRL配布点");
        self.row(crl.0, crl.1, self.yes(root.crl_uri_in_root))?;
        let after = ("CRLs after the key use", "使用期間満了後のCRL署名");
        self.row(after.0, after.1, self.yes(root.crl_after_key_use))?;
        if let Some(oids) = &policy.policy_oids {
            let note = ("recorded, never in a certificate", "記録のみ。証明書には記載しない");
            let note = self.say(note.0, note.1);
            let all = format!("{}, {}, {} ({note})", oids.root, oids.link, oids.document_signer);
            self.row("Policy identifiers: root, link, document signer", "ポリシーOID：自己署名、リンク、DS", &all)?;
        }
        Ok(())
    }

    fn signer(&mut self, policy: &Policy, role: Role, en: &str, ja: &str) -> fmt::Result {
        let Some(SignerRules { curves: allowed, validity, max_validity, cadence, issue_ahead, max_valid }) =
            policy.signer_rules(role)
        else {
            return Ok(());
        };
        let lang = self.lang;
        self.table(en, ja)?;
        let names = policy.signer_names(role);
        let none = self.say("none: not issued", "なし（発行しない）").to_owned();
        self.row("commonNames", "commonName", &if names.is_empty() { none } else { names.join(", ") })?;
        self.row("Curves", "曲線", &curves(allowed))?;
        self.row("Validity", "有効期間", &validity.text(lang))?;
        self.row("Limit of the validity", "有効期間の上限", &max_validity.text(lang))?;
        self.row("A new one every", "発行間隔", &cadence.text(lang))?;
        self.row("Latest start after the ceremony", "セレモニー後の有効開始の上限", &issue_ahead.text(lang))?;
        self.row("Valid at once, at most", "同時に有効な枚数の上限", &max_valid.to_string())
    }

    fn attestation(&mut self, policy: &Policy) -> fmt::Result {
        let rules = &policy.attestation;
        self.table("Attestation of the signers' keys", "署名者の鍵のアテステーション")?;
        let rule = match rules.rule {
            AttestationRule::None => self.say("not looked at", "評価しない"),
            AttestationRule::Recorded => self.say("evaluated and recorded", "評価して記録する"),
            AttestationRule::Required => self.say("required", "必須"),
        };
        self.row("Rule", "規則", rule)?;
        let formats = rules.formats.iter().map(|format| format.id()).collect::<Vec<_>>();
        if !formats.is_empty() {
            self.row("Forms", "形式", &formats.join(", "))?;
        }
        for root in &rules.roots {
            let root = format!("{}, SHA-256 {}", root.subject(), hex::encode(root.fingerprint_sha256()));
            self.row("Root of a maker", "製造者のルート", &root)?;
        }
        Ok(())
    }

    fn crl(&mut self, policy: &Policy) -> fmt::Result {
        let (crl, lang) = (&policy.crl, self.lang);
        self.table("Certificate revocation lists", "証明書失効リスト（CRL）")?;
        let mode = match crl.mode {
            CrlMode::DailySeries => self.say("a pre-signed series", "事前署名した系列"),
            CrlMode::Single => self.say("one list for each ceremony", "セレモニーごとに単一のリスト"),
        };
        self.row("Lists", "発行方式", mode)?;
        self.row("From thisUpdate to nextUpdate", "thisUpdateからnextUpdateまで", &crl.validity.text(lang))?;
        if let Some(next) = crl.next_publish {
            self.row("Next publication", "次回公開", &next.text(lang))?;
        }
        self.row("Reserve after the next ceremony", "次回セレモニー後の予備期間", &crl.slip.text(lang))?;
        self.row("Reason codes", "失効事由", self.yes(crl.reason_codes))?;
        self.row("From order to publication", "失効申請から公開まで", &crl.duty.text(lang))?;
        let alarms = crl.duty_alarms.iter().map(|alarm| alarm.text(lang)).collect::<Vec<_>>();
        self.row("Alarms", "警報", &alarms.join(", "))?;
        self.row("URIs", "URI", &crl.uris.join(", "))
    }

    fn people(&mut self, policy: &Policy) -> fmt::Result {
        self.table("Persons", "要員")?;
        self.row("Activation of the key", "鍵の活性化", &self.quorum(policy.quorum.activation))?;
        self.row("CRL-only ceremony (on call)", "CRLのみのセレモニー（待機）", &self.quorum(policy.quorum.on_call))?;
        self.row("Roles", "役割", &policy.roles.present.join(", "))?;
        let pairs = policy.roles.may_share.iter().map(|pair| pair.join(" + ")).collect::<Vec<_>>();
        self.row("Roles that one person may share", "兼務できる役割", &pairs.join(", "))
    }

    fn decisions(&mut self, policy: &Policy) -> fmt::Result {
        writeln!(self.out, "\n## {}\n", self.say("Decisions", "決定事項"))?;
        for decision in &policy.decisions {
            let lang = self.lang;
            writeln!(self.out, "### {}\n", decision.id)?;
            writeln!(self.out, "{}\n", decision.question.get(lang))?;
            writeln!(self.out, "- {}: {}", self.say("Choice", "決定"), decision.choice.get(lang))?;
            writeln!(self.out, "- {}: {}\n", self.say("Reason", "理由"), decision.reason.get(lang))?;
        }
        Ok(())
    }

    fn table(&mut self, en: &str, ja: &str) -> fmt::Result {
        let title = self.say(en, ja).to_owned();
        let (item, value) = (self.say("Item", "項目"), self.say("Value", "値"));
        let head = format!("\n## {title}\n\n| {item} | {value} |\n|---|---|\n");
        self.out.write_str(&head)
    }

    fn row(&mut self, en: &str, ja: &str, value: &str) -> fmt::Result {
        let label = self.say(en, ja).to_owned();
        writeln!(self.out, "| {label} | {} |", value.replace('|', "\\|"))
    }

    fn quorum(&self, quorum: Quorum) -> String {
        match self.lang {
            Lang::En => format!("{} of {} key managers", quorum.k, quorum.n),
            Lang::Ja => format!("秘密鍵管理者{}名中{}名", quorum.n, quorum.k),
        }
    }

    fn yes(&self, yes: bool) -> &'static str {
        if yes { self.say("yes", "あり") } else { self.say("no", "なし") }
    }

    fn say<'a>(&self, en: &'a str, ja: &'a str) -> &'a str {
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }
}

fn curves(curves: &[Curve]) -> String {
    curves.iter().map(|curve| curve.name()).collect::<Vec<_>>().join(", ")
}
