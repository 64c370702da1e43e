//! Runs one seed: `simulate SEED [TWIN]`. Says what it did, or what did not hold.
//!
//! Each run is a process of its own, in which even the system's randomness is always the same: the orders of hash maps
//! and of Tokio's waiters depend on it, and on nothing else that is not the seed's. So a seed that fails fails again.

use std::ffi::{c_uint, c_void};
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use sim::run::run;
use sim::twin::Twin;

static DRAWN: AtomicU64 = AtomicU64::new(0);

/// In place of libc's: the same bytes in every process, by `SplitMix64` (Steele, Lea and Flood, 2014).
///
/// # Safety
///
/// As for libc's: `buffer` has room for `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller gives a buffer of that length, and nobody else has it meanwhile.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for chunk in bytes.chunks_mut(8) {
        let mut word = DRAWN.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        chunk.iter_mut().zip(word.to_le_bytes()).for_each(|(byte, random)| *byte = random);
    }
    length.try_into().unwrap_or(-1)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().and_then(|seed| seed.parse().ok());
    let twin = arguments.next().map(|name| Twin::named(&name));
    let (Some(seed), None | Some(Some(_))) = (seed, twin) else {
        return say("usage: simulate SEED [TWIN]", ExitCode::from(2));
    };
    match run(seed, twin.flatten()) {
        Ok(summary) => say(&summary.to_string(), ExitCode::SUCCESS),
        Err(failure) => say(&failure.to_string(), ExitCode::FAILURE),
    }
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    // Whoever does not listen knows the code.
    _ = writeln!(std::io::stdout(), "{text}");
    code
}
