//! Sends a message for the tests in `e2e/`, which set other people's programs against ours.
//!
//! Reads JSON: `channel`, its `config`, settings of `mail`, `allow_networks`, what is different in the
//! `message`, and how many `times` it is sent. Prints the reports as JSON, one for each recipient and
//! time.

use std::{
    io::{Read as _, Write as _, stdin, stdout},
    process::ExitCode,
    sync::Arc,
};

use formhold_channels::{
    AnswerFact, Attachment, Config, Delivery, Event, FileFact, FormFact, Message, Outcome, Report,
    SubmissionFact, Tools, mail, named, rotate_secret,
};
use formhold_domain::{
    Clock as _, FormId, FormKey, Language, RandomIds, SubmissionId, SystemClock,
};
use formhold_outbound::{GuardedClient, Settings as OutboundSettings, install_tls_provider};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

type Failed = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Task {
    channel: String,
    config: Map<String, Value>,
    #[serde(default)]
    mail: mail::Settings,
    #[serde(default)]
    allow_networks: Vec<String>,
    #[serde(default)]
    message: Differences,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    rotate: bool,
}

fn once() -> usize {
    1
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Differences {
    form_name: Option<String>,
    subject: Option<String>,
    from_name: Option<String>,
    reply_to: Option<String>,
    language: Option<String>,
    unsubscribe_link: Option<String>,
    answers: Vec<(String, String)>,
    attachment: Option<(String, String)>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    install_tls_provider();
    match run().await {
        Ok(output) => {
            let _ = writeln!(stdout(), "{output}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Value, Failed> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let task: Task = serde_json::from_str(&text)?;
    let channel = named(&task.channel).ok_or("no such channel")?;
    let config = Config::parse(channel.about(), &task.config, None);
    let mut config = config.map_err(|problems| format!("{problems:?}"))?;
    channel.complete(&mut config, &RandomIds);
    if task.rotate {
        rotate_secret(&mut config, &RandomIds, SystemClock.now_ms());
    }
    let allow_networks: Result<_, _> =
        task.allow_networks.iter().map(|text| text.parse()).collect();
    let tools = Tools {
        outbound: GuardedClient::new(&OutboundSettings { allow_networks: allow_networks? })?,
        mailer: mail::Mailer::new(&task.mail, Arc::new(SystemClock))?.map(Arc::new),
        clock: Arc::new(SystemClock),
    };
    let message = message(task.message)?;
    let mut reports = Vec::new();
    for _ in 0..task.times {
        for recipient in channel.recipients(&config, &message) {
            let delivery = Delivery { config: &config, message: &message, recipient: &recipient };
            reports.push(shown(&recipient, &channel.send(&tools, delivery).await));
        }
    }
    Ok(json!({ "reports": reports, "config": config }))
}

fn message(differences: Differences) -> Result<Message, Failed> {
    let Differences { answers, attachment, .. } = differences;
    let answers = answers.into_iter().map(|(name, value)| AnswerFact {
        label: name.clone(),
        name,
        values: vec![value],
    });
    let files = attachment.iter().map(|(name, content)| FileFact {
        field: "file".to_owned(),
        name: name.clone(),
        content_type: "text/plain".to_owned(),
        size_bytes: content.len() as u64,
        link: None,
    });
    Ok(Message {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007),
        event: Event::SubmissionCreated,
        happened_at_ms: 1_790_000_000_000,
        language: differences.language.as_deref().and_then(Language::parse).unwrap_or_default(),
        form: FormFact {
            id: FormId(Uuid::from_u128(1)),
            key: FormKey::parse("abcdefghij")?,
            name: differences.form_name.unwrap_or_else(|| "Contact".to_owned()),
        },
        submission: SubmissionFact {
            id: SubmissionId(Uuid::from_u128(2)),
            received_at_ms: 1_790_000_000_000,
            subject: differences.subject,
            from_name: differences.from_name,
            reply_to: differences.reply_to,
            copies: Vec::new(),
            page: None,
        },
        answers: answers.collect(),
        files: files.collect(),
        link: Some("https://forms.example.org/admin/submissions/2".to_owned()),
        unsubscribe_link: differences.unsubscribe_link,
        attachments: attachment
            .into_iter()
            .map(|(name, content)| Attachment {
                name,
                content_type: "text/plain".to_owned(),
                content: content.into(),
            })
            .collect(),
    })
}

fn shown(recipient: &str, report: &Report) -> Value {
    let outcome = match report.outcome {
        Outcome::Delivered => "delivered",
        Outcome::Retry { .. } => "retry",
        Outcome::Failed { permanent: false } => "failed",
        Outcome::Failed { permanent: true } => "failed for good",
    };
    json!({
        "recipient": recipient,
        "outcome": outcome,
        "status": report.status,
        "answer": report.answer,
        "problem": report.problem.as_ref().map(ToString::to_string),
    })
}
