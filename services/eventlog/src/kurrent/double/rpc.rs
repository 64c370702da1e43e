//! The calls a node answers, as gRPC over HTTP/2.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{BufMut, Bytes, BytesMut};
use futures::future::pending;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty as EmptyBody, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{HeaderMap, Request, Response};
use prost::Message;
use tokio::sync::watch;

use super::messages::{
    AppendContent, AppendOptions, AppendReq, AppendResp, ClusterInfo, Empty, EndPoint, ExpectedRevision, MemberInfo,
    Place, ProposedMessage, ReadContent, ReadEvent, ReadReq, ReadResp, Success, SupportedMethods, Uuid,
    WrongExpectedVersion,
};
use super::store::Written;
use super::{Fault, Shared};

type Body = BoxBody<Bytes, Infallible>;
type Answer = Result<Response<Body>, hyper::Error>;

const NOT_FOUND: u32 = 5;
const INVALID_ARGUMENT: u32 = 3;
const ABORTED: u32 = 10;
const UNKNOWN: u32 = 2;
/// The states of nodes in gossip.
const FOLLOWER: i32 = 6;
const LEADER: i32 = 8;

pub async fn answer(
    shared: Arc<Shared>,
    index: usize,
    cut: Arc<watch::Sender<()>>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answer = match head.uri.path() {
        "/event_store.client.gossip.Gossip/Read" => messages(&[gossip(&shared)]),
        "/event_store.client.server_features.ServerFeatures/GetSupportedMethods" => {
            messages(&[SupportedMethods { version: "26.1.1".to_owned() }])
        }
        path => {
            note_manners(&shared, &head.headers);
            match (led_by(&shared, index), path) {
                (Some(refusal), _) => refusal,
                (None, "/event_store.client.streams.Streams/Read") => read(&shared, &body).await,
                (None, "/event_store.client.streams.Streams/Append") => append(&shared, &cut, &body).await,
                (None, _) => status(12, "the double does not know this call"),
            }
        }
    };
    Ok(answer)
}

/// Each call must have a deadline and insist on the leader.
fn note_manners(shared: &Shared, headers: &HeaderMap) {
    if !headers.contains_key("grpc-timeout") || headers.get("requires-leader").is_none_or(|value| value != "true") {
        shared.impolite.fetch_add(1, Ordering::SeqCst);
    }
}

/// The refusal of a node that does not lead.
fn led_by(shared: &Shared, index: usize) -> Option<Response<Body>> {
    let Some((leader, address)) = shared.leader() else {
        shared.leaderless.send_modify(|calls| *calls += 1);
        return Some(status(UNKNOWN, "No leader info available in response"));
    };
    if leader == index {
        return None;
    }
    let mut refusal = status(NOT_FOUND, "Leader info available");
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    for (name, value) in [("exception", "not-leader"), ("leader-endpoint-host", &host), ("leader-endpoint-port", &port)]
    {
        refusal.headers_mut().insert(name, value.parse().unwrap());
    }
    Some(refusal)
}

fn gossip(shared: &Shared) -> ClusterInfo {
    let leader = shared.leader().map(|(index, _)| index);
    let member = |(index, address): (usize, &std::net::SocketAddr)| MemberInfo {
        id: Some(Uuid::from(uuid::Uuid::from_u128(index as u128 + 1))),
        state: if leader == Some(index) { LEADER } else { FOLLOWER },
        alive: true,
        end_point: Some(EndPoint { address: address.ip().to_string(), port: address.port().into() }),
    };
    ClusterInfo { members: shared.addresses().iter().enumerate().map(member).collect() }
}

async fn read(shared: &Shared, body: &[u8]) -> Response<Body> {
    let request: ReadReq = decoded(body).remove(0);
    let options = request.options.unwrap();
    if shared.slow_filters.load(Ordering::SeqCst) && is_fine(&format!("{:?}", options.filter)) {
        pending::<()>().await;
    }
    let found = shared.store.lock().unwrap().read(&options);
    match found {
        Ok(events) => {
            let events = events.into_iter().map(|event| {
                let commit = Some(event.commit);
                ReadResp { content: Some(ReadContent::Event(ReadEvent { event: Some(event), commit })) }
            });
            messages(&events.collect::<Vec<_>>())
        }
        Err(true) => messages(&[ReadResp { content: Some(ReadContent::StreamNotFound(Empty {})) }]),
        Err(false) => status(INVALID_ARGUMENT, "Trying to read from an invalid position."),
    }
}

