//! What people see of their own.

use formhold_domain::access::Scope;
use formhold_web::pages::{
    Access, Act, ConfirmActPage, Flash, FormState, Frame, Named, Person,
    account::{
        AnswerView, DeleteAccountPage, EmailPage, FactorsPage, NewTokenPage, OwnSubmission,
        PasskeyRow, PasswordPage, PendingEmail, ProfilePage, QrCode, RecoveryCodesPage, SessionRow,
        SessionsPage, SubmissionsPage, TokenCreatedPage, TokenRow, TokensPage, TotpPage,
    },
};

use super::{Pages, minutes_ago};

const ID: &str = "018f0000-0000-7000-8000-0000000000aa";
const PICTURES: &str = "PNG, JPEG, WebP or GIF, up to 2 MiB.";
const PASSWORDS: &str = "At least 12 characters.";

pub(super) fn add(pages: &mut Pages) {
    profile(pages);
    address_and_password(pages);
    factors(pages);
    sessions(pages);
    tokens(pages);
    submissions(pages);
    delete(pages);
}

fn profile(pages: &mut Pages) {
    let form = pages.filled(&[("name", "Ada Lovelace"), ("language", "de")]);
    let empty = FormState::default();
    let page = |frame, form, picture_form| ProfilePage {
        frame,
        form,
        picture_form,
        picture_hint: PICTURES,
        may_delete: true,
    };
    let pictured = Frame {
        user: Person { picture: Some("/account/picture/018f?v=2"), ..pages.ada() },
        flash: pages.maybe(pages.flash()),
        ..pages.frame()
    };
    pages.add("account", &page(pictured, &form, &empty));
    let wrong = form.clone().with_problem("name", "Enter your name.");
    let no_picture =
        FormState::default().with_problem("picture", "This file is no picture that we can read.");
    let alone = Frame { access: Access::Account, workspace: None, ..pages.frame() };
    pages.add("account-wrong", &page(alone, &wrong, &no_picture));
}

fn address_and_password(pages: &mut Pages) {
    let empty = FormState::default();
    let pending =
        PendingEmail { email: pages.text("ada.lovelace@example.org"), expires: minutes_ago(-60) };
    let page = |frame, form, pending| EmailPage { frame, form, pending, has_password: true };
    pages.add("email", &page(pages.frame(), &empty, pages.maybe(pending)));
    let wrong = pages
        .filled(&[("email", "ada@")])
        .with_problem("email", "Enter an e-mail address, as name@example.org.")
        .with_problem("current_password", "This is not your password.");
    pages.add("email-wrong", &page(pages.frame(), &wrong, None));

    let has_password = pages.maybe(()).is_some();
    let page = |frame, form, has_password| PasswordPage {
        frame,
        form,
        has_password,
        password_hint: PASSWORDS,
    };
    pages.add("password", &page(pages.frame(), &empty, has_password));
    let wrong = FormState::default().with_problem("current_password", "This is not your password.");
    pages.add("password-wrong", &page(pages.frame(), &wrong, true));
}

fn factors(pages: &mut Pages) {
    let empty = FormState::default();
    let passkeys = pages.list(vec![
        PasskeyRow {
            id: ID,
            name: pages.text("Laptop"),
            added: minutes_ago(90_000),
            last_used: Some(minutes_ago(30)),
        },
        PasskeyRow { id: ID, name: "Security key", added: minutes_ago(800), last_used: None },
    ]);
    let on = pages.maybe(()).is_some();
    let page = |frame, totp_off, recovery| FactorsPage {
        frame,
        has_totp: on,
        totp_off,
        recovery_codes_left: 8,
        recovery,
        has_password: on,
        passkeys: &passkeys,
        passkeys_available: on,
    };
    pages.add("factors", &page(pages.frame(), &empty, &empty));
    if on {
        let wrong =
            FormState::default().with_problem("current_password", "This is not your password.");
        pages.add("factors-wrong", &page(pages.frame(), &wrong, &wrong));
    }

    // A picture of the right size; no scanner reads it.
    let modules: Vec<bool> = (0..33 * 33).map(|at| (at * at + at / 33 * 7) % 5 < 2).collect();
    let qr = QrCode::from_modules(33, &modules);
    let secret = pages.text("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP");
    let uri = "otpauth://totp/Formhold:ada%40example.org?secret=JBSWY3DPEHPK3PXP&issuer=Formhold";
    let page = |frame, form| TotpPage { frame, form, qr: &qr, secret, uri };
    pages.add("totp", &page(pages.frame(), &empty));
    let wrong = FormState::default().with_problem(
        "code",
        "This code is not right. It may just have changed: enter the next one.",
    );
    pages.add("totp-wrong", &page(pages.frame(), &wrong));

    let codes: Vec<String> = (0..10).map(|at| format!("k7f{at}-29dm-x{at}qp")).collect();
    pages.add("recovery-codes", &RecoveryCodesPage { frame: pages.frame(), codes: &codes });
    let act = Act::RemovePasskey(Named { id: ID, name: pages.text("Laptop") });
    pages.add("passkey-remove", &ConfirmActPage { frame: pages.frame(), form: &empty, act });
}

