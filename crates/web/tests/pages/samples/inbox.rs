//! What people see who look at what was submitted.

use formhold_web::pages::{
    Act, ConfirmActPage, FormState, Named,
    admin::{
        AnswerRow, ColumnChoice, ConfirmBulkPage, EditSubmissionPage, EditedAnswer, FileView,
        FormFrame, FormTab, HistoryRow, InboxPage, InboxRow, NoteRow, ShownState, StateTab,
        SubmissionPage, UndoView, ValueView,
    },
};

use super::{Kind, Pages, minutes_ago};

const ID: &str = "018f0000-0000-7000-8000-0000000000cc";
const PATH: &str = "/admin/forms/018f0000-0000-7000-8000-0000000000cc/submissions";

pub(super) fn add(pages: &mut Pages) {
    list(pages);
    one(pages);
    edit(pages);
    questions(pages);
}

fn about(pages: &Pages) -> FormFrame<'static> {
    let name = pages.text("Contact");
    FormFrame { id: ID, name, state: ShownState::Open, tab: FormTab::Inbox }
}

fn row(pages: &Pages, number: usize) -> InboxRow {
    let cells =
        ["Ada Lovelace", "ada@example.org", "", "I would like to know more about the looms."];
    InboxRow {
        id: format!("018f0000-0000-7000-8000-00000000000{number}"),
        cells: cells.iter().map(|cell| pages.text(cell).to_owned()).collect(),
        received: minutes_ago(90 * number as i64),
        is_read: number > 1,
        is_starred: number == 2,
        tags: if number == 2 { vec![pages.text("late").to_owned()] } else { Vec::new() },
        files: number as u64 % 3,
    }
}

fn list(pages: &mut Pages) {
    let states = ["inbox", "spam", "archive", "trash"].map(|state| StateTab {
        state,
        count: if state == "spam" { "999+".to_owned() } else { "3".to_owned() },
    });
    let column = |(index, label): (usize, &&'static str)| ColumnChoice {
        key: format!("0000000{index}"),
        label: pages.text(label).to_owned(),
        is_shown: index < 4,
    };
    let labels = ["Name", "E-mail", "Age", "Message", "Consent"];
    let columns: Vec<_> = labels.iter().enumerate().map(column).collect();
    let rows = pages.list((1..=4).map(|number| row(pages, number)).collect());
    let tags = pages.list(vec![pages.text("late").to_owned()]);
    let filter = FormState::default();
    let frame = pages.frame();
    let page = |state, filter, undo, may_change| InboxPage {
        frame: frame.clone(),
        about: about(pages),
        states: &states,
        state,
        filter,
        tags: &tags,
        columns: &columns,
        rows: &rows,
        undo,
        back: PATH,
        next: pages.maybe("/admin/forms/x/submissions?before=y"),
        is_first: true,
        may_change,
        may_export: true,
        page_path: "/f/abcdefghij",
    };
    let undo = UndoView {
        sentence: "3 submissions are in the archive now.".to_owned(),
        payload: "archive.inbox.AAAA".to_owned(),
        signature: "SIGNATURE".to_owned(),
    };
    let wrong = FormState::filled([("from", "yesterday"), ("tag", "late")])
        .with_problem("from", "The first day must be a day, as 2026-05-04.");
    let all = [
        ("inbox", page("inbox", &filter, None, true)),
        ("inbox-moved", page("inbox", &filter, Some(undo), true)),
        ("inbox-viewer", page("inbox", &filter, None, false)),
        ("inbox-spam", page("spam", &filter, None, true)),
        ("inbox-archive", page("archive", &filter, None, true)),
        ("inbox-trash", page("trash", &filter, None, true)),
        ("inbox-wrong", page("inbox", &wrong, None, true)),
    ];
    let drawn: Vec<_> = all.iter().map(|(name, page)| super::drawn(name, page)).collect();
    pages.samples.extend(drawn);
}

