//! Distinguished names as LDAP writes them (RFC 4514), in a form that compares.

use core::iter::Peekable;
use core::str::Chars;

/// Longest name that is read, in bytes.
const MAX_BYTES: usize = 4096;

/// A name whose spelling does not matter: types are canonical, values folded (RFC 4518: case, and white space at the ends and
/// in rows), the attributes of one relative name sorted. The leaf comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Dn(Vec<Vec<(String, String)>>);

impl Dn {
    /// Reads a name; the empty text is the name of the root.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut characters = text.chars().peekable();
        let mut names = Vec::new();
        if text.trim_matches(' ').is_empty() {
            return Some(Self(names));
        }
        loop {
            let mut name = Vec::new();
            let end = loop {
                let kind = attribute_type(&mut characters)?;
                let (value, end) = attribute_value(&mut characters)?;
                name.push((kind, value));
                if end != Some('+') {
                    break end;
                }
            };
            name.sort_unstable();
            names.push(name);
            if end.is_none() {
                return Some(Self(names));
            }
        }
    }

    /// The name of the superior; `None` for the root.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.get(1..).map(|rest| Self(rest.to_vec()))
    }

    /// Whether this is `other` or lies below it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.ends_with(&other.0)
    }

    /// This name below another.
    #[cfg(test)]
    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }
}

/// The canonical form of an attribute type: its short name in lower case if it is known, options left away.
pub(crate) fn canonical(name: &str) -> String {
    let lower = name.trim().to_ascii_lowercase();
    let bare = lower.split(';').next().unwrap_or_default();
    let bare = bare.strip_prefix("oid.").unwrap_or(bare);
    let known = TYPES.iter().find(|names| names.contains(&bare));
    known.and_then(|names| names.first()).map_or_else(|| bare.to_owned(), |short| (*short).to_owned())
}

/// Attribute types by all their names, the canonical one first.
const TYPES: [&[&str]; 16] = [
    &["cn", "commonname", "2.5.4.3"],
    &["c", "countryname", "2.5.4.6"],
    &["l", "localityname", "2.5.4.7"],
    &["st", "stateorprovincename", "2.5.4.8"],
    &["o", "organizationname", "2.5.4.10"],
    &["ou", "organizationalunitname", "2.5.4.11"],
    &["dc", "domaincomponent", "0.9.2342.19200300.100.1.25"],
    &["serialnumber", "2.5.4.5"],
    &["organizationidentifier", "2.5.4.97"],
    &["email", "emailaddress", "1.2.840.113549.1.9.1"],
    &["objectclass", "2.5.4.0"],
    &["cacertificate", "2.5.4.37"],
    &["certificaterevocationlist", "2.5.4.39"],
    &["namingcontexts", "1.3.6.1.4.1.1466.101.120.5"],
    &["supportedldapversion", "1.3.6.1.4.1.1466.101.120.15"],
    &["supportedfeatures", "1.3.6.1.4.1.4203.1.3.5"],
];

