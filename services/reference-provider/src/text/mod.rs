//! Capabilities about text. Positions in answers count Unicode scalar values, not bytes.

pub(crate) mod inverse_normalisation;
pub(crate) mod keywords;
pub(crate) mod language;
pub(crate) mod near_duplicate;
pub(crate) mod personal_information;
pub(crate) mod pinyin;
pub(crate) mod script_conversion;
pub(crate) mod search;
pub(crate) mod segmentation;
pub(crate) mod sentiment;
pub(crate) mod similarity;
pub(crate) mod suggestion;
pub(crate) mod summary;
pub(crate) mod transliteration;

mod english_numbers;
mod polyphones;
mod rank;
mod words;
