//! Personal numbers in text, found by shape and confirmed by check digits where the standard has
//! them. It finds no names and no addresses: shapes cannot tell them.
//! Sources: GB 11643-1999 (resident id), ISO/IEC 7812-1 (Luhn), ISO 13616 (IBAN), GA 36-2018 (plates).

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::Refusal;

const FINDINGS_MAX: usize = 1000;

/// What kind of personal number a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Email,
    CnResidentId,
    Iban,
    BankCard,
    CnMobileNumber,
    CnLandlineNumber,
    InternationalPhoneNumber,
    Ipv4Address,
    CnVehiclePlate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Evidence {
    Checksum,
    Pattern,
}

struct Rule {
    kind: Kind,
    evidence: Evidence,
    shape: Regex,
    confirmed: fn(&str) -> bool,
}

/// In the order of precedence: where two findings overlap, the earlier rule's stands.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rules = [
        (
            Kind::Email,
            Evidence::Pattern,
            r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}",
            always as fn(&str) -> bool,
        ),
        (Kind::CnResidentId, Evidence::Checksum, r"[1-9]\d{16}[\dXx]", is_resident_id),
        (Kind::Iban, Evidence::Checksum, r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?", is_iban),
        (
            Kind::BankCard,
            Evidence::Checksum,
            r"3\d{3}[ -]?\d{6}[ -]?\d{5}|[3-6]\d{3}(?:[ -]?\d{4}){2,3}[ -]?\d{1,4}",
            is_bank_card,
        ),
        (Kind::CnMobileNumber, Evidence::Pattern, r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}", always),
        (Kind::CnLandlineNumber, Evidence::Pattern, r"(?:\(0\d{2,3}\) ?|0\d{2,3}-)[2-9]\d{6,7}", always),
        (
            Kind::InternationalPhoneNumber,
            Evidence::Pattern,
            r"\+[1-9]\d{0,2}(?:[ -]?\d{2,4}){2,4}",
            is_international_phone,
        ),
        (Kind::Ipv4Address, Evidence::Pattern, r"\d{1,3}(?:\.\d{1,3}){3}", is_ipv4),
        (
            Kind::CnVehiclePlate,
            Evidence::Pattern,
            r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][·• ]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]",
            has_digit,
        ),
    ];
    let rule = |(kind, evidence, shape, confirmed): (Kind, Evidence, &str, fn(&str) -> bool)| {
        Some(Rule { kind, evidence, shape: Regex::new(shape).ok()?, confirmed })
    };
    rules.into_iter().filter_map(rule).collect()
});

#[derive(Deserialize)]
pub(crate) struct Input<'a> {
    text: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Output<'a> {
    findings: Vec<Finding<'a>>,
    /// The text with every finding masked.
    masked: String,
    /// Whether more was found than is listed; all of it is masked.
    truncated: bool,
}

#[derive(Serialize)]
struct Finding<'a> {
    kind: Kind,
    text: &'a str,
    start: usize,
    end: usize,
    evidence: Evidence,
}

/// Finds and masks personal numbers.
pub(crate) fn detect(input: Input<'_>) -> Result<Output<'_>, Refusal> {
    let spans = find(input.text);
    let truncated = spans.len() > FINDINGS_MAX;
    let masked = mask_spans(input.text, &spans);
    Ok(Output { findings: locate(input.text, &spans), masked, truncated })
}

/// Masks every personal number in a text.
pub(crate) fn mask_text(text: &str) -> String {
    mask_spans(text, &find(text))
}

struct Span {
    kind: Kind,
    evidence: Evidence,
    start: usize,
    end: usize,
}

/// Findings without overlaps, in the order of the text; positions in bytes.
fn find(text: &str) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut taken = vec![false; text.len()];
    for rule in RULES.iter() {
        for found in rule.shape.find_iter(text) {
            let range = found.range();
            let Some(places) = taken.get_mut(range.clone()) else { continue };
            let free = !places.contains(&true);
            if free && stands_alone(text, range.start, range.end) && (rule.confirmed)(found.as_str()) {
                places.fill(true);
                spans.push(Span { kind: rule.kind, evidence: rule.evidence, start: range.start, end: range.end });
            }
        }
    }
    spans.sort_by_key(|span| span.start);
    spans
}

/// A number that continues in either direction is part of something else.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.chars().next_back());
    let after = text.get(end..).and_then(|after| after.chars().next());
    let joins = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_ascii_alphanumeric());
    !joins(before) && !joins(after)
}

fn locate<'a>(text: &'a str, spans: &[Span]) -> Vec<Finding<'a>> {
    let (mut byte, mut position) = (0, 0);
    let mut count_to = |target: usize| {
        position += text.get(byte..target).unwrap_or_default().chars().count();
        byte = target;
        position
    };
    let finding = |span: &Span| Finding {
        kind: span.kind,
        text: text.get(span.start..span.end).unwrap_or_default(),
        start: count_to(span.start),
        end: count_to(span.end),
        evidence: span.evidence,
    };
    spans.iter().take(FINDINGS_MAX).map(finding).collect()
}

