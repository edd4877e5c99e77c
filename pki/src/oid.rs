//! Object identifiers of the profiles (spec of ISO/IEC 18013-5 Annex B, RFC 5280, RFC 6960, X.520).

use der::asn1::ObjectIdentifier;

use crate::{asn1::Asn1Error, key::encoding::EC_PUBLIC_KEY};

/// Reads the contents octets of an OBJECT IDENTIFIER.
pub(crate) fn from_contents(octets: &[u8]) -> Result<ObjectIdentifier, Asn1Error> {
    match known(octets) {
        Some(known) => Ok(known),
        None => ObjectIdentifier::from_bytes(octets).map_err(|_| Asn1Error::InvalidValue),
    }
}

/// Those that nearly every certificate of a document has: recognising one is cheaper than checking its arcs.
fn known(octets: &[u8]) -> Option<ObjectIdentifier> {
    Some(match octets {
        [0x55, 0x1D, 14] => SUBJECT_KEY_IDENTIFIER,
        [0x55, 0x1D, 15] => KEY_USAGE,
        [0x55, 0x1D, 18] => ISSUER_ALT_NAME,
        [0x55, 0x1D, 19] => BASIC_CONSTRAINTS,
        [0x55, 0x1D, 31] => CRL_DISTRIBUTION_POINTS,
        [0x55, 0x1D, 35] => AUTHORITY_KEY_IDENTIFIER,
        [0x55, 0x1D, 37] => EXTENDED_KEY_USAGE,
        [0x55, 0x04, 3] => COMMON_NAME,
        [0x55, 0x04, 6] => COUNTRY,
        [0x55, 0x04, 8] => STATE_OR_PROVINCE,
        [0x55, 0x04, 10] => ORGANIZATION,
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1] => EC_PUBLIC_KEY,
        [0x28, 0x81, 0x8C, 0x5D, 5, 1, 2] => EKU_MDL_DS,
        _ => return None,
    })
}

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dots:literal;)*) => {
        $($(#[$doc])* pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($dots);)*
    };
}

oids! {
    /// Subject key identifier (RFC 5280 4.2.1.2).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// Key usage (RFC 5280 4.2.1.3).
    KEY_USAGE = "2.5.29.15";
    /// Subject alternative name (RFC 5280 4.2.1.6).
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// Issuer alternative name (RFC 5280 4.2.1.7).
    ISSUER_ALT_NAME = "2.5.29.18";
    /// Basic constraints (RFC 5280 4.2.1.9).
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// CRL number (RFC 5280 5.2.3).
    CRL_NUMBER = "2.5.29.20";
    /// Reason code of a CRL entry (RFC 5280 5.3.1).
    REASON_CODE = "2.5.29.21";
    /// Invalidity date of a CRL entry (RFC 5280 5.3.2).
    INVALIDITY_DATE = "2.5.29.24";
    /// Delta CRL indicator (RFC 5280 5.2.4).
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// Issuing distribution point (RFC 5280 5.2.5).
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// Certificate issuer of an indirect CRL's entry (RFC 5280 5.3.3).
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// Name constraints (RFC 5280 4.2.1.10): forbidden by Annex B.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// CRL distribution points (RFC 5280 4.2.1.13).
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// Certificate policies (RFC 5280 4.2.1.4).
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// Policy mappings (RFC 5280 4.2.1.5): forbidden by Annex B.
    POLICY_MAPPINGS = "2.5.29.33";
    /// Authority key identifier (RFC 5280 4.2.1.1).
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// Policy constraints (RFC 5280 4.2.1.11): forbidden by Annex B.
    POLICY_CONSTRAINTS = "2.5.29.36";
    /// Extended key usage (RFC 5280 4.2.1.12).
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// Freshest CRL (RFC 5280 4.2.1.15): forbidden by Annex B.
    FRESHEST_CRL = "2.5.29.46";
    /// Inhibit anyPolicy (RFC 5280 4.2.1.14): forbidden by Annex B.
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// Authority information access (RFC 5280 4.2.2.1).
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// OCSP access method.
    AD_OCSP = "1.3.6.1.5.5.7.48.1";
    /// OCSP no-check (RFC 6960 4.2.2.2.1).
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";

    /// Document signer of a mobile driving licence.
    EKU_MDL_DS = "1.0.18013.5.1.2";
    /// mdoc reader authentication.
    EKU_MDL_READER_AUTH = "1.0.18013.5.1.6";
    /// VICAL signer.
    EKU_MDL_VICAL = "1.0.18013.5.1.8";
    /// Document signer of any mdoc (ISO/IEC 23220-4).
    EKU_MDOC_DS = "1.0.23220.4.1.2";
    /// Reader authentication of any mdoc (ISO/IEC 23220-4).
    EKU_MDOC_READER_AUTH = "1.0.23220.4.1.6";
    /// VICAL signer of any mdoc (ISO/IEC 23220-4).
    EKU_MDOC_VICAL = "1.0.23220.4.1.8";
    /// OCSP signing (RFC 6960 4.2.2.2).
    EKU_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

    /// commonName.
    COMMON_NAME = "2.5.4.3";
    /// serialNumber of a distinguished name.
    SERIAL_NUMBER = "2.5.4.5";
    /// countryName.
    COUNTRY = "2.5.4.6";
    /// localityName.
    LOCALITY = "2.5.4.7";
    /// stateOrProvinceName.
    STATE_OR_PROVINCE = "2.5.4.8";
    /// organizationName.
    ORGANIZATION = "2.5.4.10";
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    /// organizationIdentifier.
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    /// emailAddress (PKCS #9).
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    /// domainComponent.
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ones_are_themselves() {
        let mut recognised = 0;
        for arc in 0..=0x7F {
            for octets in [[0x55, 0x04, arc], [0x55, 0x1D, arc]] {
                assert_eq!(from_contents(&octets).unwrap().as_bytes(), octets);
                recognised += usize::from(known(&octets).is_some());
            }
        }
        assert_eq!(recognised, 11);
        for longer in [EC_PUBLIC_KEY, EKU_MDL_DS] {
            assert_eq!(known(longer.as_bytes()), Some(longer));
        }
    }

    #[test]
    fn no_other_octets_are_known() {
        for octets in
            [b"".as_slice(), b"\x55\x1d", b"\x55\x1d\x8e", b"\x55\x1d\x0e\x01", b"\x28\x81\x8c\x5d\x05\x01\x03"]
        {
            assert_eq!(known(octets), None);
        }
        assert_eq!(from_contents(b"\x55\x1d\x8e"), Err(Asn1Error::InvalidValue));
    }
}
