//! What signed metadata of a Digital Trust Service says. Only a root can be judged alone, and only against it: whom to
//! believe is what an update begins with.

use tegata_manifest::{
    AnchorList, Approval, Header, MetadataError, MetadataKind, Pointer, RoleName, RootMetadata, Signed, Snapshot,
};
use tegata_pki::CryptoProvider;
use tegata_trust_list::trust_object::{Cause, Entry, Facts, Number, TrustReport, Verdict};
use time::UtcDateTime;

/// Fills in what `bytes` say, and what speaks against them.
pub(super) fn complete(report: &mut TrustReport, bytes: &[u8], at: UtcDateTime, provider: &dyn CryptoProvider) {
    let judged = read(&mut report.facts, bytes, provider).and_then(|()| check_time(&report.facts, at));
    match judged {
        Ok(()) => {}
        Err(error) => {
            // What has ended was good once, and a newer one is due.
            let late = matches!(error, MetadataError::Expired { .. });
            report.verdict = if late { Verdict::Undetermined } else { Verdict::Invalid };
            report.cause = Some(Cause { id: error.id(), text: error.to_string() });
        }
    }
}

fn read(facts: &mut Facts, bytes: &[u8], provider: &dyn CryptoProvider) -> Result<(), MetadataError> {
    match MetadataKind::of(bytes)? {
        MetadataKind::Role(role @ RoleName::Root) => {
            let root = Signed::<RootMetadata>::parse(bytes)?;
            let document = root.unverified();
            of_header(facts, role, &document.header, document.keys.len());
            root.verify_by_itself(provider)?;
        }
        MetadataKind::Role(role @ RoleName::List) => {
            let list = Signed::<AnchorList>::parse(bytes)?;
            let AnchorList { header, anchors, .. } = list.unverified();
            of_header(facts, role, header, anchors.len());
            facts.entries = anchors
                .iter()
                .enumerate()
                .map(|(position, anchor)| Entry::Anchor {
                    position,
                    certificate: anchor.certificate.clone(),
                    doc_types: anchor.doc_types.iter().map(str::to_owned).collect(),
                })
                .collect();
        }
        MetadataKind::Role(role @ RoleName::Snapshot) => {
            let snapshot = Signed::<Snapshot>::parse(bytes)?;
            let Snapshot { header, objects, .. } = snapshot.unverified();
            of_header(facts, role, header, objects.len());
        }
        MetadataKind::Role(role @ RoleName::Pointer) => {
            let pointer = Signed::<Pointer>::parse(bytes)?;
            of_header(facts, role, &pointer.unverified().header, 1);
        }
        MetadataKind::Approval => {
            let approval = Signed::<Approval>::parse(bytes)?;
            let approval = approval.unverified();
            facts.name = format!("{}: approval", approval.repository);
            (facts.issued_at, facts.expires) = (Some(approval.issued), Some(approval.expires));
            facts.entry_count = Some(1);
        }
    }
    Ok(())
}

fn of_header(facts: &mut Facts, role: RoleName, header: &Header, entries: usize) {
    facts.name = format!("{}: {role}", header.repository);
    facts.number = Some(Number::Integer(header.version));
    (facts.issued_at, facts.expires) = (Some(header.issued), Some(header.expires));
    facts.entry_count = u64::try_from(entries).ok();
}

fn check_time(facts: &Facts, at: UtcDateTime) -> Result<(), MetadataError> {
    match (facts.issued_at, facts.expires) {
        (Some(issued), _) if at < issued => Err(MetadataError::FromFuture { issued, at }),
        (_, Some(expires)) if at >= expires => Err(MetadataError::Expired { expires, at }),
        _ => Ok(()),
    }
}
