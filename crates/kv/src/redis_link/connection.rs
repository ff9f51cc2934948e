//! Opening a connection to Redis in each of its forms.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, ProtocolVersion, PushInfo,
    RedisFuture, RedisResult, TlsCertificates, TlsMode, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClientBuilder,
    cluster_async::ClusterConnection,
    sentinel::{SentinelClientBuilder, SentinelServerType},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::address::{Address, Kind};

/// How long one server may take to accept a connection, or to answer at all. Nobody waits for it but
/// the supervisor: who calls waits for less.
const PATIENCE: Duration = Duration::from_secs(1);

/// One connection that carries everything. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// What the server sends without being asked.
pub(crate) type Pushes = UnboundedReceiver<PushInfo>;

impl Connection {
    pub(crate) async fn open(address: &Address) -> RedisResult<(Self, Pushes)> {
        let (sender, pushes) = unbounded_channel();
        let connection = match &address.kind {
            Kind::Single => single(address, sender).await?,
            Kind::Cluster => cluster(address, sender).await?,
            Kind::Sentinel { service } => {
                let client = master(address, service).await?;
                connect(&client, sender).await?
            }
        };
        Ok((connection, pushes))
    }

    pub(crate) async fn subscribe(&mut self, channel: &str) -> RedisResult<()> {
        match self {
            Self::Single(connection) => connection.subscribe(channel).await,
            Self::Cluster(connection) => connection.subscribe(channel).await,
        }
    }
}

async fn single(address: &Address, sender: UnboundedSender<PushInfo>) -> RedisResult<Connection> {
    let no_host = || (ErrorKind::InvalidClientConfig, "no host");
    let server = address.servers()?.pop().ok_or_else(no_host)?;
    let client = match certificates(address).await? {
        Some(certificates) => Client::build_with_tls(server, certificates)?,
        None => Client::open(server)?,
    };
    connect(&client, sender).await
}

async fn connect(client: &Client, sender: UnboundedSender<PushInfo>) -> RedisResult<Connection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_push_sender(sender);
    client.get_multiplexed_async_connection_with_config(&config).await.map(Connection::Single)
}

async fn cluster(address: &Address, sender: UnboundedSender<PushInfo>) -> RedisResult<Connection> {
    // One more try, for a key that moved to another server a moment ago.
    let mut builder = ClusterClientBuilder::new(address.servers()?)
        .retries(1)
        .connection_timeout(PATIENCE)
        .response_timeout(PATIENCE)
        .push_sender(sender);
    if let Some(certificates) = certificates(address).await? {
        builder = builder.certs(certificates);
    }
    builder.build()?.get_async_connection().await.map(Connection::Cluster)
}

/// Asks the sentinels who is the master now.
async fn master(address: &Address, service: &str) -> RedisResult<Client> {
    let (places, service) = (address.places(), service.to_owned());
    let login = address.login();
    let mut builder = SentinelClientBuilder::new(places, service, SentinelServerType::Master)?
        .set_client_to_redis_db(login.db())
        .set_client_to_redis_protocol(ProtocolVersion::RESP3);
    if let Some(user) = login.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    if let Some(password) = login.password() {
        builder = builder.set_client_to_redis_password(password);
    }
    if let Some(password) = &address.sentinel_password {
        builder = builder.set_client_to_sentinel_password(password);
    }
    if address.tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(certificates) = certificates(address).await? {
        builder = builder
            .set_client_to_redis_certificates(certificates.clone())
            .set_client_to_sentinel_certificates(certificates);
    }
    builder.build()?.async_get_client().await
}

async fn certificates(address: &Address) -> RedisResult<Option<TlsCertificates>> {
    let Some(path) = &address.ca_file else { return Ok(None) };
    let root_cert = Some(tokio::fs::read(path).await?);
    Ok(Some(TlsCertificates { client_tls: None, root_cert }))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(it) => it.req_packed_commands(pipeline, offset, count),
            Self::Cluster(it) => it.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
