//! One pass over bytes before any parser: how many tokens, how deep.
//!
//! The GraphQL parser recurses with each bracket, so brackets are counted here first. Where this scan is unsure it
//! counts too much, never too little.

use super::limits::Limits;
use super::refusal::Refusal;

/// Checks a document's tokens and nesting.
pub fn document(source: &str, limits: &Limits) -> Result<(), Refusal> {
    let mut rest = source.as_bytes();
    let mut tokens = 0_usize;
    let mut nesting = 0_usize;
    while let Some(first) = rest.first() {
        let lexeme = lexeme(rest, *first).ok_or(Refusal::UnterminatedString)?;
        nesting = nest(nesting, *first);
        tokens = tokens.saturating_add(usize::from(lexeme.counts));
        if nesting > limits.nesting_max {
            return Err(Refusal::NestedTooDeeply { nesting_max: limits.nesting_max });
        }
        if tokens > limits.tokens_max {
            return Err(Refusal::TooManyTokens { tokens_max: limits.tokens_max });
        }
        rest = rest.get(lexeme.length..).unwrap_or_default();
    }
    Ok(())
}

/// How many bytes belong together, and whether they are a token.
struct Lexeme {
    length: usize,
    counts: bool,
}

fn lexeme(rest: &[u8], first: u8) -> Option<Lexeme> {
    let token = |length| Some(Lexeme { length, counts: true });
    match first {
        b' ' | b'\t' | b'\r' | b'\n' | b',' => Some(Lexeme { length: 1, counts: false }),
        b'#' => Some(Lexeme { length: run(rest, |byte| !matches!(byte, b'\r' | b'\n')), counts: false }),
        b'"' => token(if rest.starts_with(BLOCK) { block_string(rest)? } else { string(rest)? }),
        b'.' if rest.starts_with(b"...") => token(3),
        _ if is_word(first) => token(run(rest, is_word)),
        _ => token(1),
    }
}

const BLOCK: &[u8] = b"\"\"\"";
const ESCAPED_BLOCK: &[u8] = b"\\\"\"\"";

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| wanted(**byte)).count()
}

/// The length of a string up to its closing quote; `None` where the line ends first.
fn string(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'"' => return Some(at.saturating_add(1)),
            b'\r' | b'\n' => return None,
            b'\\' => at = at.saturating_add(2),
            _ => at = at.saturating_add(1),
        }
    }
}

/// The length of a block string up to its closing quotes.
fn block_string(rest: &[u8]) -> Option<usize> {
    let mut at = BLOCK.len();
    loop {
        let tail = rest.get(at..).filter(|tail| !tail.is_empty())?;
        if tail.starts_with(BLOCK) {
            return Some(at.saturating_add(BLOCK.len()));
        }
        at = at.saturating_add(if tail.starts_with(ESCAPED_BLOCK) { ESCAPED_BLOCK.len() } else { 1 });
    }
}

fn nest(nesting: usize, byte: u8) -> usize {
    match byte {
        b'(' | b'[' | b'{' => nesting.saturating_add(1),
        b')' | b']' | b'}' => nesting.saturating_sub(1),
        _ => nesting,
    }
}

/// Checks how many values JSON may turn into: each needs a comma or a bracket before it.
pub fn json(body: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut values = 1_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in body {
        match (in_string, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b',' | b'[' | b'{') => values = values.saturating_add(1),
            _ => {}
        }
    }
    if values > limits.json_values_max {
        return Err(Refusal::TooManyValues { values_max: limits.json_values_max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(tokens_max: usize, nesting_max: usize) -> Limits {
        Limits { tokens_max, nesting_max, ..Limits::default() }
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_has_them() {
        let source = "query Q($a:[Int!]){f(x:\"{{{\",y:1){...F}} # {{{{\n";
        let count = 26;
        assert_eq!(document(source, &limits(count, 32)), Ok(()));
        assert!(document(source, &limits(count - 1, 32)).is_err());
    }

    #[test]
    fn brackets_within_strings_and_comments_do_not_nest() {
        for source in [
            r#"{f(a:"[[[[[[")}"#,
            r#"{f(a:"\"[[[[[[")}"#,
            "{f(a:\"\"\"[[[[ \\\"\"\" [[[[ \"\" \"\"\")}",
            "{f # [[[[[[\n}",
            "{f # [[[[[[\r}",
        ] {
            assert_eq!(document(source, &limits(100, 3)), Ok(()), "{source}");
        }
    }

    #[test]
    fn brackets_after_strings_and_comments_nest() {
        for source in [r#"{f(a:"\\"[[[["#, "{f(a:\"\"\"\"\"\"[[[[", "{f # \r[[[[[[", r#"{f(a:""[[[["#] {
            let refused = Err(Refusal::NestedTooDeeply { nesting_max: 5 });
            assert_eq!(document(source, &limits(100, 5)), refused, "{source}");
        }
    }

    #[test]
    fn strings_without_an_end_are_refused() {
        for source in [r#"{f(a:"x)}"#, "{f(a:\"x\n\")}", r#"{f(a:"\"#, "\"\"\" [[[[", "\"\"\"\\\"\"\""] {
            assert_eq!(document(source, &Limits::default()), Err(Refusal::UnterminatedString), "{source}");
        }
    }

    #[test]
    fn json_values_are_counted_outside_of_strings() {
        let limits = Limits { json_values_max: 4, ..Limits::default() };
        assert_eq!(json(br#"{"a":[1,",,,,\",,,,"]}"#, &limits), Ok(()));
        assert!(json(b"[1,2,3,4]", &limits).is_err());
    }
}
