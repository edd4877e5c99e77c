//! What a key holder sees before signing: what the metadata says, what it changes, who has to sign.

use serde_json::{Value as Json, json};
use tegata_manifest::ceremony::{Draft, DraftDocument, Quorum, RootDifference};
use tegata_manifest::{Approval, KeyId, RoleName, RootMetadata};
use tegata_terminal::{Lang, Output, Tone, clean, facts, table};

use crate::command::instant;
use crate::message::dts as text;

pub(super) fn page(draft: &Draft, signed: &[KeyId], output: &Output) -> String {
    let lang = output.lang;
    let mut page = match draft.document() {
        DraftDocument::Root(root) => of_root(draft, root, output),
        DraftDocument::Approval(approval) => of_approval(draft, approval, output),
        _ => String::new(),
    };
    for quorum in draft.quorums() {
        let have = signed.iter().filter(|key| quorum.keys.contains(key)).count();
        let line = text::quorum(lang, quorum.threshold, quorum.keys.len(), quorum.root, have);
        let is_enough = have >= usize::from(quorum.threshold);
        page.push_str(&format!(
            "  {}\n",
            if is_enough { output.style.good(&line) } else { output.style.doubtful(&line) }
        ));
    }
    page
}

fn common(draft: &Draft, lang: Lang) -> Vec<(String, String)> {
    let before = draft.root().zip(draft.root_sha256());
    let before = before.map(|(root, digest)| text::root_before(lang, root.header.version, hex::encode(digest)));
    vec![
        (text::row_draft(lang), hex::encode(draft.digest())),
        (text::row_before(lang), before.unwrap_or_else(|| text::none(lang))),
    ]
}

fn of_root(draft: &Draft, root: &RootMetadata, output: &Output) -> String {
    let (lang, header) = (output.lang, &root.header);
    let title = text::draft_of_root(lang, header.version, clean(&header.repository));
    let mut rows = common(draft, lang);
    rows.push((text::row_issued(lang), instant(header.issued)));
    rows.push((text::row_expires(lang), expiry(draft, root, lang)));
    let header =
        [text::column_role(lang), text::column_threshold(lang), text::column_keys(lang), text::column_change(lang)];
    let changes = draft.difference().unwrap_or_default();
    let rows_of_roles: Vec<_> =
        RoleName::ALL.iter().flat_map(|role| role_rows(*role, root, draft.root(), &changes, lang)).collect();
    format!("{}\n{}{}", output.style.title(&title), facts(output, &rows), table(output, &header, &rows_of_roles))
}

fn expiry(draft: &Draft, root: &RootMetadata, lang: Lang) -> String {
    let expires = instant(root.header.expires);
    match draft.root() {
        Some(before) => text::instead_of(lang, expires, instant(before.header.expires)),
        None => expires,
    }
}

/// One row for each key that the role has or had.
fn role_rows(
    role: RoleName,
    root: &RootMetadata,
    before: Option<&RootMetadata>,
    changes: &RootDifference,
    lang: Lang,
) -> Vec<Vec<(String, Tone)>> {
    let rules = root.roles.get(&role);
    let count = rules.map(|rules| rules.keys.len()).unwrap_or_default();
    let threshold = rules.map(|rules| rules.threshold.get()).unwrap_or_default();
    let (mut of_role, mut tone) = (text::threshold(lang, threshold, count), Tone::Plain);
    if let Some(old) = before.and_then(|before| before.roles.get(&role))
        && (old.threshold.get(), old.keys.len()) != (threshold, count)
    {
        of_role = text::instead_of(lang, of_role, text::threshold(lang, old.threshold.get(), old.keys.len()));
        tone = Tone::Doubtful;
    }
    let gone = changes.removed.iter().filter(|(of, _)| *of == role).map(|(_, key)| *key);
    let keys = rules.into_iter().flat_map(|rules| rules.keys.iter().copied()).chain(gone);
    let rows = keys.enumerate().map(|(index, key)| {
        let change = match (changes.added.contains(&(role, key)), changes.removed.contains(&(role, key))) {
            (true, _) => (text::key_added(lang), Tone::Good),
            (_, true) => (text::key_removed(lang), Tone::Bad),
            _ => (text::key_kept(lang), Tone::Faint),
        };
        let first = |text: &str| if index == 0 { text.to_owned() } else { String::new() };
        vec![(first(role.id()), Tone::Plain), (first(&of_role), tone), (key.to_string(), Tone::Plain), change]
    });
    rows.collect()
}

