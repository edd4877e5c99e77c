//! The LDAP door, through messages of the codec and through raw bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapDerefAliases, LdapExtendedRequest, LdapOp, LdapSearchRequest, SaslCredentials,
};
use ldap3_proto::{LdapCodec, LdapMsg, LdapResultCode, LdapSearchResultEntry, LdapSearchScope, parse_ldap_filter_str};
use support::tree::Tree;
use support::{Hand, Sheet, config, server};
use tegata_server::{AccessLog, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::codec::{Decoder as _, Encoder as _};

struct Client {
    stream: TcpStream,
    received: BytesMut,
    last: i32,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), received: BytesMut::new(), last: 0 }
    }

    async fn send(&mut self, op: LdapOp, ctrl: Vec<LdapControl>) {
        self.last += 1;
        let mut bytes = BytesMut::new();
        LdapCodec::default().encode(LdapMsg { msgid: self.last, op, ctrl }, &mut bytes).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
    }

    /// The next message; `None` when the server has closed.
    async fn next(&mut self) -> Option<LdapMsg> {
        let mut codec = LdapCodec::new(Some(8 << 20), None);
        loop {
            if let Some(message) = codec.decode(&mut self.received).unwrap() {
                return Some(message);
            }
            if self.stream.read_buf(&mut self.received).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    async fn ask(&mut self, op: LdapOp) -> LdapOp {
        self.send(op, vec![]).await;
        let answer = self.next().await.unwrap();
        assert_eq!(answer.msgid, self.last);
        answer.op
    }

    async fn bind(&mut self, version: i64, dn: &str, cred: LdapBindCred) -> LdapResultCode {
        match self.ask(LdapOp::BindRequest(LdapBindRequest { version, dn: dn.to_owned(), cred })).await {
            LdapOp::BindResponse(response) => response.res.code,
            other => panic!("{other:?}"),
        }
    }

    async fn search(&mut self, request: LdapSearchRequest) -> (Vec<LdapSearchResultEntry>, LdapResultCode) {
        self.send(LdapOp::SearchRequest(request), vec![]).await;
        let mut entries = Vec::new();
        loop {
            match self.next().await.unwrap().op {
                LdapOp::SearchResultEntry(entry) => entries.push(entry),
                LdapOp::SearchResultDone(result) => return (entries, result.code),
                other => panic!("{other:?}"),
            }
        }
    }
}

fn request(base: &str, scope: LdapSearchScope, filter: &str, attrs: &[&str]) -> LdapSearchRequest {
    LdapSearchRequest {
        base: base.to_owned(),
        scope,
        aliases: LdapDerefAliases::Never,
        sizelimit: 0,
        timelimit: 0,
        typesonly: false,
        filter: parse_ldap_filter_str(filter).unwrap(),
        attrs: attrs.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn values<'e>(entry: &'e LdapSearchResultEntry, name: &str) -> &'e [Vec<u8>] {
    let found = entry.attributes.iter().find(|attribute| attribute.atype == name);
    found.map_or(&[], |attribute| &attribute.vals)
}

/// The IACA's name in a spelling that is not the canonical one.
const BASE: &str = "commonName = utopia  手形 IACA, O=\"Ministry, of Documents\" ; c=ut";

#[tokio::test]
async fn only_strangers_may_come_in() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let mut client = Client::connect(running.ldap_address().unwrap()).await;
    let simple = |text: &str| LdapBindCred::Simple(text.to_owned());
    assert_eq!(client.bind(3, "", simple("")).await, LdapResultCode::Success);
    assert_eq!(client.bind(3, "", simple("secret")).await, LdapResultCode::InvalidCredentials);
    assert_eq!(client.bind(3, "cn=admin", simple("secret")).await, LdapResultCode::InvalidCredentials);
    assert_eq!(client.bind(3, "cn=admin", simple("")).await, LdapResultCode::UnwillingToPerform);
    assert_eq!(client.bind(2, "", simple("")).await, LdapResultCode::ProtocolError);
    let sasl = SaslCredentials { mechanism: "PLAIN".to_owned(), credentials: vec![] };
    assert_eq!(client.bind(3, "", LdapBindCred::SASL(sasl)).await, LdapResultCode::AuthMethodNotSupported);
    assert_eq!(client.bind(3, "", simple("")).await, LdapResultCode::Success, "the connection lives on");
}

