//! Why a call was not answered: a stable code, a sentence for a person, and where in the input.
//! A refusal is an answer of its own; it is never replaced by a guess.

use std::fmt;

/// The longest message, in characters.
const MESSAGE_LENGTH_MAX: usize = 300;

/// The stable reason of a [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No capability has this slug.
    UnknownCapability,
    /// The input does not match the contract.
    InvalidInput,
    /// The request body is larger than any contract allows.
    TooLarge,
    /// The text is in a language the capability does not cover.
    UnsupportedLanguage,
    /// The text is too short or too mixed to tell its language.
    LanguageUndetermined,
    /// The bytes are not an image in a supported format.
    UnreadableImage,
    /// The image has more pixels than the capability works on.
    ImageTooLarge,
    /// There is not enough data for an answer that means something.
    NotEnoughData,
    /// The input is within the contract but would take too much work.
    TooMuchWork,
    /// Two parts of the input contradict each other.
    Inconsistent,
    /// No answer satisfies the constraints, or none was found.
    Infeasible,
    /// The work was not done within its time limit.
    DeadlineExceeded,
    /// The service failed; the input is not to blame.
    Internal,
}

impl Code {
    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCapability => "UNKNOWN_CAPABILITY",
            Self::InvalidInput => "INVALID_INPUT",
            Self::TooLarge => "TOO_LARGE",
            Self::UnsupportedLanguage => "UNSUPPORTED_LANGUAGE",
            Self::LanguageUndetermined => "LANGUAGE_UNDETERMINED",
            Self::UnreadableImage => "UNREADABLE_IMAGE",
            Self::ImageTooLarge => "IMAGE_TOO_LARGE",
            Self::NotEnoughData => "NOT_ENOUGH_DATA",
            Self::TooMuchWork => "TOO_MUCH_WORK",
            Self::Inconsistent => "INCONSISTENT_INPUT",
            Self::Infeasible => "INFEASIBLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A call that was not answered, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The stable reason.
    pub code: Code,
    /// The reason in a sentence, at most 300 characters, free of the caller's content.
    pub message: String,
    /// JSON pointer to the offending part of the input, where one is known.
    pub pointer: Option<String>,
}

impl Refusal {
    /// Makes a refusal without a pointer; a longer message is cut.
    pub fn new(code: Code, message: impl AsRef<str>) -> Self {
        let message = message.as_ref().chars().take(MESSAGE_LENGTH_MAX).collect();
        Self { code, message, pointer: None }
    }

    /// Names the part of the input that caused the refusal.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_is_cut_by_characters() {
        let refusal = Refusal::new(Code::Internal, "汉".repeat(400));
        assert_eq!(refusal.message.chars().count(), 300);
    }
}
