//! PostgreSQL under the contract suite, and what only it promises.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::event::{Position, Revision};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use super::session::Connector;
use super::{Address, LogReader, OpenError, PostgresLog, verify};
use crate::port::{AppendError, Delivery, Direction, EventLog, Expected, Filter, NewEvent, ReadError, StorageFault};
use crate::suite::cluster::Cluster;
use crate::suite::{Backend, append, event, events, log_past, next, next_event, refused, stream};
use crate::verified::{Damage, VerifyError};

/// A log in a cluster of its own.
pub(crate) struct Postgres {
    cluster: Cluster,
    /// The database in use: each restore makes another.
    database: String,
    restores: u32,
    log: PostgresLog,
    backups: TempDir,
}

pub(crate) async fn postgres() -> Postgres {
    let cluster = Cluster::start();
    let log = open(&cluster, "postgres").await;
    Postgres { cluster, database: "postgres".to_owned(), restores: 0, log, backups: TempDir::new().unwrap() }
}

fn address(cluster: &Cluster, database: &str) -> Address {
    cluster.address(database).parse().unwrap()
}

async fn open(cluster: &Cluster, database: &str) -> PostgresLog {
    PostgresLog::open(&address(cluster, database)).await.unwrap()
}

impl Postgres {
    /// A session beside the log.
    async fn session(&self) -> Client {
        let address = self.cluster.address(&self.database);
        let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    fn dump(&self) -> String {
        self.backups.path().join("log.dump").display().to_string()
    }
}

#[async_trait]
impl Backend for Postgres {
    fn log(&self) -> Arc<dyn EventLog> {
        Arc::new(self.log.clone())
    }

    async fn other(&self) -> Arc<dyn EventLog> {
        Arc::new(open(&self.cluster, &self.database).await)
    }

    async fn restart(&mut self) {
        self.log.close().await;
        self.cluster.start_again();
        self.log = open(&self.cluster, &self.database).await;
    }

    async fn kill(&mut self) -> bool {
        self.cluster.kill();
        true
    }

    async fn back_up(&mut self) -> bool {
        self.cluster.run("pg_dump", &["-Fc", "-f", &self.dump(), &self.database]);
        true
    }

    async fn restore(&mut self) {
        self.log.close().await;
        self.restores += 1;
        self.database = format!("restored{}", self.restores);
        self.cluster.run("createdb", &[&self.database]);
        self.cluster.run("pg_restore", &["-d", &self.database, &self.dump()]);
        self.log = open(&self.cluster, &self.database).await;
    }

    async fn idle_in_transaction(&self) -> Option<Box<dyn Send>> {
        let session = self.session().await;
        let begin = "BEGIN; SELECT count(*) FROM tallystick.event; CREATE TABLE beside (id integer); \
             INSERT INTO beside VALUES (1)";
        session.batch_execute(begin).await.unwrap();
        Some(Box::new(session))
    }

    async fn roll_back(&self) {
        let session = self.session().await;
        let written = "BEGIN; SELECT position FROM tallystick.log FOR UPDATE; \
             INSERT INTO tallystick.stream SELECT streams + 1, 'test-rolled-back' FROM tallystick.log; \
             INSERT INTO tallystick.event SELECT position + 1, streams + 1, 0, 0, gen_random_uuid(), 'noted', 1, 0, \
                 gen_random_uuid(), gen_random_uuid(), 'test', 0, '{\"label\":\"rolled-back\"}', '' FROM tallystick.log; \
             UPDATE tallystick.log SET position = position + 1, streams = streams + 1; ROLLBACK";
        session.batch_execute(written).await.unwrap();
    }

    async fn hold_up(&self) -> Option<Box<dyn Send>> {
        let session = self.session().await;
        session.batch_execute("BEGIN; SELECT 1 FROM tallystick.log FOR UPDATE").await.unwrap();
        Some(Box::new(session))
    }