fn one(pages: &mut Pages) {
    let value = |text: &'static str| ValueView { text: pages.text(text).to_owned(), link: None };
    let answer = |label: &'static str, values: Vec<ValueView>| AnswerRow {
        label: pages.text(label).to_owned(),
        values,
    };
    let mail = ValueView {
        text: "ada@example.org".to_owned(),
        link: Some("mailto:ada@example.org".to_owned()),
    };
    let answers = pages.list(vec![
        answer("Name", vec![value("Ada Lovelace")]),
        answer("E-mail", vec![mail]),
        answer("Days", vec![value("Friday"), value("Saturday")]),
        answer("Age", Vec::new()),
        answer("Message", vec![value("I would like to know more.\nAbout the looms.")]),
    ]);
    let others = pages.list(vec![answer("utm_source", vec![value("letter")])]);
    let file = |name: &'static str, thumbnail: bool, refusal: Option<&str>| FileView {
        label: pages.text("Photographs").to_owned(),
        name: pages.text(name).to_owned(),
        about: "image/png, 12 kB".to_owned(),
        path: refusal.is_none().then(|| "/uploads/x".to_owned()),
        thumbnail_path: thumbnail.then(|| "/account/picture/x".to_owned()),
        refusal: refusal.map(str::to_owned),
    };
    let files = pages.list(vec![
        file("engine.png", true, None),
        file("virus.exe", false, Some("It is locked: a scanner found Eicar-Test-Signature.")),
    ]);
    let reasons = pages
        .list(vec![(pages.text("Contains 7 links; this form expects at most 2").to_owned(), 5)]);
    let facts = [("Language", "en".to_owned()), ("Browser", pages.text("Firefox").to_owned())];
    let notes = pages.list(vec![NoteRow {
        id: ID.to_owned(),
        author: pages.text("Grace Hopper").to_owned(),
        text: pages.text("Called back.\nWill send a letter.").to_owned(),
        at: minutes_ago(5),
    }]);
    let done = |what: &str, changes| HistoryRow {
        at: minutes_ago(4),
        actor: pages.text("Grace Hopper").to_owned(),
        what: what.to_owned(),
        changes,
    };
    let change =
        |text: &'static str| (pages.text(text).to_owned(), "Ada".to_owned(), "Ada L.".to_owned());
    let history = pages.list(vec![
        done("edited the answers", vec![change("Name")]),
        done("moved it to the archive", Vec::new()),
    ]);
    let tags = pages.list(vec![pages.text("late").to_owned(), "letter".to_owned()]);
    let form = FormState::default();
    let wrong =
        FormState::filled([("text", "")]).with_problem("text", "The note must not be empty.");
    let frame = pages.frame();
    let page = |state, form, may_change| SubmissionPage {
        frame: frame.clone(),
        about: about(pages),
        id: ID,
        state,
        received: minutes_ago(90),
        is_starred: pages.kind == Kind::Usual,
        tags: &tags,
        answers: &answers,
        others: &others,
        files: &files,
        spam_reasons: &reasons,
        facts: &facts,
        notes: &notes,
        form,
        history: &history,
        newer: pages.maybe(ID),
        older: pages.maybe(ID),
        may_change,
    };
    let all = [
        ("submission", page("inbox", &form, true)),
        ("submission-trash", page("trash", &form, true)),
        ("submission-viewer", page("spam", &form, false)),
        ("submission-wrong", page("inbox", &wrong, true)),
    ];
    let drawn: Vec<_> = all.iter().map(|(name, page)| super::drawn(name, page)).collect();
    pages.samples.extend(drawn);
}

fn edit(pages: &mut Pages) {
    let answer = |field: &str, label: &'static str, value: &'static str| EditedAnswer {
        field: field.to_owned(),
        label: pages.text(label).to_owned(),
        value: pages.text(value).to_owned(),
    };
    let answers = pages.list(vec![
        answer("name", "Name", "Ada"),
        answer(
            "message",
            "Message",
            "I would like to know more about the looms and their cards. And more.",
        ),
    ]);
    let stale = FormState::default().with_error("Somebody changed this meanwhile.");
    let frame = pages.frame();
    let page = |form| EditSubmissionPage {
        frame: frame.clone(),
        about: about(pages),
        id: ID,
        version: 3,
        form,
        answers: &answers,
    };
    let none = FormState::default();
    let drawn = [
        super::drawn("submission-edit", &page(&none)),
        super::drawn("submission-edit-stale", &page(&stale)),
    ];
    pages.samples.extend(drawn);
}

fn questions(pages: &mut Pages) {
    let fields = [("act", "trash".to_owned()), ("ids", ID.to_owned())];
    for (name, act, count) in [
        ("submissions-trash", "trash", None),
        ("submissions-delete", "delete_for_good", Some(12)),
        ("submissions-spam", "spam", None),
    ] {
        let page = ConfirmBulkPage {
            frame: pages.frame(),
            about: about(pages),
            act,
            count,
            fields: &fields,
            back: PATH,
        };
        pages.add(name, &page);
    }
    let name = pages.text("the submission of 4 May 2026, 09:30 UTC");
    let form = FormState::default();
    let act = Act::DeleteSubmission(Named { id: ID, name });
    pages.add("submission-delete", &ConfirmActPage { frame: pages.frame(), form: &form, act });
}
