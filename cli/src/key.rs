//! Keys: references to keys on tokens and their PINs, and key files for tests.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tegata_hsm::{
    EMBEDDED_MODULE_NAME, InsecureSoftwareSigner, KeyReference, KeySelector, Module, Pin, PinSource, Signer,
    SignerOptions, Token, TokenSelector, TokenSigner,
};
use tegata_mdoc::cose::{CoseKey, KTY_EC2, KTY_OKP};
use tegata_pki::software::InsecureSoftwareKey;
use tegata_pki::{AgreementKey, Curve, KeyError, PublicKey};
use tegata_terminal::Output;

use crate::args::token::PinArgs;
use crate::failure::{ArgumentFault, Expected, Failure};
use crate::input::Input;
use crate::load::{malformed, wrong_kind};
use crate::message::show as text;
use crate::recognise::{FileKind, recognise};

/// Opens keys on tokens; asks for each PIN once.
#[derive(Debug)]
pub(crate) struct KeyRing<'p> {
    args: &'p PinArgs,
    output: Output,
    known: RefCell<Vec<(PinSource, Option<String>, Pin)>>,
}

impl<'p> KeyRing<'p> {
    pub(crate) fn new(args: &'p PinArgs, output: Output) -> Self {
        Self { args, output, known: RefCell::default() }
    }

    /// The signer that `reference` names. Its public key must be `expected`.
    pub(crate) fn signer(
        &self,
        argument: &'static str,
        reference: &str,
        expected: &PublicKey,
    ) -> Result<Arc<dyn Signer>, Failure> {
        let reference = parse(argument, reference)?;
        let module = Module::for_reference(&reference, self.store().as_deref())?;
        let pin = self.pin(&reference)?;
        Ok(Arc::new(TokenSigner::open(&module, &reference, pin, expected, &SignerOptions::default())?))
    }

    /// The signer that `reference` names, whatever its public key is: for a key that has no certificate yet.
    pub(crate) fn new_signer(&self, argument: &'static str, reference: &str) -> Result<Arc<dyn Signer>, Failure> {
        let parsed = parse(argument, reference)?;
        let module = Module::for_reference(&parsed, self.store().as_deref())?;
        let pin = self.pin(&parsed)?;
        let public_key = module.token(&TokenSelector::from(&parsed))?.public_key(&pin, &KeySelector::from(&parsed))?;
        self.signer(argument, reference, &public_key)
    }

    /// The token of that label, in `module` or in the embedded store.
    pub(crate) fn token(&self, module: Option<&Path>, label: &str) -> Result<Token, Failure> {
        Ok(self.module(module)?.token(&TokenSelector::label(label))?)
    }

    /// A module, or the embedded token.
    pub(crate) fn module(&self, module: Option<&Path>) -> Result<Module, Failure> {
        open_module(module, self.store())
    }

    /// The PIN of the token of that label.
    pub(crate) fn pin_of(&self, label: &str) -> Result<Pin, Failure> {
        self.obtain(self.source(), Some(label))
    }

    fn pin(&self, reference: &KeyReference) -> Result<Pin, Failure> {
        let source = reference.pin_source.clone().unwrap_or_else(|| self.source());
        self.obtain(source, reference.token.as_deref())
    }

    fn source(&self) -> PinSource {
        match (&self.args.pin_file, &self.args.pin_env) {
            (Some(file), _) => PinSource::File(file.clone()),
            (None, Some(name)) => PinSource::Environment(name.clone()),
            (None, None) => PinSource::Prompt,
        }
    }

    fn obtain(&self, source: PinSource, token: Option<&str>) -> Result<Pin, Failure> {
        let token = token.map(str::to_owned);
        let found = |(known, label, _): &&(PinSource, Option<String>, Pin)| *known == source && *label == token;
        if let Some((_, _, pin)) = self.known.borrow().iter().find(found) {
            return Ok(pin.clone());
        }
        let pin = source.obtain(&text::pin_prompt(self.output.lang, token.as_deref().unwrap_or("?")))?;
        self.known.borrow_mut().push((source, token, pin.clone()));
        Ok(pin)
    }

    fn store(&self) -> Option<PathBuf> {
        self.args.token_dir.clone().or_else(default_store)
    }
}

/// A module, or the embedded token with its store directory.
pub(crate) fn open_module(module: Option<&Path>, store: Option<PathBuf>) -> Result<Module, Failure> {
    match (module, store.or_else(default_store)) {
        (Some(path), _) => Ok(Module::load(path)?),
        (None, Some(store)) => Ok(Module::embedded(&store)?),
        (None, None) => Err(tegata_hsm::TokenError::StoreUnnamed.into()),
    }
}

