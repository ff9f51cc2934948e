//! Where submissions are told, what came of it, and jobs.

use formhold_service::channels;
use formhold_web::pages::{
    Act, ConfirmActPage, FormState, Link, Named,
    admin::{
        ChannelPage, ChannelRow, ChannelsPage, DeliveriesPage, DeliveryRow, FormFrame, FormTab,
        JobPage, JobRow, JobsPage, KindRow, NewChannelPage, ScheduleRow, ShownState,
        SigningSecretPage, SubmissionDeliveriesPage, TriedView, TryRow,
    },
};

use super::{Kind, Pages, minutes_ago};

const ID: &str = "018f0000-0000-7000-8000-0000000000cc";
const SAID: &str = "Internal Server Error\n{\"error\":\"no such table\"}";

pub(super) fn add(pages: &mut Pages) {
    channels_of_form(pages);
    new_channels(pages);
    channel(pages);
    deliveries(pages);
    jobs(pages);
    job(pages);
}

fn about(pages: &Pages) -> FormFrame<'static> {
    let name = pages.text("Contact");
    FormFrame { id: ID, name, state: ShownState::Open, tab: FormTab::Delivery }
}

fn channels_of_form(pages: &mut Pages) {
    let row = |name, kind, goes_to: &str| ChannelRow {
        id: ID,
        name,
        kind,
        goes_to: Some(goes_to.to_owned()),
        is_on: true,
        off_reason: None,
        failing_since: None,
        last_delivered: Some(minutes_ago(12)),
        waiting: 0,
        failed: 0,
        most_counted: 1_000,
    };
    let address = pages.text("https://crm.example.org/hooks/forms");
    let rows = pages.list(vec![
        row(pages.text("Office"), "Mail", "office@example.org, ada@example.org"),
        ChannelRow {
            failing_since: Some(minutes_ago(90)),
            waiting: 3,
            failed: 1_000,
            ..row(pages.text("Our CRM"), "Webhook", address)
        },
        ChannelRow {
            is_on: false,
            off_reason: Some(pages.text("its receiver refuses everything: 410 Gone")),
            last_delivered: None,
            goes_to: None,
            ..row("Team chat", "Slack", "")
        },
        ChannelRow { is_on: false, last_delivered: None, ..row("Phones", "ntfy", "forms") },
    ]);
    let kinds: Vec<_> = channels::kinds().iter().map(|kind| kind.about()).collect();
    let (frame, about) = (pages.frame(), about(pages));
    pages.add("channels", &ChannelsPage { frame, about, channels: &rows, kinds: &kinds });
}

fn new_channels(pages: &mut Pages) {
    let names = [
        ("email", "channel-new-email"),
        ("confirmation", "channel-new-confirmation"),
        ("webhook", "channel-new-webhook"),
        ("slack", "channel-new-slack"),
        ("discord", "channel-new-discord"),
        ("telegram", "channel-new-telegram"),
        ("ntfy", "channel-new-ntfy"),
    ];
    for (kind, name) in names {
        let known = channels::kinds().iter().find(|known| known.about().name == kind);
        let kind = known.expect("there is such a kind").about();
        let mut form = pages.filled(&[("name", kind.title)]);
        if kind.name == "email" {
            form = pages
                .filled(&[
                    ("name", "Office"),
                    ("to", "office\nada@example.org"),
                    ("subject", "{{ form"),
                ])
                .with_problem("to", "To must be an address like name@example.org: office.")
                .with_problem("subject", "Subject line 1: expected end of variable block.");
        }
        let (frame, about) = (pages.frame(), about(pages));
        pages.add(name, &NewChannelPage { frame, about, kind, form: &form });
    }
}

fn channel(pages: &mut Pages) {
    let known = channels::kinds().iter().find(|known| known.about().name == "webhook");
    let kind = known.expect("there is such a kind").about();
    let form = pages.filled(&[
        ("name", "Our CRM"),
        ("is_on", "on"),
        ("url", "https://crm.example.org/hooks/forms"),
    ]);
    let full = pages.kind != Kind::Empty;
    let tried = |has_arrived, said| TriedView {
        has_arrived,
        status: Some(if has_arrived { 200 } else { 500 }),
        said,
    };
    let page = ChannelPage {
        frame: pages.frame(),
        about: about(pages),
        kind,
        id: ID,
        name: pages.text("Our CRM"),
        version: 3,
        form: &form,
        stored: &["secret"],
        is_on: true,
        off_reason: None,
        failing_since: pages.maybe(minutes_ago(90)),
        tried: full.then(|| tried(false, pages.text(SAID))),
    };
    pages.add("channel", &page);
    let page = ChannelPage {
        frame: pages.frame(),
        about: about(pages),
        is_on: false,
        off_reason: pages.maybe(pages.text("nothing has arrived for five days: 500")),
        tried: Some(tried(true, "")),
        ..page
    };
    pages.add("channel-off", &page);
    let page = SigningSecretPage {
        frame: pages.frame(),
        about: about(pages),
        id: ID,
        name: pages.text("Our CRM"),
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        replaces: full,
    };
    pages.add("channel-secret", &page);
    let act = Act::DeleteChannel(Named { id: ID, name: pages.text("Our CRM") });
    let form = FormState::default();
    pages.add("channel-delete", &ConfirmActPage { frame: pages.frame(), form: &form, act });
}

