//! PKCS#11 return values: their names as facts, and the class that decides what is done about them.

use std::fmt;

use cryptoki::error::RvError;

use crate::ErrorClass;

/// A PKCS#11 return value (`CKR_…`) other than `CKR_OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnValue(RvError);

impl ReturnValue {
    pub(crate) const fn new(value: RvError) -> Self {
        Self(value)
    }

    /// Its name in the PKCS#11 specification, for example `CKR_DEVICE_ERROR`; a value that the specification does not
    /// name is written as `CKR_0x80000123`.
    #[must_use]
    pub fn name(self) -> String {
        match self.0 {
            RvError::VendorDefined(code) | RvError::UnknownErrorCode(code) => format!("CKR_{code:#010x}"),
            named => screaming(&format!("{named:?}")),
        }
    }

    /// What kind of trouble it is.
    ///
    /// *Temporary* is what a new session may cure: lost sessions and handles, a device that was away. Vendor values are
    /// permanent: retrying what is not understood is not safe.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self.0 {
            RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::PinLocked
            | RvError::PinTooWeak
            | RvError::UserPinNotInitialized => ErrorClass::Pin,
            RvError::Cancel
            | RvError::HostMemory
            | RvError::GeneralError
            | RvError::FunctionFailed
            | RvError::FunctionCanceled
            | RvError::DeviceError
            | RvError::DeviceMemory
            | RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::SlotIdInvalid
            | RvError::SessionClosed
            | RvError::SessionCount
            | RvError::SessionHandleInvalid
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::OperationActive
            | RvError::OperationNotInitialized
            | RvError::UserNotLoggedIn => ErrorClass::Temporary,
            _ => ErrorClass::Permanent,
        }
    }
}

impl fmt::Display for ReturnValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// `PinLenRange` → `CKR_PIN_LEN_RANGE`.
fn screaming(camel: &str) -> String {
    let mut name = String::from("CKR");
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_specification() {
        for (value, name) in [
            (RvError::PinIncorrect, "CKR_PIN_INCORRECT"),
            (RvError::SessionReadWriteSoExists, "CKR_SESSION_READ_WRITE_SO_EXISTS"),
            (RvError::VendorDefined(0x8000_0123), "CKR_0x80000123"),
        ] {
            assert_eq!(ReturnValue::new(value).name(), name);
        }
    }

    #[test]
    fn a_wrong_pin_is_never_temporary() {
        for value in [RvError::PinIncorrect, RvError::PinLocked, RvError::PinExpired, RvError::PinLenRange] {
            assert_eq!(ReturnValue::new(value).class(), ErrorClass::Pin);
        }
        assert_eq!(ReturnValue::new(RvError::DeviceError).class(), ErrorClass::Temporary);
        assert_eq!(ReturnValue::new(RvError::VendorDefined(0x8000_0001)).class(), ErrorClass::Permanent);
    }
}