/// `$XDG_DATA_HOME/tegata/token`, else below the home directory (XDG Base Directory Specification).
fn default_store() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))?;
    Some(data.join("tegata/token"))
}

/// A reference that names no module means the embedded token.
fn parse(argument: &'static str, text: &str) -> Result<KeyReference, Failure> {
    let mut reference: KeyReference = text.parse().map_err(|error| Failure::Reference { argument, error })?;
    if reference.module_path.is_none() && reference.module_name.is_none() {
        reference.module_name = Some(EMBEDDED_MODULE_NAME.to_owned());
    }
    Ok(reference)
}

/// True for a key reference, as opposed to a file name.
pub(crate) fn is_reference(text: &str) -> bool {
    text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkcs11:"))
}

/// A private key file for tests: PKCS#8 PEM or JWK. Says that it is one.
pub(crate) fn software_key(path: &Path, output: Output) -> Result<InsecureSoftwareKey, Failure> {
    let input = Input::read(path)?;
    let wrong = || wrong_kind(&input, Expected::PrivateKey, output.lang);
    let key = match recognise(&input) {
        FileKind::PrivateKey => InsecureSoftwareKey::from_pkcs8_pem(input.text().ok_or_else(wrong)?),
        FileKind::Jwk => InsecureSoftwareKey::from_jwk(input.text().ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let key = key.map_err(|error| malformed(&input, Expected::PrivateKey, error.id(), &error))?;
    output.note(&output.error_style.doubtful(&text::software_key(output.lang, path.display())));
    Ok(key)
}

/// A signer over a key file.
pub(crate) fn software_signer(key: InsecureSoftwareKey) -> Result<Arc<dyn Signer>, Failure> {
    Ok(Arc::new(InsecureSoftwareSigner::new(key)?))
}

/// `--reader-key` of `verify`: a private JWK or a hex scalar (`[CURVE:]HEX`), inline or in a file.
pub(crate) fn reader_key(argument: &'static str, text: &str) -> Result<AgreementKey, Failure> {
    let path = Path::new(text);
    let inline = text.trim_start().starts_with('{') || scalar(text).is_some();
    if inline || !path.exists() {
        return read_reader_key(argument, text, text);
    }
    let input = Input::read(path)?;
    read_reader_key(argument, input.text().unwrap_or_default().trim(), text)
}

fn read_reader_key(argument: &'static str, key: &str, shown: &str) -> Result<AgreementKey, Failure> {
    // A private key is not repeated in a message.
    let shown = if Path::new(shown).exists() { shown } else { "…" };
    let wrong = |reason| Failure::Argument { argument, value: shown.to_owned(), reason };
    if key.trim_start().starts_with('{') {
        return AgreementKey::from_jwk(key).map_err(|_| wrong(ArgumentFault::KeyUnusable));
    }
    let (curve, octets) = scalar(key).ok_or_else(|| wrong(ArgumentFault::NotAKey))?;
    let curve = curve.ok_or_else(|| wrong(ArgumentFault::UnknownCurve))?;
    AgreementKey::from_raw(curve, &octets).map_err(|_| wrong(ArgumentFault::KeyUnusable))
}

/// `[CURVE:]HEX`; the curve is `None` when it is named but unknown.
fn scalar(text: &str) -> Option<(Option<Curve>, Vec<u8>)> {
    let (curve, digits) = match text.split_once(':') {
        Some((name, digits)) => (Curve::ALL.into_iter().find(|curve| curve.name().eq_ignore_ascii_case(name)), digits),
        None => (Some(Curve::P256), text),
    };
    let octets = hex::decode(digits).ok().filter(|octets| !octets.is_empty())?;
    Some((curve, octets))
}

/// A received COSE_Key as a validated public key.
pub(crate) fn public_key_of(key: &CoseKey<'_>) -> Result<PublicKey, KeyError> {
    let curve = Curve::from_cose_number(key.curve).ok_or_else(|| unsupported(key))?;
    let expected_type = if curve.is_weierstrass() { KTY_EC2 } else { KTY_OKP };
    if key.key_type != expected_type {
        return Err(unsupported(key));
    }
    match (key.y, key.y_is_odd) {
        (None, Some(y_is_odd)) => PublicKey::from_compressed(curve, key.x, y_is_odd),
        (y, _) => PublicKey::from_coordinates(curve, key.x, y),
    }
}

fn unsupported(key: &CoseKey<'_>) -> KeyError {
    KeyError::UnsupportedAlgorithm(format!("(COSE kty {}, crv {})", key.key_type, key.curve).into())
}
