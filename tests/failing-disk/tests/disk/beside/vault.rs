//! `keys.db`: a key that was used is there, and an erased one is not.

use std::path::Path;

use eventlog::vault::{Secret, Vault, VaultError};
use jiff::Timestamp;
use kernel::id::derived;
use kernel::sealed::Sealed;
use uuid::Uuid;

use super::{Keeper, crash_often, fail_everywhere};

const ORIGIN: &str = "log";

/// What is known of a person.
enum Known {
    /// Sealed with a key that the vault has.
    Sealed(Sealed),
    Erased,
    /// Sealed, and then an erasure was answered with an error.
    Doubtful(Sealed),
}

/// A platform that seals, erases, signs.
#[derive(Default)]
struct Platform {
    persons: Vec<Known>,
    blind: Option<String>,
    secret: Option<[u8; 32]>,
    /// Keys that signed, and the one that was tried last.
    signing: u8,
    tried: u8,
}

fn subject(number: usize) -> Uuid {
    derived(&["person", &number.to_string()])
}

impl Platform {
    fn run(&mut self, directory: &Path) -> Result<(), VaultError> {
        let vault = Vault::open(directory)?;
        self.hold(&vault)?;
        for erases in [false, true] {
            let number = self.persons.len();
            let sealed = vault.seal(subject(number), "Ada")?;
            self.persons.push(Known::Sealed(sealed.clone()));
            if erases {
                self.persons[number] = Known::Doubtful(sealed);
                vault.erase(subject(number))?;
                self.persons[number] = Known::Erased;
            }
        }
        self.tried = self.signing.max(self.tried) + 1;
        let at = Timestamp::from_second(self.tried.into()).unwrap();
        vault.use_signing_key(ORIGIN, &format!("public {}", self.tried), &Secret::new([self.tried; 32]), at)?;
        self.signing = self.tried;
        Ok(())
    }

    fn hold(&mut self, vault: &Vault) -> Result<(), VaultError> {
        let blind = vault.blind_index("ada@example.org")?;
        assert_eq!(*self.blind.get_or_insert(blind.clone()), blind, "addresses are found as before");
        let secret = *vault.secret("session-signing")?;
        assert_eq!(*self.secret.get_or_insert(secret), secret, "tokens are good as before");
        for (number, known) in self.persons.iter_mut().enumerate() {
            match known {
                Known::Sealed(sealed) => assert_eq!(vault.unseal(sealed)?.as_deref(), Some("Ada"), "person {number}"),
                Known::Erased => {
                    assert!(matches!(vault.seal(subject(number), "Ada"), Err(VaultError::Erased)), "person {number}");
                }
                Known::Doubtful(sealed) => match vault.unseal(sealed)? {
                    Some(text) => assert_eq!(text, "Ada"),
                    None => *known = Known::Erased,
                },
            }
        }
        let seed = vault.signing_seed(ORIGIN)?.map_or(0, |seed| seed[0]);
        assert!(seed == self.signing || seed == self.tried, "{seed} signs, not {} or {}", self.signing, self.tried);
        self.signing = seed;
        let keys = vault.signing_keys()?;
        let in_use = keys.iter().filter(|key| key.retired_at.is_none()).count();
        assert_eq!(in_use, usize::from(seed > 0));
        Ok(())
    }
}

impl Keeper for Platform {
    fn work(&mut self, directory: &Path) -> Result<(), String> {
        self.run(directory).map_err(|error| format!("{error:?}"))
    }

    fn check(&mut self, directory: &Path) {
        self.hold(&Vault::open(directory).unwrap()).unwrap();
    }
}

#[test]
fn a_key_that_was_used_outlives_a_fault_at_any_operation() {
    fail_everywhere::<Platform>(7);
}

#[test]
fn a_key_that_was_used_outlives_power_cuts() {
    crash_often::<Platform>();
}
