//! One LDAP connection.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapBindResponse, LdapExtendedResponse, LdapOp, LdapResult, LdapSearchRequest,
};
use ldap3_proto::{DisconnectionNotice, LdapCodec, LdapMsg, LdapResultCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};
use tokio_util::codec::Encoder as _;

use super::entry::Value;
use super::frame::take;
use super::search::{Selection, find};
use crate::access_log::{Record, Subject};
use crate::door::Visit;
use crate::metrics::LdapOutcome;
use crate::stall::StallGuard;

/// Serves one connection until the client leaves, misbehaves, is silent for too long, or the server stops.
pub(crate) async fn serve(stream: StallGuard, visit: Visit) {
    let mut session = Session { stream, visit, received: BytesMut::new(), output: BytesMut::new() };
    // An error is the end of one connection: reset, or nothing taken for too long.
    let _ = session.run().await;
}

struct Session {
    stream: StallGuard,
    visit: Visit,
    received: BytesMut,
    output: BytesMut,
}

/// Why a session ends.
enum End {
    /// The client said so, or is gone.
    Left,
    /// Bytes that are no LDAP.
    Malformed,
    /// The server stops.
    Stopping,
    /// Nothing came for too long.
    Silent,
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        let end = loop {
            match self.next().await? {
                Ok(message) => {
                    if !self.answer(message).await? {
                        break End::Left;
                    }
                }
                Err(end) => break end,
            }
        };
        let notice = match end {
            End::Left => None,
            End::Malformed => {
                self.visit.shared.metrics.ldap(LdapOutcome::Malformed, 0);
                Some((LdapResultCode::ProtocolError, "not an LDAP message, or too large"))
            }
            End::Stopping => Some((LdapResultCode::Unavailable, "the server is stopping")),
            End::Silent => Some((LdapResultCode::Unavailable, "the connection was silent for too long")),
        };
        if let Some((code, words)) = notice {
            self.send(DisconnectionNotice::gen_response(code, words)).await?;
        }
        self.stream.shutdown().await
    }

    /// The next message.
    async fn next(&mut self) -> io::Result<Result<LdapMsg, End>> {
        let limits = self.visit.shared.limits;
        // A message has to be whole by then, so that it cannot come one byte at a time for ever.
        let deadline = Instant::now() + limits.ldap_idle_time;
        loop {
            match take(&mut self.received, limits.ldap_message_bytes) {
                Ok(Some(message)) => return Ok(Ok(message)),
                Ok(None) => {}
                Err(_) => return Ok(Err(End::Malformed)),
            }
            let read = tokio::select! {
                read = self.stream.read_buf(&mut self.received) => read?,
                () = self.visit.stop.cancelled() => return Ok(Err(End::Stopping)),
                () = tokio::time::sleep_until(deadline) => return Ok(Err(End::Silent)),
            };
            if read == 0 {
                return Ok(Err(End::Left));
            }
        }
    }

    /// Answers a message; false if it was the last.
    async fn answer(&mut self, message: LdapMsg) -> io::Result<bool> {
        let LdapMsg { msgid, op, ctrl } = message;
        let critical = ctrl.iter().any(is_critical);
        let refused =
            if critical { LdapResultCode::UnavailableCriticalExtension } else { LdapResultCode::UnwillingToPerform };
        let op = match op {
            LdapOp::UnbindRequest => return Ok(false),
            LdapOp::AbandonRequest(_) => return Ok(true),
            LdapOp::BindRequest(request) if !critical => {
                let code = bind(&request);
                let outcome = if code == LdapResultCode::Success { LdapOutcome::Bind } else { LdapOutcome::Refused };
                self.visit.shared.metrics.ldap(outcome, 0);
                LdapOp::BindResponse(LdapBindResponse { res: result(code), saslcreds: None })
            }
            LdapOp::SearchRequest(request) if !critical => return self.search(msgid, &request).await.map(|()| true),
            other => {
                self.visit.shared.metrics.ldap(LdapOutcome::Refused, 0);
                let result = result(refused);
                match other {
                    LdapOp::BindRequest(_) => LdapOp::BindResponse(LdapBindResponse { res: result, saslcreds: None }),
                    LdapOp::SearchRequest(_) => LdapOp::SearchResultDone(result),
                    LdapOp::ModifyRequest(_) => LdapOp::ModifyResponse(result),
                    LdapOp::AddRequest(_) => LdapOp::AddResponse(result),
                    LdapOp::DelRequest(_) => LdapOp::DelResponse(result),
                    LdapOp::ModifyDNRequest(_) => LdapOp::ModifyDNResponse(result),
                    LdapOp::CompareRequest(_) => LdapOp::CompareResult(result),
                    LdapOp::ExtendedRequest(_) => {
                        LdapOp::ExtendedResponse(LdapExtendedResponse { res: result, name: None, value: None })
                    }
                    // An answer is nothing that a client sends.
                    _ => {
                        self.send(DisconnectionNotice::gen_response(LdapResultCode::ProtocolError, "not a request"))
                            .await?;
                        return Ok(false);
                    }
                }
            }
        };
        self.send(LdapMsg { msgid, op, ctrl: Vec::new() }).await.map(|()| true)
    }

    async fn search(&mut self, msgid: i32, request: &LdapSearchRequest) -> io::Result<()> {
        let shared = std::sync::Arc::clone(&self.visit.shared);
        let limits = shared.limits;
        let asked = u64::try_from(request.timelimit).unwrap_or_default();
        let time =
            if asked == 0 { limits.ldap_search_time } else { limits.ldap_search_time.min(Duration::from_secs(asked)) };
        let deadline = Instant::now() + time;
        let asked = usize::try_from(request.sizelimit).unwrap_or_default();
        let most = if asked == 0 { limits.ldap_entries } else { limits.ldap_entries.min(asked) };

        // The guard of the index is not held while the client reads.
        let content = arc_swap::Guard::into_inner(shared.content());
        let mut sent = 0;
        let code = match find(&content.directory, request) {
            Err(code) => code,
            Ok(found) => {
                let selection = Selection::of(request);
                let mut code = LdapResultCode::Success;
                for entry in found.entries() {
                    if sent == most {
                        code = LdapResultCode::SizeLimitExceeded;
                        break;
                    }
                    let (entry, binary) = selection.apply(entry);
                    let message = LdapMsg { msgid, op: LdapOp::SearchResultEntry(entry), ctrl: Vec::new() };
                    match timeout(deadline.saturating_duration_since(Instant::now()), self.send(message)).await {
                        Ok(result) => result?,
                        // Part of the entry may be on its way: nothing sensible can follow.
                        Err(_) => return Err(io::ErrorKind::TimedOut.into()),
                    }
                    self.record(&binary);
                    sent += 1;
                    if Instant::now() >= deadline {
                        code = LdapResultCode::TimeLimitExceeded;
                        break;
                    }
                }
                code
            }
        };
        shared.metrics.ldap(LdapOutcome::Search, sent);
        self.send(LdapMsg { msgid, op: LdapOp::SearchResultDone(result(code)), ctrl: Vec::new() }).await
    }

    /// One line of provision history for each certificate and CRL that was sent.
    fn record(&self, values: &[&Value]) {
        let shared = &self.visit.shared;
        if !shared.recorder.is_on() {
            return;
        }
        for value in values {
            if let Value::Binary(object) = value {
                shared.recorder.record(Record {
                    at: shared.clock.now(),
                    door: "ldap",
                    action: "search",
                    subject: Subject::Object(std::sync::Arc::clone(object)),
                    status: 0,
                    bytes: object.body.bytes.len(),
                    client: shared.recorder.client(self.visit.peer),
                });
            }
        }
    }

    async fn send(&mut self, message: LdapMsg) -> io::Result<()> {
        self.output.clear();
        // The codec takes its limits from the messages that it reads; what it writes has none.
        LdapCodec::default().encode(message, &mut self.output)?;
        self.stream.write_all(&self.output).await?;
        self.stream.flush().await
    }
}

