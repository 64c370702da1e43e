//! The index against a plain map, through flushes, merges, restarts and damage.

use std::collections::HashMap;
use std::sync::LazyLock;

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
    let (keys, projection) = open(directory.path(), Incarnation(Uuid::from_u128(1))).unwrap();
    (keys, projection.with_memory(memory_max))
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
    assert!(keys.state().runs.len() <= 3 * FANOUT, "{}", keys.state().runs.len());
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

fn runs(directory: &TempDir) -> Vec<PathBuf> {
    let files = fs::read_dir(directory.path().join(DIRECTORY)).unwrap().map(|entry| entry.unwrap().path());
    let mut runs: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "run")).collect();
    runs.sort();
    runs
}

#[test]
fn part_of_a_run_is_no_run() {
    let directory = TempDir::new().unwrap();
    let log = log(&[(0..100).collect(), (100..200).collect()]);
    apply(&mut opened(&directory, 10).1, &log);
    let run = runs(&directory).remove(0);
    let bytes = fs::read(&run).unwrap();
    fs::write(&run, &bytes[..bytes.len() - 1]).unwrap();
    let (keys, mut projection) = opened(&directory, 10);
    assert_eq!((projection.cursor().unwrap(), keys.len()), (None, 0));
    apply(&mut projection, &log);
    assert_eq!(keys.len(), 200);
}

fn copied(from: &TempDir) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join(DIRECTORY)).unwrap();
    for entry in fs::read_dir(from.path().join(DIRECTORY)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.path().join(DIRECTORY).join(entry.file_name())).unwrap();
    }
    directory
}

proptest! {
    #[test]
    fn a_flipped_bit_is_never_an_answer(run: prop::sample::Index, byte: prop::sample::Index, bit in 0_u8..8) {
        static INTACT: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());
        let batches: Vec<Vec<u32>> = vec![(0..300).collect(), (300..600).collect()];
        let log = log(&batches);
        apply(&mut opened(&INTACT, 10).1, &log);
        let directory = copied(&INTACT);
        let run = run.get(&runs(&directory)).clone();
        let mut bytes = fs::read(&run).unwrap();
        let flipped = byte.index(bytes.len());
        bytes[flipped] ^= 1 << bit;
        fs::write(&run, bytes).unwrap();

        let (keys, projection) = opened(&directory, 10);
        let expected = expected(&batches);
        if projection.cursor().unwrap().is_some() {
            let answers: Vec<_> = (0..700).map(|number| (number, keys.seen(&key(number)))).collect();
            let given = answers.iter().filter_map(|(number, answer)| Some((number, answer.as_ref().ok()?)));
            given.for_each(|(number, answer)| assert_eq!(*answer, expected.get(number).copied()));
            prop_assert!(keys.is_damaged(), "byte {} of {}", flipped, run.display());
            prop_assert!(keys.seen(&key(1)).is_err());
        }
        let (keys, mut projection) = opened(&directory, 10);
        prop_assert_eq!(projection.cursor().unwrap(), None);
        apply(&mut projection, &log);
        prop_assert_eq!(keys.len(), 600);
    }
}

#[test]
fn a_run_that_is_cut_short_under_way_is_damage() {
    let directory = TempDir::new().unwrap();
    let (keys, mut projection) = opened(&directory, 10);
    apply(&mut projection, &log(&[(0..100).collect()]));
    fs::File::options().write(true).open(&runs(&directory)[0]).unwrap().set_len(0).unwrap();
    assert!(keys.seen(&key(1)).is_err());
    assert!(keys.is_damaged());
}

#[test]
fn a_damaged_run_is_not_merged() {
    let directory = TempDir::new().unwrap();
    let batches: Vec<Vec<u32>> =
        (0..u32::try_from(FANOUT).unwrap()).map(|batch| (batch * 50..(batch + 1) * 50).collect()).collect();
    let log = log(&batches);
    let (keys, mut projection) = opened(&directory, 50);
    let (last, before) = log.events.split_last().unwrap();
    for event in before {
        projection.apply(std::slice::from_ref(event), event.position).unwrap();
    }
    let run = runs(&directory).remove(0);
    let mut bytes = fs::read(&run).unwrap();
    bytes[0] ^= 1;
    fs::write(&run, bytes).unwrap();
    let merged = projection.apply(std::slice::from_ref(last), last.position);
    assert!(matches!(merged, Err(ProjectError::Poison { .. })), "{merged:?}");
    assert!(keys.is_damaged());
    assert_eq!(opened(&directory, 50).1.cursor().unwrap(), None);
}

/// Whatever file cannot be written, at whatever point: what is tried again succeeds, and nothing is forgotten.
#[test]
fn a_write_that_fails_loses_no_key() {
    let batches: Vec<Vec<u32>> = (0..20).map(|batch| (batch * 10..(batch + 1) * 10).collect()).collect();
    let log = log(&batches);
    let expected = expected(&batches);
    let mut failures = 0;
    let runs = (0..30).map(|number| [0, 1, 2].map(|level| format!("{level}-{number}.run")).to_vec());
    for names in runs.chain([vec!["manifest.json.new".to_owned()]]) {
        let directory = TempDir::new().unwrap();
        let (_, mut projection) = opened(&directory, 10);
        let obstacles: Vec<PathBuf> = names.iter().map(|name| directory.path().join(DIRECTORY).join(name)).collect();
        for obstacle in &obstacles {
            fs::create_dir(obstacle).unwrap();
        }
        for event in &log.events {
            if projection.apply(std::slice::from_ref(event), event.position).is_err() {
                failures += 1;
                for obstacle in &obstacles {
                    fs::remove_dir(obstacle).unwrap();
                }
                projection.apply(std::slice::from_ref(event), event.position).unwrap();
            }
        }
        // Those in nobody's way: a start removes files, and no directories.
        for obstacle in &obstacles {
            _ = fs::remove_dir(obstacle);
        }
        let (keys, mut projection) = opened(&directory, 10);
        apply(&mut projection, &log);
        let found = (0..200).all(|number| keys.seen(&key(number)).unwrap() == expected.get(&number).copied());
        assert!(found, "{names:?} could not be written");
    }
    assert!(failures > 20, "{failures}");
}