fn sessions(pages: &mut Pages) {
    let this = SessionRow {
        id: ID,
        is_current: true,
        device: pages.text("Firefox on Linux"),
        address: pages.text("203.0.113.7"),
        created: minutes_ago(3000),
        last_seen: minutes_ago(0),
    };
    let other = SessionRow {
        is_current: false,
        device: "Safari on iPhone",
        address: "2001:db8::7:1",
        last_seen: minutes_ago(700),
        ..this.clone()
    };
    let mut sessions = vec![this];
    sessions.extend(pages.list(vec![other]));
    let next = pages.maybe("/account/sessions?cursor=abc");
    pages.add("sessions", &SessionsPage { frame: pages.frame(), sessions: &sessions, next });
}

fn tokens(pages: &mut Pages) {
    let empty = FormState::default();
    let tokens = pages.list(vec![
        TokenRow {
            id: ID,
            name: pages.text("Nightly export"),
            scopes: &["forms:read", "submissions:read", "exports:read"],
            workspace: Some(pages.text("Analytical Engines")),
            expires: Some(minutes_ago(-90_000)),
            is_expired: false,
            last_used: Some(minutes_ago(400)),
        },
        TokenRow {
            id: ID,
            name: "Old script",
            scopes: &["forms:read"],
            workspace: None,
            expires: Some(minutes_ago(20_000)),
            is_expired: true,
            last_used: None,
        },
    ]);
    let next = pages.maybe("/account/tokens?cursor=abc");
    pages.add("tokens", &TokensPage { frame: pages.frame(), tokens: &tokens, next });

    let workspaces = pages.list(vec![Named { id: ID, name: pages.text("Analytical Engines") }]);
    let page =
        |frame, form| NewTokenPage { frame, form, scopes: &Scope::ALL, workspaces: &workspaces };
    pages.add("token-new", &page(pages.frame(), &empty));
    let wrong = pages
        .filled(&[("name", "Nightly export")])
        .with_problem("scopes", "Choose what the token allows.");
    pages.add("token-new-wrong", &page(pages.frame(), &wrong));
    let created = TokenCreatedPage {
        frame: pages.frame(),
        name: pages.text("Nightly export"),
        token: "fh_6XkP0mJc2rQv8sWz4tYb1nDg5hLa9eRu3iOp7fKx",
    };
    pages.add("token-created", &created);
    let act = Act::RevokeToken(Named { id: ID, name: pages.text("Nightly export") });
    pages.add("token-revoke", &ConfirmActPage { frame: pages.frame(), form: &empty, act });
}

fn submissions(pages: &mut Pages) {
    let answers = vec![
        AnswerView { label: pages.text("What is it about?"), value: pages.text("An invoice") },
        AnswerView {
            label: "Message",
            value: "Good morning,\n\nthe invoice of last month has no number.\n\nBest wishes\nAda",
        },
        AnswerView { label: "الاسم", value: "آدا لوفلايس" },
    ];
    let submissions = pages.list(vec![
        OwnSubmission {
            form_name: pages.text("Contact"),
            received: minutes_ago(20),
            answers: answers.clone(),
        },
        OwnSubmission { form_name: "Contact", received: minutes_ago(900), answers },
    ]);
    let next = pages.maybe("/account/submissions?cursor=abc");
    let page = SubmissionsPage { frame: pages.frame(), submissions: &submissions, next };
    pages.add("submissions", &page);
}

fn delete(pages: &mut Pages) {
    let has_password = pages.maybe(()).is_some();
    let wrong = FormState::default().with_problem(
        if has_password { "current_password" } else { "email" },
        "This is not right.",
    );
    let page = |frame, last_owner_of| DeleteAccountPage {
        frame,
        form: &wrong,
        has_password,
        last_owner_of,
    };
    pages.add("delete", &page(pages.frame(), &[]));
    let workspace = [Named { id: ID, name: pages.text("Analytical Engines") }];
    let flash = Flash { message: "The account was not deleted.", is_error: true };
    let frame = Frame { flash: Some(flash), ..pages.frame() };
    let fresh = FormState::default();
    let page = DeleteAccountPage { form: &fresh, ..page(frame, &workspace) };
    pages.add("delete-last-owner", &page);
}
