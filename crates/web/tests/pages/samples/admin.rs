//! What people see who manage something.

use formhold_web::pages::{
    Access, Act, ConfirmActPage, FormState, Frame, Named, Person,
    admin::{
        AuditPage, AuditRow, CacheRow, ChainState, InvitationRow, MemberRow, MembershipRow,
        NewUserPage, NewWorkspacePage, NumberCard, NumbersView, OverviewPage, PasswordLinkPage,
        TopFormRow, TrendRow, UserDetail, UserPage, UserRow, UsersPage, WorkspacePage,
        WorkspaceRow, WorkspacesPage,
    },
};

use super::{Pages, minutes_ago};

const ID: &str = "018f0000-0000-7000-8000-0000000000bb";

pub(super) fn add(pages: &mut Pages) {
    users(pages);
    user(pages);
    workspaces(pages);
    workspace(pages);
    acts(pages);
    audit(pages);
}

fn charles(pages: &Pages) -> Person<'static> {
    Person { name: pages.text("Charles Babbage"), email: "charles@example.org", ..pages.ada() }
}

fn users(pages: &mut Pages) {
    let row = |person, role, state, last_seen| UserRow {
        person,
        role,
        state,
        created: minutes_ago(500_000),
        last_seen,
    };
    let grace = Person { name: "Grace Hopper", email: "grace@example.org", ..pages.ada() };
    let users = pages.list(vec![
        row(pages.ada(), "admin", "active", Some(minutes_ago(1))),
        row(charles(pages), "user", "disabled", Some(minutes_ago(90_000))),
        row(grace, "user", "unconfirmed", None),
    ]);
    let next = pages.maybe("/admin/users?cursor=abc");
    let none = FormState::default();
    let page = |frame, filter, users, next| UsersPage { frame, filter, users, next };
    pages.add("users", &page(pages.frame(), &none, &users, next));
    let filter = FormState::filled([("q", pages.text("nobody")), ("role", "admin")]);
    pages.add("users-none-match", &page(pages.frame(), &filter, &[], None));
    pages.add("user-new", &NewUserPage { frame: pages.frame(), form: &none });
    let wrong = pages
        .filled(&[("name", "Grace Hopper"), ("email", "grace@example.org")])
        .with_problem("email", "Somebody has this address already.");
    pages.add("user-new-wrong", &NewUserPage { frame: pages.frame(), form: &wrong });
}

fn user(pages: &mut Pages) {
    let full = pages.maybe(()).is_some();
    let detail = UserDetail {
        person: charles(pages),
        version: 7,
        role: "user",
        state: if full { "active" } else { "disabled" },
        created: minutes_ago(500_000),
        last_seen: full.then(|| minutes_ago(90)),
        has_password: full,
        has_totp: full,
        passkeys: u64::from(full),
        sessions: if full { 3 } else { 0 },
    };
    let membership = MembershipRow {
        workspace_id: ID,
        workspace: pages.text("Analytical Engines"),
        role: "editor",
    };
    let memberships = pages.list(vec![membership]);
    let form = FormState::filled([
        ("name", pages.text("Charles Babbage")),
        ("role", "user"),
        ("language", "en"),
    ]);
    let page = |frame, form, is_self| UserPage {
        frame,
        user: &detail,
        form,
        memberships: &memberships,
        is_self,
    };
    pages.add("user", &page(pages.frame(), &form, false));
    let wrong = form.clone().with_problem("role", "Somebody must stay administrator.");
    pages.add("user-wrong", &page(pages.frame(), &wrong, false));
    pages.add("user-self", &page(pages.frame(), &form, true));
    let link = "https://forms.example.org/reset?token=6XkP0mJc2rQv8sWz4tYb1nDg5hLa9eRu3iOp7fKx123";
    let of = Named { id: ID, name: pages.text("Charles Babbage") };
    let page = PasswordLinkPage { frame: pages.frame(), user: of, link };
    pages.add("user-password-link", &page);
}

/// Thirty days of which each is different.
fn numbers(pages: &Pages) -> NumbersView {
    let day = |day: u64| TrendRow {
        short: format!("{day} June"),
        long: format!("Monday, {day} June 2026"),
        machine: format!("2026-06-{day:02}"),
        accepted: day * 37 % 90,
        spam: day * 11 % 17,
        refused: day % 5,
    };
    let form = TopFormRow {
        id: ID.to_owned(),
        name: pages.text("Contact").to_owned(),
        accepted: 1_200,
        spam: 31,
        refused: 4,
    };
    let cache = |name: &str, rate: Option<&str>| CacheRow {
        name: name.to_owned(),
        hits: 98_120,
        misses: 1_204,
        rate: rate.map(str::to_owned),
    };
    NumbersView {
        cards: vec![
            NumberCard::new("Today", "42".to_owned(), "+12 % against yesterday".to_owned()),
            NumberCard::new("In the inbox", "1204".to_owned(), "31 in spam, 7 archived".to_owned()),
        ],
        trend: (1..=30).map(day).collect(),
        top_forms: vec![form],
        caches: vec![cache("forms", Some("98.7 %")), cache("sessions", None)],
    }
}

