//! The log's Merkle tree: every complete subtree's hash, only ever appended to, and which leaf each event is.
//!
//! Leaves come in the log's order, as `read_log` gives it. Hashes stand in the order in which they are completed, so
//! that a replay writes at the end of one table.

use eventlog::port::StoredEvent;
use kernel::event::Position;
use kernel::merkle::Hash;
use receipts::leaf::Entry;
use receipts::proof::Head;
use receipts::tree::{self, Frontier, Node};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::sql::{self, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE tree_leaf (
        position INTEGER PRIMARY KEY,
        number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE tree_node (
        place INTEGER PRIMARY KEY,
        hash BLOB NOT NULL
    ) STRICT;
";

/// A leaf with the way to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// Which leaf, from 0.
    pub index: u64,
    /// From the leaf up.
    pub proof: Vec<Hash>,
}

impl Views {
    /// The size and root of the tree as far as the views have come.
    pub fn tree_head(&self) -> Result<Head, Fault> {
        self.read(|connection| {
            let size = size(connection)?;
            Ok(Head { size, root: root(connection, size)? })
        })
    }

    /// The root over the first `size` events; `None` where there are fewer.
    pub fn tree_root(&self, size: u64) -> Result<Option<Hash>, Fault> {
        self.read(|connection| {
            let there = size <= self::size(connection)?;
            Ok(there.then(|| root(connection, size)).transpose()?)
        })
    }

    /// The proof that the event at a position is in the tree of the first `size`; `None` where it is not.
    pub fn tree_inclusion(&self, position: Position, size: u64) -> Result<Option<Inclusion>, Fault> {
        self.read(|connection| {
            let text = "SELECT number FROM tree_leaf WHERE position = ?1";
            let index = sql::one(connection, text, [Whole(position.0)], |row| sql::whole(row, "number"))?;
            let there = size <= self::size(connection)?;
            let Some(index) = index.filter(|_| there) else { return Ok(None) };
            let proof = tree::inclusion(index, size, |node| hash(connection, node))?;
            Ok(proof.map(|proof| Inclusion { index, proof }))
        })
    }

    /// The proof that the first `from` events are a prefix of the first `to`; `None` where there are not so many.
    pub fn tree_consistency(&self, from: u64, to: u64) -> Result<Option<Vec<Hash>>, Fault> {
        self.read(|connection| {
            if to > size(connection)? {
                return Ok(None);
            }
            Ok(tree::consistency(from, to, |node| hash(connection, node))?)
        })
    }
}

fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let text = "SELECT number FROM tree_leaf ORDER BY position DESC LIMIT 1";
    let last = sql::one(connection, text, [], |row| sql::whole(row, "number"))?;
    Ok(last.map_or(0, |last| last.saturating_add(1)))
}

fn root(connection: &Connection, size: u64) -> rusqlite::Result<Hash> {
    tree::root(size, |node| hash(connection, node))
}

fn hash(connection: &Connection, node: Node) -> rusqlite::Result<Hash> {
    let mut statement = connection.prepare_cached("SELECT hash FROM tree_node WHERE place = ?1")?;
    let hash = statement.query_row([Whole(node.place())], |row| row.get(0)).optional()?;
    hash.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

/// The right edge of the tree, read once; to be thrown away when a transaction is undone.
#[derive(Debug, Default)]
pub(crate) struct Growing(Option<Frontier>);

/// Appends the leaves of events, in the log's order.
pub(crate) fn append(to: &Connection, growing: &mut Growing, events: &[StoredEvent]) -> rusqlite::Result<()> {
    let frontier = growing.frontier(to)?;
    let mut leaves = to.prepare_cached("INSERT INTO tree_leaf (position, number) VALUES (?1, ?2)")?;
    let mut nodes = to.prepare_cached("INSERT INTO tree_node (place, hash) VALUES (?1, ?2)")?;
    let mut completed = Vec::new();
    for event in events {
        let number = frontier.size();
        leaves.execute((Whole(event.position.0), Whole(number)))?;
        frontier.push(leaf(event), &mut completed);
        let places = Node { level: 0, number }.place()..;
        for (place, hash) in places.zip(completed.drain(..)) {
            nodes.execute((Whole(place), hash))?;
        }
    }
    Ok(())
}

impl Growing {
    fn frontier(&mut self, from: &Connection) -> rusqlite::Result<&mut Frontier> {
        let frontier = match self.0.take() {
            Some(frontier) => frontier,
            None => Frontier::read(size(from)?, |node| hash(from, node))?,
        };
        Ok(self.0.insert(frontier))
    }
}

/// The leaf of an event.
pub fn leaf(event: &StoredEvent) -> Hash {
    let entry = Entry {
        stream: event.stream.as_str(),
        revision: event.revision.0,
        id: event.id,
        kind: &event.kind,
        version: event.version,
        // The port takes no instant outside of the range.
        occurred_at_ns: i64::try_from(event.occurred_at.as_nanosecond()).unwrap_or(i64::MAX),
        correlation: event.provenance.correlation,
        cause: event.provenance.cause,
        actor: &event.provenance.actor,
        data: &event.data,
        body_sha256: Sha256::digest(&event.body).into(),
    };
    entry.hash()
}
