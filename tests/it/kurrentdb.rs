//! The platform on KurrentDB: on a double of its server, whose nodes speak its protocol and fail when told to.

use eventlog::kurrent::double::{Cluster, Fault};
use serde_json::json;

use crate::ingest::Outlet;
use crate::market::{LANGUAGE, Market, REFERENCE, per_call, sentence};
use crate::platform::{Home, eventually, text};
use crate::receipts::{audit, key};
use crate::socket::Socket;
use crate::takeover::{a_second_node_takes_the_meter, is_backed_up_elsewhere};
use crate::upkeep::{USAGE, an_erased_person_is_gone};

/// How many nodes a cluster has.
const NODES: usize = 3;
/// How appends fail; but for the last, whether they were written is open.
const FAULTS: [Fault; 6] = [
    Fault::Cut { written: true },
    Fault::Cut { written: false },
    Fault::GaveUp { written: true },
    Fault::GaveUp { written: false },
    Fault::Silence { written: true },
    Fault::Status(7, "Access Denied"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_node_takes_the_meter_on_kurrentdb() {
    let cluster = Cluster::start(NODES).await;
    a_second_node_takes_the_meter(&cluster.address("market")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_person_is_erased_where_the_log_is_on_kurrentdb() {
    let cluster = Cluster::start(NODES).await;
    an_erased_person_is_gone(&["--log", &cluster.address("market")]).await;
}

/// A call and a report for each fault: of the twelve two are free.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_a_kurrentdb_cluster_fails_each_call_and_report_is_charged_once() {
    let cluster = Cluster::start(NODES).await;
    let url = cluster.address("market");
    let log = ["--log", url.as_str()];
    let platform = Home::new().start(&log).await;
    let market = Market::open(&platform).await;
    let deal = market.deal(&platform, LANGUAGE, REFERENCE, per_call("2", "0.01")).await;
    let outlet = Outlet::of(&platform, &market, deal.clone()).await;
    for (number, fault) in FAULTS.into_iter().enumerate() {
        let name = format!("{fault:?}");
        let mut event = outlet.event(&name, "1");
        event["data"]["usage"][0]["meter"] = json!("REQUEST");
        cluster.fail_next(fault);
        cluster.fail_next(fault);
        let payload = sentence();
        tokio::join!(
            eventually("the call is delivered", async || deal.delivered(&platform, &payload, &name).await.is_some()),
            eventually("the report is taken", async || outlet.report(&platform, &event).await.status == 200),
        );
        cluster.elect(number % NODES);
    }
    is_backed_up_elsewhere(&platform, &market.operator).await;

    let platform = platform.restart(&log).await;
    assert_eq!(
        (outlet.used(&platform).await, deal.recorded(&platform).await),
        (("2".into(), "10".into()), "12".into())
    );
    let (_, invoice) = outlet.close(&platform).await;
    let (good, told) = audit(&platform, &text(&invoice, "/id"), &deal.key, &key(&platform).await);
    assert!(good && told.contains("count: 12 receipts for 12 calls"), "{told}");
    platform.home().succeed("rebuild", &log);
    let query = "{ logEvents(first: 3, order: OLDEST) { nodes { position previousPosition nextPosition } } }";
    let read = platform.read(&market.operator, query, json!({})).await;
    let positions: Vec<_> = (0..3).map(|index| read["logEvents"]["nodes"][index]["position"].clone()).collect();
    let middle = json!({"position": positions[1], "previousPosition": positions[0], "nextPosition": positions[2]});
    assert_eq!(read["logEvents"]["nodes"][1], middle, "{read}");
    assert_eq!(read["logEvents"]["nodes"][0]["previousPosition"], json!(null));
    let mut after = json!("0");
    for calls in ["12", "1"] {
        let mut socket = Socket::greet(&platform, &market.buyer).await;
        socket.subscribe("missed", USAGE, json!({"after": after})).await;
        let batch = socket.expect("next", "missed").await["data"]["usageRecorded"].take();
        assert_eq!(batch["calls"], calls);
        after = batch["cursor"].clone();
        deal.call(&platform, &sentence(), &format!("after {calls}")).await;
    }
    let home = platform.terminate().await;
    home.succeed("verify", &log);
    home.succeed("replay", &[&["--verify"], log.as_slice()].concat());
}
