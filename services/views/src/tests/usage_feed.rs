use kernel::event::Position;

use super::Fixture;
use super::market::{AGREEMENT, BUYER, OPERATOR, SELLER, batch, call, market, stream};
use crate::usage_feed::Missed;
use crate::usage_series::UsageOf;

#[test]
fn a_reader_that_missed_much_goes_on_in_parts() {
    let mut log = market();
    let parts = [1, 2, 3].map(|number| log.add(&stream(), &batch(vec![call(number, 0, 10)])));
    let fixture = Fixture::of(&log);
    let until = |after, until, max| fixture.views.missed_until(after, until, max).unwrap();
    let [first, second, third] = parts;
    assert_eq!(until(Position(0), third, 2), third);
    assert_eq!(until(Position(0), third, 1), second);
    assert_eq!(until(Position(0), third, 0), first);
    assert_eq!((until(first, third, 1), until(first, second, 0), until(third, third, 0)), (third, second, third));
}

#[test]
fn a_reader_reads_the_batches_of_its_own_that_it_missed_and_no_others() {
    let mut log = market();
    let add = |log: &mut super::Log, number| log.add(&stream(), &batch(vec![call(number, 0, 10)]));
    let (first, second, third) = (add(&mut log, 1), add(&mut log, 2), add(&mut log, 3));
    let fixture = Fixture::of(&log);
    let missed = |of, after, until, max| {
        let missed = Missed { of, after, until };
        fixture.views.missed_batches(&missed, max).unwrap()
    };
    for of in [UsageOf::Buyer(BUYER), UsageOf::Seller(SELLER), UsageOf::Agreement(AGREEMENT), UsageOf::Platform] {
        assert_eq!(missed(of, Position(0), third, 9), [first, second, third], "{of:?}");
        assert_eq!(missed(of, first, second, 9), [second], "{of:?}");
        assert_eq!(missed(of, Position(0), third, 2), [first, second], "{of:?}");
    }
    for of in [UsageOf::Buyer(SELLER), UsageOf::Seller(BUYER), UsageOf::Buyer(OPERATOR)] {
        assert_eq!(missed(of, Position(0), third, 9), [], "{of:?}");
    }
}
