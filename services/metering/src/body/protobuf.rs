//! The wire format of protobuf, written in place and read where it stands: messages in their millions are neither built
//! of owned parts nor taken apart into them. <https://protobuf.dev/programming-guides/encoding/>

use prost::encoding::{WireType, decode_varint, encode_varint};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Eight or four bytes, which no field of ours has.
    Fixed,
}

impl<'a> Value<'a> {
    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn text(self) -> Option<&'a str> {
        str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn unsigned(self) -> Option<u64> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    pub(super) fn small(self) -> Option<u32> {
        u32::try_from(self.unsigned()?).ok()
    }

    /// A `sint64`: the sign is the lowest bit.
    pub(super) fn signed(self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ (number & 1).cast_signed().wrapping_neg())
    }
}

/// Hands each field of a message over, by its number; `None` where the bytes are no message, or a field is refused.
pub(super) fn fields<'a>(mut message: &'a [u8], mut take: impl FnMut(u32, Value<'a>) -> Option<()>) -> Option<()> {
    while !message.is_empty() {
        let (number, kind) = key(&mut message)?;
        let value = match kind {
            WireType::Varint => Value::Number(varint(&mut message)?),
            WireType::LengthDelimited => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                Value::Bytes(message.split_off(..length)?)
            }
            WireType::SixtyFourBit => message.split_off(..8).map(|_| Value::Fixed)?,
            WireType::ThirtyTwoBit => message.split_off(..4).map(|_| Value::Fixed)?,
            WireType::StartGroup | WireType::EndGroup => return None,
        };
        take(number, value)?;
    }
    Some(())
}

/// The number of a field, which is not 0, and how its value is written.
#[inline]
fn key(message: &mut &[u8]) -> Option<(u32, WireType)> {
    let key = u32::try_from(varint(message)?).ok()?;
    let kind = WireType::try_from(u64::from(key & 7)).ok()?;
    (key >> 3 != 0).then_some((key >> 3, kind))
}

/// A variable-length number; most are of one byte.
#[inline]
fn varint(message: &mut &[u8]) -> Option<u64> {
    match message.split_first() {
        Some((&byte, rest)) if byte < 0x80 => {
            *message = rest;
            Some(byte.into())
        }
        _ => long_varint(message),
    }
}

/// Apart, so that what most numbers need is small enough to stand where it is used.
#[cold]
fn long_varint(message: &mut &[u8]) -> Option<u64> {
    decode_varint(message).ok()
}

/// How a value is written, as the key of its field says.
const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;

/// A message as it is written. Its fields are to be put in the order of their numbers.
pub(super) struct Message<'a>(pub(super) &'a mut Vec<u8>);

impl Message<'_> {
    /// A field that is there even where it holds nothing, as one of many is.
    pub(super) fn element(&mut self, number: u32, bytes: &[u8]) {
        self.key(number, LENGTH_DELIMITED);
        self.number(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&mut self, number: u32, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.element(number, bytes);
        }
    }

    pub(super) fn unsigned(&mut self, number: u32, value: u64) {
        if value != 0 {
            self.varint(number, value);
        }
    }

    pub(super) fn signed(&mut self, number: u32, value: i64) {
        self.unsigned(number, zigzag(value));
    }

    /// An optional field, which is there even where it holds zero.
    pub(super) fn optional_signed(&mut self, number: u32, value: Option<i64>) {
        if let Some(value) = value {
            self.varint(number, zigzag(value));
        }
    }

    #[inline]
    fn varint(&mut self, number: u32, value: u64) {
        self.key(number, VARINT);
        self.number(value);
    }

    #[inline]
    fn key(&mut self, number: u32, kind: u64) {
        self.number((u64::from(number) << 3) | kind);
    }

    /// A variable-length number; most are of one byte.
    #[inline]
    fn number(&mut self, value: u64) {
        match u8::try_from(value) {
            Ok(byte) if byte < 0x80 => self.0.push(byte),
            _ => long_number(value, self.0),
        }
    }
}

/// Apart, as [`long_varint`] is.
#[cold]
fn long_number(value: u64, to: &mut Vec<u8>) {
    encode_varint(value, to);
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}
