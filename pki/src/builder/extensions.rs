//! From a row of the profile to an extension.

use der::asn1::ObjectIdentifier;

use super::{BuildError, CertificateRequest, Contact};
use crate::{
    asn1::{DerWriter, tag},
    oid,
    profile::{Constraint, Content, Presence, Rule},
};

impl CertificateRequest<'_> {
    /// The extensions that the rules ask for, in the order of the rules.
    pub(super) fn extensions(&self) -> Result<Vec<u8>, BuildError> {
        let mut writer = DerWriter::new();
        let mut purposes_written = false;
        for rule in self.profile.rules() {
            match &rule.constraint {
                Constraint::Extension { oid, presence, critical, content } => {
                    purposes_written |= *oid == oid::EXTENDED_KEY_USAGE;
                    match self.value(*oid, *presence, content)? {
                        Some(value) => write(&mut writer, *oid, *critical, &value),
                        None => required(rule, *presence)?,
                    }
                }
                // RFC 6960 4.2.2.2.1: the value is NULL.
                Constraint::CrlOrNoCheck if self.crl_uris.is_empty() => {
                    write(&mut writer, oid::OCSP_NOCHECK, false, &[0x05, 0x00]);
                }
                _ => {}
            }
        }
        if !purposes_written && !self.key_purposes.is_empty() {
            write(&mut writer, oid::EXTENDED_KEY_USAGE, false, &self.purposes(&[]));
        }
        Ok(writer.finish())
    }

    /// The contents of an extension; `None` when there is nothing to write.
    fn value(
        &self,
        oid: ObjectIdentifier,
        presence: Presence,
        content: &Content,
    ) -> Result<Option<Vec<u8>>, BuildError> {
        let mut writer = DerWriter::new();
        match content {
            Content::Any => return Ok(self.changed_name(oid)),
            Content::KeyIdentifier => {
                writer.element(tag::OCTET_STRING, &self.public_key.key_identifier());
            }
            Content::IssuerKeyIdentifier => {
                if presence != Presence::Mandatory {
                    return Ok(None);
                }
                let Some(identifier) = self.issuer.and_then(|i| i.subject_key_identifier()) else {
                    return Ok(None);
                };
                writer.sequence(|aki| {
                    aki.element(tag::context(0), identifier);
                });
            }
            Content::KeyUsage(usage) => return Ok(Some(usage.to_der())),
            Content::Ca { path_len } => {
                writer.sequence(|constraints| {
                    constraints.boolean(true).unsigned(&path_len.to_be_bytes());
                });
            }
            Content::KeyPurposes(purposes) => return Ok(Some(self.purposes(purposes))),
            Content::Contact => return self.contacts(),
            Content::CrlUri => return self.distribution_points(),
            Content::OcspUri => return self.ocsp_access(),
        }
        Ok(Some(writer.finish()))
    }

    /// LINK-08: a link certificate whose subject is not the old name says the new one in subjectAltName too.
    fn changed_name(&self, oid: ObjectIdentifier) -> Option<Vec<u8>> {
        let changed = self.issuer.is_some_and(|issuer| issuer.subject() != &self.subject);
        if oid != oid::SUBJECT_ALT_NAME || !changed {
            return None;
        }
        let mut writer = DerWriter::new();
        writer.sequence(|names| {
            // directoryName is EXPLICIT because Name is a CHOICE.
            names.element(tag::context_constructed(4), self.subject.der());
        });
        Some(writer.finish())
    }

    fn purposes(&self, of_profile: &[ObjectIdentifier]) -> Vec<u8> {
        let required = of_profile.first();
        let own = self.key_purposes.iter().filter(|oid| Some(*oid) != required);
        let mut writer = DerWriter::new();
        writer.sequence(|list| {
            for purpose in required.into_iter().chain(own) {
                list.oid(purpose);
            }
        });
        writer.finish()
    }

    fn contacts(&self) -> Result<Option<Vec<u8>>, BuildError> {
        if self.contacts.is_empty() {
            return Ok(None);
        }
        let mut contents = DerWriter::new();
        for contact in &self.contacts {
            match contact {
                Contact::Email(email) => contents.element(tag::context(1), ascii(email)?),
                Contact::Uri(uri) => contents.element(tag::context(6), ascii(uri)?),
            };
        }
        let mut writer = DerWriter::new();
        writer.element(tag::SEQUENCE, &contents.finish());
        Ok(Some(writer.finish()))
    }

    /// One distribution point with every URI: they lead to the same list.
    fn distribution_points(&self) -> Result<Option<Vec<u8>>, BuildError> {
        if self.crl_uris.is_empty() {
            return Ok(None);
        }
        let mut names = DerWriter::new();
        for uri in &self.crl_uris {
            names.element(tag::context(6), ascii(uri)?);
        }
        let names = names.finish();
        let mut writer = DerWriter::new();
        writer.sequence(|points| {
            points.sequence(|point| {
                point.nested(tag::context_constructed(0), |name| {
                    name.element(tag::context_constructed(0), &names);
                });
            });
        });
        Ok(Some(writer.finish()))
    }

    fn ocsp_access(&self) -> Result<Option<Vec<u8>>, BuildError> {
        let Some(uri) = &self.ocsp_uri else { return Ok(None) };
        let uri = ascii(uri)?;
        let mut writer = DerWriter::new();
        writer.sequence(|list| {
            list.sequence(|access| {
                access.oid(&oid::AD_OCSP).element(tag::context(6), uri);
            });
        });
        Ok(Some(writer.finish()))
    }
}

fn ascii(text: &str) -> Result<&[u8], BuildError> {
    let usable = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    usable.then_some(text.as_bytes()).ok_or(BuildError::Text)
}

fn required(rule: &Rule, presence: Presence) -> Result<(), BuildError> {
    match presence {
        Presence::Mandatory => Err(BuildError::MissingInput(rule.id)),
        Presence::Optional => Ok(()),
    }
}

fn write(writer: &mut DerWriter, oid: ObjectIdentifier, critical: bool, value: &[u8]) {
    writer.sequence(|extension| {
        extension.oid(&oid);
        if critical {
            extension.boolean(true);
        }
        extension.element(tag::OCTET_STRING, value);
    });
}