#[tokio::test]
async fn the_root_tells_where_to_look() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let mut client = Client::connect(running.ldap_address().unwrap()).await;
    let ask = |attrs: &'static [&str]| request("", LdapSearchScope::Base, "(objectClass=*)", attrs);
    let (entries, _) = client.search(ask(&["+", "*"])).await;
    assert_eq!(values(&entries[0], "supportedLDAPVersion"), [b"3"]);
    let context = String::from_utf8(values(&entries[0], "namingContexts")[0].clone()).unwrap();
    assert_eq!(context, r"CN=Utopia 手形 IACA,O=Ministry\, of Documents,C=UT");
    let (entries, _) = client.search(ask(&[])).await;
    assert!(values(&entries[0], "namingContexts").is_empty(), "operational attributes are named");
    let (entries, code) = client.search(request(&context, LdapSearchScope::Base, "(objectClass=*)", &["1.1"])).await;
    assert_eq!((entries.len(), code), (1, LdapResultCode::Success));
    assert!(entries[0].attributes.is_empty());
}

#[tokio::test]
async fn certificates_and_crls_are_found() {
    let tree = Tree::new();
    let running = server(&tree).await;
    let mut client = Client::connect(running.ldap_address().unwrap()).await;

    let (entries, code) = client.search(request(BASE, LdapSearchScope::Base, "(objectClass=pkiCA)", &[])).await;
    assert_eq!((entries.len(), code), (1, LdapResultCode::Success));
    let mut certificates = values(&entries[0], "cACertificate;binary").to_vec();
    certificates.sort();
    let mut expected = [&tree.old.certificate, &tree.new.certificate, &tree.link].map(|one| one.der().to_vec());
    expected.sort();
    assert_eq!(certificates, expected, "both roots and the link between them");
    assert!(values(&entries[0], "certificateRevocationList;binary").is_empty());

    for authority in [&tree.old, &tree.new] {
        let crl = tree.read(&tree.crl_path(authority));
        let base = format!("CN={},{BASE}", authority.identifier().to_uppercase());
        for name in ["certificateRevocationList;binary", "CERTIFICATEREVOCATIONLIST", "2.5.4.39;binary", "*"] {
            let asked = request(&base, LdapSearchScope::Base, "(objectClass=cRLDistributionPoint)", &[name]);
            let (entries, _) = client.search(asked).await;
            assert_eq!(values(&entries[0], "certificateRevocationList;binary"), std::slice::from_ref(&crl), "{name}");
        }
    }
    let scopes = [
        (BASE, LdapSearchScope::OneLevel, 2),
        (BASE, LdapSearchScope::Subtree, 3),
        (BASE, LdapSearchScope::Children, 2),
        ("c=UT", LdapSearchScope::Subtree, 3),
        ("c=UT", LdapSearchScope::OneLevel, 0),
        ("", LdapSearchScope::Subtree, 3),
    ];
    for (base, scope, count) in scopes {
        let (entries, code) = client.search(request(base, scope.clone(), "(objectClass=*)", &["1.1"])).await;
        assert_eq!((entries.len(), code), (count, LdapResultCode::Success), "{base} {scope:?}");
    }
    let filter = format!("(&(objectClass=cRLDistributionPoint)(!(cn={})))", tree.old.identifier());
    let (entries, _) = client.search(request("", LdapSearchScope::Subtree, &filter, &["cn"])).await;
    assert_eq!(values(&entries[0], "cn"), [tree.new.identifier().into_bytes()]);

    let types = LdapSearchRequest { typesonly: true, ..request(BASE, LdapSearchScope::Base, "(cn=*)", &[]) };
    let (entries, _) = client.search(types).await;
    assert!(entries[0].attributes.iter().all(|attribute| attribute.vals.is_empty()));
    assert!(entries[0].attributes.iter().any(|attribute| attribute.atype == "cACertificate;binary"));
}

#[tokio::test]
async fn searches_are_bounded() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.ldap_entries = 2;
    let running = Server::bind(config).await.unwrap();
    let mut client = Client::connect(running.ldap_address().unwrap()).await;
    let all = || request("", LdapSearchScope::Subtree, "(objectClass=*)", &["1.1"]);
    let (entries, code) = client.search(all()).await;
    assert_eq!((entries.len(), code), (2, LdapResultCode::SizeLimitExceeded));
    let (entries, code) = client.search(LdapSearchRequest { sizelimit: 1, ..all() }).await;
    assert_eq!((entries.len(), code), (1, LdapResultCode::SizeLimitExceeded));
    let long = format!("(|{})", "(cn=a)".repeat(100));
    let (_, code) = client.search(request("", LdapSearchScope::Subtree, &long, &[])).await;
    assert_eq!(code, LdapResultCode::AdminLimitExceeded);
    let (_, code) = client.search(request("cn=nobody", LdapSearchScope::Subtree, "(cn=*)", &[])).await;
    assert_eq!(code, LdapResultCode::NoSuchObject);
    let (_, code) = client.search(request("nonsense", LdapSearchScope::Subtree, "(cn=*)", &[])).await;
    assert_eq!(code, LdapResultCode::InvalidDNSyntax);
}

