//! The two PKCS#11 entry points that this executable exports, and the call that initialises what is behind them: the
//! only unsafe code of the crate.

use std::ffi::CString;
use std::ptr::NonNull;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use kryoptic_lib::fns::general::{fn_get_function_list, fn_get_interface};
use kryoptic_lib::pkcs11::{
    CK_FLAGS, CK_FUNCTION_LIST_PTR_PTR, CK_INTERFACE_PTR_PTR, CK_RV, CK_UTF8CHAR_PTR, CK_VERSION_PTR,
};

use crate::TokenError;

/// `C_GetFunctionList` (PKCS#11 3.1, 5.4.4).
#[expect(unsafe_code, reason = "the dynamic loader finds the embedded token by this name")]
#[unsafe(no_mangle)]
extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    fn_get_function_list(list)
}

/// `C_GetInterface` (PKCS#11 3.1, 5.4.6).
#[expect(unsafe_code, reason = "the dynamic loader finds the embedded token by this name")]
#[unsafe(no_mangle)]
extern "C" fn C_GetInterface(
    name: CK_UTF8CHAR_PTR,
    version: CK_VERSION_PTR,
    interface: CK_INTERFACE_PTR_PTR,
    flags: CK_FLAGS,
) -> CK_RV {
    fn_get_interface(name, version, interface, flags)
}

/// The PKCS#11 functions of this executable.
pub(super) fn context() -> Result<Pkcs11, TokenError> {
    // A use that the optimiser must keep, so that the linker keeps the entry points.
    let function_list: extern "C" fn(_) -> _ = C_GetFunctionList;
    let interface: extern "C" fn(_, _, _, _) -> _ = C_GetInterface;
    std::hint::black_box((function_list, interface));
    Pkcs11::new_from_self().map_err(|error| match error {
        Error::MissingSymbol(_) | Error::LibraryLoading(_) => TokenError::EmbeddedTokenNotLinked,
        other => other.into(),
    })
}

/// `C_Initialize` with a configuration file. The token takes further slots from further calls and answers those with
/// `CKR_CRYPTOKI_ALREADY_INITIALIZED`.
pub(super) fn initialise(context: &Pkcs11, configuration: &str) -> Result<(), TokenError> {
    // The path holds no NUL: it named a file that was just written.
    let argument = CString::new(format!("kryoptic_conf={configuration}")).map_err(|_| TokenError::StoreUnusable {
        path: configuration.into(),
        kind: std::io::ErrorKind::InvalidFilename,
    })?;
    let pointer = NonNull::from(argument.as_c_str()).cast();
    #[expect(unsafe_code, reason = "the reserved argument of C_Initialize is a raw pointer")]
    // SAFETY: the token reads a NUL-terminated string here, and `argument` lives until the call has returned.
    let arguments = unsafe { CInitializeArgs::new_with_reserved(CInitializeFlags::OS_LOCKING_OK, pointer) };
    match context.initialize(arguments) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
