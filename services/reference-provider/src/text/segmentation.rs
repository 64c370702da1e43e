//! Chinese word segmentation and part-of-speech tagging with jieba's dictionary and model.
//! Tags are jieba's, after the ICTCLAS/PKU tag set (`n` noun, `v` verb, `ns` place, `x` other).

use jieba_rs::{Token, TokenizeMode};
use serde::{Deserialize, Serialize};

use super::{language, words};
use crate::Refusal;

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Accurate,
    Search,
}

#[derive(Deserialize)]
pub(crate) struct SegmentInput<'a> {
    text: &'a str,
    #[serde(default)]
    mode: Mode,
}

#[derive(Serialize)]
pub(crate) struct Segmented<'a> {
    tokens: Vec<Segment<'a>>,
}

#[derive(Serialize)]
struct Segment<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Cuts text into words: as read (accurate), or with the words inside words too (search).
pub(crate) fn segment(input: SegmentInput<'_>) -> Result<Segmented<'_>, Refusal> {
    language::require_chinese(input.text)?;
    let jieba = words::chinese_dictionary();
    let tokens = match input.mode {
        Mode::Accurate => jieba.tokenize(input.text, TokenizeMode::Default, true),
        Mode::Search => jieba.tokenize(input.text, TokenizeMode::Search, true),
    };
    Ok(Segmented { tokens: tokens.into_iter().map(Segment::from).collect() })
}

impl<'a> From<Token<'a>> for Segment<'a> {
    fn from(token: Token<'a>) -> Self {
        Self { text: token.word, start: token.start, end: token.end }
    }
}

#[derive(Deserialize)]
pub(crate) struct TagInput<'a> {
    text: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Tagged<'a> {
    tokens: Vec<TaggedWord<'a>>,
}

#[derive(Serialize)]
struct TaggedWord<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    label: &'a str,
}

/// Cuts text into words and tags each.
pub(crate) fn tag(input: TagInput<'_>) -> Result<Tagged<'_>, Refusal> {
    language::require_chinese(input.text)?;
    let tags = words::chinese_dictionary().tag(input.text, true);
    let tokens =
        tags.into_iter().map(|tag| TaggedWord { text: tag.word, start: tag.start, end: tag.end, label: tag.tag });
    Ok(Tagged { tokens: tokens.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, mode: Mode) -> Vec<String> {
        let segmented = segment(SegmentInput { text, mode }).unwrap();
        segmented.tokens.iter().map(|token| token.text.to_owned()).collect()
    }

    #[test]
    fn the_examples_of_the_jieba_project_are_cut_as_published() {
        assert_eq!(cut("我来到北京清华大学", Mode::Accurate), ["我", "来到", "北京", "清华大学"]);
        assert_eq!(cut("他来到了网易杭研大厦", Mode::Accurate), ["他", "来到", "了", "网易", "杭研", "大厦"]);
        assert_eq!(
            cut("小明硕士毕业于中国科学院计算所", Mode::Search).join("/"),
            "小明/硕士/毕业/于/中国/科学/学院/科学院/中国科学院/计算/计算所"
        );
    }

    #[test]
    fn tags_match_the_published_example() {
        let tagged = tag(TagInput { text: "我爱北京天安门" }).unwrap();
        let labels: Vec<_> = tagged.tokens.iter().map(|token| (token.text, token.label)).collect();
        assert_eq!(labels, [("我", "r"), ("爱", "v"), ("北京", "ns"), ("天安门", "ns")]);
    }

    #[test]
    fn english_alone_is_refused() {
        assert!(segment(SegmentInput { text: "no Chinese here", mode: Mode::Search }).is_err());
    }
}
