//! Where a PostgreSQL log is: an address as libpq writes it, and how its connections are encrypted.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls_platform_verifier::Verifier;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// A connection that says nothing is asked for a sign of life after this long.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);

/// A database. Its text may hold a password, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    config: Config,
    root_certificate: Option<PathBuf>,
}

/// Why a text is no address of a PostgreSQL log. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is postgres://USER:PASSWORD@HOST:PORT/DATABASE, with options as libpq has them")]
pub struct InvalidAddress;

/// Why connections cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file named by `sslrootcert` holds no certificate.
    #[error("{} holds no certificate", path.display())]
    RootCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The machine's certificates cannot be used.
    #[error("the machine's certificates cannot be used")]
    Platform(#[from] rustls::Error),
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("postgres://…")
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    /// Takes what libpq takes, as far as it is used here. Connections to other machines are encrypted, and the
    /// server's certificate is checked, unless `sslmode` says otherwise; `sslrootcert` names a file with a certificate
    /// to trust beside those that the machine trusts.
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(InvalidAddress);
        }
        let (known, root_certificate) = without_root_certificate(text);
        let mut config: Config = known.parse().map_err(|_| InvalidAddress)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(InvalidAddress);
        }
        if !text.contains("sslmode=") {
            config.ssl_mode(if is_here(&config) { SslMode::Disable } else { SslMode::Require });
        }
        config.connect_timeout(CONNECT_TIME_MAX).keepalives_idle(KEEPALIVE_IDLE).application_name("tallystick");
        Ok(Self { config, root_certificate })
    }
}

/// The address without the option that only this program knows, and its value.
fn without_root_certificate(text: &str) -> (String, Option<PathBuf>) {
    let Some((address, query)) = text.split_once('?') else { return (text.to_owned(), None) };
    let (mut kept, mut path) = (Vec::new(), None);
    for option in query.split('&') {
        match option.strip_prefix("sslrootcert=") {
            Some(value) => path = Some(PathBuf::from(value)),
            None => kept.push(option),
        }
    }
    (format!("{address}?{}", kept.join("&")), path)
}

/// Whether every host is this machine.
fn is_here(config: &Config) -> bool {
    let names = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    });
    names && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

impl Address {
    /// How to connect.
    pub(super) const fn config(&self) -> &Config {
        &self.config
    }

    /// How to encrypt. Blocks: certificates are read from files.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = self.root_certificate.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let some = read.and_then(|found| if found.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(found) });
    some.map_err(|source| TlsError::RootCertificate { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(text: &str) -> SslMode {
        text.parse::<Address>().unwrap().config.get_ssl_mode()
    }

    #[test]
    fn connections_to_other_machines_are_encrypted_unless_told_otherwise() {
        for here in ["postgres://a@localhost/b", "postgresql://a@127.0.0.1:5433/b", "postgres://a@%2Frun%2Fpg/b"] {
            assert_eq!(mode(here), SslMode::Disable, "{here}");
        }
        for far in ["postgres://a@db.example/b", "postgres://a@localhost,10.0.0.7/b", "postgres://a@db?port=1"] {
            assert_eq!(mode(far), SslMode::Require, "{far}");
        }
        assert_eq!(mode("postgres://a@db.example/b?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://a@localhost/b?sslmode=require"), SslMode::Require);
    }

    #[test]
    fn a_root_certificate_is_ours_to_read() {
        let address: Address = "postgres://a@db/b?sslrootcert=/etc/ca.pem&connect_timeout=3".parse().unwrap();
        assert_eq!(address.root_certificate.as_deref(), Some(Path::new("/etc/ca.pem")));
        let missing: Address = "postgres://a@db/b?sslrootcert=/nowhere.pem".parse().unwrap();
        assert!(matches!(missing.tls(), Err(TlsError::RootCertificate { .. })));
    }

    #[test]
    fn an_address_is_never_shown() {
        let address: Address = "postgres://a:secret@db/b".parse().unwrap();
        assert!(!format!("{address:?}").contains("secret"));
        let refused = "postgres://a:secret@db:port/b".parse::<Address>().unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains("secret"));
        for text in ["", "mysql://a@b/c", "postgres:///b", "host=localhost"] {
            assert_eq!(text.parse::<Address>(), Err(InvalidAddress), "{text}");
        }
    }
}
