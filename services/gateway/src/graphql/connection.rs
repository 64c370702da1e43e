//! Relay connections: pages of a list with cursors and a total.

use async_graphql::SimpleObject;
use views::page::{Cursor, Page, PageRequest};

use super::errors::{Refused, rule};
use kernel::error::Rejection;

/// Where a page stands in its list.
#[derive(SimpleObject, Clone, Debug, Default)]
pub struct PageInfo {
    /// Whether there is more after this page.
    pub has_next_page: bool,
    /// Always false: pages are read forward.
    pub has_previous_page: bool,
    /// The cursor of the first entry.
    pub start_cursor: Option<String>,
    /// The cursor of the last entry: pass it as `after`.
    pub end_cursor: Option<String>,
}

/// The page that `first` and `after` ask for.
pub fn page_request(first: i32, after: Option<String>) -> Result<PageRequest, Refused> {
    let first = u32::try_from(first).unwrap_or(u32::MAX);
    PageRequest::new(first, after.map(Cursor::new)).map_err(|error| rule(error.code(), error))
}

/// The facts of a page that do not depend on what is listed.
pub fn page_info<T>(page: &Page<T>) -> PageInfo {
    let cursor = |entry: Option<&(Cursor, T)>| entry.map(|(cursor, _)| cursor.as_str().to_owned());
    PageInfo {
        has_next_page: page.has_next,
        has_previous_page: false,
        start_cursor: cursor(page.nodes.first()),
        end_cursor: cursor(page.nodes.last()),
    }
}

/// Defines the connection and edge of a node type, made from a page of rows that convert into nodes.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty) => {
        #[doc = concat!("A page of `", stringify!($node), "`.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            /// Entries of the whole list.
            pub total_count: $crate::graphql::scalars::Count,
            /// Where this page stands.
            pub page_info: $crate::graphql::connection::PageInfo,
            /// The entries with their cursors.
            pub edges: Vec<$edge>,
            /// The entries.
            pub nodes: Vec<$node>,
        }

        #[doc = concat!("An entry of a `", stringify!($connection), "`.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Pass it as `after` to go on from here.
            pub cursor: String,
            /// The entry.
            pub node: $node,
        }

        impl $connection {
            /// Makes nodes of a page's rows.
            pub fn of<T>(page: views::page::Page<T>, node: impl Fn(T) -> $node) -> Self {
                let page_info = $crate::graphql::connection::page_info(&page);
                let total_count = $crate::graphql::scalars::Count(page.total);
                let entries = page.nodes.into_iter().map(|(cursor, row)| (cursor.as_str().to_owned(), node(row)));
                let (edges, nodes) = entries.map(|(cursor, node)| ($edge { cursor, node: node.clone() }, node)).unzip();
                Self { total_count, page_info, edges, nodes }
            }
        }
    };
}
pub(crate) use connection;
