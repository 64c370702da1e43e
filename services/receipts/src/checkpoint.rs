//! Checkpoints (<https://c2sp.org/tlog-checkpoint>): a log's origin, size and root, as the text of a signed note.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note::{NAME_BYTES_MAX, SignerKey};
use crate::proof::Head;

/// What a log says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, for ever; also the name of the keys that sign for it.
    pub origin: String,
    /// Its leaves and the root over them.
    pub head: Head,
}

/// Why a text is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a checkpoint has three lines: an origin, a size, and a root of 32 bytes in base64")]
pub struct InvalidCheckpoint;

impl Checkpoint {
    /// The signed note of it.
    pub fn sign(&self, key: &SignerKey) -> String {
        key.sign(&self.to_string())
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { size, root } = &self.head;
        write!(formatter, "{}\n{size}\n{}\n", self.origin, STANDARD.encode(root))
    }
}

impl FromStr for Checkpoint {
    type Err = InvalidCheckpoint;

    /// Reads the text of a note. Lines after the third are extensions of which nothing is known.
    fn from_str(text: &str) -> Result<Self, InvalidCheckpoint> {
        let mut lines = text.strip_suffix('\n').ok_or(InvalidCheckpoint)?.split('\n');
        let origin = lines.next().filter(|origin| (1..=NAME_BYTES_MAX).contains(&origin.len()));
        let size = lines.next().and_then(whole).ok_or(InvalidCheckpoint)?;
        let root = lines.next().and_then(|root| STANDARD.decode(root).ok()).ok_or(InvalidCheckpoint)?;
        let head = Head { size, root: root.try_into().map_err(|_| InvalidCheckpoint)? };
        let extended = lines.all(|line| !line.is_empty());
        let origin = origin.filter(|_| extended).ok_or(InvalidCheckpoint)?.to_owned();
        Ok(Self { origin, head })
    }
}

/// A decimal without sign or leading zeros.
fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    /// The example of the specification.
    #[test]
    fn the_specifications_checkpoint_reads_and_writes() {
        let text = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
        let read: Checkpoint = text.parse().unwrap();
        assert_eq!((read.origin.as_str(), read.head.size), ("example.com/behind-the-sofa", 20_852_163));
        assert_eq!(read.to_string(), text);
        let extended: Checkpoint = format!("{text}an extension\n").parse().unwrap();
        assert_eq!(extended, read);
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        for text in [
            String::new(),
            format!("a\n1\n{ROOT}"),
            format!("\n1\n{ROOT}\n"),
            format!("a\n01\n{ROOT}\n"),
            format!("a\n+1\n{ROOT}\n"),
            format!("a\n-1\n{ROOT}\n"),
            format!("a\n18446744073709551616\n{ROOT}\n"),
            format!("a\n1\n{ROOT}\n\n"),
            "a\n1\nAAAA\n".to_owned(),
            "a\n1\n".to_owned(),
            format!("{}\n1\n{ROOT}\n", "a".repeat(NAME_BYTES_MAX + 1)),
        ] {
            assert_eq!(text.parse::<Checkpoint>(), Err(InvalidCheckpoint), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_checkpoint_comes_back_as_it_was(origin in "[a-z./0-9-]{1,40}", size: u64, root: [u8; 32]) {
            let checkpoint = Checkpoint { origin, head: Head { size, root } };
            prop_assert_eq!(checkpoint.to_string().parse::<Checkpoint>(), Ok(checkpoint));
        }
    }
}
