//! Proration: the part of a whole period's fee that a shortened period owes, by the second.

use kernel::exact::{self, Exact};

/// `fee × seconds / of_seconds`, exact; `None` where the whole has no length.
///
/// The parts of a period, each from one boundary to the next, sum to the whole fee.
pub fn part(fee: &Exact, seconds: i64, of_seconds: i64) -> Option<Exact> {
    exact::divide(&exact::multiply(fee, &exact::from_i64(seconds)), &exact::from_i64(of_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_without_length_has_no_parts() {
        assert_eq!(part(&exact::from_i64(5), 0, 0), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(fee in 0_i64..1_000_000, first in 0_i64..3_000_000, second in 0_i64..3_000_000) {
            prop_assume!(first + second > 0);
            let fee = exact::from_i64(fee);
            let parts = [first, second].map(|seconds| part(&fee, seconds, first + second).unwrap());
            prop_assert_eq!(exact::add(&parts[0], &parts[1]), fee);
        }
    }
}
