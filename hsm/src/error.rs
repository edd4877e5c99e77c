//! What can go wrong with a token or a signature: typed facts, a class, a stable id and a remedy.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tegata_pki::{Curve, PublicKey};

use crate::{KeySelector, ReturnValue, TokenDescription, TokenOperation, TokenSelector};

/// The kinds of trouble, by what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// A new session may cure it. The signer has already tried.
    Temporary,
    /// It will fail again until somebody changes something.
    Permanent,
    /// The PIN was refused. Never retried: each attempt may count towards a lock.
    Pin,
    /// The token or the key is not there.
    NotFound,
    /// The key on the token is not the one that the certificate or the caller names.
    KeyMismatch,
    /// The key could leave the token, or may not sign.
    UnsafeKey,
    /// The token returned a signature that its public key does not verify. It was not released.
    BadSignature,
    /// The request itself is wrong.
    Usage,
}

/// An error of opening, administering or reaching a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// A PKCS#11 function failed.
    #[error("{function} failed with {return_value}")]
    Call {
        /// The function's name, for example `C_OpenSession`.
        function: String,
        /// What it returned.
        return_value: ReturnValue,
    },
    /// The token refused the PIN. It was tried once and will not be tried again by the same signer.
    #[error("the token refused the PIN ({return_value})")]
    PinRefused {
        /// What the token returned.
        return_value: ReturnValue,
    },
    /// A PIN that is to be set has a length that the token does not take.
    #[error("the token takes PINs of {shortest} to {longest} bytes")]
    PinLength {
        /// The least number of bytes.
        shortest: usize,
        /// The greatest number of bytes.
        longest: usize,
    },
    /// The module gave no answer in time. It is lost for this process: nothing more is asked of it. Whether the token did
    /// what it was asked for is not known.
    #[error("the token gave no answer within {after:?} when it was asked {operation}")]
    TimedOut {
        /// What it was asked for.
        operation: TokenOperation,
        /// How long it was waited for.
        after: Duration,
    },
    /// The module gave no answer before, so it was not asked.
    #[error("the token is not asked: it gave no answer before when it was asked {operation}")]
    ModuleLost {
        /// What it gave no answer to.
        operation: TokenOperation,
    },
    /// The module broke the PKCS#11 protocol, or lacks a function.
    #[error("the PKCS#11 module misbehaved: {fault}")]
    ModuleFault {
        /// What it did.
        fault: ModuleFault,
    },
    /// The module file cannot be loaded.
    #[error("the PKCS#11 module {path} cannot be loaded: {detail}", path = path.display())]
    ModuleNotLoaded {
        /// The module.
        path: PathBuf,
        /// What the dynamic loader said.
        detail: String,
    },
    /// The reference names neither a module path nor a module name.
    #[error("the key reference names no PKCS#11 module")]
    ModuleUnnamed,
    /// The reference names a module by a name that is not `tegata-embedded`.
    #[error("the PKCS#11 module name {name:?} is not known")]
    ModuleNameUnknown {
        /// The name.
        name: String,
    },
    /// This build has no embedded token.
    #[error("this build has no embedded token")]
    EmbeddedTokenNotBuilt,
    /// The executable does not export the embedded token's entry points.
    #[error("the embedded token is built in but this executable does not export its entry points")]
    EmbeddedTokenNotLinked,
    /// The embedded token was named without a store directory.
    #[error("the embedded token needs a store directory")]
    StoreUnnamed,
    /// The store directory of the embedded token cannot be used.
    #[error("the token store {path} cannot be used: {kind}", path = path.display())]
    StoreUnusable {
        /// The directory or the file in it.
        path: PathBuf,
        /// What the system said.
        kind: std::io::ErrorKind,
    },
    /// No token matches.
    #[error("no token matches {wanted}; present: {present}", present = list(present))]
    TokenNotFound {
        /// What was looked for.
        wanted: Box<TokenSelector>,
        /// The initialised tokens that are there.
        present: Vec<TokenDescription>,
    },
    /// More than one token matches.
    #[error("{count} tokens match {wanted}")]
    TokenAmbiguous {
        /// What was looked for.
        wanted: Box<TokenSelector>,
        /// How many match.
        count: usize,
    },
    /// There is a token of that label already; initialising it would destroy its keys.
    #[error("there is a token labelled {label:?} already")]
    TokenExists {
        /// The label.
        label: String,
    },
    /// The module has no slot with an uninitialised token.
    #[error("the module has no uninitialised token left")]
    NoFreeSlot,
    /// A label that PKCS#11 cannot hold: empty, over 32 bytes, or padded.
    #[error("the label {label:?} is not a token label (1 to 32 bytes, no blank at either end)")]
    LabelInvalid {
        /// The label.
        label: String,
    },
    /// The reference names a token but no key.
    #[error("the key reference names neither an object label nor an id")]
    KeyUnnamed,
    /// The reference asks for an object that is not a private key.
    #[error("the key reference asks for an object that is not a private key")]
    NotAPrivateKeyReference,
    /// No key matches.
    #[error("the token {token:?} has no key with {wanted}")]
    KeyNotFound {
        /// The token's label.
        token: String,
        /// What was looked for.
        wanted: KeySelector,
    },
    /// More than one key matches.
    #[error("the token {token:?} has {count} keys with {wanted}")]
    KeyAmbiguous {
        /// The token's label.
        token: String,
        /// What was looked for.
        wanted: KeySelector,
        /// How many match.
        count: usize,
    },
    /// There is a key with that label or id already.
    #[error("the token {token:?} has a key with {wanted} already")]
    KeyExists {
        /// The token's label.
        token: String,
        /// What was to be made.
        wanted: KeySelector,
    },
    /// The token's key is another one than the certificate's or the caller's.
    #[error("the token's key is not the expected one")]
    KeyMismatch {
        /// The public key of the certificate or the caller.
        expected: Box<PublicKey>,
        /// The public key on the token.
        found: Box<PublicKey>,
    },
    /// Attributes of the private key break the policy.
    #[error("the private key is not safe to use: {}", list(attributes))]
    UnsafeKeyAttributes {
        /// Each attribute that does.
        attributes: Vec<UnsafeAttribute>,
    },
    /// The token does not tell the public key of the pair.
    #[error("the token {token:?} holds no readable public key for {wanted}")]
    PublicKeyAbsent {
        /// The token's label.
        token: String,
        /// What was looked for.
        wanted: KeySelector,
    },
    /// The key is of a type or curve that mobile documents are not signed with.
    #[error("the key is not of a supported curve")]
    UnsupportedKey,
    /// A key of this curve cannot be made on a token.
    #[error("keys on {} are not generated on a token", curve.name())]
    UnsupportedCurve {
        /// The curve.
        curve: Curve,
    },
    /// The system gave no thread for a session.
    #[error("no thread for a token session: {kind}")]
    NoThread {
        /// What the system said.
        kind: std::io::ErrorKind,
    },
}

