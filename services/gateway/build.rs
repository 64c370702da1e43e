//! The pages are embedded from `web/dist`; a clone in which they are not built yet still compiles, without pages.

fn main() -> std::io::Result<()> {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    std::fs::create_dir_all(&dist)?;
    emit(&format!("cargo::rerun-if-changed={}", dist.display()))
}

/// Build scripts speak to Cargo on standard output.
fn emit(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
}
