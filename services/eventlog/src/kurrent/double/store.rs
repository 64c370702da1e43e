//! What the double keeps, by the rules of the server: its transaction log with places that are bytes, its idempotence,
//! its way of reading. Between the log's events stand some of the server's own.

use std::collections::HashMap;

use super::messages::{
    AllOption, AllOptions, AppendOptions, ExpectedRevision, Expression, FilterKind, FilterOption, ProposedMessage,
    ReadOptions, RecordedEvent, RevisionOption, StreamIdentifier, StreamOption, StreamOptions,
};

/// A system event follows each this-many-th append.
const SYSTEM_EVERY: usize = 5;

#[derive(Clone)]
pub struct Record {
    position: u64,
    stream: String,
    revision: u64,
    id: uuid::Uuid,
    kind: String,
    content_type: String,
    metadata: Vec<u8>,
    data: Vec<u8>,
}

#[derive(Clone)]
pub struct Store {
    records: Vec<Record>,
    streams: HashMap<String, Vec<usize>>,
    end: u64,
    appends: usize,
}

pub enum Written {
    /// The last revision and the place of the last event.
    Success(u64, u64),
    Wrong(Option<u64>),
}

impl Default for Store {
    fn default() -> Self {
        let mut store = Self { records: Vec::new(), streams: HashMap::new(), end: 0, appends: 0 };
        store.write_system();
        store
    }
}

impl Store {
    /// An append, as the server's index writer decides it.
    pub fn append(&mut self, options: &AppendOptions, events: Vec<ProposedMessage>) -> Written {
        let stream = text(options.stream.as_ref());
        let current = self.streams.get(&stream).map_or(-1, |records| signed(records.len()) - 1);
        let expected = match options.expected.as_ref().unwrap() {
            ExpectedRevision::Revision(revision) => i64::try_from(*revision).unwrap(),
            ExpectedRevision::NoStream(_) => -1,
        };
        if expected < current && self.all_written(&stream, expected, &events) {
            let last = expected + signed(events.len());
            return Written::Success(last.unsigned_abs(), self.record(&stream, last).unwrap().position);
        }
        if expected != current {
            return Written::Wrong(u64::try_from(current).ok());
        }
        for event in events {
            self.write(&stream, event);
        }
        self.appends += 1;
        let last = signed(self.streams[&stream].len()) - 1;
        let position = self.record(&stream, last).unwrap().position;
        if self.appends.is_multiple_of(SYSTEM_EVERY) {
            self.write_system();
        }
        Written::Success(last.unsigned_abs(), position)
    }

    fn all_written(&self, stream: &str, expected: i64, events: &[ProposedMessage]) -> bool {
        (expected + 1..).zip(events).all(|(revision, event)| {
            let id: uuid::Uuid = event.id.clone().unwrap().into();
            self.record(stream, revision).is_some_and(|record| record.id == id)
        })
    }

    fn record(&self, stream: &str, revision: i64) -> Option<&Record> {
        let index = self.streams.get(stream)?.get(usize::try_from(revision).ok()?)?;
        self.records.get(*index)
    }

    fn write(&mut self, stream: &str, mut event: ProposedMessage) {
        let records = self.streams.entry(stream.to_owned()).or_default();
        let revision = number(records.len());
        records.push(self.records.len());
        let length = 100 + number(event.data.len());
        self.records.push(Record {
            position: self.end,
            stream: stream.to_owned(),
            revision,
            id: event.id.unwrap().into(),
            kind: event.metadata.remove("type").unwrap(),
            content_type: event.metadata.remove("content-type").unwrap(),
            metadata: event.custom_metadata,
            data: event.data,
        });
        self.end += length;
    }

    /// Something of the server's own.
    pub fn write_system(&mut self) {
        self.write_foreign("$stats-node", "noted");
    }

    /// An event that no log has written.
    pub fn write_foreign(&mut self, stream: &str, kind: &str) {
        let metadata = [("type", kind), ("content-type", "application/json")];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let id = uuid::Uuid::from_u128(u128::from(self.end) + 1);
        let event =
            ProposedMessage { id: Some(id.into()), metadata, custom_metadata: Vec::new(), data: b"{}".to_vec() };
        self.write(stream, event);
    }