/// How a PKCS#11 module failed to behave like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ModuleFault {
    /// It does not export `C_GetFunctionList`.
    #[error("it does not export C_GetFunctionList")]
    MissingSymbol,
    /// A function of its list is null.
    #[error("a function that is needed is not implemented")]
    MissingFunction,
    /// It returned a value that cannot be decoded.
    #[error("it returned a value that cannot be decoded")]
    UndecodableValue,
}

/// An attribute of a private key that makes it unfit for signing documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnsafeAttribute {
    /// `CKA_EXTRACTABLE` is true: the key can be wrapped out of the token.
    Extractable,
    /// `CKA_SENSITIVE` is false: the key can be read in plain.
    NotSensitive,
    /// `CKA_PRIVATE` is false: the key can be used without a PIN.
    NotPrivate,
    /// `CKA_TOKEN` is false: the key dies with its session.
    SessionObject,
    /// `CKA_SIGN` is false.
    MayNotSign,
}

/// An error of making one signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The token failed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// So many signatures are waiting that no more are taken.
    #[error("{limit} signatures are waiting already")]
    QueueFull {
        /// The limit.
        limit: usize,
    },
    /// The signer was shut down before it signed.
    #[error("the signer stopped before the signature was made")]
    Stopped,
    /// The digest has another length than the curve's hash.
    #[error("the digest has {found} bytes, the algorithm takes {expected}")]
    DigestLength {
        /// What the algorithm takes.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// The token returned a signature of the wrong length.
    #[error("the token returned a signature of {found} bytes instead of {expected}")]
    SignatureLength {
        /// Twice the field length of the curve.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// The signature does not verify with the public key. It was not released.
    #[error("the signature does not verify with the key's public half and was withheld")]
    SignatureDidNotVerify,
    /// A software key cannot sign with this algorithm.
    #[error("the key in memory cannot sign with its algorithm")]
    SoftwareKey,
}

/// Id, class, remedy in English and in Japanese: one row per error.
struct Row(&'static str, ErrorClass, &'static str, &'static str);

impl TokenError {
    /// The stable name of this error.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What kind of trouble it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Call { return_value, .. } => return_value.class(),
            other => other.row().1,
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().2
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().3
    }

    fn row(&self) -> Row {
        use ErrorClass::{KeyMismatch, NotFound, Permanent, Pin, UnsafeKey, Usage};
        match self {
            Self::Call { .. } => Row(
                "token-call-failed",
                Permanent,
                "Look the return value up in the manual of the token and check that the token is reachable.",
                "トークンの説明書で戻り値を調べ、トークンに接続できることを確かめてください。",
            ),
            Self::PinRefused { .. } => Row(
                "pin-refused",
                Pin,
                "Check the PIN and how many attempts are left before trying again; a locked PIN is reset by the security officer.",
                "PIN と残りの試行回数を確かめてから再試行してください。ロックされた PIN はセキュリティ管理者が解除します。",
            ),
            Self::PinLength { .. } => Row(
                "pin-length",
                Pin,
                "Choose a PIN of a length that the token takes.",
                "トークンが受け付ける長さの PIN を選んでください。",
            ),
            Self::TimedOut { .. } | Self::ModuleLost { .. } => Row(
                if matches!(self, Self::TimedOut { .. }) { "token-timed-out" } else { "token-lost" },
                Permanent,
                "Unplug the token and plug it in again, end this program and start it anew; in a ceremony, take it up again with `tegata-root ceremony resume`.",
                "トークンを抜き差しし、このプログラムを終了してから起動し直してください。セレモニー中は `tegata-root ceremony resume` で再開します。",
            ),
            Self::ModuleFault { .. } => Row(
                "module-fault",
                Permanent,
                "Check that the path names a PKCS#11 module and ask its vendor for a newer one.",
                "PKCS#11 モジュールのパスを確かめ、新しい版をベンダーに問い合わせてください。",
            ),
            Self::ModuleNotLoaded { .. } => Row(
                "module-not-loaded",
                NotFound,
                "Check the module path, its architecture and its permissions.",
                "モジュールのパス、アーキテクチャ、アクセス権を確かめてください。",
            ),
            Self::ModuleUnnamed => Row(
                "module-unnamed",
                Usage,
                "Add ?module-path=… for a PKCS#11 module, or ?module-name=tegata-embedded for the embedded token.",
                "?module-path=… か、内蔵トークンなら ?module-name=tegata-embedded を付けてください。",
            ),
            Self::ModuleNameUnknown { .. } => Row(
                "module-name-unknown",
                Usage,
                "Use module-path for a PKCS#11 module; the only module name is tegata-embedded.",
                "PKCS#11 モジュールは module-path で指定してください。使える名前は tegata-embedded だけです。",
            ),
            Self::EmbeddedTokenNotBuilt => Row(
                "embedded-token-not-built",
                Usage,
                "Build with the feature embedded-token, or use a PKCS#11 module.",
                "embedded-token 機能を付けてビルドするか、PKCS#11 モジュールを使ってください。",
            ),
            Self::EmbeddedTokenNotLinked => Row(
                "embedded-token-not-linked",
                Usage,
                "Let the build script of the executable pass on DEP_TEGATA_EMBEDDED_TOKEN_LINK_ARGS.",
                "実行ファイルのビルドスクリプトで DEP_TEGATA_EMBEDDED_TOKEN_LINK_ARGS をリンカーに渡してください。",
            ),
            Self::StoreUnnamed => Row(
                "store-unnamed",
                Usage,
                "Name the directory in which the embedded token keeps its keys.",
                "内蔵トークンの保存ディレクトリを指定してください。",
            ),
            Self::StoreUnusable { .. } => Row(
                "store-unusable",
                Permanent,
                "Check that the store directory exists, is writable by this user, and is not deleted while in use.",
                "保存ディレクトリが存在し、書き込み可能で、使用中に削除されていないことを確かめてください。",
            ),
            Self::TokenNotFound { .. } => Row(
                "token-not-found",
                NotFound,
                "Compare label and serial with the tokens that are present.",
                "ラベルとシリアル番号を、接続中のトークンと比べてください。",
            ),
            Self::TokenAmbiguous { .. } => Row(
                "token-ambiguous",
                Usage,
                "Add serial=… to the key reference.",
                "鍵参照に serial=… を加えてください。",
            ),
            Self::TokenExists { .. } => Row(
                "token-exists",
                Usage,
                "Choose another label; a token is never initialised twice.",
                "別のラベルを選んでください。トークンを二度初期化することはありません。",
            ),
            Self::NoFreeSlot => Row(
                "no-free-slot",
                NotFound,
                "Prepare an empty slot or partition with the tools of the token's vendor.",
                "ベンダーのツールで空のスロットまたはパーティションを用意してください。",
            ),
            Self::LabelInvalid { .. } => Row(
                "label-invalid",
                Usage,
                "Use 1 to 32 bytes without a blank at either end.",
                "前後に空白のない 1〜32 バイトのラベルにしてください。",
            ),
            Self::KeyUnnamed => Row(
                "key-unnamed",
                Usage,
                "Add object=LABEL or id=%NN… to the key reference.",
                "鍵参照に object=LABEL か id=%NN… を加えてください。",
            ),
            Self::NotAPrivateKeyReference => Row(
                "not-a-private-key-reference",
                Usage,
                "Leave type out of the key reference, or write type=private.",
                "鍵参照の type を省くか、type=private にしてください。",
            ),
            Self::KeyNotFound { .. } => Row(
                "key-not-found",
                NotFound,
                "List the keys of the token and compare label and id.",
                "トークンの鍵を一覧し、ラベルと id を比べてください。",
            ),
            Self::KeyAmbiguous { .. } => Row(
                "key-ambiguous",
                Usage,
                "Give both object and id in the key reference.",
                "鍵参照に object と id の両方を書いてください。",
            ),
            Self::KeyExists { .. } => Row(
                "key-exists",
                Usage,
                "Choose another label and id; a key is never overwritten.",
                "別のラベルと id を選んでください。鍵を上書きすることはありません。",
            ),
            Self::KeyMismatch { .. } => Row(
                "key-mismatch",
                KeyMismatch,
                "Check that the certificate belongs to this key; nothing was signed.",
                "証明書がこの鍵のものか確かめてください。署名は行われていません。",
            ),
            Self::UnsafeKeyAttributes { .. } => Row(
                "unsafe-key-attributes",
                UnsafeKey,
                "Make a new key on the token; a key that could leave it is not used.",
                "トークン内で新しい鍵を生成してください。取り出せる鍵は使いません。",
            ),
            Self::PublicKeyAbsent { .. } => Row(
                "public-key-absent",
                NotFound,
                "Store the public key on the token under the label and id of the private key.",
                "秘密鍵と同じラベルと id で公開鍵をトークンに入れてください。",
            ),
            Self::UnsupportedKey => Row(
                "unsupported-key",
                Permanent,
                "Use an EC key on P-256, P-384, P-521 or a supported brainpool curve, or Ed25519.",
                "P-256、P-384、P-521、対応する brainpool 曲線の EC 鍵か Ed25519 鍵を使ってください。",
            ),
            Self::UnsupportedCurve { .. } => Row(
                "unsupported-curve",
                Usage,
                "Generate the key on P-256, P-384 or P-521.",
                "P-256、P-384、P-521 のいずれかで鍵を生成してください。",
            ),
            Self::NoThread { .. } => Row(
                "no-thread",
                Permanent,
                "Lower the number of sessions or raise the system's thread limit.",
                "セッション数を減らすか、システムのスレッド数の上限を上げてください。",
            ),
        }
    }
}

impl SignerError {
    /// The stable name of this error.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.row().0
    }

    /// What kind of trouble it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Token(error) => error.class(),
            other => other.row().1,
        }
    }

    /// What to do about it, in English.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        self.row().2
    }

    /// What to do about it, in Japanese.
    #[must_use]
    pub fn remedy_ja(&self) -> &'static str {
        self.row().3
    }

    fn row(&self) -> Row {
        use ErrorClass::{BadSignature, Permanent, Temporary, Usage};
        match self {
            Self::Token(error) => error.row(),
            Self::QueueFull { .. } => Row(
                "queue-full",
                Temporary,
                "Ask for fewer signatures at once, or open the signer with more sessions.",
                "同時に依頼する署名を減らすか、セッション数を増やしてください。",
            ),
            Self::Stopped => Row("signer-stopped", Permanent, "Open the signer again.", "署名器を開き直してください。"),
            Self::DigestLength { .. } => Row(
                "digest-length",
                Usage,
                "Use a crypto provider whose digests have the standard length.",
                "標準の長さのダイジェストを返す暗号プロバイダーを使ってください。",
            ),
            Self::SignatureLength { .. } | Self::SignatureDidNotVerify => Row(
                if matches!(self, Self::SignatureLength { .. }) {
                    "signature-length"
                } else {
                    "signature-did-not-verify"
                },
                BadSignature,
                "Stop using the token until its vendor has explained the wrong signature.",
                "誤った署名の原因をベンダーが説明するまで、そのトークンの使用を止めてください。",
            ),
            Self::SoftwareKey => Row(
                "software-key",
                Usage,
                "Use a key on a curve that can sign.",
                "署名に使える曲線の鍵を使ってください。",
            ),
        }
    }
}

