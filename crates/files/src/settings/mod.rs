//! The section `[files]`.

mod place;

use formhold_domain::Secret;
use serde::{Deserialize, Serialize};

pub(crate) use place::{Bucket, Place};

use crate::scanner::Address;

/// The section `[files]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `file://` and a folder, relative or absolute, or
    /// `s3://bucket/prefix?region=..&endpoint=..&path_style=true`.
    pub url: String,
    /// The name of the key that S3 knows Formhold by; empty takes the role of the machine.
    pub s3_access_key_id: String,
    /// The key itself.
    pub s3_secret_access_key: Secret,
    /// With S3: the folder on a local disk where files wait until S3 has them.
    pub spool: String,
    /// With S3: how many bytes may wait; further files are refused.
    pub max_spool_bytes: u64,
    /// How many files a submission may have.
    pub max_files: usize,
    /// How many bytes a file may have.
    pub max_file_bytes: u64,
    /// ClamAV: `tcp://host:port`, `unix://` and the path of its socket, or empty for no scanner.
    pub clamd: String,
    /// How many bytes a file may have to be scanned; a larger one is never called clean.
    pub max_scan_bytes: u64,
    /// How many pixels a picture may have to be decoded for a thumbnail.
    pub max_image_pixels: u64,
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        match Place::parse(&self.url) {
            Err(message) => problems.push(("url", message)),
            Ok(Place::Folder(_)) => {}
            Ok(Place::Bucket(_)) => problems.extend(self.problems_with_s3()),
        }
        if let Err(message) = Address::parse(&self.clamd) {
            problems.push(("clamd", message));
        }
        problems
    }

    fn problems_with_s3(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.spool.is_empty() {
            problems.push(("spool", "must be a folder on a local disk".to_owned()));
        }
        if self.max_spool_bytes < self.max_file_bytes {
            let message = format!("must be at least max_file_bytes ({})", self.max_file_bytes);
            problems.push(("max_spool_bytes", message));
        }
        match (self.s3_access_key_id.is_empty(), self.s3_secret_access_key.is_empty()) {
            (true, false) => problems.push(("s3_access_key_id", "is missing".to_owned())),
            (false, true) => problems.push(("s3_secret_access_key", "is missing".to_owned())),
            _ => {}
        }
        problems
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn settings(url: &str) -> Settings {
        Settings {
            url: url.to_owned(),
            s3_access_key_id: String::new(),
            s3_secret_access_key: Secret::default(),
            spool: "spool".to_owned(),
            max_spool_bytes: 1 << 30,
            max_files: 10,
            max_file_bytes: 10 << 20,
            clamd: String::new(),
            max_scan_bytes: 25 << 20,
            max_image_pixels: 50_000_000,
        }
    }

    #[test]
    fn every_mistake_is_named_with_its_key() {
        let keys = |settings: &Settings| {
            settings.problems().into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys(&settings("file://data/files")), Vec::<&str>::new());
        assert_eq!(keys(&settings("s3://bucket?region=eu-central-1")), Vec::<&str>::new());
        let wrong = Settings {
            spool: String::new(),
            max_spool_bytes: 1,
            s3_access_key_id: "key".to_owned(),
            clamd: "localhost".to_owned(),
            ..settings("s3://bucket?region=x")
        };
        assert_eq!(keys(&wrong), ["spool", "max_spool_bytes", "s3_secret_access_key", "clamd"]);
        for url in [
            "",
            "file://",
            "ftp://x",
            "s3://",
            "s3://bucket",
            "s3://Bucket_!?region=x",
            "s3://key:secret@bucket?region=x",
            "s3://bucket?region=x&endpoint=nowhere",
            "s3://bucket?region=x&path_style=perhaps",
            "s3://bucket?region=x&acl=public",
        ] {
            assert_eq!(keys(&settings(url)), ["url"], "{url}");
        }
    }

    #[test]
    fn the_secret_is_shown_nowhere() {
        let secret: Secret = "hunter2".to_owned().into();
        let settings = Settings { s3_secret_access_key: secret, ..settings("file://x") };
        let shown = format!("{settings:?} {}", toml::to_string(&settings).expect("TOML"));
        assert!(shown.contains("***") && !shown.contains("hunter2"), "{shown}");
        let read: Settings =
            toml::from_str(&toml::to_string(&settings).expect("TOML").replace("***", "hunter2"))
                .expect("settings");
        assert_eq!(read, settings);
    }
}
