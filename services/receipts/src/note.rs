//! C2SP signed notes (<https://c2sp.org/signed-note>) with Ed25519 signatures, and the keys that make and check them.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kernel::merkle::hex;
use sha2::{Digest, Sha256};

/// The most bytes in a note.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// The most signatures of a note.
pub const SIGNATURES_MAX: usize = 16;
/// The most bytes in a key's name.
pub const NAME_BYTES_MAX: usize = 200;

/// The specification's number for Ed25519.
const ED25519: u8 = 1;
const ID_BYTES: usize = 4;
const SIGNATURE_BYTES: usize = 64;
const LINE_START: &str = "\u{2014} ";

/// Why a text is no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("a note holds at most {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// A control character other than the line feed.
    #[error("a note has no control characters but line feeds")]
    ControlCharacter,
    /// Text and signatures are not parted by an empty line.
    #[error("a note has text, an empty line, and 1 to {SIGNATURES_MAX} signatures")]
    NoSignatures,
    /// A line after the text that is no signature.
    #[error("a signature line is an em dash, a key's name and base64")]
    SignatureLine,
}

/// Why a note is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// None of the trusted keys has signed it.
    #[error("none of the trusted keys has signed the note")]
    UnknownKey,
    /// A trusted key is named, but the signature is not by it.
    #[error("the signature in the name of a trusted key is wrong")]
    WrongSignature,
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is `<name>+<id>+<base64>`: a name without blanks or plus, 8 hexadecimal digits, an Ed25519 key")]
pub struct InvalidKey;

/// A public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// A private key with its name. Wiped when dropped, and never printed.
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SignerKey({})", self.name)
    }
}

fn checked_name(name: &str) -> Result<String, InvalidKey> {
    let is_wrong = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '+';
    let good = (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(is_wrong);
    good.then(|| name.to_owned()).ok_or(InvalidKey)
}

impl SignerKey {
    /// The key that a secret seed of 32 bytes makes (RFC 8032).
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, InvalidKey> {
        Ok(Self { name: checked_name(name)?, key: SigningKey::from_bytes(seed) })
    }

    /// The public key to it.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// Signs a text, which ends with a line feed: the note.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let stated = STANDARD.encode([&self.verifier().id()[..], &signature].concat());
        format!("{text}\n{LINE_START}{} {stated}\n", self.name)
    }
}

impl VerifierKey {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`.
    pub fn id(&self) -> [u8; ID_BYTES] {
        let mut hasher = Sha256::new_with_prefix(self.name.as_bytes());
        hasher.update([b'\n', ED25519]);
        hasher.update(self.key.as_bytes());
        let digest: [u8; 32] = hasher.finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ED25519][..], self.key.as_bytes()].concat());
        write!(formatter, "{}+{}+{key}", self.name, hex(&self.id()))
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        let name = checked_name(name.unwrap_or_default())?;
        let bytes = STANDARD.decode(key.ok_or(InvalidKey)?).map_err(|_| InvalidKey)?;
        let (kind, bytes) = bytes.split_first().ok_or(InvalidKey)?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| InvalidKey)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| InvalidKey)?;
        let read = Self { name, key };
        let same = *kind == ED25519 && id == Some(hex(&read.id()).as_str());
        if same { Ok(read) } else { Err(InvalidKey) }
    }
}

/// A note whose signatures have not been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<Line<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line<'a> {
    name: &'a str,
    id: [u8; ID_BYTES],
    signature: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Parts a note into its text and its signatures.
    pub fn parse(note: &'a str) -> Result<Self, InvalidNote> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(InvalidNote::TooLong);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(InvalidNote::ControlCharacter);
        }
        let (text, _) = note
            .rmatch_indices("\n\n")
            .next()
            .ok_or(InvalidNote::NoSignatures)
            .map(|(at, _)| note.split_at(at.saturating_add(1)))?;
        let lines = note.get(text.len().saturating_add(1)..).and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(InvalidNote::NoSignatures)?;
        let signatures =
            lines.split('\n').map(Line::parse).collect::<Option<Vec<_>>>().ok_or(InvalidNote::SignatureLine)?;
        let few = signatures.len() <= SIGNATURES_MAX;
        if few { Ok(Self { text, signatures }) } else { Err(InvalidNote::NoSignatures) }
    }

    /// What is signed, with its last line feed. Not to be believed before [`Note::signed_by`].
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Which of the trusted keys has signed it. Signatures by other keys count for nothing; a wrong one in the name of
    /// a trusted key spoils the note.
    pub fn signed_by<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, NotSigned> {
        let mut signer = Err(NotSigned::UnknownKey);
        for line in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name == line.name && key.id() == line.id) else { continue };
            if !line.is_by(key, self.text) {
                return Err(NotSigned::WrongSignature);
            }
            signer = signer.or(Ok(key));
        }
        signer
    }
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, stated) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        checked_name(name).ok()?;
        let bytes = STANDARD.decode(stated).ok()?;
        let (id, signature) = bytes.split_first_chunk::<ID_BYTES>()?;
        (!signature.is_empty()).then(|| Self { name, id: *id, signature: signature.to_vec() })
    }

    fn is_by(&self, key: &VerifierKey, text: &str) -> bool {
        let signature: Result<[u8; SIGNATURE_BYTES], _> = self.signature.as_slice().try_into();
        signature.is_ok_and(|bytes| key.key.verify_strict(text.as_bytes(), &Signature::from_bytes(&bytes)).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of Go's `golang.org/x/mod/sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key(name: &str, seed: u8) -> SignerKey {
        SignerKey::new(name, &[seed; 32]).unwrap()
    }