#[tokio::test]
async fn everything_else_is_refused() {
    use ldap3_proto::proto::{LdapAddRequest, LdapModifyRequest};
    let tree = Tree::new();
    let running = server(&tree).await;
    let mut client = Client::connect(running.ldap_address().unwrap()).await;
    let refused = [
        LdapOp::AddRequest(LdapAddRequest { dn: "cn=a".to_owned(), attributes: vec![] }),
        LdapOp::ModifyRequest(LdapModifyRequest { dn: "cn=a".to_owned(), changes: vec![] }),
        LdapOp::DelRequest("cn=a".to_owned()),
        LdapOp::ExtendedRequest(LdapExtendedRequest { name: "1.3.6.1.4.1.1466.20037".to_owned(), value: None }),
    ];
    for op in refused {
        let code = match client.ask(op).await {
            LdapOp::AddResponse(result) | LdapOp::ModifyResponse(result) | LdapOp::DelResponse(result) => result.code,
            LdapOp::ExtendedResponse(response) => response.res.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code, LdapResultCode::UnwillingToPerform);
    }
    let all = request("", LdapSearchScope::Subtree, "(objectClass=*)", &[]);
    let control = |criticality| LdapControl::Unknown { oid: "1.2.3".to_owned(), criticality, value: None };
    client.send(LdapOp::SearchRequest(all.clone()), vec![control(true)]).await;
    match client.next().await.unwrap().op {
        LdapOp::SearchResultDone(result) => assert_eq!(result.code, LdapResultCode::UnavailableCriticalExtension),
        other => panic!("{other:?}"),
    }
    client.send(LdapOp::SearchRequest(all), vec![control(false)]).await;
    assert!(matches!(client.next().await.unwrap().op, LdapOp::SearchResultEntry(_)), "a hint may be ignored");
    client.send(LdapOp::UnbindRequest, vec![]).await;
    while client.next().await.is_some() {}
}

#[tokio::test]
async fn garbage_and_silence_end_the_connection_with_a_notice() {
    let tree = Tree::new();
    let mut config = config(&tree, &Hand::default());
    config.limits.ldap_idle_time = Duration::from_millis(300);
    let running = Server::bind(config).await.unwrap();
    let too_large = [&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff][..], &[0; 100]].concat();
    let starts: [(&[u8], LdapResultCode); 5] = [
        (b"GET / HTTP/1.1\r\n\r\n", LdapResultCode::ProtocolError),
        (&too_large, LdapResultCode::ProtocolError),
        (&[0x30, 3, 2, 1, 1], LdapResultCode::ProtocolError),
        (&[0x30, 5], LdapResultCode::Unavailable),
        (&[], LdapResultCode::Unavailable),
    ];
    for (bytes, expected) in starts {
        let mut client = Client::connect(running.ldap_address().unwrap()).await;
        client.stream.write_all(bytes).await.unwrap();
        let notice = client.next().await.unwrap();
        match notice.op {
            LdapOp::ExtendedResponse(response) => {
                assert_eq!(response.name.as_deref(), Some("1.3.6.1.4.1.1466.20036"), "notice of disconnection");
                assert_eq!((notice.msgid, response.res.code), (0, expected), "{bytes:?}");
            }
            other => panic!("{other:?}"),
        }
        assert!(client.next().await.is_none());
    }
    assert!(running.metrics().contains("tegata_ldap_operations_total{outcome=\"malformed\"} 3"));
}

#[tokio::test]
async fn what_was_served_is_recorded() {
    let tree = Tree::new();
    let sheet = Sheet::default();
    let mut config = config(&tree, &Hand::default());
    config.access_log = Some(AccessLog::new(sheet.clone()));
    let running = Server::bind(config).await.unwrap();
    let mut client = Client::connect(running.ldap_address().unwrap()).await;
    client.search(request(BASE, LdapSearchScope::OneLevel, "(cn=*)", &["certificateRevocationList;binary"])).await;
    running.shutdown().await;
    let lines = sheet.lines();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!((line["door"].as_str(), line["action"].as_str()), (Some("ldap"), Some("search")));
        let path = line["path"].as_str().unwrap();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(tree.read(path));
        assert_eq!(line["sha256"], hex::encode(digest));
    }
}
