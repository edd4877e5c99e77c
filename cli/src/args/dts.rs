//! `tegata dts`.

mod metadata;
mod rehearse;

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use self::metadata::{Complete, Metadata, Show as ShowDraft, Sign, What as WhatMetadata};

use clap::{Args, Subcommand, ValueEnum};
use time::{Date, UtcDateTime};

pub(crate) use self::rehearse::Rehearse;
use super::token::PinArgs;
use super::value;

const AFTER_HELP: &str = "\
From the first bundle to the first reader:
  tegata dts init dts --repository dts.example --base-url https://dts.example \\
      --operator-en 'Utopia Trust Service' --operator-ja 'ユートピア信頼サービス' \\
      --response-signer response-signer.pem --checkpoint-key checkpoint.pub \\
      --root-key 'pkcs11:token=DTS;object=root-1' --root-key 'pkcs11:token=DTS;object=root-2' --root-threshold 2 \\
      --list-key 'pkcs11:token=DTS;object=list' --snapshot-key 'pkcs11:token=DTS;object=snapshot' \\
      --pointer-key 'pkcs11:token=DTS;object=pointer' \\
      --signer-key 'pkcs11:token=DTS;object=status' --pin-file pin
  tegata dts issuer dts iaca.pem --sha256 HEX --doctype org.iso.18013.5.1.mDL --review-by 2027-06-01
  tegata dts request dts request.bundle --signer online.pem
  tegata dts import dts response.bundle
  tegata dts status-list dts 1 --uri https://dts.example/status/1 --issuer iaca.pem --entries 1048576
  tegata dts publish dts --ledger ledger.jsonl --pin-file pin
  tegata dts serve dts --http '[::1]:8080' --ldap '[::1]:3890'

Everything of a service is in its directory: service.toml, issuers.toml, authorisation.toml and dts.toml, which people
edit; catalogue/, which only these commands change; public/, which any web server may serve.";

/// Run a Digital Trust Service: take in what the root signed, publish it, serve it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Dts {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Make the directory of a new service and sign its first root metadata
    Init(Box<Init>),
    /// Admit a root whose fingerprint people have compared: pin it, say what it is for, authorise it
    Issuer(Issuer),
    /// Add a status list, identifier list or device-key list to the service
    StatusList(StatusList),
    /// Note the request that was sent to the root: only an answer to it is taken in
    Request(Request),
    /// Take in a response of the root, as a whole or not at all
    Import(Import),
    /// Release what is due, build the lists, and publish; the pointer changes last
    Publish(Publish),
    /// Show what is held, what is due, and until when readers believe it
    Show(Show),
    /// Add a notice to the advisory feed; it goes out with the next list
    Notice(Notice),
    /// Say when a root stops issuing and when nothing below it is valid any more
    Retire(Retire),
    /// Mark a root as revoked, for good
    RevokeRoot(RevokeRoot),
    /// Approve a root with the quorum of the root role: verifiers then take it without a hold-down
    Approve(Approve),
    /// Sign the next root metadata: other keys, other thresholds, a new year
    Rotate(Box<Rotate>),
    /// Sign metadata with root keys that lie in several places: look at a draft, sign it, put the signatures together
    Metadata(Metadata),
    /// Write the fingerprint pages for the second, independent channel
    Web(Web),
    /// Serve the published tree over HTTP and LDAP until interrupted
    Serve(Serve),
    /// How many verifiers believe a root, by class, and whether the rollover may go on
    Readiness(Readiness),
    /// Play the rollover of a root in fast motion, with relying parties and documents
    #[command(name = "rehearse-rollover")]
    Rehearse(Rehearse),
}

/// Whose directory, and who acts.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Directory of the service
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Who acts: a handle that stands in the audit log
    #[arg(long, value_name = "PERSON", default_value = "operator")]
    pub(crate) actor: String,
    /// Time to act at, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) at: Option<UtcDateTime>,
}

