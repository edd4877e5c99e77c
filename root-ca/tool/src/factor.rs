//! The second factor of a person: a key file on a stick, or a secret on a PKCS#11 token.

use std::path::Path;

use tegata_hsm::{KeyReference, Module, Pin, PinSource, ResponseKey, TokenError, TokenSelector};
use tegata_quorum::{FactorError, SecondFactor};
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};

/// A secret on a person's own token that answers by HMAC-SHA-256. Its name is the `pkcs11:` URI (RFC 7512) without the
/// module's file, which is another one at another machine.
#[derive(Debug)]
pub(crate) struct TokenFactor {
    id: String,
    key: ResponseKey,
}

impl TokenFactor {
    /// What the name of such a factor begins with.
    pub(crate) const PREFIX: &str = "pkcs11:";

    /// Opens the secret at a URI that names the module's file. The PIN comes from where the URI says, else it is asked for.
    pub(crate) fn open(uri: &str, prompt: &str) -> Result<Self, Failure> {
        let (module, reference) = module_of(uri)?;
        let pin = pin_of(&reference, prompt)?;
        Ok(Self::of(ResponseKey::open(&module, &reference, pin)?))
    }

    /// The same from the name in a credential, the module's file, and the PIN.
    pub(crate) fn at(id: &str, module: &Path, pin: Pin) -> Result<Self, Failure> {
        let reference = parse(id)?;
        Ok(Self::of(ResponseKey::open(&Module::load(module)?, &reference, pin)?))
    }

    /// Makes a new secret on the token of a URI, then opens it.
    pub(crate) fn create(uri: &str, prompt: &str) -> Result<Self, Failure> {
        let (module, reference) = module_of(uri)?;
        let pin = pin_of(&reference, prompt)?;
        let label = reference.object.as_deref().ok_or(TokenError::KeyUnnamed)?;
        let token = module.token(&TokenSelector::from(&reference))?;
        let made = token.generate_response_key(&pin, label, reference.id.as_deref().unwrap_or(label.as_bytes()))?;
        Ok(Self::of(ResponseKey::open(&module, &made, pin)?))
    }

    fn of(key: ResponseKey) -> Self {
        Self { id: key.reference().to_string(), key }
    }
}

impl SecondFactor for TokenFactor {
    fn id(&self) -> &str {
        &self.id
    }

    fn respond(&self, challenge: &[u8]) -> Result<Zeroizing<[u8; 32]>, FactorError> {
        self.key.respond(challenge).map_err(|error| FactorError::Device(Box::new(error)))
    }
}

/// The embedded token is software: it is no second factor.
fn module_of(uri: &str) -> Result<(Module, KeyReference), Failure> {
    let reference = parse(uri)?;
    let file = reference.module_path.clone().ok_or(TokenError::ModuleUnnamed)?;
    Ok((Module::load(&file)?, reference))
}

fn parse(uri: &str) -> Result<KeyReference, Failure> {
    uri.parse().map_err(|error| {
        let remedy = [
            "name the secret as pkcs11:token=LABEL;object=LABEL?module-path=/…/module.so",
            "pkcs11:token=ラベル;object=ラベル?module-path=/…/module.so の形で指定してください",
        ];
        Failure::new(Kind::Usage, "factor-token-uri", error, remedy)
    })
}

fn pin_of(reference: &KeyReference, prompt: &str) -> Result<Pin, Failure> {
    Ok(reference.pin_source.clone().unwrap_or(PinSource::Prompt).obtain(prompt)?)
}
