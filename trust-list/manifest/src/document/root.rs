//! The root on the wire.

use core::num::NonZeroU16;
use std::collections::{BTreeMap, BTreeSet};

use tegata_mdoc::cbor::{DecodeError, Key, MapEncoder, Reader};
use tegata_pki::PublicKey;

use super::{HeaderFields, check_header, header_methods, sealed::Contents, write_header};
use crate::field::{invalid, read_fixed, read_set, required, text_key};
use crate::{KeyId, MAX_KEYS, MAX_ROOT_BYTES, MetadataError, RoleKeys, RoleName, RootMetadata};

impl Contents for RootMetadata {
    const TYPE: &'static str = "root";
    const ROLE: RoleName = RoleName::Root;
    const MAX_BYTES: u64 = MAX_ROOT_BYTES;

    header_methods!();

    fn check(&self) -> Result<(), MetadataError> {
        check_header(&self.header)?;
        if self.keys.len() > MAX_KEYS {
            return Err(MetadataError::TooMany { what: "keys", found: self.keys.len(), limit: MAX_KEYS });
        }
        for (id, key) in &self.keys {
            check_key(self, *id, key)?;
        }
        for role in RoleName::ALL {
            check_role(self, role)?;
        }
        Ok(())
    }

    fn write(&self, map: &mut MapEncoder) {
        write_header(map, &self.header);
        map.text("keys", |value| {
            value.sorted_map(|keys| {
                for (id, key) in &self.keys {
                    keys.pair(|name| _ = name.bytes(id.as_bytes()), |value| _ = value.bytes(&key.to_spki_der()));
                }
            });
        });
        map.text("roles", |value| {
            value.sorted_map(|roles| {
                for (role, keys) in &self.roles {
                    roles.text(role.id(), |value| {
                        value.sorted_map(|map| {
                            map.text("threshold", |value| _ = value.unsigned(keys.threshold.get().into()));
                            map.text("keys", |value| {
                                value.array(keys.keys.len());
                                keys.keys.iter().for_each(|id| _ = value.bytes(id.as_bytes()));
                            });
                        });
                    });
                }
            });
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut header, mut keys, mut roles) = (HeaderFields::default(), None, None);
        reader.map(|reader, key| {
            match text_key(reader, key)? {
                "keys" => keys = Some(read_keys(reader).map_err(|error| error.within("keys"))?),
                "roles" => roles = Some(read_roles(reader).map_err(|error| error.within("roles"))?),
                other => header.take(reader, other)?,
            }
            Ok(())
        })?;
        Ok(Self {
            header: header.finish(reader)?,
            keys: required(reader, keys, "keys")?,
            roles: required(reader, roles, "roles")?,
        })
    }
}

/// A key can sign, has its own id and exactly one role.
fn check_key(root: &RootMetadata, id: KeyId, key: &PublicKey) -> Result<(), MetadataError> {
    if KeyId::of(key) != id {
        return Err(MetadataError::KeyIdMismatch(id));
    }
    if !key.curve().can_sign() {
        return Err(MetadataError::NoAlgorithm(key.curve()));
    }
    match root.roles.values().filter(|role| role.keys.contains(&id)).count() {
        1 => Ok(()),
        roles => Err(MetadataError::KeyRoles { key: id, roles }),
    }
}

/// A role is there, its keys are known, and they can reach its threshold.
fn check_role(root: &RootMetadata, role: RoleName) -> Result<(), MetadataError> {
    let RoleKeys { keys, threshold } = root.roles.get(&role).ok_or(MetadataError::MissingRole(role))?;
    if let Some(key) = keys.iter().find(|id| !root.keys.contains_key(id)) {
        return Err(MetadataError::MissingKey { role, key: *key });
    }
    let distinct: BTreeSet<_> = keys.iter().filter_map(|id| root.keys.get(id)).collect();
    if usize::from(threshold.get()) > distinct.len() {
        let (threshold, keys) = (threshold.get(), distinct.len());
        return Err(MetadataError::ThresholdTooHigh { role, threshold, keys });
    }
    Ok(())
}

fn read_keys(reader: &mut Reader<'_>) -> Result<BTreeMap<KeyId, PublicKey>, DecodeError> {
    let mut keys = BTreeMap::new();
    reader.map(|reader, key| {
        let at = reader.offset();
        let Key::Bytes(id) = key else { return Err(invalid(at, "keyid")) };
        let id = KeyId::from_bytes(id.try_into().map_err(|_| invalid(at, "keyid"))?);
        let spki = reader.bytes()?;
        // One key has one encoding, so that it cannot pass for two.
        let key = PublicKey::from_spki_der(spki).ok().filter(|key| key.to_spki_der() == spki);
        keys.insert(id, key.ok_or_else(|| invalid(at, "spki"))?);
        Ok(())
    })?;
    Ok(keys)
}

/// Roles that are not known are ignored, as all that is not known; those we know must all be there.
fn read_roles(reader: &mut Reader<'_>) -> Result<BTreeMap<RoleName, RoleKeys>, DecodeError> {
    let mut roles = BTreeMap::new();
    reader.map(|reader, key| {
        match RoleName::from_id(text_key(reader, key)?) {
            Some(role) => _ = roles.insert(role, read_role(reader).map_err(|error| error.within(role.id()))?),
            None => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(roles)
}

fn read_role(reader: &mut Reader<'_>) -> Result<RoleKeys, DecodeError> {
    let (mut keys, mut threshold) = (None, None);
    reader.map(|reader, key| {
        match text_key(reader, key)? {
            "keys" => {
                keys = Some(read_set(reader, "keys", |reader| read_fixed(reader, "keyid").map(KeyId::from_bytes))?);
            }
            "threshold" => {
                let at = reader.offset();
                let value = u16::try_from(reader.unsigned()?).ok().and_then(NonZeroU16::new);
                threshold = Some(value.ok_or_else(|| invalid(at, "threshold"))?);
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(RoleKeys { keys: required(reader, keys, "keys")?, threshold: required(reader, threshold, "threshold")? })
}
