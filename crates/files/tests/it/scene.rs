//! An S3 server in this process, by other authors than the client's, and nodes that use it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use formhold_domain::{Ids as _, RandomIds, UploadId};
use formhold_files::{Files, Settings, StoredFile};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::door::{Door, Doorway};

/// A server, a door before it, and a folder for spools.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    pub(crate) door: Doorway,
}

impl Scene {
    pub(crate) async fn new(door: Door) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = serve(folder.path()).await;
        Self { door: Doorway::before(server, door).await, folder }
    }

    /// Settings of a node behind the door.
    pub(crate) fn settings(&self, node: &str) -> Settings {
        settings(&self.folder.path().join(node), self.door.address)
    }

    pub(crate) fn node(&self, node: &str) -> Files {
        Files::open(&self.settings(node)).expect("files")
    }

    /// What waits in a node's spool, half-written files too.
    pub(crate) fn in_spool(&self, node: &str) -> Vec<PathBuf> {
        files_below(&self.folder.path().join(node))
    }

    /// What the server holds.
    pub(crate) fn in_s3(&self) -> Vec<PathBuf> {
        files_below(&self.folder.path().join("s3/uploads"))
    }
}

pub(crate) fn settings(spool: &Path, address: SocketAddr) -> Settings {
    toml::from_str(&settings_text(spool, address)).expect("settings")
}

/// As a file for a process of its own.
pub(crate) fn settings_text(spool: &Path, address: SocketAddr) -> String {
    format!(
        "url = \"s3://uploads/test?endpoint=http://{address}&path_style=true\"\n\
         s3_access_key_id = \"key\"\ns3_secret_access_key = \"secret\"\n\
         spool = \"{}\"\nmax_spool_bytes = 1000000000\nmax_files = 10\n\
         max_file_bytes = 100000000\nclamd = \"\"\nmax_scan_bytes = 1000000\n\
         max_image_pixels = 1000000\n",
        spool.display()
    )
}

async fn serve(folder: &Path) -> SocketAddr {
    let root = folder.join("s3");
    std::fs::create_dir_all(root.join("uploads")).expect("a bucket");
    let mut service = S3ServiceBuilder::new(FileSystem::new(root).expect("a file system"));
    service.set_auth(SimpleAuth::from_single("key", "secret"));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let server = Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(socket), service).await;
            });
        }
    });
    address
}

pub(crate) fn new_id() -> UploadId {
    UploadId(RandomIds.uuid())
}

/// Content that no compression and no accident makes equal.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut number = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        bytes.extend((number >> 8).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Stores a file as an upload comes: in pieces.
pub(crate) async fn store(files: &Files, id: UploadId, content: &[u8]) -> StoredFile {
    let mut incoming = files.begin(id).await.expect("begun");
    for piece in content.chunks(64 << 10) {
        incoming.write(piece).await.expect("written");
    }
    incoming.finish().await.expect("finished")
}

pub(crate) async fn read(files: &Files, id: UploadId) -> Option<Vec<u8>> {
    let mut reading = files.read(id).await.expect("readable")?;
    let mut bytes = Vec::new();
    reading.read_to_end(&mut bytes).await.expect("bytes");
    assert_eq!(bytes.len() as u64, reading.size_bytes());
    Some(bytes)
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// Waits for what other tasks bring about; half a minute at most.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never came: {what}");
}
