//! Spoken numbers as written ones: 二零二四年三月五日 → 2024年3月5日, twenty three percent → 23%.
//! Rules are our own and careful: what may be an idiom or a guess (三四个, 一些, 十分) stays.

use serde::{Deserialize, Serialize};

use super::english_numbers;
use super::language::{self, Language};
use crate::Refusal;

/// What may follow a lone digit without making it an idiom.
const UNITS: [&str; 24] = [
    "元",
    "公里",
    "千米",
    "公斤",
    "千克",
    "厘米",
    "毫米",
    "毫升",
    "岁",
    "平方米",
    "吨",
    "摄氏度",
    "美元",
    "欧元",
    "人民币",
    "分钟",
    "小时",
    "天",
    "倍",
    "英里",
    "公顷",
    "立方米",
    "伏",
    "瓦",
];

/// The largest first.
const MAGNITUDES: [char; 5] = ['亿', '万', '千', '百', '十'];

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
    language: Option<Language>,
}

#[derive(Serialize)]
pub(crate) struct Output {
    text: String,
    language: Language,
    replacements: Vec<Replacement>,
}

/// A spoken number and what was written for it; positions in the input's characters.
#[derive(Serialize)]
pub(crate) struct Replacement {
    pub start: usize,
    pub end: usize,
    pub from: String,
    pub to: String,
}

/// Writes numbers, percentages, fractions and dates in digits.
pub(crate) fn normalise(input: Input<'_>) -> Result<Output, Refusal> {
    let language = language::chinese_or_english(input.text, input.language)?;
    let characters: Vec<char> = input.text.chars().collect();
    let replacements = match language {
        Language::Chinese => chinese(&characters),
        Language::English => english_numbers::find(&characters),
    };
    Ok(Output { text: apply(&characters, &replacements), language, replacements })
}

fn apply(characters: &[char], replacements: &[Replacement]) -> String {
    let mut text = String::new();
    let mut from = 0;
    for replacement in replacements {
        text.extend(characters.get(from..replacement.start).unwrap_or_default());
        text.push_str(&replacement.to);
        from = replacement.end;
    }
    text.extend(characters.get(from..).unwrap_or_default());
    text
}

fn chinese(characters: &[char]) -> Vec<Replacement> {
    let mut replacements: Vec<Replacement> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let rest = characters.get(at..).unwrap_or_default();
        let after_month = replacements.last().is_some_and(|last| last.end + 1 == at)
            && at.checked_sub(1).and_then(|before| characters.get(before)) == Some(&'月');
        let Some((length, to)) = written(rest, after_month) else {
            at += run(rest).max(1);
            continue;
        };
        let from = rest.iter().take(length).collect();
        replacements.push(Replacement { start: at, end: at + length, from, to });
        at += length;
    }
    replacements
}

/// The number at the start of `rest` and how many characters it takes, where it is surely one.
fn written(rest: &[char], after_month: bool) -> Option<(usize, String)> {
    percentage(rest).or_else(|| fraction(rest)).or_else(|| number(rest, after_month))
}

/// 百分之三十五点五 → 35.5%.
fn percentage(rest: &[char]) -> Option<(usize, String)> {
    let after = rest.strip_prefix(&['百', '分', '之'])?;
    let length = run(after);
    let value = decimal(after.get(..length)?).or_else(|| cardinal(after.get(..length)?))?;
    Some((length + 3, format!("{value}%")))
}

/// 三分之一 → 1/3.
fn fraction(rest: &[char]) -> Option<(usize, String)> {
    let below = run(rest);
    let after = rest.get(below..)?.strip_prefix(&['分', '之'])?;
    let above = run(after);
    let (denominator, numerator) = (cardinal(rest.get(..below)?)?, cardinal(after.get(..above)?)?);
    Some((below + 2 + above, format!("{numerator}/{denominator}")))
}

fn number(rest: &[char], after_month: bool) -> Option<(usize, String)> {
    let length = run(rest);
    let spoken = rest.get(..length)?;
    let after = rest.get(length..)?;
    let value = year(spoken, after)
        .or_else(|| decimal(spoken).filter(|_| after.first() != Some(&'分')))
        .or_else(|| cardinal(spoken).filter(|_| is_plain_number(spoken, after, after_month)))
        .or_else(|| digit_string(spoken).filter(|_| length >= 3))?;
    Some((length, value))
}

/// 二零二四年, 九八年: digits said one by one before 年.
fn year(spoken: &[char], after: &[char]) -> Option<String> {
    let is_year = after.first() == Some(&'年') && matches!(spoken.len(), 2 | 4);
    digit_string(spoken).filter(|_| is_year)
}

/// Whether a cardinal stands for a number and not for a figure of speech.
fn is_plain_number(spoken: &[char], after: &[char], after_month: bool) -> bool {
    let starts = |unit: &&str| {
        let mut rest = after.iter();
        unit.chars().all(|character| rest.next() == Some(&character))
    };
    let before_unit = UNITS.iter().any(starts) && spoken != ['两'];
    let is_month = after.first() == Some(&'月') && matches!(value(spoken, &MAGNITUDES), Some(1..=12));
    let is_day = after_month && matches!(after.first(), Some('日' | '号'));
    spoken.len() >= 2 || before_unit || is_month || is_day
}