/// `tegata dts init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The name in all metadata; it never changes
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: String,
    /// Where the tree will be served, without a slash at the end
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// Who runs the service, in English
    #[arg(long, value_name = "NAME")]
    pub(crate) operator_en: String,
    /// Who runs the service, in Japanese
    #[arg(long, value_name = "NAME")]
    pub(crate) operator_ja: String,
    /// The public key that signs the root's responses, brought over in person: PEM, JWK or COSE_Key
    #[arg(long, value_name = "FILE")]
    pub(crate) response_signer: PathBuf,
    /// checkpoint.pub of the root: name and key of its audit log
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint_key: PathBuf,
    /// Whose profiles the certificates and lists follow
    #[arg(long, value_enum, default_value_t = EditionChoice::Iso18013_5)]
    pub(crate) edition: EditionChoice,
    #[command(flatten)]
    pub(crate) roles: Roles,
    /// Keys of list signers (status lists, VICAL): pkcs11: URIs
    #[arg(long, value_name = "KEYREF")]
    pub(crate) signer_key: Vec<String>,
    /// For trials: take in what a root in a software token signed
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Sign nothing, and write the root metadata there for the holders of the root keys (`tegata dts metadata`)
    #[arg(long, value_name = "FILE")]
    pub(crate) draft: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
}

/// Keys and thresholds of the metadata.
#[derive(Debug, Args)]
pub(crate) struct Roles {
    /// Keys of the root role, kept offline: pkcs11: URIs; with --draft also files of public keys that lie elsewhere
    #[arg(long, value_name = "KEYREF", required = true)]
    pub(crate) root_key: Vec<String>,
    /// How many of them must sign [default: all]
    #[arg(long, value_name = "K")]
    pub(crate) root_threshold: Option<u16>,
    /// Keys of the list role
    #[arg(long, value_name = "KEYREF", required = true)]
    pub(crate) list_key: Vec<String>,
    /// How many of them must sign [default: all]
    #[arg(long, value_name = "K")]
    pub(crate) list_threshold: Option<u16>,
    /// The key of the role snapshot, which is online
    #[arg(long, value_name = "KEYREF")]
    pub(crate) snapshot_key: String,
    /// The key of the role pointer, which is online; no key has two roles
    #[arg(long, value_name = "KEYREF")]
    pub(crate) pointer_key: String,
    /// Days until this root metadata must be signed anew
    #[arg(long, value_name = "N", default_value_t = 365)]
    pub(crate) root_days: u16,
}

/// `--edition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditionChoice {
    #[value(name = "iso-18013-5")]
    Iso18013_5,
    #[value(name = "jp-004")]
    Jp004,
    #[value(name = "eu-pid")]
    EuPid,
    Aamva,
}

/// `tegata dts issuer`.
#[derive(Debug, Args)]
pub(crate) struct Issuer {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The root certificate, PEM or DER
    #[arg(value_name = "CERT")]
    pub(crate) certificate: PathBuf,
    /// SHA-256 of the certificate, from another channel than the file
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
    /// Document types it may speak for
    #[arg(long, value_name = "DOCTYPE", required = true, num_args = 1..)]
    pub(crate) doctype: Vec<String>,
    /// Its signers of lists stand under it too, for documents of other roots
    #[arg(long)]
    pub(crate) status: bool,
    /// Last day on which the authorisation counts before a person has looked at it again, YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = value::date)]
    pub(crate) review_by: Date,
    /// A verifier should have a CRL younger than this
    #[arg(long, value_name = "HOURS")]
    pub(crate) crl_fresh_hours: Option<u32>,
    /// A CRL older than this is not used
    #[arg(long, value_name = "HOURS")]
    pub(crate) crl_max_age_hours: Option<u32>,
    /// Within which time a revocation is published, as the issuer promises
    #[arg(long, value_name = "HOURS")]
    pub(crate) revocation_duty_hours: Option<u32>,
}

/// `tegata dts status-list`.
#[derive(Debug, Args)]
pub(crate) struct StatusList {
    #[command(flatten)]
    pub(crate) place: Place,
    /// What its files are called: status/NAME.cwt
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What documents call it
    #[arg(long, value_name = "URI")]
    pub(crate) uri: String,
    /// The root whose documents it speaks for
    #[arg(long, value_name = "CERT")]
    pub(crate) issuer: PathBuf,
    /// What it is
    #[arg(long, value_enum, default_value_t = ListKind::Status)]
    pub(crate) kind: ListKind,
    /// Entries of a status list: its size, which never changes
    #[arg(long, value_name = "N", default_value_t = 1 << 20)]
    pub(crate) entries: u64,
    /// Bits of an entry of a status list: 1, 2, 4 or 8
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) bits: u64,
}

/// `--kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListKind {
    #[value(name = "status-list")]
    Status,
    #[value(name = "identifier-list")]
    Identifier,
    #[value(name = "device-key-list")]
    DeviceKey,
}

