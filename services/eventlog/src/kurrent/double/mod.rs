//! A cluster for tests: nodes that speak as much of the server's protocol over real sockets as a log needs, share one
//! store, and fail when told to. It is no proof of what the server does, but of what this backend makes of it.

mod messages;
mod prompt;
mod rpc;
mod store;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::prompt::Prompt;
pub(super) use self::store::Store;

/// What goes wrong with the next append that reaches the leader.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// No answer, ever.
    Silence {
        /// Whether the events are in the log all the same.
        written: bool,
    },
    /// The connection breaks.
    Cut {
        /// As above.
        written: bool,
    },
    /// The server's cluster does not confirm in time.
    GaveUp {
        /// As above.
        written: bool,
    },
    /// A refusal: a gRPC status with a message.
    Status(u32, &'static str),
}

/// What the nodes share.
pub(super) struct Shared {
    pub store: Mutex<Store>,
    pub faults: Mutex<VecDeque<Fault>>,
    /// The node that leads; none where the number is too large.
    leader: AtomicUsize,
    addresses: OnceLock<Vec<SocketAddr>>,
    /// Reads with a filter finer than a whole log find nothing for ever.
    pub slow_filters: AtomicBool,
    /// The server's limit for one append.
    pub append_bytes_max: AtomicUsize,
    /// Appends that reached a leader.
    pub appends: AtomicUsize,
    /// Calls without a deadline, or that any node may answer.
    pub impolite: AtomicUsize,
    /// Calls that found no leader.
    pub leaderless: watch::Sender<usize>,
}

/// A cluster; its nodes end with it.
pub struct Cluster {
    pub(super) shared: Arc<Shared>,
    nodes: Vec<Node>,
}

struct Node {
    accepting: JoinHandle<()>,
    /// Breaks every connection when it changes or goes.
    cut: Arc<watch::Sender<()>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut.send_replace(());
    }
}

impl Cluster {
    /// Starts nodes of which the first leads.
    pub async fn start(count: usize) -> Self {
        let shared = Arc::new(Shared {
            store: Mutex::default(),
            faults: Mutex::default(),
            leader: AtomicUsize::new(0),
            addresses: OnceLock::new(),
            slow_filters: AtomicBool::new(false),
            append_bytes_max: AtomicUsize::new(16_000_000),
            appends: AtomicUsize::new(0),
            impolite: AtomicUsize::new(0),
            leaderless: watch::Sender::new(0),
        });
        let mut listeners = Vec::new();
        for _ in 0..count {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        shared.addresses.set(addresses).unwrap();
        let nodes = listeners.into_iter().enumerate().map(|(index, listener)| node(&shared, index, listener)).collect();
        Self { shared, nodes }
    }

    /// The connection string of a namespace.
    pub fn address(&self, namespace: &str) -> String {
        let hosts: Vec<String> = self.shared.addresses().iter().map(ToString::to_string).collect();
        let hosts = hosts.join(",");
        format!("kurrentdb://{hosts}?tls=false&namespace={namespace}&discoveryInterval=20&gossipTimeout=500")
    }

    /// Queues a fault.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.faults.lock().unwrap().push_back(fault);
    }

    /// What the nodes keep.
    #[cfg(test)]
    pub(super) fn store(&self) -> std::sync::MutexGuard<'_, Store> {
        self.shared.store.lock().unwrap()
    }

    /// Lets a node lead; a number past the last: none.
    pub fn elect(&self, index: usize) {
        self.shared.leader.store(index, Ordering::SeqCst);
    }

    /// Ends the first node.
    pub fn kill_first(&mut self) {
        self.nodes.remove(0);
    }

    /// Ends every node; what they store stays.
    pub fn kill(&mut self) {
        self.nodes.clear();
    }

    /// Starts every node again, where it was.
    pub async fn revive(&mut self) {
        self.kill();
        for (index, address) in self.shared.addresses().iter().enumerate() {
            self.nodes.push(node(&self.shared, index, listen_again(*address).await));
        }
    }

    /// Breaks every connection.
    pub fn cut(&self) {
        for node in &self.nodes {
            node.cut.send_replace(());
        }
    }
}

impl Shared {
    fn addresses(&self) -> &[SocketAddr] {
        self.addresses.get().unwrap()
    }

    /// Where the leader is.
    fn leader(&self) -> Option<(usize, SocketAddr)> {
        let index = self.leader.load(Ordering::SeqCst);
        self.addresses().get(index).map(|address| (index, *address))
    }
}

/// The old listener may still be closing.
async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        if let Ok(listener) = TcpListener::bind(address).await {
            return listener;
        }
        tokio::task::yield_now().await;
    }
}

fn node(shared: &Arc<Shared>, index: usize, listener: TcpListener) -> Node {
    let cut = Arc::new(watch::Sender::new(()));
    let (shared, connections) = (Arc::clone(shared), Arc::clone(&cut));
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // As the server does.
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(Arc::clone(&shared), index, stream, Arc::clone(&connections)));
        }
    });
    Node { accepting, cut }
}

async fn serve(shared: Arc<Shared>, index: usize, stream: TcpStream, cut: Arc<watch::Sender<()>>) {
    let mut broken = cut.subscribe();
    let service = service_fn(move |request| rpc::answer(Arc::clone(&shared), index, Arc::clone(&cut), request));
    let connection = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(Prompt(stream)), service);
    tokio::select! {
        _ = connection => {}
        _ = broken.changed() => {}
    }
}
