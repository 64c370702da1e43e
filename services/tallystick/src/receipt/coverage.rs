//! Whether the records behind an invoice are all that its ranges of sequence numbers hold. A range can hold numbers of
//! other invoices as well: around the end of a period calls and late reports of two periods are recorded together.

use std::collections::{BTreeMap, BTreeSet};

use super::client;
use super::judgement::Finding;

/// Gaps are told up to this many.
const TOLD_MAX: usize = 3;

/// Sequence numbers, by usage stream.
type Numbers = BTreeMap<String, BTreeSet<u64>>;

/// Records `first` to `last` of a usage stream, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub stream: String,
    pub first: u64,
    pub last: u64,
}

impl Stretch {
    /// `None` where it is not one: it is not of numbers, or ends before it begins.
    fn read(range: &client::Range) -> Option<Self> {
        let (first, last) = (range.first.parse().ok()?, range.last.parse().ok()?);
        (first <= last).then(|| Self { stream: range.stream.clone(), first, last })
    }

    /// Whether a number is within it.
    pub fn has(&self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }

    /// How many numbers it has; those from 0 to the greatest are told as one fewer.
    const fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// The ranges of an invoice, and the sequence numbers of the records that were seen.
pub struct Coverage {
    /// `None` where one says nothing.
    ranges: Option<Vec<Stretch>>,
    /// On the invoice.
    here: Numbers,
    /// On other invoices of the same agreement.
    elsewhere: Numbers,
}

impl Coverage {
    /// Nothing has been seen yet.
    pub fn new(ranges: &[client::Range]) -> Self {
        let ranges = ranges.iter().map(Stretch::read).collect();
        Self { ranges, here: Numbers::new(), elsewhere: Numbers::new() }
    }

    /// A record on the invoice; whether it is the first with this number.
    pub fn take(&mut self, stream: String, number: u64) -> bool {
        self.here.entry(stream).or_default().insert(number)
    }

    /// A record on another invoice.
    pub fn take_elsewhere(&mut self, stream: String, number: u64) {
        self.elsewhere.entry(stream).or_default().insert(number);
    }

    /// How many records on the invoice were seen.
    pub fn count(&self) -> usize {
        self.here.values().map(BTreeSet::len).sum()
    }

    /// Numbers within the ranges of which no record was seen.
    pub fn gaps(&self) -> Vec<Stretch> {
        self.ranges().iter().flat_map(|range| self.gaps_in(range)).collect()
    }

    fn ranges(&self) -> &[Stretch] {
        self.ranges.as_deref().unwrap_or_default()
    }

    fn gaps_in(&self, range: &Stretch) -> Vec<Stretch> {
        let numbers = |of: &Numbers| {
            let numbers = of.get(&range.stream).into_iter();
            numbers.flat_map(|numbers| numbers.range(range.first..=range.last).copied()).collect::<Vec<_>>()
        };
        let seen: BTreeSet<u64> = numbers(&self.here).into_iter().chain(numbers(&self.elsewhere)).collect();
        let (mut gaps, mut next) = (Vec::new(), Some(range.first));
        let mut gap = |first, last| gaps.push(Stretch { stream: range.stream.clone(), first, last });
        for number in seen {
            if let Some(first) = next.filter(|first| *first < number) {
                gap(first, number.saturating_sub(1));
            }
            next = number.checked_add(1);
        }
        if let Some(first) = next.filter(|first| *first <= range.last) {
            gap(first, range.last);
        }
        gaps
    }

    /// Records on the invoice that are in none of its ranges.
    fn outside(&self) -> usize {
        let all = self.here.iter().flat_map(|(stream, numbers)| numbers.iter().map(move |number| (stream, *number)));
        let inside =
            |stream: &String, number| self.ranges().iter().any(|range| range.stream == *stream && range.has(number));
        all.filter(|(stream, number)| !inside(stream, *number)).count()
    }

    /// Ends of ranges that are records on other invoices: a range is no wider than what it is of.
    fn too_wide(&self) -> usize {
        let is_elsewhere = |stream: &str, number| self.elsewhere.get(stream).is_some_and(|all| all.contains(&number));
        let ends = self.ranges().iter().flat_map(|range| [range.first, range.last].map(|end| (&range.stream, end)));
        ends.filter(|(stream, end)| is_elsewhere(stream, *end)).count()
    }

    /// What the ranges come to.
    pub fn finding(&self) -> Finding {
        let Some(ranges) = &self.ranges else {
            return Finding { good: false, text: "coverage: a range has no first and last number".to_owned() };
        };
        let text = format!("coverage: every sequence number of {} ranges", ranges.len());
        let (gaps, outside, wide) = (self.gaps(), self.outside(), self.too_wide());
        let but = match (gaps.is_empty(), outside, wide) {
            (true, 0, 0) => return Finding { good: true, text },
            (true, 0, wide) => format!("{wide} of their ends are on other invoices"),
            (true, outside, _) => format!("{outside} receipts are outside of them"),
            (false, ..) => missing(&gaps),
        };
        Finding { good: false, text: format!("{text}, but {but}") }
    }
}

fn missing(gaps: &[Stretch]) -> String {
    let count = gaps.iter().map(Stretch::len).fold(0, u64::saturating_add);
    let told = |Stretch { stream, first, last }: &Stretch| {
        if first == last { format!("{first} of {stream}") } else { format!("{first} to {last} of {stream}") }
    };
    let some: Vec<_> = gaps.iter().take(TOLD_MAX).map(told).collect();
    format!("{count} have no receipt: {}", some.join(", "))
}