    /// Rows of one transaction have the same `xmin`.
    async fn commits(&self) -> Option<usize> {
        let counted = "SELECT count(DISTINCT xmin::text) FROM tallystick.event";
        let row = self.session().await.query_one(counted, &[]).await.unwrap();
        Some(row.get::<_, i64>(0).try_into().unwrap())
    }
}

/// Each commit waits a while of its own, after it has taken its positions.
#[tokio::test]
async fn a_reader_sees_a_growing_prefix_though_commits_are_late() {
    let mut backend = postgres().await;
    let late = "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(random() * 0.003); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON tallystick.event DEFERRABLE INITIALLY DEFERRED \
             FOR EACH ROW EXECUTE FUNCTION public.late()";
    backend.session().await.batch_execute(late).await.unwrap();
    crate::suite::concurrent::a_reader_sees_a_growing_prefix(&mut backend).await;
}

fn refused_setting(error: OpenError) -> (&'static str, String) {
    match error {
        OpenError::Setting { setting, found, .. } => (setting, found),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_server_that_would_lose_commits_is_refused() {
    let cluster = Cluster::start();
    for setting in ["fsync", "full_page_writes"] {
        cluster.run("psql", &["-d", "postgres", "-c", &format!("ALTER SYSTEM SET {setting} = off")]);
        cluster.run("psql", &["-d", "postgres", "-c", "SELECT pg_reload_conf()"]);
        let refused = async {
            loop {
                match PostgresLog::open(&address(&cluster, "postgres")).await {
                    // The server has not read its settings yet.
                    Ok(log) => log.close().await,
                    Err(error) => return error,
                }
            }
        };
        assert_eq!(refused_setting(refused.await), (setting, "off".to_owned()));
        cluster.run("psql", &["-d", "postgres", "-c", &format!("ALTER SYSTEM RESET {setting}")]);
    }
}

#[tokio::test]
async fn a_commit_is_durable_even_where_the_database_says_otherwise() {
    let backend = postgres().await;
    let session = backend.session().await;
    session.batch_execute("ALTER DATABASE postgres SET synchronous_commit = off").await.unwrap();
    let connector =
        Connector::new(address(&backend.cluster, "postgres"), address(&backend.cluster, "postgres").tls().unwrap());
    let opened = connector.session().await.unwrap();
    let setting = opened.client.query_one("SHOW synchronous_commit", &[]).await.unwrap();
    assert_eq!(setting.get::<_, &str>(0), "on");
}

#[tokio::test]
async fn tables_of_a_newer_program_or_another_are_refused() {
    let backend = postgres().await;
    let session = backend.session().await;
    let open = async || PostgresLog::open(&address(&backend.cluster, "postgres")).await.err();
    session.batch_execute("UPDATE tallystick.log SET version = 99").await.unwrap();
    assert!(matches!(open().await, Some(OpenError::Newer { found: 99 })));
    session.batch_execute("UPDATE tallystick.log SET version = -1").await.unwrap();
    assert!(matches!(open().await, Some(OpenError::Foreign)));
    let absent = LogReader::open(&address(&backend.cluster, "template1")).await.err();
    assert!(matches!(absent, Some(OpenError::Missing)));
    let nowhere = PostgresLog::open(&"postgres://a@127.0.0.1:1/b".parse().unwrap()).await.err();
    assert!(matches!(nowhere, Some(OpenError::Postgres(_))));
}

/// A log of four events in two streams.
async fn filled() -> Postgres {
    let backend = postgres().await;
    let log = backend.log();
    append(&*log, &stream("a"), Expected::NoStream, events(&["1", "2"])).await;
    append(&*log, &stream("b"), Expected::NoStream, vec![NewEvent { body: vec![7; 9_000], ..event("3") }]).await;
    append(&*log, &stream("a"), Expected::At(Revision(1)), events(&["4"])).await;
    backend
}

#[tokio::test]
async fn what_is_changed_by_hand_is_found_and_never_read_as_a_fact() {
    let cases = [
        ("UPDATE tallystick.event SET data = '{\"label\":\"9\"}' WHERE position = 2", Some(2), Damage::Checksum),
        ("UPDATE tallystick.event SET body = set_byte(body, 8000, 6) WHERE position = 3", Some(3), Damage::Checksum),
        ("UPDATE tallystick.event SET kind = 'lost' WHERE position = 1", Some(1), Damage::Checksum),
        ("UPDATE tallystick.stream SET name = 'test-c' WHERE name = 'test-b'", Some(3), Damage::Checksum),
        ("DELETE FROM tallystick.event WHERE position = 2", Some(2), Damage::Missing),
        ("DELETE FROM tallystick.stream WHERE name = 'test-b'", Some(3), Damage::Missing),
        ("DELETE FROM tallystick.event WHERE position = 4", Some(4), Damage::Missing),
    ];
    for (sql, position, expected) in cases {
        let backend = filled().await;
        backend.session().await.batch_execute(sql).await.unwrap();
        let found = verify(&address(&backend.cluster, "postgres")).await;
        let Err(VerifyError::Damaged { position: at, damage }) = found else { panic!("{sql}: {found:?}") };
        assert_eq!((at.map(|at| at.0), damage), (position, expected), "{sql}");
        let read = backend.log().read_log(None, &Filter::All, 10).await;
        assert!(matches!(read, Err(ReadError::Corrupt { .. })), "{sql}: {read:?}");
    }
}

#[tokio::test]
async fn an_event_whose_stream_is_gone_is_damage_for_whoever_reads_past_it() {
    let backend = filled().await;
    backend.session().await.batch_execute("DELETE FROM tallystick.stream WHERE name = 'test-b'").await.unwrap();
    let corrupt = Err(ReadError::Corrupt { position: Some(Position(3)) });
    for filter in [Filter::All, Filter::Stream(stream("a")), Filter::kinds(&["lost"])] {
        assert_eq!(backend.log().read_log(None, &filter, 10).await, corrupt, "{filter:?}");
    }
}

#[tokio::test]
async fn a_stream_without_its_events_is_not_taken_for_a_new_one() {
    let backend = filled().await;
    backend.session().await.batch_execute("DELETE FROM tallystick.event WHERE position = 3").await.unwrap();
    let other = backend.other().await;
    for log in [backend.log(), other] {
        let corrupt = Err(ReadError::Corrupt { position: None });
        for direction in [Direction::Forward, Direction::Backward] {
            assert_eq!(log.read_stream(&stream("b"), Revision(0), direction, 10).await, corrupt);
        }
        let past = log.read_stream(&stream("b"), Revision(1), Direction::Forward, 10).await;
        assert_eq!(past.map(|page| page.events), Ok(vec![]));
    }
    let error = refused(&*backend.other().await, &stream("b"), Expected::NoStream, events(&["again"])).await;
    assert_eq!(error, AppendError::Unavailable(StorageFault::Refused));
}

#[tokio::test]
async fn a_damaged_stream_is_refused_alone_not_with_its_group() {
    let backend = filled().await;
    backend.session().await.batch_execute("DELETE FROM tallystick.event WHERE position = 3").await.unwrap();
    let log = backend.other().await;
    let held = backend.hold_up().await;
    let names: Vec<_> = ["b", "c", "d"].map(stream).into();
    let appends = names.iter().map(|name| log.append(name, Expected::NoStream, events(&["again"])));
    let (outcomes, ()) = tokio::join!(futures::future::join_all(appends), async { drop(held) });
    let refused = Err(AppendError::Unavailable(StorageFault::Refused));
    assert!(outcomes[0] == refused && outcomes[1].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
}

/// What the server knows of the tables is of a time when they were small, and its plans are kept.
#[tokio::test]
async fn a_page_costs_a_page_though_plans_were_made_for_a_small_log() {
    let backend = filled().await;
    let log = backend.log();
    let a = stream("a");
    let read = async || {
        for _ in 0..8 {
            let page = log.read_log(None, &Filter::categories(&["test"]), 3).await.unwrap();
            assert_eq!(page.events.len(), 3);
            let last = log.read_stream(&a, Revision(u64::MAX), Direction::Backward, 1).await.unwrap();
            assert_eq!(last.events.len(), 1);
        }
    };
    let session = backend.session().await;
    session.batch_execute("ANALYZE tallystick.stream; ANALYZE tallystick.event").await.unwrap();
    read().await;
    let grown = "INSERT INTO tallystick.stream SELECT i, 'test-' || i FROM generate_series(3, 30000) i; \
         INSERT INTO tallystick.event SELECT i, i % 29998 + 3, i / 29998, 0, gen_random_uuid(), 'noted', 1, 0, \
             gen_random_uuid(), gen_random_uuid(), 'test', 0, '', '' FROM generate_series(5, 100000) i; \
         UPDATE tallystick.log SET position = 100000, streams = 30000; \
         SELECT pg_stat_reset()";
    session.batch_execute(grown).await.unwrap();
    read().await;
    // Sessions tell what they did within 10 s: at least a look at each event's stream and at each stream read.
    let asked = "SELECT sum(idx_scan)::bigint, sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname = $1";
    for (table, looked) in [("stream", 8 * (3 + 1)), ("event", 8 * 2)] {
        let scans = async || {
            let row = session.query_one(asked, &[&table]).await.unwrap();
            (row.get::<_, i64>(0), row.get::<_, i64>(1))
        };
        let told = async {
            while scans().await.0 < looked {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), told).await.expect("what the sessions did");
        assert_eq!(scans().await.1, 0, "{table} is read by its indexes");
    }
}

/// Another's transaction holds the lock for as long as it pleases: appends wait, and are refused in the end.
#[tokio::test]
async fn an_append_that_waits_too_long_for_the_lock_is_definitely_refused() {
    let backend = filled().await;
    let session = backend.session().await;
    session.batch_execute("BEGIN; SELECT 1 FROM tallystick.log FOR UPDATE").await.unwrap();
    let error = refused(&*backend.log(), &stream("c"), Expected::NoStream, events(&["5"])).await;
    assert_eq!(error, AppendError::Unavailable(StorageFault::Unreachable));
    session.batch_execute("ROLLBACK").await.unwrap();
    let appended = append(&*backend.log(), &stream("c"), Expected::NoStream, events(&["5"])).await;
    assert_eq!((appended.position.0, appended.repeated), (5, false));
}

/// The server ends the writer's session while its transaction waits, again and again.
#[tokio::test]
async fn a_session_that_is_ended_under_the_writer_is_replaced() {
    let backend = filled().await;
    let session = backend.session().await;
    let log = backend.log();
    let mut expected = Expected::NoStream;
    for number in 0..10 {
        let new = vec![event(&format!("n-{number}"))];
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND application_name = 'tallystick'";
        session.batch_execute(end).await.unwrap();
        let appended = loop {
            match log.append(&stream("c"), expected, new.clone()).await {
                Ok(appended) => break appended,
                Err(AppendError::Unknown | AppendError::Unavailable(_)) => {}
                Err(error) => panic!("{error}"),
            }
        };
        expected = Expected::At(appended.last);
    }
    assert_eq!(log_past(&*log, None, &Filter::Stream(stream("c"))).await.len(), 10);
    assert_eq!(verify(&address(&backend.cluster, "postgres")).await.unwrap().events, 14);
}

#[tokio::test]
async fn what_another_process_writes_wakes_subscribers_here() {
    let backend = filled().await;
    let mut deliveries = backend.log().subscribe(Some(Position(4)), Filter::categories(&["test"]));
    assert_eq!(next(&mut deliveries).await, Delivery::CaughtUp);
    let other = backend.other().await;
    let started = std::time::Instant::now();
    for number in 5..25 {
        append(&*other, &stream(&number.to_string()), Expected::NoStream, vec![event(&number.to_string())]).await;
        assert_eq!(next_event(&mut deliveries).await.position, Position(number));
    }
    // Polling twice a second takes 5 s on average.
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "told, not polled: {:?}", started.elapsed());
}

#[tokio::test]
async fn connections_are_encrypted_and_the_server_has_to_be_the_one_meant() {
    let cluster = Cluster::start_encrypted();
    let trusting = format!("{}&sslrootcert={}", cluster.encrypted_address(), cluster.certificate().display());
    let log = PostgresLog::open(&trusting.parse().unwrap()).await.unwrap();
    append(&log, &stream("a"), Expected::NoStream, events(&["1"])).await;
    let (client, connection) = tokio_postgres::connect(&cluster.address("postgres"), NoTls).await.unwrap();
    tokio::spawn(connection);
    let asked = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
         WHERE a.application_name = 'tallystick' AND NOT s.ssl";
    assert_eq!(client.query_one(asked, &[]).await.unwrap().get::<_, i64>(0), 0);
    let unknown = PostgresLog::open(&cluster.encrypted_address().parse().unwrap()).await.err();
    assert!(matches!(unknown, Some(OpenError::Postgres(_))), "{unknown:?}");
}
