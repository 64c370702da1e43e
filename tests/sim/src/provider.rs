//! Providers that answer, take their time, refuse, talk nonsense, hang or are away.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use providers::error::CallError;
use providers::upstreams::{Script, Scripted};
use serde_json::{Value, json};

/// How every provider fares.
#[derive(Clone)]
pub struct Mood {
    rng: Arc<Mutex<fastrand::Rng>>,
    /// Of 100 calls so many meet trouble.
    trouble: Arc<AtomicU8>,
}

impl Mood {
    /// A good one.
    pub fn new(rng: fastrand::Rng) -> Self {
        Self { rng: Arc::new(Mutex::new(rng)), trouble: Arc::default() }
    }

    /// Of 100 calls so many meet trouble from now on.
    pub fn set_trouble(&self, percent: u8) {
        self.trouble.store(percent, Ordering::Relaxed);
    }

    /// Plays every provider: an answer says the text again.
    pub fn script(&self) -> Script {
        let mood = self.clone();
        Arc::new(move |_, payload| -> Scripted {
            let (milliseconds, fault) = mood.draw();
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                match fault {
                    Some(Fault::Hangs) => std::future::pending().await,
                    Some(Fault::Fails(error)) => Err(error),
                    Some(Fault::Answers(nonsense)) => Ok(nonsense),
                    None => serde_json::from_slice(&payload).map_err(|_| CallError::Nonsense),
                }
            })
        })
    }

    fn draw(&self) -> (u64, Option<Fault>) {
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        let milliseconds = if rng.u8(0..8) == 0 { rng.u64(0..20_000) } else { rng.u64(0..60) };
        let trouble = rng.u8(0..100) < self.trouble.load(Ordering::Relaxed);
        (milliseconds, trouble.then(|| Fault::draw(&mut rng)))
    }
}

enum Fault {
    Hangs,
    Fails(CallError),
    Answers(Value),
}

impl Fault {
    fn draw(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(0..6) {
            0 => Self::Hangs,
            1 => Self::Fails(CallError::Unreachable),
            2 => Self::Fails(CallError::Disconnected),
            3 => Self::Fails(CallError::Refused { code: "BUSY".to_owned(), message: String::new() }),
            4 => Self::Answers(json!({"text": 7})),
            _ => Self::Fails(CallError::Nonsense),
        }
    }
}
