//! What a channel is.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use formhold_domain::{Clock, Ids};
use formhold_outbound::GuardedClient;

use crate::{Config, Field, Message, Report, mail::Mailer};

/// What people and programs read about a channel.
#[derive(Debug)]
pub struct About {
    /// Its name in the API, in the database and in metrics; it never changes.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// What it must be told, in the order in which it is asked.
    pub fields: &'static [Field],
}

/// Sends messages somewhere.
#[async_trait]
pub trait Channel: Send + Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// Fills in what Formhold makes up itself, in a configuration that was just made or changed.
    fn complete(&self, config: &mut Config, ids: &dyn Ids) {
        let _ = (config, ids);
    }

    /// Whom a message goes to. Each is a delivery of its own, tried and repeated alone, so that one
    /// bad address does not stop the others and nobody gets a message twice. A channel that has no
    /// recipients has one without a name.
    fn recipients(&self, config: &Config, message: &Message) -> Vec<String> {
        let _ = (config, message);
        vec![String::new()]
    }

    /// Sends once. Whatever happens is in the report; how long it may take is bounded.
    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report;
}

impl fmt::Debug for dyn Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.about().name)
    }
}

/// One message to one recipient.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// What the channel was told.
    pub config: &'a Config,
    /// What is sent.
    pub message: &'a Message,
    /// One of [`Channel::recipients`].
    pub recipient: &'a str,
}

/// What channels send with.
#[derive(Clone)]
pub struct Tools {
    /// For addresses that users typed.
    pub outbound: GuardedClient,
    /// For mail; none where the settings name neither a server nor a service.
    pub mailer: Option<Arc<Mailer>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}
