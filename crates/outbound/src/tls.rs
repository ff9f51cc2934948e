//! Whom our clients trust, and with which cryptography.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::Verifier;

/// Makes ring the cryptography of libraries that ask the process for one, and panic without. Call it
/// first thing in `main`, and in tests before they build a client of their own; what is set already
/// stays.
pub fn install_tls_provider() {
    // The error says that one is set.
    let _ = ring::default_provider().install_default();
}

/// TLS with ring. Trusts what the machine trusts, so that an operator's own authority works; where
/// the machine has no list of authorities, as in an image from scratch, the one of Mozilla that is
/// built in.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let config = match Verifier::new(provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(_) => {
            let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(config)
}
