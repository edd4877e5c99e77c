//! The two persons who apply: the operations manager, who answers for the accuracy of the application, and the
//! private-key manager.

use super::field::is_person;

/// A person who applies for what the request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Applicant {
    /// The person's handle, `[a-z0-9-]{2,32}`; never a real name.
    pub person: String,
    /// In which role the person applies.
    pub role: ApplicantRole,
}

/// The roles in which persons apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicantRole {
    /// The operations manager.
    OpsManager,
    /// The private-key manager.
    KeyManager,
}

impl ApplicantRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::OpsManager, Self::KeyManager];

    /// The name in the bundle.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::OpsManager => "ops-manager",
            Self::KeyManager => "key-manager",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// Why the applicants of a request are not the two that are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ApplicantError {
    /// Another number than two.
    #[error("{0} persons apply, where two are asked for")]
    Count(usize),
    /// A handle is not of the form `[a-z0-9-]{2,32}`.
    #[error("{0:?} is no handle of a person")]
    Person(String),
    /// The same person stands in both roles.
    #[error("{0} applies in both roles")]
    SamePerson(String),
    /// Both apply in this role; the other one is missing.
    #[error("both persons apply as {}", .0.id())]
    SameRole(ApplicantRole),
}

impl ApplicantError {
    /// Stable id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Count(_) => "bundle-applicants-count",
            Self::Person(_) => "bundle-applicants-person",
            Self::SamePerson(_) => "bundle-applicants-same-person",
            Self::SameRole(_) => "bundle-applicants-same-role",
        }
    }
}

/// Two distinct persons apply, one as operations manager and one as key manager, in any order.
///
/// # Errors
/// [`ApplicantError`].
pub fn check_applicants(applicants: &[Applicant]) -> Result<(), ApplicantError> {
    let [first, second] = applicants else { return Err(ApplicantError::Count(applicants.len())) };
    if let Some(wrong) = [first, second].into_iter().find(|applicant| !is_person(&applicant.person)) {
        return Err(ApplicantError::Person(wrong.person.clone()));
    }
    if first.person == second.person {
        return Err(ApplicantError::SamePerson(first.person.clone()));
    }
    if first.role == second.role {
        return Err(ApplicantError::SameRole(first.role));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;

    fn applicant(person: &str, role: ApplicantRole) -> Applicant {
        Applicant { person: person.into(), role }
    }

    #[test]
    fn two_persons_in_two_roles() {
        use ApplicantRole::{KeyManager, OpsManager};
        let check = |list: &[(&str, ApplicantRole)]| {
            let list: Vec<_> = list.iter().map(|(person, role)| applicant(person, *role)).collect();
            check_applicants(&list)
        };
        check(&[("p01", OpsManager), ("p02", KeyManager)]).unwrap();
        check(&[("p02", KeyManager), ("p01", OpsManager)]).unwrap();
        assert_eq!(check(&[]), Err(ApplicantError::Count(0)));
        assert_eq!(check(&[("p01", OpsManager)]), Err(ApplicantError::Count(1)));
        let three = [("p01", OpsManager), ("p02", KeyManager), ("p03", KeyManager)];
        assert_eq!(check(&three), Err(ApplicantError::Count(3)));
        let same = check(&[("p01", OpsManager), ("p01", KeyManager)]);
        assert_eq!(same, Err(ApplicantError::SamePerson("p01".into())));
        let same = check(&[("p01", KeyManager), ("p02", KeyManager)]);
        assert_eq!(same, Err(ApplicantError::SameRole(KeyManager)));
        for wrong in ["", "p", "P01", "p 1", "手形", &"p".repeat(33)] {
            let refused = check(&[("p01", OpsManager), (wrong, KeyManager)]);
            assert_eq!(refused, Err(ApplicantError::Person(wrong.into())));
        }
    }
}