/// Whether a filter is finer than one for a whole log, whose only prefix ends with a dot.
fn is_fine(filter: &str) -> bool {
    filter.contains("prefixes: [") && !filter.contains(".\"]")
}

async fn append(shared: &Shared, cut: &watch::Sender<()>, body: &[u8]) -> Response<Body> {
    shared.appends.fetch_add(1, Ordering::SeqCst);
    let (options, events) = proposal(body);
    let bytes: usize = events
        .iter()
        .map(|event| event.data.len() + event.custom_metadata.len() + 2 * event.metadata["type"].len())
        .sum();
    let bytes_max = shared.append_bytes_max.load(Ordering::SeqCst);
    if bytes > bytes_max {
        return status(INVALID_ARGUMENT, &format!("Maximum Append Size of {bytes_max} Exceeded."));
    }
    let fault = shared.faults.lock().unwrap().pop_front();
    let written = match fault {
        None
        | Some(Fault::Silence { written: true } | Fault::Cut { written: true } | Fault::GaveUp { written: true }) => {
            Some(shared.store.lock().unwrap().append(&options, events))
        }
        Some(_) => None,
    };
    match fault {
        None => messages(&[response(&options, &written.unwrap())]),
        Some(Fault::Silence { .. }) => pending().await,
        Some(Fault::Cut { .. }) => {
            cut.send_replace(());
            pending().await
        }
        Some(Fault::GaveUp { .. }) => status(ABORTED, "Operation timed out: commit phase timed out"),
        Some(Fault::Status(code, message)) => status(code, message),
    }
}

fn proposal(body: &[u8]) -> (AppendOptions, Vec<ProposedMessage>) {
    let mut options = None;
    let mut events = Vec::new();
    for request in decoded::<AppendReq>(body) {
        match request.content.unwrap() {
            AppendContent::Options(first) => options = Some(first),
            AppendContent::Proposed(event) => events.push(event),
        }
    }
    (options.unwrap(), events)
}

fn response(options: &AppendOptions, written: &Written) -> AppendResp {
    match *written {
        Written::Success(revision, place) => {
            let position = Some(Place { commit: place, prepare: place });
            AppendResp { success: Some(Success { revision: Some(revision), position }), wrong: None }
        }
        Written::Wrong(current) => {
            let no_stream = current.is_none().then_some(Empty {});
            let (expected, expected_no_stream) = match options.expected.as_ref().unwrap() {
                ExpectedRevision::Revision(revision) => (Some(*revision), None),
                ExpectedRevision::NoStream(_) => (None, Some(Empty {})),
            };
            let wrong = WrongExpectedVersion { current, no_stream, expected, expected_no_stream };
            AppendResp { success: None, wrong: Some(wrong) }
        }
    }
}

/// The messages of a body: each after a byte of flags and its length.
fn decoded<M: Message + Default>(mut body: &[u8]) -> Vec<M> {
    let mut messages = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        assert_eq!(head[0], 0, "the double takes nothing compressed");
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let (message, rest) = rest.split_at(usize::try_from(length).unwrap());
        messages.push(M::decode(message).unwrap());
        body = rest;
    }
    messages
}

fn messages<M: Message + 'static>(messages: &[M]) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let frames: Vec<_> = messages.iter().map(|message| Frame::data(framed(message))).collect();
    let frames = frames.into_iter().chain([Frame::trailers(trailers)]).map(Ok);
    grpc(BodyExt::boxed(StreamBody::new(futures::stream::iter(frames))))
}

fn framed(message: &impl Message) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.encoded_len()).unwrap());
    message.encode(&mut bytes).unwrap();
    bytes.freeze()
}

fn status(code: u32, message: &str) -> Response<Body> {
    let mut response = grpc(BodyExt::boxed(EmptyBody::new()));
    response.headers_mut().insert("grpc-status", code.to_string().parse().unwrap());
    response.headers_mut().insert("grpc-message", message.parse().unwrap());
    response
}

fn grpc(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    response
}
