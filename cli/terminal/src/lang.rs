//! The language of messages.

use std::ffi::OsString;

use clap::ValueEnum;

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// 日本語
    Ja,
}

impl Lang {
    /// The language before the command line is parsed, so that its errors and help are in it too: `--lang`, else the
    /// first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set and not empty (POSIX order).
    #[must_use]
    pub fn early(arguments: &[OsString]) -> Self {
        from_arguments(arguments).unwrap_or_else(|| {
            let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
            let set = names.iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
            set.map_or(Self::En, |tag| Self::from_tag(&tag.to_string_lossy()))
        })
    }

    fn from_tag(tag: &str) -> Self {
        if tag.starts_with("ja") { Self::Ja } else { Self::En }
    }

    /// The text of this language out of English and Japanese.
    #[must_use]
    pub fn pick<T>(self, english: T, japanese: T) -> T {
        match self {
            Self::En => english,
            Self::Ja => japanese,
        }
    }
}

fn from_arguments(arguments: &[OsString]) -> Option<Lang> {
    let mut rest = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(argument) = rest.next() {
        if argument == "--lang" {
            return rest.next().map(|tag| Lang::from_tag(&tag));
        }
        if let Some(tag) = argument.strip_prefix("--lang=") {
            return Some(Lang::from_tag(tag));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_comes_first() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(from_arguments(&words("tegata verify --lang ja x")), Some(Lang::Ja));
        assert_eq!(from_arguments(&words("tegata --lang=en x")), Some(Lang::En));
        assert_eq!(from_arguments(&words("tegata verify x")), None);
        assert_eq!(Lang::from_tag("ja_JP.UTF-8"), Lang::Ja);
        assert_eq!(Lang::from_tag("C.UTF-8"), Lang::En);
    }
}
