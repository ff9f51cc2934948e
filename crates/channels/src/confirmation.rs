//! Mail to the person who submitted.

use async_trait::async_trait;
use formhold_domain::EmailAddress;

use crate::{
    About, Channel, Config, Delivery, Field, FieldKind, Message, Report, Tools,
    email::{self, HTML_HELP, SUBJECT_HELP, TEXT_HELP},
    mail::Mail,
    templates::{Part, Purpose},
};

/// Tells the submitter that it arrived.
pub(crate) struct Confirmation;

static ABOUT: About = About {
    name: "confirmation",
    title: "Confirmation",
    description: "Mails the person who submitted that it arrived.",
    fields: &[
        Field::line(
            "address_field",
            "Field with the address",
            "The form's field with the submitter's address; empty takes the address for answers.",
            256,
        ),
        Field::line("from_name", "From", "The name that the mail comes from.", 100),
        Field::new(
            "reply_to",
            "Answers to",
            "Where the submitter's answer goes.",
            FieldKind::Emails { max: 1 },
        ),
        Field::new("subject", "Subject", SUBJECT_HELP, FieldKind::Template(Part::Subject)),
        Field::new("text", "Text", TEXT_HELP, FieldKind::Template(Part::Text)),
        Field::new("html", "HTML", HTML_HELP, FieldKind::Template(Part::Html)),
    ],
};

#[async_trait]
impl Channel for Confirmation {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The submitter's address, or nobody: a field that holds several addresses is none.
    fn recipients(&self, config: &Config, message: &Message) -> Vec<String> {
        let field = config.text("address_field");
        let address = if field.is_empty() {
            message.submission.reply_to.as_deref()
        } else {
            let answer = message.answers.iter().find(|answer| answer.name == field);
            match answer.map(|answer| answer.values.as_slice()) {
                Some([one]) => Some(one.as_str()),
                _ => None,
            }
        };
        let address = address.and_then(|address| EmailAddress::parse(address).ok());
        address.map(String::from).into_iter().collect()
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let config = delivery.config;
        let from_name = config.text("from_name");
        let from_name = (!from_name.is_empty()).then(|| from_name.to_owned());
        let reply_to = config.texts("reply_to").next().map(str::to_owned);
        email::send(tools, delivery, Purpose::Confirmation, |mail| Mail {
            from_name,
            reply_to,
            ..mail
        })
        .await
    }
}