fn workspaces(pages: &mut Pages) {
    let row = |name, forms, members, role| WorkspaceRow { id: ID, name, forms, members, role };
    let workspaces = pages.list(vec![
        row(pages.text("Analytical Engines"), 12, 4, Some("owner")),
        row("Difference Engines", 1, 1, Some("viewer")),
        row("Looms", 0, 23, None),
    ]);
    let rows = &workspaces[..];
    let frame = pages.frame();
    let has_more = pages.maybe(()).is_some();
    let page = OverviewPage {
        frame,
        numbers: Some(numbers(pages)),
        workspaces: rows,
        may_create_workspace: true,
        has_more,
    };
    pages.add("admin", &page);
    let frame = Frame { access: Access::Member, ..pages.frame() };
    let page = OverviewPage {
        frame,
        numbers: Some(NumbersView::default()),
        workspaces: rows,
        may_create_workspace: false,
        has_more: false,
    };
    pages.add("admin-member", &page);
    let next = pages.maybe("/admin/workspaces?cursor=abc");
    let page = |frame, may_create| WorkspacesPage { frame, workspaces: rows, may_create, next };
    pages.add("workspaces", &page(pages.frame(), true));
    pages.add("workspaces-member", &page(pages.frame(), false));
    let form = FormState::default().with_problem("name", "Enter a name.");
    pages.add("workspace-new", &NewWorkspacePage { frame: pages.frame(), form: &form });
}

fn workspace(pages: &mut Pages) {
    let name = pages.text("Analytical Engines");
    let members = pages.list(vec![
        MemberRow { person: pages.ada(), role: "owner" },
        MemberRow { person: charles(pages), role: "editor" },
    ]);
    let invitation = |email| InvitationRow {
        id: ID,
        email,
        role: "viewer",
        invited_by: pages.maybe(pages.text("Ada Lovelace")),
        expires: minutes_ago(-10_000),
    };
    let invitations = pages
        .list(vec![invitation(pages.text("grace@example.org")), invitation("joseph@example.org")]);
    let rename = pages.filled(&[("name", "Analytical Engines")]);
    let empty = FormState::default();
    let page = |frame, rename, invite, may_manage| WorkspacePage {
        frame,
        id: ID,
        name,
        version: 3,
        rename,
        invite,
        members: &members,
        next_members: None,
        invitations: &invitations,
        next_invitations: None,
        may_manage,
        may_delete: may_manage,
    };
    pages.add("workspace", &page(pages.frame(), &rename, &empty, true));
    pages.add("workspace-viewer", &page(pages.frame(), &rename, &empty, false));
    let twice = pages
        .filled(&[("email", "charles@example.org")])
        .with_problem("email", "Charles is in this workspace already.");
    let unnamed = FormState::default().with_problem("name", "Enter a name.");
    pages.add("workspace-wrong", &page(pages.frame(), &unnamed, &twice, true));
}

fn acts(pages: &mut Pages) {
    let empty = FormState::default();
    let wrong =
        pages.filled(&[("confirm", "Analytical")]).with_problem("confirm", "This is not the name.");
    let user = Named { id: ID, name: pages.text("Charles Babbage") };
    let workspace = Named { id: ID, name: pages.text("Analytical Engines") };
    let remove = Act::RemoveMember { workspace, member: user };
    for (name, act, form) in [
        ("user-disable", Act::DisableUser(user), &empty),
        ("user-delete", Act::DeleteUser(charles(pages)), &empty),
        ("user-factors-reset", Act::ResetFactors(user), &empty),
        ("workspace-delete", Act::DeleteWorkspace(workspace), &wrong),
        ("member-remove", remove, &empty),
    ] {
        pages.add(name, &ConfirmActPage { frame: pages.frame(), form, act });
    }
}

fn audit(pages: &mut Pages) {
    let changed = AuditRow {
        sequence: 1204,
        at: minutes_ago(3),
        actor: pages.text("Ada Lovelace"),
        action: "user.update",
        target: pages.text("Charles Babbage"),
        workspace: pages.maybe(pages.text("Analytical Engines")),
        address: Some("203.0.113.7"),
        before: Some("{\n  \"role\": \"user\"\n}"),
        after: Some(pages.text("{\n  \"role\": \"admin\"\n}")),
        details: None,
    };
    let scheduled = AuditRow {
        sequence: 1203,
        at: minutes_ago(700),
        actor: "Schedule",
        action: "submissions.purge",
        target: "Form contact",
        workspace: None,
        address: None,
        before: None,
        after: None,
        details: pages.maybe("{\n  \"removed\": 12\n}"),
    };
    let entries = pages.list(vec![changed, scheduled]);
    let actions = ["session.start", "submissions.purge", "user.update"];
    let workspaces = [Named { id: ID, name: pages.text("Analytical Engines") }];
    let next = pages.maybe("/admin/audit?cursor=abc");
    let page = |frame, filter, chain| AuditPage {
        frame,
        filter,
        actions: &actions,
        sees_all: true,
        workspaces: &workspaces,
        entries: &entries,
        chain,
        next,
    };
    let none = FormState::default();
    let intact = ChainState::Intact {
        first_sequence: Some(705),
        last_sequence: 1204,
        checked: minutes_ago(30),
    };
    pages.add("audit", &page(pages.frame(), &none, intact));
    let filter = FormState::filled([("action", "user.update"), ("from", "2026-10-31")])
        .with_problem("from", "The first day must not be after the last.");
    let broken = ChainState::Broken { sequence: 977, checked: minutes_ago(30) };
    pages.add("audit-broken", &page(pages.frame(), &filter, broken));
    let all =
        ChainState::Intact { first_sequence: None, last_sequence: 3, checked: minutes_ago(0) };
    pages.add("audit-whole", &page(pages.frame(), &none, all));
}