/// Folds a value for comparison.
pub(crate) fn fold(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

fn attribute_type(characters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut name = String::new();
    loop {
        match characters.next()? {
            '=' => break,
            character @ (' ' | '-' | '.') => name.push(character),
            character if character.is_ascii_alphanumeric() => name.push(character),
            _ => return None,
        }
    }
    let name = canonical(&name);
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

/// A value and the separator that ended it.
fn attribute_value(characters: &mut Peekable<Chars<'_>>) -> Option<(String, Option<char>)> {
    while characters.next_if_eq(&' ').is_some() {}
    let quoted = characters.next_if_eq(&'"').is_some();
    let hexadecimal = !quoted && characters.peek() == Some(&'#');
    let mut bytes = Vec::new();
    let mut inside = quoted;
    let end = loop {
        match characters.next() {
            None if inside => return None,
            None => break None,
            Some('"') if inside => inside = false,
            Some('\\') => bytes.extend(escaped(characters)?),
            // RFC 2253 4 still had the semicolon.
            Some(',' | ';') if !inside => break Some(','),
            Some('+') if !inside => break Some('+'),
            Some('"') => return None,
            Some(' ') if quoted && !inside => {}
            Some(_) if quoted && !inside => return None,
            Some(character) => bytes.extend(character.to_string().into_bytes()),
        }
    };
    let text = String::from_utf8(bytes).ok()?;
    let well_formed = !hexadecimal || text.trim_end().bytes().skip(1).all(|byte| byte.is_ascii_hexdigit());
    well_formed.then(|| (fold(&text), end))
}

/// What follows a backslash: a character that stands for itself, or two digits of an octet of UTF-8.
fn escaped(characters: &mut Peekable<Chars<'_>>) -> Option<Vec<u8>> {
    match characters.next()? {
        special @ (' ' | '"' | '#' | '+' | ',' | ';' | '<' | '=' | '>' | '\\') => {
            Some(special.to_string().into_bytes())
        }
        first if first.is_ascii_hexdigit() => {
            let second = characters.next().filter(char::is_ascii_hexdigit)?;
            hex::decode([first, second].iter().collect::<String>()).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use proptest::prelude::*;

    use super::*;

    fn same(one: &str, other: &str) -> bool {
        Dn::parse(one).unwrap() == Dn::parse(other).unwrap()
    }

    #[test]
    fn spelling_does_not_matter() {
        assert!(same("CN=Utopia IACA,O=Ministry,C=UT", " cn = utopia  iaca , o=MINISTRY ; C=ut "));
        assert!(same("commonName=a,2.5.4.6=UT", "cn=A,c=ut"));
        assert!(same("OID.2.5.4.3=a", "cn=a"));
        assert!(same(r"cn=a\,b", r"cn=a\2Cb"));
        assert!(same(r"cn=手形", r"cn=\E6\89\8B\E5\BD\A2"));
        assert!(same(r#"cn="a, b""#, r"cn=a\, b"));
        assert!(same("cn=a+sn=b,c=ut", "sn=b+cn=a,c=ut"));
        assert!(same("1.2.3=#0401AB", "1.2.3=#0401ab"));
        assert!(!same("cn=a,o=b", "o=b,cn=a"));
        assert!(!same("cn=a b", "cn=ab"));
        assert!(!same("cn=a,c=ut", "cn=a"));
    }

    #[test]
    fn what_is_no_name() {
        for text in [
            "cn",
            "=a",
            "cn=a,",
            "cn=a,,o=b",
            r"cn=a\",
            r"cn=\zz",
            r#"cn="a"#,
            r#"cn="a"b"#,
            r"cn=\ff",
            "c n=a",
            "1.2=#zz",
        ] {
            assert_eq!(Dn::parse(text), None, "{text}");
        }
        assert_eq!(Dn::parse(&"a=b,".repeat(5000)), None);
    }

    #[test]
    fn above_and_below() {
        let leaf = Dn::parse("cn=x,o=b,c=c").unwrap();
        let top = Dn::parse("C=C").unwrap();
        assert_eq!(leaf.parent(), Dn::parse("o=b,c=c"));
        assert!(leaf.is_within(&top) && leaf.is_within(&leaf) && leaf.is_within(&Dn::default()));
        assert!(!top.is_within(&leaf));
        assert_eq!((leaf.depth(), Dn::default().parent()), (3, None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Dn::parse(&text);
        }

        #[test]
        fn spaces_around_separators_change_nothing(
            parts in proptest::collection::vec(("[a-z]{1,3}", "[a-zA-Z0-9]{1,5}"), 1..5),
            spaces in proptest::collection::vec(" {0,2}", 20),
        ) {
            let plain: Vec<String> = parts.iter().map(|(kind, value)| format!("{kind}={value}")).collect();
            let mut space = spaces.iter().cycle();
            let mut gap = || space.next().cloned().unwrap_or_default();
            let loose: Vec<String> =
                parts.iter().map(|(kind, value)| format!("{}{kind}{}={}{value}{}", gap(), gap(), gap(), gap())).collect();
            prop_assert_eq!(Dn::parse(&plain.join(",")), Dn::parse(&loose.join(",")));
        }
    }
}
