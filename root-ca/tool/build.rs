//! Lets the executable export the entry points of the embedded token; see the documentation of `tegata-hsm`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let arguments = std::env::var("DEP_TEGATA_EMBEDDED_TOKEN_LINK_ARGS").unwrap_or_default();
    for argument in arguments.split_whitespace() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
