//! A PKCS#11 module for tests: it wraps another module, counts calls and injects faults.
//!
//! A fault is ordered with a line `FUNCTION FAULT COUNT`: the next COUNT calls of FUNCTION (`login`, `generate`, `sign`) do
//! not go well. FAULT is a return value in hexadecimal (`30`), `hang` (the call never returns), `drop` (the session is gone
//! when the call is made) or, for `sign`, `spoil` (a bit of the signature is wrong).
//!
//! A test of this package loads it twice over: through the code under test as a module, and by itself to call `fault_*`.
//! A test that runs another process sets `FAULT_WRAP` to the module to be wrapped and `FAULT_FILE` to a file: once that is
//! there with an order in it, the order is taken at the next call of one of the functions, and the file is gone.
#![allow(unsafe_code, missing_docs, non_snake_case, reason = "a C interface, used by tests only")]
#![allow(clippy::unwrap_used, clippy::missing_safety_doc, reason = "a test module may abort")]

use std::ffi::{CStr, c_char};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use cryptoki_sys::{
    CK_ATTRIBUTE_PTR, CK_BYTE_PTR, CK_FLAGS, CK_FUNCTION_LIST, CK_FUNCTION_LIST_PTR_PTR, CK_MECHANISM_PTR, CK_NOTIFY,
    CK_OBJECT_HANDLE_PTR, CK_RV, CK_SESSION_HANDLE, CK_SESSION_HANDLE_PTR, CK_SLOT_ID, CK_ULONG, CK_ULONG_PTR,
    CK_USER_TYPE, CK_UTF8CHAR_PTR, CK_VOID_PTR, CKR_GENERAL_ERROR, CKR_OK,
};

/// The real module's functions, and the copy of the list with ours in it.
static REAL: AtomicPtr<CK_FUNCTION_LIST> = AtomicPtr::new(std::ptr::null_mut());
static OURS: AtomicPtr<CK_FUNCTION_LIST> = AtomicPtr::new(std::ptr::null_mut());
static WRAP: Mutex<Option<String>> = Mutex::new(None);
static ORDER: Mutex<Option<Order>> = Mutex::new(None);

static LOGINS: AtomicU64 = AtomicU64::new(0);
static SIGNS: AtomicU64 = AtomicU64::new(0);
static OPENS: AtomicU64 = AtomicU64::new(0);

struct Order {
    function: String,
    fault: Fault,
    left: u64,
}

#[derive(Clone, Copy)]
enum Fault {
    Return(CK_RV),
    Hang,
    Drop,
    Spoil,
}

/// Which module to wrap; called before the module is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fault_wrap(path: *const c_char) {
    *WRAP.lock().unwrap() = Some(unsafe { CStr::from_ptr(path) }.to_str().unwrap().to_owned());
}

/// Takes an order; it replaces the one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fault_order(line: *const c_char) {
    *ORDER.lock().unwrap() = Some(Order::read(unsafe { CStr::from_ptr(line) }.to_str().unwrap()));
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
        ours.C_GenerateKeyPair = Some(generate_key_pair);
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
    faulty("login", session, || unsafe { function.unwrap()(session, user, pin, length) })
}

#[allow(clippy::too_many_arguments, reason = "the function of the specification")]
unsafe extern "C" fn generate_key_pair(
    session: CK_SESSION_HANDLE,
    mechanism: CK_MECHANISM_PTR,
    public: CK_ATTRIBUTE_PTR,
    public_count: CK_ULONG,
    private: CK_ATTRIBUTE_PTR,
    private_count: CK_ULONG,
    public_key: CK_OBJECT_HANDLE_PTR,
    private_key: CK_OBJECT_HANDLE_PTR,
) -> CK_RV {
    let function = real().C_GenerateKeyPair;
    faulty("generate", session, || unsafe {
        let (public, private) = ((public, public_count), (private, private_count));
        function.unwrap()(session, mechanism, public.0, public.1, private.0, private.1, public_key, private_key)
    })
}

/// A return value is given without calling the real one, so that the session keeps an active operation, as a failing device
/// leaves it.
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
    let mut spoils = false;
    let value = match ordered("sign") {
        Some(Fault::Spoil) => {
            spoils = true;
            forward()
        }
        Some(fault) => fault.happens(session, forward),
        None => forward(),
    };
    if value == CKR_OK && spoils {
        unsafe { *signature ^= 1 };
    }
    value
}

fn faulty(function: &str, session: CK_SESSION_HANDLE, forward: impl FnOnce() -> CK_RV) -> CK_RV {
    match ordered(function) {
        Some(fault) => fault.happens(session, forward),
        None => forward(),
    }
}

impl Fault {
    fn happens(self, session: CK_SESSION_HANDLE, forward: impl FnOnce() -> CK_RV) -> CK_RV {
        match self {
            Self::Return(value) => value,
            Self::Hang => loop {
                std::thread::park();
            },
            Self::Drop => {
                let close = real().C_CloseSession;
                unsafe { close.unwrap()(session) };
                forward()
            }
            Self::Spoil => forward(),
        }
    }
}

/// What goes wrong with this call.
fn ordered(function: &str) -> Option<Fault> {
    let mut order = ORDER.lock().unwrap();
    if let Some(file) = std::env::var_os("FAULT_FILE")
        && let Ok(line) = std::fs::read_to_string(&file)
    {
        std::fs::remove_file(&file).unwrap();
        *order = Some(Order::read(&line));
    }
    let order = order.as_mut().filter(|order| order.function == function && order.left > 0)?;
    order.left -= 1;
    Some(order.fault)
}

impl Order {
    fn read(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap();
        let function = word().to_owned();
        let fault = match word() {
            "hang" => Fault::Hang,
            "drop" => Fault::Drop,
            "spoil" => Fault::Spoil,
            value => Fault::Return(CK_RV::from_str_radix(value, 16).unwrap()),
        };
        Self { function, fault, left: word().parse().unwrap() }
    }
}
