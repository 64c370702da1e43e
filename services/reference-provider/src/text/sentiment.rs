//! English sentiment with the VADER lexicon and rules; every other language is refused.
//! Source: Hutto and Gilbert, *VADER*, ICWSM 2014.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use vader_sentiment::SentimentIntensityAnalyzer;

use super::language::{self, Language};
use crate::Refusal;
use crate::numbers::round6;

static ANALYSER: LazyLock<SentimentIntensityAnalyzer<'static>> = LazyLock::new(SentimentIntensityAnalyzer::new);
/// VADER's published bound between neutral and polar texts.
const POLAR_MIN: f64 = 0.05;

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    language: Option<Language>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Label {
    Positive,
    Neutral,
    Negative,
}

#[derive(Serialize)]
pub(crate) struct Output {
    label: Label,
    /// From −1 (most negative) to 1.
    compound: f64,
    positive: f64,
    neutral: f64,
    negative: f64,
}

/// Scores the text's sentiment; the three shares sum to 1.
pub(crate) fn analyse(input: Input<'_>) -> Result<Output, Refusal> {
    language::require_english(input.text, input.language)?;
    let scores = ANALYSER.polarity_scores(input.text);
    let score = |name: &str| round6(scores.get(name).copied().unwrap_or_default());
    let compound = score("compound");
    Ok(Output {
        label: label(compound),
        compound,
        positive: score("pos"),
        neutral: score("neu"),
        negative: score("neg"),
    })
}

fn label(compound: f64) -> Label {
    if compound >= POLAR_MIN {
        Label::Positive
    } else if compound <= -POLAR_MIN {
        Label::Negative
    } else {
        Label::Neutral
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn scores(text: &str) -> (f64, f64) {
        let output = analyse(Input { text, language: None }).unwrap();
        ((output.compound * 1e4).round() / 1e4, (output.positive * 1e3).round() / 1e3)
    }

    #[test]
    fn the_examples_of_the_vader_project_score_as_published() {
        assert_eq!(scores("VADER is smart, handsome, and funny."), (0.8316, 0.746));
        assert_eq!(scores("VADER is smart, handsome, and funny!"), (0.8439, 0.752));
    }

    #[test]
    fn chinese_is_refused() {
        let input = Input { text: "这家店的服务太好了", language: None };
        assert_eq!(analyse(input).map(|_| ()).unwrap_err().code, Code::UnsupportedLanguage);
    }
}
