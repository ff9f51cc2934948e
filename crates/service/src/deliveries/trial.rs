//! Trying a channel out.

use formhold_channels::{AnswerFact, Delivery, Event, Message, Outcome};
use formhold_domain::{
    ChannelId, Submission, SubmissionId, SubmissionState,
    access::{Action, Caller},
};

use super::{
    attempt::{Tried, reason},
    message::message,
};
use crate::{
    App, ServiceError,
    access::require_own,
    channels::{self, Active},
    forms, limits,
};

/// Sends a made-up submission by a channel, now and once. A confirmation goes to the caller.
///
/// # Errors
/// [`ServiceError::TooMany`]; else as [`channels::get_channel`].
pub async fn try_channel(app: &App, caller: &Caller, id: ChannelId) -> Result<Tried, ServiceError> {
    let record = channels::channel_for(app, caller, id).await?;
    let person = require_own(caller, Action::SeeOwnAccount)?;
    limits::count_trial(app, person.user_id).await.map_err(ServiceError::TooMany)?;
    let form_id = record.form_id;
    let (form, _) = forms::form_for(app, caller, Action::ChangeForms, form_id).await?;
    let active = Active::of(record)?;
    let own = app.store.find_user(person.user_id).await?.ok_or(ServiceError::SignInRequired)?;
    let submission = Submission {
        id: SubmissionId(app.ids.uuid()),
        form_id,
        form_version: form.identity.version,
        state: SubmissionState::Inbox,
        received_at_ms: app.clock.now_ms(),
        answers: formhold_domain::Answers::default(),
        undeclared: formhold_domain::Answers::default(),
        context: formhold_domain::Context::default(),
        uploads: Vec::new(),
    };
    let made = message(app, &form.definition, &form.identity, &submission, app.ids.uuid());
    let answers = form.definition.fields.iter().map(|field| AnswerFact {
        name: field.name.clone(),
        label: field.label.clone().unwrap_or_else(|| field.name.clone()),
        values: vec!["A test".to_owned()],
    });
    let message = Message { event: Event::Test, answers: answers.collect(), link: None, ..made };
    let recipients = match active.channel.about().name {
        "confirmation" => vec![own.email.to_string()],
        _ => active.channel.recipients(&active.config, &message),
    };
    let mut said = Tried::Never { status: None, reason: "there is nobody to tell".to_owned() };
    for recipient in &recipients {
        let delivery = Delivery { config: &active.config, message: &message, recipient };
        let report = active.channel.send(&app.channels, delivery).await;
        let status = report.status;
        said = match report.outcome {
            Outcome::Delivered => Tried::Delivered { status, answer: report.answer },
            _ => return Ok(Tried::Never { status, reason: reason(&report) }),
        };
    }
    Ok(said)
}