impl fmt::Display for UnsafeAttribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Extractable => "CKA_EXTRACTABLE is true",
            Self::NotSensitive => "CKA_SENSITIVE is not true",
            Self::NotPrivate => "CKA_PRIVATE is not true",
            Self::SessionObject => "CKA_TOKEN is not true",
            Self::MayNotSign => "CKA_SIGN is not true",
        })
    }
}

impl From<cryptoki::error::Error> for TokenError {
    fn from(error: cryptoki::error::Error) -> Self {
        use cryptoki::error::Error;
        let fault = match error {
            Error::Pkcs11(value, function) => {
                let return_value = ReturnValue::new(value);
                return if return_value.class() == ErrorClass::Pin {
                    Self::PinRefused { return_value }
                } else {
                    Self::Call { function: format!("C_{function:?}"), return_value }
                };
            }
            Error::MissingSymbol(_) | Error::LibraryLoading(_) => ModuleFault::MissingSymbol,
            Error::NullFunctionPointer | Error::NotSupported => ModuleFault::MissingFunction,
            _ => ModuleFault::UndecodableValue,
        };
        Self::ModuleFault { fault }
    }
}

/// The items of a list, or a dash.
fn list<T: fmt::Display>(items: &[T]) -> String {
    if items.is_empty() {
        return String::from("none");
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
