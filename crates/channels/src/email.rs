//! Mail to the form's owner and whoever else should know.

use async_trait::async_trait;
use formhold_domain::EmailAddress;

use crate::{
    About, Channel, Config, Delivery, Field, FieldKind, Message, Outcome, Problem, Report, Tools,
    mail::Mail,
    templates::{Facts, Part, Purpose, Template, Written, default_template},
    texts::texts,
};

/// Mails each submission.
pub(crate) struct Email;

static ABOUT: About = About {
    name: "email",
    title: "Mail",
    description: "Mails each submission to addresses of yours.",
    fields: &[
        Field::new(
            "to",
            "To",
            "Everybody gets a mail of their own.",
            FieldKind::Emails { max: 20 },
        )
        .required()
        .address(),
        Field::new("subject", "Subject", SUBJECT_HELP, FieldKind::Template(Part::Subject)),
        Field::new("text", "Text", TEXT_HELP, FieldKind::Template(Part::Text)),
        Field::new("html", "HTML", HTML_HELP, FieldKind::Template(Part::Html)),
        Field::new(
            "attach_files",
            "Attach files",
            "Sends the submission's files along, as far as they are small and clean.",
            FieldKind::Switch,
        ),
    ],
};

pub(crate) const SUBJECT_HELP: &str = "A template; empty takes ours.";
pub(crate) const TEXT_HELP: &str = "A template of the text part; empty takes ours.";
pub(crate) const HTML_HELP: &str =
    "A template of the HTML part; empty takes ours. Values in it are never read as HTML.";

#[async_trait]
impl Channel for Email {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// The addresses of the channel, and copies that the submission asked for and the form allows.
    fn recipients(&self, config: &Config, message: &Message) -> Vec<String> {
        let copies = message.submission.copies.iter().map(String::as_str);
        let mut recipients: Vec<EmailAddress> = Vec::new();
        for address in config.texts("to").chain(copies) {
            if let Ok(address) = EmailAddress::parse(address)
                && recipients.iter().all(|known| known.folded() != address.folded())
            {
                recipients.push(address);
            }
        }
        recipients.into_iter().map(String::from).collect()
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let submission = &delivery.message.submission;
        let (from_name, reply_to) = (submission.from_name.clone(), submission.reply_to.clone());
        send(tools, delivery, Purpose::Owner, |mail| Mail {
            from_name,
            reply_to,
            attachments: match delivery.config.is_on("attach_files") {
                true => delivery.message.attachments.clone(),
                false => Vec::new(),
            },
            ..mail
        })
        .await
    }
}

/// Writes and sends the mail of a delivery.
pub(crate) async fn send(
    tools: &Tools,
    delivery: Delivery<'_>,
    purpose: Purpose,
    finish: impl FnOnce(Mail) -> Mail,
) -> Report {
    let Delivery { config, message, recipient } = delivery;
    let Some(mailer) = &tools.mailer else {
        return Report::not_sent(Outcome::Retry { after: None }, Problem::NoMailServer);
    };
    let not_sent = |problem| Report::not_sent(Outcome::Failed { permanent: false }, problem);
    let Ok(to) = EmailAddress::parse(recipient) else {
        return not_sent(Problem::BadRecipient);
    };
    let Written { subject, text, html } = match write(config, message, purpose) {
        Ok(written) => written,
        Err(problem) => return not_sent(problem),
    };
    let mail = Mail {
        id: message.id,
        written_at_ms: message.happened_at_ms,
        to,
        from_name: None,
        reply_to: None,
        subject,
        text,
        html: Some(html),
        unsubscribe_link: message.unsubscribe_link.clone(),
        is_reply: purpose == Purpose::Confirmation,
        attachments: Vec::new(),
    };
    mailer.send(&finish(mail)).await
}

/// Writes a mail by the channel's templates. Where they fail, ours is taken, with a note: nobody
/// should miss a submission for a slip in a template.
fn write(config: &Config, message: &Message, purpose: Purpose) -> Result<Written, Problem> {
    let ours = default_template(purpose, message.language);
    let part = |name, default| if config.has(name) { config.text(name) } else { default };
    let template = Template {
        subject: part("subject", ours.subject),
        text: part("text", ours.text),
        html: part("html", ours.html),
    };
    let mut facts = Facts::of(message);
    template.write(&facts).or_else(|problem| {
        if purpose == Purpose::Owner {
            facts.note = format!("{}: {problem}", texts(message.language).template_failed);
        }
        Ok(ours.write(&facts)?)
    })
}
