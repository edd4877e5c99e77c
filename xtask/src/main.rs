//! `cargo run -p xtask -- wasm-package WASM OUT`: turns the built wasm module into the two JavaScript packages `OUT/web`
//! (browsers) and `OUT/node`.

use std::env;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["wasm-package", module, output] => wasm_package(Path::new(module), Path::new(output)),
        _ => bail!("usage: xtask wasm-package WASM OUT"),
    }
}

fn wasm_package(module: &Path, output: &Path) -> Result<()> {
    for target in ["web", "node"] {
        let mut bindgen = Bindgen::new();
        // The library's default leaves out the path that `init()` without an argument needs in a browser.
        bindgen.input_path(module).out_name("tegata").typescript(true).omit_default_module_path(false);
        bindgen.remove_name_section(true).remove_producers_section(true);
        match target {
            "web" => bindgen.web(true)?,
            _ => bindgen.nodejs(true)?,
        };
        bindgen.generate(output.join(target)).with_context(|| format!("cannot make the {target} package"))?;
    }
    Ok(())
}
