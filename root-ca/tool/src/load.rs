//! Reading the files that a command names.

use std::io::Read as _;
use std::path::Path;

use tegata_root_ca::Policy;

use crate::failure::{Failure, Kind};

/// The most that is read of a file.
const LIMIT: u64 = 64 << 20;

/// The bytes of a file. An empty file is nobody's intent.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| Failure::unreadable(path, &error);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let wrong = |id, message, remedy| Err(Failure::new(Kind::Usage, id, message, remedy).about(path));
    if bytes.is_empty() {
        let remedy = ["copy the file again from its origin", "元の媒体からコピーし直してください"];
        return wrong("file-empty", "the file is empty", remedy);
    }
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LIMIT) {
        let remedy = ["check that this is the file you mean", "ファイルの指定を確認してください"];
        return wrong("file-too-large", "the file is larger than 64 MiB", remedy);
    }
    Ok(bytes)
}

/// The text of a file in UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|_| {
        let remedy = [
            "check that this is the file you mean; text is UTF-8",
            "ファイルの指定を確認してください。文字コードはUTF-8です",
        ];
        Failure::new(Kind::Usage, "file-not-text", "the file is not UTF-8 text", remedy).about(path)
    })
}

/// The policy of a name: one that comes with the program, else a file.
pub(crate) fn policy(name: &str) -> Result<Policy, Failure> {
    if let Some(policy) = Policy::built_in(name) {
        return Ok(policy);
    }
    let path = Path::new(name);
    Policy::from_toml(&text(path)?).map_err(|error| Failure::from(error).about(path))
}