    /// Flips a byte of the data of an event.
    #[cfg(test)]
    pub fn damage(&mut self, stream: &str, revision: usize) -> u64 {
        let index = self.streams[stream][revision];
        self.records[index].data[0] ^= 1;
        self.records[index].position
    }

    /// How the data of an event is kept: its content type, and the bytes.
    #[cfg(test)]
    pub fn kept(&self, stream: &str, revision: i64) -> (uuid::Uuid, String, Vec<u8>, Vec<u8>) {
        let record = self.record(stream, revision).unwrap();
        (record.id, record.content_type.clone(), record.data.clone(), record.metadata.clone())
    }

    /// Events as asked for. `Err(true)`: there is no such stream; `Err(false)`: no record begins there.
    pub fn read(&self, options: &ReadOptions) -> Result<Vec<RecordedEvent>, bool> {
        let backwards = options.backwards == 1;
        let count = usize::try_from(options.count).unwrap();
        let found: Vec<&Record> = match options.stream.as_ref().unwrap() {
            StreamOption::Stream(stream) => self.of_stream(stream, backwards, count).ok_or(true)?,
            StreamOption::All(all) => self.of_all(all, options.filter.as_ref(), backwards, count).ok_or(false)?,
        };
        Ok(found.into_iter().map(recorded).collect())
    }

    fn of_stream(&self, options: &StreamOptions, backwards: bool, count: usize) -> Option<Vec<&Record>> {
        let records = self.streams.get(&text(options.stream.as_ref()))?.iter().map(|index| &self.records[*index]);
        let from = match options.from.as_ref().unwrap() {
            RevisionOption::Revision(revision) => *revision,
            RevisionOption::Start(_) => 0,
            RevisionOption::End(_) => u64::MAX,
        };
        Some(if backwards {
            records.rev().filter(|record| record.revision <= from).take(count).collect()
        } else {
            records.filter(|record| record.revision >= from).take(count).collect()
        })
    }

    fn of_all(
        &self,
        options: &AllOptions,
        filter: Option<&FilterOption>,
        backwards: bool,
        count: usize,
    ) -> Option<Vec<&Record>> {
        let from = match options.from.as_ref().unwrap() {
            AllOption::Position(place) => place.commit,
            AllOption::Start(_) => 0,
            AllOption::End(_) => u64::MAX,
        };
        if from < self.end && !self.records.iter().any(|record| record.position == from) {
            return None;
        }
        let records = self.records.iter().filter(|record| passes(record, filter));
        Some(if backwards {
            records.rev().filter(|record| record.position <= from).take(count).collect()
        } else {
            records.filter(|record| record.position >= from).take(count).collect()
        })
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap()
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}

fn passes(record: &Record, filter: Option<&FilterOption>) -> bool {
    let Some(FilterOption::Filter(options)) = filter else { return true };
    let matches = |expression: &Expression, text: &str| {
        assert!(expression.regex.is_empty(), "the double knows prefixes only");
        expression.prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()))
    };
    match options.filter.as_ref().unwrap() {
        FilterKind::Stream(expression) => matches(expression, &record.stream),
        FilterKind::EventType(expression) => matches(expression, &record.kind),
    }
}

fn text(stream: Option<&StreamIdentifier>) -> String {
    String::from_utf8(stream.unwrap().name.clone()).unwrap()
}

fn recorded(record: &Record) -> RecordedEvent {
    let metadata = [("type", &record.kind), ("content-type", &record.content_type)];
    RecordedEvent {
        id: Some(record.id.into()),
        stream: Some(StreamIdentifier { name: record.stream.clone().into_bytes() }),
        revision: record.revision,
        prepare: record.position,
        commit: record.position,
        metadata: metadata.map(|(key, value)| (key.to_owned(), value.clone())).into(),
        custom_metadata: record.metadata.clone(),
        data: record.data.clone(),
    }
}
