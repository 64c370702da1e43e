//! Resolves names when a connection is made and hands on only the addresses that may be called.
//!
//! The check sits here, after resolution and before the connection, so that a name which is pointed elsewhere between
//! two lookups (DNS rebinding) gains nothing.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::reach::Reach;

/// The name leads to no address that may be called.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to no address that may be called")]
pub(crate) struct OutOfReach;

/// The system's resolver.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Filters what another resolver finds; trusted hosts lead to their fixed addresses.
pub(crate) struct Guard {
    pub(crate) inner: Arc<dyn Resolve>,
    pub(crate) hosts: Arc<HashMap<String, SocketAddr>>,
    pub(crate) reach: Reach,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        if let Some(address) = self.hosts.get(name.as_str()) {
            let addresses: Addrs = Box::new(std::iter::once(*address));
            return Box::pin(std::future::ready(Ok(addresses)));
        }
        let found = self.inner.resolve(name);
        let reach = self.reach;
        Box::pin(async move {
            let permitted: Vec<_> = found.await?.filter(|address| reach.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(OutOfReach.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::net::IpAddr;
    use std::sync::Mutex;

    /// Answers each lookup with the next list; the last one stays.
    pub(crate) struct Scripted(Mutex<Vec<Vec<IpAddr>>>);

    impl Scripted {
        pub(crate) fn new(answers: &[&[&str]]) -> Arc<Self> {
            let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
            Arc::new(Self(Mutex::new(answers.iter().map(parse).collect())))
        }
    }

    impl Resolve for Scripted {
        fn resolve(&self, _: Name) -> Resolving {
            let mut answers = self.0.lock().unwrap();
            let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            let addresses = answer.into_iter().map(|address| SocketAddr::new(address, 0));
            Box::pin(std::future::ready(Ok(Box::new(addresses) as Addrs)))
        }
    }

    fn guard(inner: Arc<Scripted>, reach: Reach) -> Guard {
        let trusted = ("reference.localhost".to_owned(), "127.0.0.1:4000".parse().unwrap());
        Guard { inner, hosts: Arc::new(HashMap::from([trusted])), reach }
    }

    async fn found(guard: &Guard, name: &str) -> Option<Vec<String>> {
        let addresses = guard.resolve(name.parse().unwrap()).await.ok()?;
        Some(addresses.map(|address| address.to_string()).collect())
    }

    #[tokio::test]
    async fn addresses_out_of_reach_are_left_out() {
        let guard = guard(Scripted::new(&[&["127.0.0.1", "8.8.8.8", "::1", "169.254.169.254"]]), Reach::Public);
        assert_eq!(found(&guard, "mixed.example").await, Some(vec!["8.8.8.8:0".to_owned()]));
    }

    #[tokio::test]
    async fn a_name_that_is_pointed_elsewhere_leads_nowhere() {
        let guard = guard(Scripted::new(&[&["8.8.8.8"], &["127.0.0.1"]]), Reach::Public);
        assert!(found(&guard, "rebound.example").await.is_some());
        assert_eq!(found(&guard, "rebound.example").await, None);
    }

    #[tokio::test]
    async fn a_trusted_host_leads_to_its_own_address_only() {
        let guard = guard(Scripted::new(&[&["127.0.0.1"]]), Reach::Public);
        assert_eq!(found(&guard, "reference.localhost").await, Some(vec!["127.0.0.1:4000".to_owned()]));
        assert_eq!(found(&guard, "localhost").await, None);
    }

    #[tokio::test]
    async fn the_systems_resolver_knows_localhost() {
        let mut addresses = System.resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(addresses.all(|address| address.ip().is_loopback()));
    }
}
