//! Simplified and traditional Chinese, with `OpenCC`'s dictionaries.
//! Each conversion's tables are loaded at its first use.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use serde::{Deserialize, Serialize};

use super::language;
use crate::{Code, Refusal};

/// The conversions, by `OpenCC`'s own names: s simplified, t traditional, tw Taiwan, hk Hong Kong,
/// p with regional vocabulary.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Conversion {
    S2t,
    S2tw,
    S2twp,
    S2hk,
    T2s,
    Tw2s,
    Tw2sp,
    Hk2s,
}

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    conversion: Conversion,
}

#[derive(Serialize)]
pub(crate) struct Output {
    text: String,
    conversion: Conversion,
    changed: bool,
}

/// Converts the script, choosing by phrase where one character has several forms.
pub(crate) fn convert(input: Input<'_>) -> Result<Output, Refusal> {
    language::require_chinese(input.text)?;
    let converter = input
        .conversion
        .converter()
        .ok_or_else(|| Refusal::new(Code::Internal, "The conversion tables could not be read."))?;
    let text = converter.convert(input.text);
    Ok(Output { changed: text != input.text, text, conversion: input.conversion })
}

impl Conversion {
    fn converter(self) -> Option<&'static OpenCC> {
        static TABLES: [OnceLock<Option<OpenCC>>; 8] = [const { OnceLock::new() }; 8];
        let (place, config) = match self {
            Self::S2t => (0, BuiltinConfig::S2t),
            Self::S2tw => (1, BuiltinConfig::S2tw),
            Self::S2twp => (2, BuiltinConfig::S2twp),
            Self::S2hk => (3, BuiltinConfig::S2hk),
            Self::T2s => (4, BuiltinConfig::T2s),
            Self::Tw2s => (5, BuiltinConfig::Tw2s),
            Self::Tw2sp => (6, BuiltinConfig::Tw2sp),
            Self::Hk2s => (7, BuiltinConfig::Hk2s),
        };
        TABLES.get(place)?.get_or_init(|| OpenCC::from_config(config).ok()).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(text: &str, conversion: Conversion) -> String {
        convert(Input { text, conversion }).unwrap().text
    }

    #[test]
    fn one_simplified_character_becomes_the_right_one_of_two() {
        assert_eq!(converted("头发发展，干燥干部", Conversion::S2t), "頭髮發展，乾燥幹部");
    }

    #[test]
    fn the_example_of_the_opencc_project_converts_as_published() {
        assert_eq!(
            converted("鼠标里面的硅二极管坏了，导致光标分辨率降低。", Conversion::S2twp),
            "滑鼠裡面的矽二極體壞了，導致游標解析度降低。"
        );
        assert_eq!(converted("漢字", Conversion::T2s), "汉字");
    }
}
