//! The fault module of `tests-shim/` and its controls.
#![allow(dead_code, reason = "each test file uses its part")]

use std::ffi::CString;
use std::path::{Path, PathBuf};

/// The example's library, beside the directory of this test's executable.
pub(crate) fn fault_module() -> Option<PathBuf> {
    let executable = std::env::current_exe().unwrap();
    let profile = executable.parent()?.parent()?;
    let name = format!("{}fault_module{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Some(profile.join("examples").join(name)).filter(|file| file.exists())
}

/// The controls of the fault module.
pub(crate) struct Faults(libloading::Library);

#[expect(unsafe_code, reason = "the controls are C functions of a module that is loaded at run time")]
impl Faults {
    pub(crate) fn load(file: &Path, wrapped: &Path) -> Self {
        let path = CString::new(wrapped.to_str().unwrap()).unwrap();
        // SAFETY: the module is ours, and `path` lives through the call.
        unsafe {
            let library = libloading::Library::new(std::fs::canonicalize(file).unwrap()).unwrap();
            let wrap = library.get::<unsafe extern "C" fn(*const std::ffi::c_char)>(b"fault_wrap").unwrap();
            wrap(path.as_ptr());
            Self(library)
        }
    }

    fn count(&self, name: &str) -> u64 {
        // SAFETY: the function has this type.
        unsafe { self.0.get::<extern "C" fn() -> u64>(name.as_bytes()).unwrap()() }
    }

    pub(crate) fn logins(&self) -> u64 {
        self.count("fault_logins")
    }

    pub(crate) fn signs(&self) -> u64 {
        self.count("fault_signs")
    }

    pub(crate) fn opens(&self) -> u64 {
        self.count("fault_opens")
    }

    pub(crate) fn order(&self, line: &str) {
        let line = CString::new(line).unwrap();
        // SAFETY: the function has this type, and `line` lives through the call.
        unsafe { self.0.get::<unsafe extern "C" fn(*const std::ffi::c_char)>(b"fault_order").unwrap()(line.as_ptr()) }
    }
}