fn mask_spans(text: &str, spans: &[Span]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        masked.push_str(text.get(from..span.start).unwrap_or_default());
        masked.push_str(&mask(text.get(span.start..span.end).unwrap_or_default()));
        from = span.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    masked
}

/// Keeps the first and the last quarter of the letters and digits, at most four each.
pub(crate) fn mask(value: &str) -> String {
    let count = value.chars().filter(|c| c.is_alphanumeric()).count();
    let kept = (count / 4).min(4);
    let mut at = 0;
    let mut masked = |character: char| {
        if !character.is_alphanumeric() {
            return character;
        }
        at += 1;
        if at <= kept || at > count - kept { character } else { '*' }
    };
    value.chars().map(&mut masked).collect()
}

fn always(_: &str) -> bool {
    true
}

fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.chars().filter_map(|character| character.to_digit(10))
}

/// GB 11643: a real birth date and an ISO 7064 MOD 11-2 check character.
fn is_resident_id(text: &str) -> bool {
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = text.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    let expected = CHECK.get(sum as usize % CHECK.len());
    let last = text.chars().next_back().map(|last| last.to_ascii_uppercase());
    expected.copied() == last && text.get(6..14).is_some_and(is_birth_date)
}

fn is_birth_date(date: &str) -> bool {
    let part = |from: usize, to: usize| date.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1850..=2100).contains(&year) && (1..=length).contains(&day)
}

/// ISO/IEC 7812-1 Annex B: the Luhn formula over 13 to 19 digits, not all alike.
fn is_bank_card(text: &str) -> bool {
    let doubled = |(at, digit): (usize, u32)| match (at % 2, digit * 2) {
        (0, _) => digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    let sum: u32 = digits(text).rev().enumerate().map(doubled).sum();
    let mut distinct: Vec<u32> = digits(text).collect();
    let length = distinct.len();
    distinct.sort_unstable();
    distinct.dedup();
    (13..=19).contains(&length) && distinct.len() > 1 && sum.is_multiple_of(10)
}

/// ISO 13616: the first four characters moved to the end, letters as 10 to 35, remainder 1 by 97.
fn is_iban(text: &str) -> bool {
    let characters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    let value = |remainder: u32, character: &char| {
        let digit = character.to_digit(36).unwrap_or(0);
        let shift = if digit < 10 { 10 } else { 100 };
        (remainder * shift + digit) % 97
    };
    let rotated = characters.iter().skip(4).chain(characters.iter().take(4));
    (15..=34).contains(&characters.len()) && rotated.fold(0, value) == 1
}

fn is_international_phone(text: &str) -> bool {
    (8..=15).contains(&digits(text).count())
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        detect(Input { text }).unwrap().findings.iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_resident_id_needs_its_check_character_and_a_real_date() {
        // The standard's own example, and the widely published 11010519491231002X.
        assert_eq!(kinds("身份证11010519491231002X。"), [Kind::CnResidentId]);
        assert_eq!(kinds("440524188001010014"), [Kind::CnResidentId]);
        assert!(kinds("110105194912310021").is_empty());
        assert!(!is_resident_id("110105194902310024"));
    }

    #[test]
    fn a_bank_card_needs_its_luhn_digit() {
        assert_eq!(kinds("card 4111 1111 1111 1111"), [Kind::BankCard]);
        assert!(kinds("card 4111 1111 1111 1112").is_empty());
        assert_eq!(kinds("6222600260001072444"), [Kind::BankCard]);
        assert_eq!(kinds("卡号6222 6002 6000 1072 444。"), [Kind::BankCard]);
        assert_eq!(kinds("3782 822463 10005"), [Kind::BankCard]);
    }

    #[test]
    fn an_iban_needs_its_remainder() {
        assert_eq!(kinds("GB82 WEST 1234 5698 7654 32"), [Kind::Iban]);
        assert_eq!(kinds("DE89370400440532013000"), [Kind::Iban]);
        assert!(kinds("GB82 WEST 1234 5698 7654 33").is_empty());
    }

    #[test]
    fn shapes_without_check_digits_are_found_as_patterns() {
        let text = "手机13812345678，电话010-62345678，邮箱li.hua@example.cn，地址192.168.1.254，车牌京A12345";
        let expected =
            [Kind::CnMobileNumber, Kind::CnLandlineNumber, Kind::Email, Kind::Ipv4Address, Kind::CnVehiclePlate];
        assert_eq!(kinds(text), expected);
        assert!(kinds("订单号 91381234567890，版本 1.2.3，数字 300.1.1.1").is_empty());
    }

    #[test]
    fn positions_count_characters_and_findings_are_masked() {
        let output = detect(Input { text: "电话：13812345678！" }).unwrap();
        assert_eq!((output.findings[0].start, output.findings[0].end), (3, 14));
        assert_eq!(output.masked, "电话：13*******78！");
    }
}