fn rows(pages: &Pages) -> Vec<DeliveryRow> {
    let row = |minutes, state, attempts| DeliveryRow {
        id: ID.to_owned(),
        created: minutes_ago(minutes),
        channel: pages.maybe(pages.text("Our CRM").to_owned()),
        recipient: None,
        submission_id: Some(ID.to_owned()),
        state,
        attempts,
        next: None,
        error: None,
        may_retry: true,
    };
    let error = pages.maybe(pages.text("the receiver answered 500: no such table").to_owned());
    pages.list(vec![
        DeliveryRow { may_retry: false, ..row(1, "running", 1) },
        DeliveryRow { next: Some(minutes_ago(-5)), error: error.clone(), ..row(3, "later", 2) },
        DeliveryRow { error, ..row(4000, "dead", 8) },
        DeliveryRow {
            recipient: Some(pages.text("ada@example.org").to_owned()),
            ..row(4100, "done", 1)
        },
    ])
}

fn deliveries(pages: &mut Pages) {
    let rows = rows(pages);
    let none = FormState::default();
    let page = |pages: &Pages, filter, retry, deliveries, next| DeliveriesPage {
        frame: pages.frame(),
        about: about(pages),
        id: ID,
        name: pages.text("Our CRM"),
        filter,
        retry,
        deliveries,
        next,
    };
    let next = pages.maybe("/admin/channels/x/deliveries?cursor=abc");
    pages.add("channel-deliveries", &page(pages, &none, &none, &rows, next));
    let failed = FormState::filled([("state", "dead")]);
    let wrong = pages
        .filled(&[("from", "2026-13-01")])
        .with_problem("from", "The first day must be a date like 2026-01-31.");
    pages.add("channel-deliveries-none", &page(pages, &failed, &wrong, &[], None));
    let page =
        SubmissionDeliveriesPage { frame: pages.frame(), submission_id: ID, deliveries: &rows };
    pages.add("submission-deliveries", &page);
}

fn job_row(pages: &Pages, kind: &str, state: &'static str) -> JobRow {
    JobRow {
        id: ID.to_owned(),
        kind: kind.to_owned(),
        lane: pages.text("host/crm.example.org").to_owned(),
        state,
        attempts: 2,
        max_attempts: 8,
        created: minutes_ago(40),
        next: (state == "later").then(|| minutes_ago(-5)),
        error: (state == "later" || state == "dead").then(|| pages.text(SAID).to_owned()),
        may_retry: state == "later" || state == "dead",
        may_cancel: state == "later",
    }
}

fn jobs(pages: &mut Pages) {
    let rows = pages.list(vec![
        job_row(pages, "deliver", "later"),
        job_row(pages, "letter", "dead"),
        job_row(pages, "trim-audit", "done"),
        job_row(pages, pages.text("of-a-newer-program"), "running"),
    ]);
    let kinds = pages.list(vec![
        KindRow { kind: "letter".to_owned(), waiting: 1, running: 0, failed: 2 },
        KindRow { kind: "deliver".to_owned(), waiting: 10_000, running: 12, failed: 40 },
    ]);
    let schedule = |kind, minutes: Option<i64>| ScheduleRow {
        kind,
        pattern: "17 * * * *",
        next: minutes.map(|_| minutes_ago(-20)),
        last: minutes.map(minutes_ago),
        state: minutes.map(|_| "done"),
        duration_ms: minutes.map(|_| 12),
        result: minutes.map(|_| "removed 3 entries".to_owned()),
    };
    let last = pages.maybe(40);
    let page = JobsPage {
        frame: pages.frame(),
        filter: &FormState::default(),
        kinds: &kinds,
        most_counted: 10_000,
        jobs: &rows,
        next: pages.maybe("/admin/jobs?cursor=abc"),
        schedules: &[schedule("trim-audit", last), schedule("remove-orphans", None)],
    };
    pages.add("jobs", &page);
}

fn job(pages: &mut Pages) {
    let attempt = |attempt, minutes, outcome, status, excerpt: &str| TryRow {
        attempt,
        at: minutes_ago(minutes),
        duration_ms: 312,
        outcome,
        status,
        excerpt: excerpt.to_owned(),
    };
    let tries = pages.list(vec![
        attempt(2, 5, "lost", None, ""),
        attempt(1, 40, "retry", Some(500), pages.text(SAID)),
    ]);
    let later = job_row(pages, "deliver", "later");
    for (name, title) in
        [("delivery", pages.text("Delivery by Our CRM")), ("job", "Job and its tries")]
    {
        let page = JobPage {
            frame: pages.frame(),
            title,
            back: Link { path: "/admin/jobs", label: "Jobs" },
            path: "/admin/jobs/x",
            job: &later,
            is_delivery: name == "delivery",
            recipient: pages.maybe(pages.text("ada@example.org")),
            submission_id: pages.maybe(ID),
            finished: None,
            node: pages.maybe("018f0000-0000-7000-8000-0000000000dd"),
            tries: &tries,
        };
        pages.add(name, &page);
    }
}
