//! Running the binary, and the places of test data.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code, shared by several test binaries"
)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value as Json;

/// The binary under test, in English, without colours and without the environment's token store.
pub(crate) fn tegata() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tegata"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "XDG_DATA_HOME", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// Runs it with arguments.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Finished {
    Finished(tegata().args(arguments).output().unwrap())
}

/// A process that has ended.
pub(crate) struct Finished(pub(crate) Output);

impl Finished {
    pub(crate) fn status(&self) -> i32 {
        self.0.status.code().expect("the process was not killed")
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.all()))
    }

    /// Ended with `status`; returns standard output.
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status(), status, "{}", self.all());
        self
    }

    /// Ended with `status` and one message with this id, and printed nothing else.
    pub(crate) fn refused(self, status: i32, id: &str) -> Self {
        let stderr = self.stderr();
        assert!(stderr.contains(&format!("error[{id}]: ")), "no error[{id}] in {}", self.all());
        assert_eq!(stderr.matches("error[").count(), 1, "{stderr}");
        assert!(stderr.contains("\nhelp: "), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        assert_eq!(self.stdout(), "", "nothing on standard output");
        self.expect(status)
    }

    pub(crate) fn all(&self) -> String {
        format!("{:?}\nstdout: {}\nstderr: {}", self.0.status, self.stdout(), self.stderr())
    }
}

/// The third-party test data; `None`, with a remark, where it is absent.
pub(crate) fn testdata(folder: &str) -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/testdata");
    let root = std::env::var_os("TEGATA_TESTDATA").map_or_else(|| PathBuf::from(default), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no test data at {}", path.display());
    None
}

/// `tegata-root` stands beside the binary under test: a build of the workspace leaves it there, one of this package alone
/// does not.
pub(crate) fn build_root_program() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_tegata")).parent().unwrap();
        if folder.join(format!("tegata-root{}", std::env::consts::EXE_SUFFIX)).exists() {
            return;
        }
        // TARGET/PROFILE, where the profile `dev` has the folder `debug`.
        let (target, profile) = (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap());
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "tegata-root"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["--profile", if profile == "debug" { "dev" } else { profile }]).arg("--target-dir").arg(target);
        assert!(cargo.status().unwrap().success(), "tegata-root is built");
    });
}

/// Runs the demo in a directory.
pub(crate) fn run_demo(directory: &Path, options: &[&str]) -> Finished {
    build_root_program();
    let arguments = ["demo".as_ref(), "--dir".as_ref(), directory.as_os_str()];
    run(arguments.into_iter().chain(options.iter().map(AsRef::as_ref)))
}

/// A demo that ran once for this test binary. Its files are only read; tests that write work elsewhere.
pub(crate) fn demo() -> &'static Path {
    static DEMO: OnceLock<tempfile::TempDir> = OnceLock::new();
    DEMO.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        run_demo(directory.path(), &[]).expect(0);
        directory
    })
    .path()
}

/// A root of `tegata sandbox`: its token in `store` with the PIN in `pin`, its certificate in `iaca.pem`.
pub(crate) struct SandboxRoot {
    directory: tempfile::TempDir,
}

impl SandboxRoot {
    /// One that was made once for this test binary.
    pub(crate) fn shared() -> &'static Self {
        static ROOT: OnceLock<SandboxRoot> = OnceLock::new();
        ROOT.get_or_init(|| {
            let root = Self { directory: tempfile::tempdir().unwrap() };
            std::fs::write(root.file("pin"), "correct horse").unwrap();
            let with = |arguments: &[&str]| {
                run(arguments.iter().map(|word| (*word).to_owned()).chain(root.token())).expect(0);
            };
            with(&["token", "init", "--label", "sandbox", "--so-pin-file", &root.file("pin")]);
            with(&["token", "generate", "--label", "sandbox", "--key", "iaca"]);
            with(&["sandbox", "root", "--key", &root.key(), "--out", &root.certificate()]);
            root
        })
    }

    /// The file of its certificate.
    pub(crate) fn certificate(&self) -> String {
        self.file("iaca.pem")
    }

    /// A reference to its key.
    pub(crate) fn key(&self) -> String {
        "pkcs11:token=sandbox;object=iaca?module-name=tegata-embedded".to_owned()
    }

    /// The options by which its token is reached.
    pub(crate) fn token(&self) -> Vec<String> {
        vec!["--token-dir".into(), self.file("store"), "--pin-file".into(), self.file("pin")]
    }

    fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }
}

/// A reference to a key of the demo's token.
pub(crate) fn demo_key(name: &str) -> String {
    format!("pkcs11:token=tegata-demo;object={name}?module-name=tegata-embedded")
}

/// The options by which the demo's token is reached.
pub(crate) fn demo_token() -> Vec<String> {
    let token = demo().join("token");
    let path = |path: &Path| path.display().to_string();
    vec!["--token-dir".into(), path(&token), "--pin-file".into(), path(&token.join("pin"))]
}

/// The path of a file of the demo.
pub(crate) fn demo_file(name: &str) -> String {
    demo().join(name).display().to_string()
}