    #[test]
    fn the_reference_note_is_signed_by_its_key() {
        let key: VerifierKey = KEY.parse().unwrap();
        assert_eq!(key.to_string(), KEY);
        let note = Note::parse(NOTE).unwrap();
        assert_eq!(note.signed_by(std::slice::from_ref(&key)), Ok(&key));
        assert!(note.text().ends_with("what your problem is.\n"));
    }

    #[test]
    fn the_key_of_the_go_checksum_database_reads() {
        let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
        assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
    }

    #[test]
    fn a_changed_text_a_wrong_and_an_unknown_key_are_told_apart() {
        let (own, other) = (key("log.example/a", 1), key("log.example/a", 2));
        let note = own.sign("text\n");
        let trusted = [own.verifier()];
        assert_eq!(Note::parse(&note).unwrap().signed_by(&trusted), Ok(&trusted[0]));
        assert_eq!(Note::parse(&note).unwrap().signed_by(&[other.verifier()]), Err(NotSigned::UnknownKey));
        assert_eq!(Note::parse(&note).unwrap().signed_by(&[]), Err(NotSigned::UnknownKey));
        let changed = note.replace("text", "test");
        assert_eq!(Note::parse(&changed).unwrap().signed_by(&trusted), Err(NotSigned::WrongSignature));
    }

    #[test]
    fn signatures_of_others_beside_a_trusted_one_do_no_harm() {
        let (own, other) = (key("a", 1), key("b", 2));
        let (note, second) = (own.sign("text\n"), other.sign("text\n"));
        let both = format!("{note}{}", second.strip_prefix("text\n\n").unwrap());
        let parsed = Note::parse(&both).unwrap();
        for key in [&own, &other] {
            assert_eq!(parsed.signed_by(&[key.verifier()]).map(VerifierKey::name), Ok(key.name.as_str()));
        }
    }

    #[test]
    fn what_is_no_note_is_named() {
        for (text, expected) in [
            ("", InvalidNote::NoSignatures),
            ("text\n", InvalidNote::NoSignatures),
            ("text\n\n", InvalidNote::NoSignatures),
            ("text\n\nsigned\n", InvalidNote::SignatureLine),
            ("text\n\n\u{2014} name\n", InvalidNote::SignatureLine),
            ("text\n\n\u{2014} name !!!!\n", InvalidNote::SignatureLine),
            ("text\n\n\u{2014} na+me AAAAAAAAAAAA\n", InvalidNote::SignatureLine),
            ("text\n\n\u{2014} name AAAA\n", InvalidNote::SignatureLine),
            ("text\n\n\u{2014} name AAAAAAAA", InvalidNote::NoSignatures),
            ("te\txt\n\n\u{2014} name AAAAAAAA\n", InvalidNote::ControlCharacter),
        ] {
            assert_eq!(Note::parse(text), Err(expected), "{text:?}");
        }
        assert_eq!(Note::parse(&"a".repeat(NOTE_BYTES_MAX + 1)), Err(InvalidNote::TooLong));
        let many = "\u{2014} name AAAAAAAA\n".repeat(SIGNATURES_MAX + 1);
        assert_eq!(Note::parse(&format!("text\n\n{many}")), Err(InvalidNote::NoSignatures));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "",
            "name",
            "name+c74f20a3",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "a b+00000000+AA==",
            "+00000000+AA==",
        ] {
            assert_eq!(text.parse::<VerifierKey>(), Err(InvalidKey), "{text}");
        }
        for name in ["", "a b", "a+b", "a\n", &"n".repeat(NAME_BYTES_MAX + 1)] {
            assert!(SignerKey::new(name, &[0; 32]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_private_key_is_not_printed() {
        assert_eq!(format!("{:?}", key("a", 1)), "SignerKey(a)");
    }

    proptest! {
        #[test]
        fn no_byte_of_a_note_can_be_changed(place: prop::sample::Index, letter in b' '..b'~') {
            let own = key("log.example/a", 3);
            let note = own.sign("tallystick/1\n42\nroot\n");
            let mut bytes = note.clone().into_bytes();
            let chosen = place.index(bytes.len());
            bytes[chosen] = letter;
            let Ok(changed) = String::from_utf8(bytes) else { return Ok(()) };
            let trusted = [own.verifier()];
            let believed = Note::parse(&changed).is_ok_and(|note| note.signed_by(&trusted).is_ok());
            prop_assert_eq!(believed, changed == note);
        }

        #[test]
        fn hostile_texts_do_no_harm(text: String) {
            let trusted = [key("a", 1).verifier()];
            prop_assert!(Note::parse(&text).map_or(true, |note| note.signed_by(&trusted).is_err()));
            prop_assert!(text.parse::<VerifierKey>().map_or(true, |key| key.to_string() == text.trim()));
        }
    }
}
