//! `/admin/forms/{id}/delivery`: where a form's submissions are told, and what came of it.

mod channel;
mod deliveries;
mod list;

pub use channel::{ChannelPage, NewChannelPage, SigningSecretPage, TriedView};
pub use deliveries::{DeliveriesPage, DeliveryRow, SubmissionDeliveriesPage};
pub use list::{ChannelRow, ChannelsPage};
