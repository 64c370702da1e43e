//! The index against a plain map, through flushes, merges, restarts and damage.

use std::collections::HashMap;

use eventlog::project::Projection;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::tests::Log;
use crate::tests::market::{batch, call, stream};

fn key(number: u32) -> [u8; 32] {
    Sha256::digest(number.to_be_bytes()).into()
}

/// Batches of records by the numbers of their keys.
fn log(batches: &[Vec<u32>]) -> Log {
    let mut log = Log::default();
    for numbers in batches {
        let records = numbers.iter().map(|number| {
            let mut record = call(1, 0, 2);
            record.key_hash = key(*number);
            record.payload_hash = [u8::try_from(number % 251).unwrap(); 32];
            record
        });
        log.add(&stream(), &batch(records.collect()));
    }
    log
}

/// The first record of each key.
fn expected(batches: &[Vec<u32>]) -> HashMap<u32, Seen> {
    let mut expected = HashMap::new();
    for (position, numbers) in (1_u64..).map(|index| Position(index * 10)).zip(batches) {
        for (ordinal, number) in (0..).zip(numbers) {
            let payload = [u8::try_from(number % 251).unwrap(); 8];
            expected.entry(*number).or_insert(Seen { position, ordinal, payload });
        }
    }
    expected
}

fn opened(directory: &TempDir, memory_max: usize) -> (SeenKeys, SeenProjection) {
    let (keys, mut projection) = open(directory.path(), Incarnation(Uuid::from_u128(1))).unwrap();
    projection.memory_max = memory_max;
    (keys, projection)
}

fn apply(projection: &mut SeenProjection, log: &Log) {
    let after = projection.cursor().unwrap();
    for event in log.events.iter().filter(|event| Some(event.position) > after) {
        projection.apply(std::slice::from_ref(event), event.position).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_knows_what_a_map_knows_whatever_is_written_down_when(
        batches in prop::collection::vec(prop::collection::vec(0_u32..2_000, 0..120), 1..24),
        memory_max in 1_usize..200, restart_after in 0_usize..24,
    ) {
        let (directory, log) = (TempDir::new().unwrap(), log(&batches));
        let (_, mut projection) = opened(&directory, memory_max);
        for event in log.events.iter().take(restart_after) {
            projection.apply(std::slice::from_ref(event), event.position).unwrap();
        }
        let (keys, mut projection) = opened(&directory, memory_max);
        apply(&mut projection, &log);
        let expected = expected(&batches);
        for number in 0..2_000 {
            prop_assert_eq!(keys.seen(&key(number)).unwrap(), expected.get(&number).copied(), "{}", number);
            let prefix: [u8; 9] = key(number)[..9].try_into().unwrap();
            let found = keys.beginning(&prefix).unwrap();
            prop_assert_eq!(expected.get(&number).is_some_and(|seen| found.contains(&seen.position)), expected.contains_key(&number));
        }
        prop_assert_eq!(keys.cursor(), Some(log.head()));
    }
}

#[test]
fn levels_keep_the_number_of_runs_small() {
    let directory = TempDir::new().unwrap();
    let batches: Vec<Vec<u32>> = (0..200_u32).map(|batch| (batch * 50..(batch + 1) * 50).collect()).collect();
    let (keys, mut projection) = opened(&directory, 50);
    apply(&mut projection, &log(&batches));
    assert_eq!(keys.len(), 10_000);
    assert!(keys.state().runs.len() <= 3 * 4, "{}", keys.state().runs.len());
    let files = fs::read_dir(directory.path().join(DIRECTORY)).unwrap().count();
    assert_eq!(files, keys.state().runs.len() + 1, "what is merged is removed");
}

#[test]
fn the_index_of_another_history_is_built_anew() {
    let directory = TempDir::new().unwrap();
    let (keys, mut projection) = opened(&directory, 10);
    apply(&mut projection, &log(&[(0..100).collect()]));
    assert_eq!(keys.len(), 100);
    let (restored, _) = open(directory.path(), Incarnation(Uuid::from_u128(2))).unwrap();
    assert_eq!((restored.cursor(), restored.len()), (None, 0));
}

#[test]
fn a_damaged_index_is_built_anew() {
    let directory = TempDir::new().unwrap();
    let (batches, memory_max) = (vec![(0..100).collect::<Vec<u32>>(), (100..200).collect()], 10);
    let log = log(&batches);
    apply(&mut opened(&directory, memory_max).1, &log);
    let files = || fs::read_dir(directory.path().join(DIRECTORY)).unwrap().map(|entry| entry.unwrap().path());
    let runs: Vec<_> = files().filter(|path| path.extension().is_some_and(|extension| extension == "run")).collect();
    for at_end in [true, false] {
        let mut bytes = fs::read(&runs[0]).unwrap();
        let last = bytes.len() - 1;
        if at_end {
            bytes[last] ^= 1;
        } else {
            bytes.truncate(last);
        }
        fs::write(&runs[0], bytes).unwrap();
        let (keys, mut projection) = opened(&directory, memory_max);
        assert_eq!((projection.cursor().unwrap(), keys.len()), (None, 0));
        apply(&mut projection, &log);
        assert_eq!(keys.len(), 200);
    }
}
