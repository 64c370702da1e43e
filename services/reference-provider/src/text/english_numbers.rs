//! English number words as digits. Lone words below ten stay: "one of them" is no number.

use super::inverse_normalisation::Replacement;

/// A word of the text with its position in characters.
struct Word {
    start: usize,
    end: usize,
    lower: String,
}

/// Finds spoken numbers, in the order of the text.
pub(crate) fn find(characters: &[char]) -> Vec<Replacement> {
    let words = words(characters);
    let mut replacements = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let run = run(characters, words.get(at..).unwrap_or_default());
        match written(run) {
            Some((used, to)) => {
                replacements.extend(replacement(characters, run.get(..used).unwrap_or_default(), to));
                at += used;
            }
            None => at += run.len().max(1),
        }
    }
    replacements
}

fn replacement(characters: &[char], words: &[Word], to: String) -> Option<Replacement> {
    let (start, end) = (words.first()?.start, words.last()?.end);
    let from = characters.get(start..end)?.iter().collect();
    Some(Replacement { start, end, from, to })
}

/// Runs of letters; a hyphen parts words ("eighty-four").
fn words(characters: &[char]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for (at, character) in characters.iter().enumerate().filter(|(_, c)| c.is_alphanumeric()) {
        let letter = character.to_lowercase();
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) => {
                word.lower.extend(letter);
                word.end = at + 1;
            }
            None => words.push(Word { start: at, end: at + 1, lower: letter.collect() }),
        }
    }
    words
}

/// The number words from the start that only a space or a hyphen parts.
fn run<'a>(characters: &[char], words: &'a [Word]) -> &'a [Word] {
    let joined = |pair: &[Word]| {
        let [first, second] = pair else { return false };
        matches!(characters.get(first.end..second.start), Some([' ' | '-']))
    };
    let parts = words.iter().take_while(|word| is_part(&word.lower)).count();
    let pairs = words.windows(2).take(parts.saturating_sub(1)).take_while(|pair| joined(pair)).count();
    words.get(..parts.min(pairs + 1)).unwrap_or_default()
}

fn is_part(word: &str) -> bool {
    small(word).is_some() || magnitude(word).is_some() || matches!(word, "and" | "point" | "percent")
}

/// What is written for the number at the start of a run, and how many words it takes.
fn written(run: &[Word]) -> Option<(usize, String)> {
    let words: Vec<&str> = run.iter().map(|word| word.lower.as_str()).collect();
    let (used, value) =
        digits(&words).or_else(|| year(&words)).or_else(|| decimal(&words)).or_else(|| cardinal(&words))?;
    match words.get(used) {
        Some(&"percent") => Some((used + 1, format!("{value}%"))),
        _ if used == 1 && small(words.first()?).is_some_and(|small| small < 10) => None,
        _ => Some((used, value)),
    }
}

/// Three or more digits said one by one: "one three eight".
fn digits(words: &[&str]) -> Option<(usize, String)> {
    let digit = |word: &&str| small(word).filter(|digit| *digit < 10).map(|digit| digit.to_string());
    let said: Vec<String> = words.iter().map_while(digit).collect();
    (said.len() >= 3).then(|| (said.len(), said.concat()))
}

/// Two pairs of digits: "nineteen eighty four".
fn year(words: &[&str]) -> Option<(usize, String)> {
    let century = small(words.first()?).filter(|century| (10..=20).contains(century))?;
    let (used, rest) = below_hundred(words.get(1..)?)?;
    let ends = words.get(used + 1).is_none_or(|next| magnitude(next).is_none() && *next != "point");
    (rest >= 10 && ends).then(|| (used + 1, (century * 100 + rest).to_string()))
}

/// "three point five"; a magnitude after it is left as a word: "3.5 million".
fn decimal(words: &[&str]) -> Option<(usize, String)> {
    let (used, whole) = cardinal(words)?;
    let after = words.get(used..)?.strip_prefix(&["point"])?;
    let digit = |word: &&str| small(word).filter(|digit| *digit < 10).map(|digit| digit.to_string());
    let said: Vec<String> = after.iter().map_while(digit).collect();
    (!said.is_empty()).then(|| (used + 1 + said.len(), format!("{whole}.{}", said.concat())))
}

/// "two thousand and five", "twenty three".
fn cardinal(words: &[&str]) -> Option<(usize, String)> {
    let (mut total, mut used, mut last): (u64, usize, u64) = (0, 0, u64::MAX);
    while let Some((length, section)) = section(words.get(used..)?) {
        let scale = words.get(used + length).and_then(|word| magnitude(word)).filter(|scale| *scale > 100);
        let magnitude = scale.unwrap_or(1);
        if magnitude >= last {
            break;
        }
        total = total.checked_add(section.checked_mul(magnitude)?)?;
        used += length + usize::from(scale.is_some());
        last = magnitude;
        let and = words.get(used) == Some(&"and") && scale.is_some() && section_follows(words, used + 1);
        used += usize::from(and);
    }
    (used > 0).then(|| (used, total.to_string()))
}

fn section_follows(words: &[&str], at: usize) -> bool {
    words.get(at..).is_some_and(|rest| below_hundred(rest).is_some())
}

/// A number below a thousand.
fn section(words: &[&str]) -> Option<(usize, u64)> {
    let (used, value) = below_hundred(words)?;
    if words.get(used) != Some(&"hundred") {
        return Some((used, value));
    }
    let and = usize::from(words.get(used + 1) == Some(&"and"));
    let rest = words.get(used + 1 + and..).and_then(below_hundred);
    Some(rest.map_or((used + 1, value * 100), |(more, rest)| (used + 1 + and + more, value * 100 + rest)))
}

fn below_hundred(words: &[&str]) -> Option<(usize, u64)> {
    let first = small(words.first()?)?;
    let second = words.get(1).and_then(|word| small(word)).filter(|second| (1..10).contains(second));
    match second {
        Some(second) if first >= 20 => Some((2, first + second)),
        _ => Some((1, first)),
    }
}

fn small(word: &str) -> Option<u64> {
    const BELOW_TWENTY: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let at = |words: &[&str]| words.iter().position(|known| *known == word).map(|at| at as u64);
    at(&BELOW_TWENTY).or_else(|| at(&TENS).map(|at| (at + 2) * 10))
}

fn magnitude(word: &str) -> Option<u64> {
    Some(match word {
        "hundred" => 100,
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    })
}
