//! Where files live, as the setting `url` says it.

use std::path::PathBuf;

use url::Url;

/// Where files live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// On a local disk.
    Folder(PathBuf),
    /// In S3, or what speaks like it.
    Bucket(Bucket),
}

/// A place in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// The bucket's name.
    pub(crate) name: String,
    /// What the keys begin with, without slashes around; may be empty.
    pub(crate) prefix: String,
    /// The region that requests are signed for.
    pub(crate) region: String,
    /// The address of a server that is not Amazon's.
    pub(crate) endpoint: Option<Url>,
    /// Whether the bucket is named in the path and not in the host.
    pub(crate) path_style: bool,
}

impl Place {
    /// Parses the setting.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(folder) = text.strip_prefix("file://") {
            return match folder {
                "" => Err("must name a folder after file://".to_owned()),
                folder => Ok(Self::Folder(folder.into())),
            };
        }
        match Url::parse(text) {
            Ok(url) if url.scheme() == "s3" => Bucket::of(&url).map(Self::Bucket),
            _ => Err("must be file:// and a folder, or s3:// and a bucket".to_owned()),
        }
    }
}

impl Bucket {
    fn of(url: &Url) -> Result<Self, String> {
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
            return Err("must have nothing but the bucket's name after s3://; keys have settings \
                        of their own"
                .to_owned());
        }
        let name = url.host_str().unwrap_or_default();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if name.len() < 3 || !name.chars().all(fits) {
            return Err("must name a bucket: s3://bucket/prefix?region=..".to_owned());
        }
        let prefix = url.path().trim_matches('/');
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let bad_part = |part: &str| part.is_empty() || part.chars().all(|c| c == '.');
        if !prefix.chars().all(fits) || (!prefix.is_empty() && prefix.split('/').any(bad_part)) {
            return Err("must have a prefix of letters, digits, `-`, `_`, `.` and `/`".to_owned());
        }
        let (mut region, mut endpoint, mut path_style) = (None, None, None);
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "region" if !value.is_empty() => region = Some(value.into_owned()),
                "endpoint" => endpoint = Some(endpoint_of(&value)?),
                "path_style" if value == "true" => path_style = Some(true),
                "path_style" if value == "false" => path_style = Some(false),
                other => {
                    return Err(format!(
                        "has `{other}={value}`; known are region, endpoint (http:// or https://) \
                         and path_style (true or false)"
                    ));
                }
            }
        }
        // Servers that are not Amazon's mostly ignore the region, and this is what they expect.
        let usual = || endpoint.is_some().then(|| "us-east-1".to_owned());
        let region = region.or_else(usual).ok_or("must say the region: ?region=eu-central-1")?;
        Ok(Self {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            region,
            path_style: path_style.unwrap_or(false),
            endpoint,
        })
    }

    /// The address that the bucket's objects are below, where it is not Amazon's usual one.
    pub(crate) fn address(&self) -> Option<String> {
        let mut url = self.endpoint.clone()?;
        if !self.path_style {
            let host = format!("{}.{}", self.name, url.host_str().unwrap_or_default());
            // The endpoint has a host, and a bucket's name fits before it.
            url.set_host(Some(&host)).ok()?;
        }
        Some(url.as_str().trim_end_matches('/').to_owned())
    }
}

fn endpoint_of(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) && url.has_host() => Ok(url),
        _ => Err(format!("has the endpoint `{text}`, which is no http:// or https:// address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str) -> Bucket {
        match Place::parse(text) {
            Ok(Place::Bucket(bucket)) => bucket,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bucket_is_read_with_everything_that_belongs_to_it() {
        let own = bucket("s3://uploads/a/b/?endpoint=http://127.0.0.1:9000&path_style=true");
        assert_eq!((own.name.as_str(), own.prefix.as_str()), ("uploads", "a/b"));
        assert_eq!((own.region.as_str(), own.path_style), ("us-east-1", true));
        assert_eq!(own.address().as_deref(), Some("http://127.0.0.1:9000"));
        let hosted = bucket("s3://uploads?region=nl-ams&endpoint=https://s3.example.org");
        assert_eq!(hosted.address().as_deref(), Some("https://uploads.s3.example.org"));
        let amazon = bucket("s3://uploads?region=eu-central-1");
        assert_eq!((amazon.prefix.as_str(), amazon.address()), ("", None));
    }
}
