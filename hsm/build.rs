//! Makes the embedded token's two PKCS#11 entry points visible to the dynamic loader.
//!
//! The token is linked into the executable and reached through `dlopen(NULL)`, so the executable must export the two
//! symbols. The argument is given to every executable of this package; a dependent package repeats it in its own build
//! script, see the crate's documentation.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_EMBEDDED_TOKEN").is_none() {
        return;
    }
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let arguments = link_arguments(&system);
    for argument in arguments {
        println!("cargo::rustc-link-arg={argument}");
    }
    println!("cargo::metadata=LINK_ARGS={}", arguments.join(" "));
}

/// Exports exactly the two symbols where the linker can do so: every further one could shadow a symbol that a PKCS#11
/// module loaded later brings itself.
fn link_arguments(system: &str) -> &'static [&'static str] {
    match system {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" => {
            &["-Wl,--export-dynamic-symbol=C_GetFunctionList", "-Wl,--export-dynamic-symbol=C_GetInterface"]
        }
        _ => &["-rdynamic"],
    }
}
