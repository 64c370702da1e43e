//! The Rust sample of the capability pages, as `web/src/features/capabilities/samples.ts` writes it: that it is here means
//! that it compiles.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "it is a program of its own")]

include!("samples/call.rs");

#[test]
fn the_rust_sample_asks_for_a_key_before_it_calls() {
    assert_eq!(main().unwrap_err().to_string(), "environment variable not found");
}
