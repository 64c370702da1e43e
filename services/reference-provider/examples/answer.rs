//! Answers one call from standard input, for trying a capability by hand:
//! `echo '{"text":"绿色算力"}' | cargo run -p reference-provider --example answer pinyin-annotation`

use std::io::{Read, Write};
use std::process::ExitCode;

use reference_provider::{Refusal, answer};

fn main() -> std::io::Result<ExitCode> {
    let slug = std::env::args().nth(1).unwrap_or_default();
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let input = serde_json::from_str(&input)?;
    let (text, code) = match answer(&slug, &input) {
        Ok(output) => (output.to_string(), ExitCode::SUCCESS),
        Err(Refusal { code, message, pointer }) => (format!("{code}: {message} {pointer:?}"), ExitCode::FAILURE),
    };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(code)
}