/// `tegata dts request`.
#[derive(Debug, Args)]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The request bundle that was carried to the root
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,
    /// The public key that signed it: PEM, JWK or COSE_Key
    #[arg(long, value_name = "FILE")]
    pub(crate) signer: PathBuf,
}

/// `tegata dts import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The response bundle, or what a scanner gave
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,
    /// Check everything and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `tegata dts publish`.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The issuer's ledger of documents, JSON lines; needed when the service has status lists
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Where to: a directory [default: public/ of the service], or an object store as s3://bucket/prefix
    #[arg(long, value_name = "DIR|URL")]
    pub(crate) to: Option<String>,
    /// Sign a new list even if nothing in it changed
    #[arg(long)]
    pub(crate) new_list: bool,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
}

/// `tegata dts show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    pub(crate) place: Place,
}

/// `tegata dts notice`.
#[derive(Debug, Args)]
pub(crate) struct Notice {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Its name: small letters, digits, dots, hyphens
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// What it is about
    #[arg(long, value_enum)]
    pub(crate) category: CategoryChoice,
    /// The roots it is about
    #[arg(long, value_name = "CERT")]
    pub(crate) root: Vec<PathBuf>,
    /// The text in English
    #[arg(long, value_name = "TEXT")]
    pub(crate) text_en: String,
    /// The text in Japanese
    #[arg(long, value_name = "TEXT")]
    pub(crate) text_ja: String,
}

/// `--category`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CategoryChoice {
    RootCompromise,
    SignerCompromise,
    Rollover,
    Withdrawal,
    Maintenance,
}

/// `tegata dts retire`.
#[derive(Debug, Args)]
pub(crate) struct Retire {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The root certificate
    #[arg(value_name = "CERT")]
    pub(crate) certificate: PathBuf,
    /// When the last document signer under it is issued, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) retiring: UtcDateTime,
    /// When nothing under it is valid any more, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::instant)]
    pub(crate) removed: Option<UtcDateTime>,
}

/// `tegata dts revoke-root`.
#[derive(Debug, Args)]
pub(crate) struct RevokeRoot {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The root certificate
    #[arg(value_name = "CERT")]
    pub(crate) certificate: PathBuf,
    /// SHA-256 of the certificate, typed once more: this cannot be undone
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
}

/// `tegata dts approve`.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The root certificate
    #[arg(value_name = "CERT")]
    pub(crate) certificate: PathBuf,
    /// SHA-256 of the certificate, as every approver has compared it
    #[arg(long, value_name = "HEX", value_parser = value::sha256)]
    pub(crate) sha256: [u8; 32],
    /// Days that the approval is good for
    #[arg(long, value_name = "N", default_value_t = 90)]
    pub(crate) days: u16,
    /// Sign nothing, and write the approval there for the holders of the root keys (`tegata dts metadata`)
    #[arg(long, value_name = "FILE")]
    pub(crate) draft: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
}

/// `tegata dts rotate`.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) roles: Roles,
    /// Sign nothing, and write the root metadata there for the holders of the root keys (`tegata dts metadata`)
    #[arg(long, value_name = "FILE")]
    pub(crate) draft: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pin: PinArgs,
}

/// `tegata dts web`.
#[derive(Debug, Args)]
pub(crate) struct Web {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Directory for the pages
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

/// `tegata dts serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Directory of the service, or any published tree
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Where HTTP listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "[::1]:8080")]
    pub(crate) http: SocketAddr,
    /// Where LDAP listens
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ldap: Option<SocketAddr>,
    /// File for the provision history: one JSON line a request, without the address of who asked
    #[arg(long, value_name = "FILE")]
    pub(crate) access_log: Option<PathBuf>,
    /// File for the counts of readiness signals; without it none are taken
    #[arg(long, value_name = "FILE")]
    pub(crate) readiness: Option<PathBuf>,
}

/// `tegata dts readiness`.
#[derive(Debug, Args)]
pub(crate) struct Readiness {
    /// The file that `tegata dts serve --readiness` writes
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The root that verifiers should believe
    #[arg(long, value_name = "CERT")]
    pub(crate) root: PathBuf,
    /// Least share of verifiers that believe it, in percent, in every class
    #[arg(long, value_name = "PERCENT", default_value_t = 99)]
    pub(crate) least: u8,
    /// Least number of signals of a class that say anything
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) signals: u64,
}
