//! Following a signature step by step: for a progress display, and for tests that end the process at a step.

/// A step of a signature that was just completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningPoint {
    /// Nothing is written yet.
    Begun,
    /// The intent and its number are on the medium.
    IntentRecorded,
    /// The audit log has the intent.
    IntentLogged,
    /// The key has signed.
    Signed,
    /// The signature is verified, the object linted.
    Verified,
    /// The result is on the medium.
    ResultRecorded,
    /// The audit log has the result.
    ResultLogged,
    /// The bytes of the file are on the medium, not yet under its name.
    FileWritten,
    /// The file is there.
    FileInPlace,
}

impl SigningPoint {
    /// Every point, in order.
    pub const ALL: [Self; 9] = [
        Self::Begun,
        Self::IntentRecorded,
        Self::IntentLogged,
        Self::Signed,
        Self::Verified,
        Self::ResultRecorded,
        Self::ResultLogged,
        Self::FileWritten,
        Self::FileInPlace,
    ];

    /// A stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::IntentRecorded => "intent-recorded",
            Self::IntentLogged => "intent-logged",
            Self::Signed => "signed",
            Self::Verified => "verified",
            Self::ResultRecorded => "result-recorded",
            Self::ResultLogged => "result-logged",
            Self::FileWritten => "file-written",
            Self::FileInPlace => "file-in-place",
        }
    }
}

/// Somebody who follows signatures.
pub trait Observer {
    /// A step is done.
    fn reached(&mut self, point: SigningPoint);
}

/// Nobody follows.
#[derive(Clone, Copy, Debug)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn reached(&mut self, _point: SigningPoint) {}
}

impl<F: FnMut(SigningPoint)> Observer for F {
    fn reached(&mut self, point: SigningPoint) {
        self(point);
    }
}
