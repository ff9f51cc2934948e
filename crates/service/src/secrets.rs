//! Keys that all nodes of one database share and nobody else knows.

use formhold_domain::{
    CompiledForm, FormId, Ids,
    spam::{FormKeys, PageStamps, TokenKey},
};
use formhold_store::{Store, StoreError};

/// The keys. Each has one purpose; none is ever shown.
pub struct Secrets {
    /// Signs the challenges of the built-in captcha.
    pub captcha: [u8; 32],
    /// Signs links to files.
    pub(crate) links: [u8; 32],
    /// Signs when a page was handed out.
    pub(crate) stamps: [u8; 32],
    /// Hashes the words that forms learn about.
    pub(crate) tokens: [u8; 32],
    /// Signs what a browser keeps between two steps of signing in, and the tokens of forms.
    pub(crate) tickets: [u8; 32],
}

impl Secrets {
    /// Reads the keys, making those that are missing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(store: &Store, ids: &dyn Ids) -> Result<Self, StoreError> {
        Ok(Self {
            captcha: store.instance_secret("captcha", ids).await?,
            links: store.instance_secret("links", ids).await?,
            stamps: store.instance_secret("stamps", ids).await?,
            tokens: store.instance_secret("tokens", ids).await?,
            tickets: store.instance_secret("tickets", ids).await?,
        })
    }

    /// The keys of a form that is at hand, which keeps them.
    pub(crate) fn of<'a>(&self, form: &'a CompiledForm) -> &'a FormKeys {
        let id = form.identity.id;
        form.keys(|| FormKeys {
            tokens: self.tokens_of(id),
            stamps: PageStamps::new(&self.stamps, id),
        })
    }

    /// What hashes the words of a form.
    pub(crate) fn tokens_of(&self, form: FormId) -> TokenKey {
        TokenKey::new(&self.tokens, form)
    }
}
