//! The few messages of the server's protocol that the client uses for a log, as its published definitions have them
//! (`streams.proto`, `gossip.proto`, `serverfeatures.proto`, `shared.proto`).

use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub struct Empty {}

#[derive(Clone, PartialEq, Message)]
pub struct StreamIdentifier {
    #[prost(bytes = "vec", tag = "3")]
    pub name: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub struct Structured {
    #[prost(int64, tag = "1")]
    pub most: i64,
    #[prost(int64, tag = "2")]
    pub least: i64,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum UuidValue {
    #[prost(message, tag = "1")]
    Structured(Structured),
    #[prost(string, tag = "2")]
    Text(String),
}

#[derive(Clone, PartialEq, Message)]
pub struct Uuid {
    #[prost(oneof = "UuidValue", tags = "1, 2")]
    pub value: Option<UuidValue>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub struct Place {
    #[prost(uint64, tag = "1")]
    pub commit: u64,
    #[prost(uint64, tag = "2")]
    pub prepare: u64,
}

// Read

#[derive(Clone, PartialEq, Oneof)]
pub enum RevisionOption {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    Start(Empty),
    #[prost(message, tag = "4")]
    End(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub struct StreamOptions {
    #[prost(message, optional, tag = "1")]
    pub stream: Option<StreamIdentifier>,
    #[prost(oneof = "RevisionOption", tags = "2, 3, 4")]
    pub from: Option<RevisionOption>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum AllOption {
    #[prost(message, tag = "1")]
    Position(Place),
    #[prost(message, tag = "2")]
    Start(Empty),
    #[prost(message, tag = "3")]
    End(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub struct AllOptions {
    #[prost(oneof = "AllOption", tags = "1, 2, 3")]
    pub from: Option<AllOption>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum StreamOption {
    #[prost(message, tag = "1")]
    Stream(StreamOptions),
    #[prost(message, tag = "2")]
    All(AllOptions),
}

#[derive(Clone, PartialEq, Message)]
pub struct Expression {
    #[prost(string, tag = "1")]
    pub regex: String,
    #[prost(string, repeated, tag = "2")]
    pub prefixes: Vec<String>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum FilterKind {
    #[prost(message, tag = "1")]
    Stream(Expression),
    #[prost(message, tag = "2")]
    EventType(Expression),
}

#[derive(Clone, PartialEq, Message)]
pub struct FilterOptions {
    #[prost(oneof = "FilterKind", tags = "1, 2")]
    pub filter: Option<FilterKind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum FilterOption {
    #[prost(message, tag = "7")]
    Filter(FilterOptions),
    #[prost(message, tag = "8")]
    None(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub struct ReadOptions {
    #[prost(oneof = "StreamOption", tags = "1, 2")]
    pub stream: Option<StreamOption>,
    #[prost(int32, tag = "3")]
    pub backwards: i32,
    /// Zero also where a subscription is asked for, which the double does not know.
    #[prost(uint64, tag = "5")]
    pub count: u64,
    #[prost(oneof = "FilterOption", tags = "7, 8")]
    pub filter: Option<FilterOption>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ReadReq {
    #[prost(message, optional, tag = "1")]
    pub options: Option<ReadOptions>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RecordedEvent {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Uuid>,
    #[prost(message, optional, tag = "2")]
    pub stream: Option<StreamIdentifier>,
    #[prost(uint64, tag = "3")]
    pub revision: u64,
    #[prost(uint64, tag = "4")]
    pub prepare: u64,
    #[prost(uint64, tag = "5")]
    pub commit: u64,
    #[prost(map = "string, string", tag = "6")]
    pub metadata: std::collections::HashMap<String, String>,
    #[prost(bytes = "vec", tag = "7")]
    pub custom_metadata: Vec<u8>,
    #[prost(bytes = "vec", tag = "8")]
    pub data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ReadEvent {
    #[prost(message, optional, tag = "1")]
    pub event: Option<RecordedEvent>,
    #[prost(uint64, optional, tag = "3")]
    pub commit: Option<u64>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum ReadContent {
    #[prost(message, tag = "1")]
    Event(ReadEvent),
    #[prost(message, tag = "4")]
    StreamNotFound(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub struct ReadResp {
    #[prost(oneof = "ReadContent", tags = "1, 4")]
    pub content: Option<ReadContent>,
}

// Append

#[derive(Clone, PartialEq, Oneof)]
pub enum ExpectedRevision {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    NoStream(Empty),
}

#[derive(Clone, PartialEq, Message)]
pub struct AppendOptions {
    #[prost(message, optional, tag = "1")]
    pub stream: Option<StreamIdentifier>,
    #[prost(oneof = "ExpectedRevision", tags = "2, 3")]
    pub expected: Option<ExpectedRevision>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ProposedMessage {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Uuid>,
    #[prost(map = "string, string", tag = "2")]
    pub metadata: std::collections::HashMap<String, String>,
    #[prost(bytes = "vec", tag = "3")]
    pub custom_metadata: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub data: Vec<u8>,
}

#[derive(Clone, PartialEq, Oneof)]
pub enum AppendContent {
    #[prost(message, tag = "1")]
    Options(AppendOptions),
    #[prost(message, tag = "2")]
    Proposed(ProposedMessage),
}

#[derive(Clone, PartialEq, Message)]
pub struct AppendReq {
    #[prost(oneof = "AppendContent", tags = "1, 2")]
    pub content: Option<AppendContent>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Success {
    #[prost(uint64, optional, tag = "1")]
    pub revision: Option<u64>,
    #[prost(message, optional, tag = "3")]
    pub position: Option<Place>,
}

#[derive(Clone, PartialEq, Message)]
pub struct WrongExpectedVersion {
    #[prost(uint64, optional, tag = "6")]
    pub current: Option<u64>,
    #[prost(message, optional, tag = "7")]
    pub no_stream: Option<Empty>,
    #[prost(uint64, optional, tag = "8")]
    pub expected: Option<u64>,
    #[prost(message, optional, tag = "11")]
    pub expected_no_stream: Option<Empty>,
}

#[derive(Clone, PartialEq, Message)]
pub struct AppendResp {
    #[prost(message, optional, tag = "1")]
    pub success: Option<Success>,
    #[prost(message, optional, tag = "2")]
    pub wrong: Option<WrongExpectedVersion>,
}

// Gossip and server features

#[derive(Clone, PartialEq, Message)]
pub struct EndPoint {
    #[prost(string, tag = "1")]
    pub address: String,
    #[prost(uint32, tag = "2")]
    pub port: u32,
}

#[derive(Clone, PartialEq, Message)]
pub struct MemberInfo {
    #[prost(message, optional, tag = "1")]
    pub id: Option<Uuid>,
    #[prost(int32, tag = "3")]
    pub state: i32,
    #[prost(bool, tag = "4")]
    pub alive: bool,
    #[prost(message, optional, tag = "5")]
    pub end_point: Option<EndPoint>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ClusterInfo {
    #[prost(message, repeated, tag = "1")]
    pub members: Vec<MemberInfo>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SupportedMethods {
    #[prost(string, tag = "2")]
    pub version: String,
}

impl From<uuid::Uuid> for Uuid {
    fn from(id: uuid::Uuid) -> Self {
        Self { value: Some(UuidValue::Text(id.to_string())) }
    }
}

impl From<Uuid> for uuid::Uuid {
    fn from(id: Uuid) -> Self {
        match id.value.unwrap() {
            UuidValue::Structured(Structured { most, least }) => {
                Self::from_u64_pair(most.cast_unsigned(), least.cast_unsigned())
            }
            UuidValue::Text(text) => text.parse().unwrap(),
        }
    }
}
