//! From names to addresses: only allowed ones get as far as the connector, which dials no others.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs as _},
    sync::Arc,
};

use async_trait::async_trait;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use crate::{Failure, networks};

/// Looks names up. Tests hand in one that changes its mind.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// The addresses of a name.
    ///
    /// # Errors
    /// When there are none, or nobody can be asked.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the machine, with its hosts file.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    /// A lookup holds a thread for as long as a silent name server likes, also when nobody waits
    /// any more. Files are read on threads of the same kind, so these must stay few.
    lookups: Arc<Semaphore>,
}

const MAX_LOOKUPS: usize = 64;

impl Default for SystemResolver {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let lookup =
            Arc::clone(&self.lookups).acquire_owned().await.map_err(|_| io::ErrorKind::Other)?;
        let name = name.to_owned();
        let found = tokio::task::spawn_blocking(move || {
            let _held_until_it_is_over = lookup;
            (name.as_str(), 0).to_socket_addrs().map(|all| all.map(|one| one.ip()).collect())
        });
        found.await.map_err(io::Error::other)?
    }
}

/// Passes on the allowed ones among the addresses that a resolver finds.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) allowed: Arc<[IpNet]>,
}

impl Guard {
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        networks::is_public(address)
            || self.allowed.iter().any(|network| network.contains(&address))
    }

    async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, Failure> {
        let found = self.resolver.resolve(name).await.unwrap_or_default();
        if found.is_empty() {
            return Err(Failure::NotResolved);
        }
        // The client puts the port of the address in place of 0.
        let dialled = found.into_iter().filter(|address| self.allows(*address));
        let dialled: Vec<_> = dialled.map(|address| SocketAddr::new(address, 0)).collect();
        if dialled.is_empty() { Err(Failure::Refused) } else { Ok(dialled) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
