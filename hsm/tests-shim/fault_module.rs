//! A PKCS#11 module for tests: it wraps another module, counts calls and injects faults.
//!
//! A test of this package loads it twice over: through the code under test as a module, and by itself to call `fault_*`.
//! A test that runs another process sets `FAULT_WRAP` to the module to be wrapped and `FAULT_FILE` to a file: once that is
//! there, the next calls of `C_Sign` return a value (`32 5`: hexadecimal, how often) or spoil their signatures (`spoil 1`), and
//! the file is gone.
#![allow(unsafe_code, missing_docs, non_snake_case, reason = "a C interface, used by tests only")]
#![allow(clippy::unwrap_used, clippy::missing_safety_doc, reason = "a test module may abort")]

use std::ffi::{CStr, c_char};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use cryptoki_sys::{
    CK_BYTE_PTR, CK_FLAGS, CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR_PTR, CK_NOTIFY, CK_RV, CK_SESSION_HANDLE,
    CK_SESSION_HANDLE_PTR, CK_SLOT_ID, CK_ULONG, CK_ULONG_PTR, CK_USER_TYPE, CK_UTF8CHAR_PTR, CK_VOID_PTR,
    CKR_GENERAL_ERROR, CKR_OK,
};

/// The real module's functions, and the copy of the list with ours in it.
static REAL: AtomicPtr<CK_FUNCTION_LIST> = AtomicPtr::new(std::ptr::null_mut());
static OURS: AtomicPtr<CK_FUNCTION_LIST> = AtomicPtr::new(std::ptr::null_mut());
static WRAP: Mutex<Option<String>> = Mutex::new(None);

static LOGINS: AtomicU64 = AtomicU64::new(0);
static SIGNS: AtomicU64 = AtomicU64::new(0);
static OPENS: AtomicU64 = AtomicU64::new(0);
static FAIL_SIGNS: AtomicU64 = AtomicU64::new(0);
static FAIL_WITH: AtomicU64 = AtomicU64::new(0);
static SPOIL_SIGNS: AtomicU64 = AtomicU64::new(0);

/// Which module to wrap; called before the module is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fault_wrap(path: *const c_char) {
    *WRAP.lock().unwrap() = Some(unsafe { CStr::from_ptr(path) }.to_str().unwrap().to_owned());
}

/// Lets the next `count` calls of `C_Sign` return `value`.
#[unsafe(no_mangle)]
pub extern "C" fn fault_fail_signs(count: u64, value: u64) {
    FAIL_WITH.store(value, Ordering::SeqCst);
    FAIL_SIGNS.store(count, Ordering::SeqCst);
}

/// Flips a bit in the next `count` signatures.
#[unsafe(no_mangle)]
pub extern "C" fn fault_spoil_signs(count: u64) {
    SPOIL_SIGNS.store(count, Ordering::SeqCst);
}

#[unsafe(no_mangle)]
pub extern "C" fn fault_logins() -> u64 {
    LOGINS.load(Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub extern "C" fn fault_signs() -> u64 {
    SIGNS.load(Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub extern "C" fn fault_opens() -> u64 {
    OPENS.load(Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn C_GetFunctionList(list: CK_FUNCTION_LIST_PTR_PTR) -> CK_RV {
    if OURS.load(Ordering::SeqCst).is_null() {
        let named = WRAP.lock().unwrap().clone().or_else(|| std::env::var("FAULT_WRAP").ok());
        let Some(path) = named else { return CKR_GENERAL_ERROR };
        let real = unsafe { cryptoki_sys::Pkcs11::new(path) }.unwrap();
        let mut functions = std::ptr::null_mut();
        let value = unsafe { real.C_GetFunctionList(&mut functions) };
        if value != CKR_OK {
            return value;
        }
        // Never unloaded: the list points into it.
        std::mem::forget(real);
        let mut ours = unsafe { *functions };
        ours.C_OpenSession = Some(open_session);
        ours.C_Login = Some(login);
        ours.C_Sign = Some(sign);
        REAL.store(functions, Ordering::SeqCst);
        OURS.store(Box::into_raw(Box::new(ours)), Ordering::SeqCst);
    }
    unsafe { *list = OURS.load(Ordering::SeqCst) };
    CKR_OK
}

fn real() -> CK_FUNCTION_LIST {
    unsafe { *REAL.load(Ordering::SeqCst) }
}

unsafe extern "C" fn open_session(
    slot: CK_SLOT_ID,
    flags: CK_FLAGS,
    application: CK_VOID_PTR,
    notify: CK_NOTIFY,
    session: CK_SESSION_HANDLE_PTR,
) -> CK_RV {
    OPENS.fetch_add(1, Ordering::SeqCst);
    let function = real().C_OpenSession;
    unsafe { function.unwrap()(slot, flags, application, notify, session) }
}

unsafe extern "C" fn login(
    session: CK_SESSION_HANDLE,
    user: CK_USER_TYPE,
    pin: CK_UTF8CHAR_PTR,
    length: CK_ULONG,
) -> CK_RV {
    LOGINS.fetch_add(1, Ordering::SeqCst);
    let function = real().C_Login;
    unsafe { function.unwrap()(session, user, pin, length) }
}

/// Without calling the real one, so that the session keeps an active operation, as a failing device leaves it.
unsafe extern "C" fn sign(
    session: CK_SESSION_HANDLE,
    data: CK_BYTE_PTR,
    data_length: CK_ULONG,
    signature: CK_BYTE_PTR,
    signature_length: CK_ULONG_PTR,
) -> CK_RV {
    let function = real().C_Sign;
    let forward = || unsafe { function.unwrap()(session, data, data_length, signature, signature_length) };
    // A question for the length only.
    if signature.is_null() {
        return forward();
    }
    SIGNS.fetch_add(1, Ordering::SeqCst);
    order_from_file();
    if taken(&FAIL_SIGNS) {
        return CK_RV::try_from(FAIL_WITH.load(Ordering::SeqCst)).unwrap();
    }
    let value = forward();
    if value == CKR_OK && taken(&SPOIL_SIGNS) {
        unsafe { *signature ^= 1 };
    }
    value
}

fn order_from_file() {
    let Some(file) = std::env::var_os("FAULT_FILE") else { return };
    let Ok(order) = std::fs::read_to_string(&file) else { return };
    std::fs::remove_file(&file).unwrap();
    let (what, count) = order.trim().split_once(' ').unwrap();
    let count = count.parse().unwrap();
    match what {
        "spoil" => fault_spoil_signs(count),
        value => fault_fail_signs(count, u64::from_str_radix(value, 16).unwrap()),
    }
}

fn taken(counter: &AtomicU64) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}