/// Who may come in: everyone without a name (RFC 4513 5.1).
fn bind(request: &LdapBindRequest) -> LdapResultCode {
    if request.version != 3 {
        return LdapResultCode::ProtocolError;
    }
    match &request.cred {
        LdapBindCred::Simple(password) if !password.is_empty() => LdapResultCode::InvalidCredentials,
        // A name without a password proves nothing (RFC 4513 5.1.2).
        LdapBindCred::Simple(_) if !request.dn.is_empty() => LdapResultCode::UnwillingToPerform,
        LdapBindCred::Simple(_) => LdapResultCode::Success,
        LdapBindCred::SASL(_) | LdapBindCred::Unsupported => LdapResultCode::AuthMethodNotSupported,
    }
}

fn result(code: LdapResultCode) -> LdapResult {
    let message = match code {
        LdapResultCode::UnwillingToPerform => "this directory is read-only and anonymous",
        LdapResultCode::InvalidCredentials => "this directory is anonymous: bind without name and password",
        _ => "",
    };
    LdapResult { code, matcheddn: String::new(), message: message.to_owned(), referral: Vec::new() }
}

/// Whether a control must not be ignored. None is supported; the codec keeps the criticality of these only, and clients send
/// the others (pages, sorting) as hints.
fn is_critical(control: &LdapControl) -> bool {
    match control {
        LdapControl::SyncRequest { criticality, .. }
        | LdapControl::ManageDsaIT { criticality }
        | LdapControl::Unknown { criticality, .. } => *criticality,
        _ => false,
    }
}