/// How many characters from the start may belong to one number.
fn run(characters: &[char]) -> usize {
    let part = |character: &char| digit(*character).is_some() || magnitude(*character).is_some() || *character == '点';
    let length = characters.iter().take_while(|character| part(character)).count();
    let is_pointless = |length: usize| characters.get(length.wrapping_sub(1)) == Some(&'点');
    if is_pointless(length) { length - 1 } else { length }
}

const fn digit(character: char) -> Option<u64> {
    Some(match character {
        '零' | '〇' => 0,
        '一' | '幺' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

const fn magnitude(character: char) -> Option<u64> {
    Some(match character {
        '十' => 10,
        '百' => 100,
        '千' => 1_000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

fn digit_string(spoken: &[char]) -> Option<String> {
    let digits: Option<String> = spoken
        .iter()
        .map(|character| digit(*character).filter(|_| *character != '两').map(|digit| digit.to_string()))
        .collect();
    digits.filter(|digits| !digits.is_empty())
}

/// 三点一四 → 3.14.
fn decimal(spoken: &[char]) -> Option<String> {
    let point = spoken.iter().position(|character| *character == '点')?;
    let whole = cardinal(spoken.get(..point)?)?;
    Some(format!("{whole}.{}", digit_string(spoken.get(point + 1..)?)?))
}

/// A number said with magnitudes, or one digit: 三亿五千万, 一百零三, 十二, 三千二 (3200).
/// `None` where the grammar is broken, as in 七八十 or 千万.
fn cardinal(spoken: &[char]) -> Option<String> {
    value(spoken, &MAGNITUDES).map(|value| value.to_string())
}

/// The value of a number that uses only these magnitudes, the largest first.
fn value(spoken: &[char], magnitudes: &[char]) -> Option<u64> {
    let Some((largest, smaller)) = magnitudes.split_first() else {
        let [only] = spoken else { return None };
        return digit(*only);
    };
    let mut parts = spoken.rsplitn(2, |character| character == largest);
    let (after, Some(before)) = (parts.next()?, parts.next()) else {
        return value(spoken, smaller);
    };
    let magnitude = magnitude(*largest)?;
    let times = match before {
        [] if magnitude == 10 => 1,
        _ if magnitude < 10_000 => value(before, &[])?,
        _ => value(before, smaller)?,
    };
    let rest = remainder(after, magnitude, smaller)?;
    (times > 0).then(|| times.checked_mul(magnitude)?.checked_add(rest))?
}

/// What follows a magnitude: nothing, a lower number (with 零 where a place is skipped), or a lone
/// digit, which counts in the next place: 三千二 is 3200.
fn remainder(after: &[char], magnitude: u64, smaller: &[char]) -> Option<u64> {
    match after {
        [] => Some(0),
        ['零' | '〇', lower @ ..] => value(lower, smaller).filter(|lower| *lower < magnitude / 10),
        [only] => digit(*only).filter(|digit| *digit > 0).map(|digit| digit * (magnitude / 10)),
        _ => value(after, smaller),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(text: &str) -> String {
        normalise(Input { text, language: None }).unwrap().text
    }

    #[test]
    fn dates_and_amounts_are_written_in_digits() {
        assert_eq!(normalised("二零二四年三月五日"), "2024年3月5日");
        assert_eq!(normalised("一九九八年十二月"), "1998年12月");
        assert_eq!(normalised("共计三千二百五十元"), "共计3250元");
        assert_eq!(normalised("三亿五千万人口"), "350000000人口");
        assert_eq!(normalised("一百零三台，一万五千台"), "103台，15000台");
        assert_eq!(normalised("增长百分之三十五点五"), "增长35.5%");
        assert_eq!(normalised("约占三分之一"), "约占1/3");
        assert_eq!(normalised("圆周率是三点一四一五"), "圆周率是3.1415");
        assert_eq!(normalised("电话幺三八零零一三八零零零"), "电话13800138000");
        assert_eq!(normalised("价格三千二"), "价格3200");
        assert_eq!(normalised("十二万三千零五，一万亿，二十，一百一十"), "123005，1000000000000，20，110");
    }

    #[test]
    fn idioms_and_rough_numbers_stay() {
        for text in [
            "一些人三心二意",
            "万一下雨",
            "千万不要",
            "十分高兴",
            "七八十个人",
            "三四个",
            "一个人",
            "一亿一亿",
            "一百零",
        ] {
            assert_eq!(normalised(text), text);
        }
    }

    #[test]
    fn english_numbers_are_written_in_digits() {
        assert_eq!(normalised("She paid twenty three dollars"), "She paid 23 dollars");
        assert_eq!(
            normalised("It was two thousand and five people, or fifteen percent of them"),
            "It was 2005 people, or 15% of them"
        );
        assert_eq!(normalised("He was born in nineteen eighty-four"), "He was born in 1984");
        assert_eq!(normalised("one of the three point five million"), "one of the 3.5 million");
    }
}