fn of_approval(draft: &Draft, approval: &Approval, output: &Output) -> String {
    let lang = output.lang;
    let purposes: Vec<&str> = approval.purposes.iter().map(|purpose| purpose.id()).collect();
    let mut rows = common(draft, lang);
    rows.push((text::row_anchor(lang), hex::encode(approval.anchor)));
    rows.push((
        text::row_doc_types(lang),
        clean(&approval.doc_types.iter().collect::<Vec<_>>().join(", ")).into_owned(),
    ));
    rows.push((text::row_purposes(lang), purposes.join(", ")));
    rows.push((text::row_issued(lang), instant(approval.issued)));
    rows.push((text::row_expires(lang), instant(approval.expires)));
    let title = text::draft_of_approval(lang, clean(&approval.repository));
    format!("{}\n{}", output.style.title(&title), facts(output, &rows))
}

/// `{"type", "sha256", "repository", "version"?, "issued", "expires", "before", "changes"?, "anchor"?, "quorums"}`.
pub(super) fn json(draft: &Draft, signed: &[KeyId]) -> Json {
    let quorum = |quorum: &Quorum| {
        json!({
            "root": quorum.root, "threshold": quorum.threshold,
            "keys": quorum.keys.iter().map(KeyId::to_string).collect::<Vec<_>>(),
            "signed": signed.iter().filter(|key| quorum.keys.contains(key)).map(KeyId::to_string).collect::<Vec<_>>(),
        })
    };
    let before = draft.root().zip(draft.root_sha256());
    let before = before.map(|(root, digest)| {
        json!({ "version": root.header.version, "sha256": hex::encode(digest), "expires": instant(root.header.expires) })
    });
    let mut page = json!({
        "sha256": hex::encode(draft.digest()), "before": before,
        "quorums": draft.quorums().iter().map(quorum).collect::<Vec<_>>(),
    });
    let of_document = match draft.document() {
        DraftDocument::Root(root) => root_json(draft, root),
        DraftDocument::Approval(approval) => json!({
            "type": "approval", "repository": approval.repository, "anchor": hex::encode(approval.anchor),
            "doc_types": approval.doc_types.iter().collect::<Vec<_>>(),
            "purposes": approval.purposes.iter().map(|purpose| purpose.id()).collect::<Vec<_>>(),
            "issued": instant(approval.issued), "expires": instant(approval.expires),
        }),
        _ => Json::Null,
    };
    if let (Some(page), Json::Object(of_document)) = (page.as_object_mut(), of_document) {
        page.extend(of_document);
    }
    page
}

fn root_json(draft: &Draft, root: &RootMetadata) -> Json {
    let keys = |keys: &std::collections::BTreeSet<(RoleName, KeyId)>| {
        keys.iter().map(|(role, key)| json!({ "role": role.id(), "key": key.to_string() })).collect::<Vec<_>>()
    };
    let changes = draft.difference().unwrap_or_default();
    let thresholds = changes.thresholds.iter();
    let thresholds =
        thresholds.map(|change| json!({ "role": change.role.id(), "before": change.before, "now": change.now }));
    json!({
        "type": "root", "repository": root.header.repository, "version": root.header.version,
        "issued": instant(root.header.issued), "expires": instant(root.header.expires),
        "changes": {
            "added": keys(&changes.added), "removed": keys(&changes.removed), "thresholds": thresholds.collect::<Vec<_>>(),
        },
    })
}
