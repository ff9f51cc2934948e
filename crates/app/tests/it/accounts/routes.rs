//! Every route of the router, and who may use it: the table behind the tests of rights and of
//! requests from other sites. Who adds a route adds a line here; a test finds what is missing.

use std::{collections::BTreeSet, path::Path};

use formhold_domain::access::Action;

/// Who may use a route.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rights {
    /// Everybody: there is nothing to be kept from anybody, or a secret in the request decides.
    Everybody,
    /// Whom the table of rights lets do this; in the workspace that is asked for, where it takes
    /// place in one.
    May(Action),
    /// Nobody: the thing that is asked for is somebody else's.
    Nobody,
    /// Scripts send it in another form, or who may rests on more than the table: tests of its own.
    Elsewhere,
}

/// A route, and how to ask for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) method: &'static str,
    /// As the router has it.
    pub(super) path: &'static str,
    /// What is asked for where that is not the path itself; see [`super::matrix`] for the names.
    pub(super) asked: &'static str,
    /// The fields of the form.
    pub(super) fields: &'static [(&'static str, &'static str)],
    pub(super) rights: Rights,
}

const fn get(path: &'static str, rights: Rights) -> Route {
    Route { method: "GET", path, asked: path, fields: &[], rights }
}

const fn post(
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    rights: Rights,
) -> Route {
    Route { method: "POST", path, asked: path, fields, rights }
}

impl Route {
    const fn asked(self, asked: &'static str) -> Self {
        Self { asked, ..self }
    }
}

use Action::{
    ChangeForms, ChangeJobs, ChangeMembers, ChangeOwnAccount, ChangeSubmissions, ChangeUsers,
    ChangeWorkspace, CreateWorkspaces, ExportSubmissions, SeeAudit, SeeForms, SeeJobs,
    SeeOwnAccount, SeeOwnSubmissions, SeeSubmissions, SeeUsers, SeeWorkspace, SeeWorkspaceAudit,
};
use Rights::{Elsewhere, Everybody, May, Nobody};

const TOKEN: &[(&str, &str)] = &[("name", "Script"), ("scopes", "users:read")];
// What makes sense of itself, so that nothing but rights can refuse it.
const PERSON: &[(&str, &str)] = &[
    ("version", "1"),
    ("name", "Ida"),
    ("email", "ida@example.org"),
    ("role", "user"),
    ("language", "en"),
];
const NAME: &[(&str, &str)] = &[("version", "1"), ("name", "Garden")];
const NTFY: &[(&str, &str)] = &[("kind", "ntfy"), ("name", "Phones"), ("topic", "forms")];
const INVITED: &[(&str, &str)] = &[("email", "ida@example.org"), ("role", "viewer")];
const FORM: &[(&str, &str)] =
    &[("version", "1"), ("restore", "1"), ("name", "Form"), ("slug", "here"), ("act", "check")];
const VIEWER: &[(&str, &str)] = &[("role", "viewer")];
const STAR_ALL: &[(&str, &str)] = &[("act", "star"), ("all", "yes")];
const ARCHIVE: &[(&str, &str)] = &[("act", "archive")];
const EDITED: &[(&str, &str)] = &[("version", "0"), ("field", "name"), ("value", "Ada L.")];
const AUDIT_HERE: &[(&str, &str)] = &[("format", "csv"), ("workspace_id", "{workspace}")];

pub(super) const ROUTES: &[Route] = &[
    // The public endpoint: `intake` has the tests.
    get("/f/{form}", Everybody),
    post("/f/{form}", &[], Everybody),
    get("/f/{form}/thanks", Everybody),
    get("/f/{form}/schema", Everybody),
    get("/f/{form}/challenge", Everybody),
    post("/p/{project}/f/{form}", &[], Everybody),
    post("/s/{form}", &[], Everybody),
    post("/ajax/{form}", &[], Everybody),
    post("/submit", &[], Everybody),
    post("/n", &[], Everybody),
    post("/n/{*path}", &[], Everybody),
    get("/uploads/{id}", Everybody),
    get("/static/{*path}", Everybody),
    get("/hops", Everybody),
    // Below `/api`, where `api` has the tests of the rest.
    get("/openapi.json", Everybody).asked("/api/openapi.json"),
    get("/docs", Everybody).asked("/api/docs"),
    get("/livez", Everybody),
    get("/readyz", Everybody),
    // On a port of its own.
    get("/metrics", Everybody),
    // Accounts.
    get("/login", Everybody),
    post("/login", &[], Everybody),
    get("/login/factor", Everybody),
    post("/login/factor", &[], Everybody),
    post("/logout", &[], Everybody),
    get("/setup", Everybody),
    post("/setup", &[], Everybody),
    get("/reset", Everybody),
    post("/reset", &[], Everybody),
    get("/register", Everybody),
    post("/register", &[], Everybody),
    get("/confirm", Everybody),
    post("/confirm", &[], Everybody),
    get("/forgot", Everybody),
    post("/forgot", &[], Everybody),
    post("/login/passkey/options", &[], Everybody),
    post("/login/passkey", &[], Everybody),
    post("/login/oidc/{id}", &[], Everybody),
    get("/login/oidc/{id}/callback", Everybody),
    get("/account", May(SeeOwnAccount)),
    post("/account", &[], May(ChangeOwnAccount)),
    post("/account/picture", &[], Elsewhere),
    post("/account/picture/delete", &[], May(ChangeOwnAccount)),
    get("/account/picture/{id}", Elsewhere),
    get("/account/email", May(SeeOwnAccount)),
    post("/account/email", &[], May(ChangeOwnAccount)),
    post("/account/email/cancel", &[], May(ChangeOwnAccount)),
    get("/account/email/agree", Everybody),
    post("/account/email/agree", &[], Everybody),
    get("/account/password", May(SeeOwnAccount)),
    post("/account/password", &[], May(ChangeOwnAccount)),
    get("/account/delete", May(SeeOwnAccount)),
    post("/account/delete", &[], May(ChangeOwnAccount)),
    get("/account/submissions", May(SeeOwnSubmissions)),
    get("/account/factors", May(SeeOwnAccount)),
    get("/account/factors/totp", May(ChangeOwnAccount)),
    post("/account/factors/totp", &[], May(ChangeOwnAccount)),
    post("/account/factors/totp/off", &[], May(ChangeOwnAccount)),
    post("/account/factors/recovery", &[], May(ChangeOwnAccount)),
    post("/account/passkeys/options", &[], Elsewhere),
    post("/account/passkeys", &[], Elsewhere),
    post("/account/passkeys/{id}", TOKEN, Nobody).asked("/account/passkeys/{foreign token}"),
    get("/account/passkeys/{id}/remove", Nobody).asked("/account/passkeys/{foreign token}/remove"),
    post("/account/passkeys/{id}/remove", &[], Nobody)
        .asked("/account/passkeys/{foreign token}/remove"),
    get("/account/sessions", May(SeeOwnAccount)),
    post("/account/sessions/end-others", &[], May(ChangeOwnAccount)),
    post("/account/sessions/{id}/end", &[], May(ChangeOwnAccount))
        .asked("/account/sessions/{session}/end"),
    get("/account/tokens", May(SeeOwnAccount)),
    get("/account/tokens/new", May(ChangeOwnAccount)),
    post("/account/tokens/new", TOKEN, May(ChangeOwnAccount)),
    get("/account/tokens/{id}/revoke", May(SeeOwnAccount)).asked("/account/tokens/{token}/revoke"),
    get("/account/tokens/{id}/revoke", Nobody).asked("/account/tokens/{foreign token}/revoke"),
    post("/account/tokens/{id}/revoke", &[], Nobody)
        .asked("/account/tokens/{foreign token}/revoke"),
    post("/account/tokens/{id}/revoke", &[], May(ChangeOwnAccount))
        .asked("/account/tokens/{token}/revoke"),
    // Management. Whom the target of an administrator is makes no difference.
    get("/admin", Elsewhere),
    get("/admin/users", May(SeeUsers)),
    get("/admin/users/new", May(ChangeUsers)),
    post("/admin/users/new", PERSON, May(ChangeUsers)),
    get("/admin/users/export", May(SeeUsers)).asked("/admin/users/export?format=csv"),
    get("/admin/users/{id}/factors/reset", May(ChangeUsers))
        .asked("/admin/users/{member}/factors/reset"),
    post("/admin/users/{id}/factors/reset", &[], May(ChangeUsers))
        .asked("/admin/users/{member}/factors/reset"),
    get("/admin/users/{id}", May(SeeUsers)).asked("/admin/users/{member}"),
    post("/admin/users/{id}", PERSON, May(ChangeUsers)).asked("/admin/users/{member}"),
    post("/admin/users/{id}/enable", &[], May(ChangeUsers)).asked("/admin/users/{member}/enable"),
    get("/admin/users/{id}/disable", May(ChangeUsers)).asked("/admin/users/{member}/disable"),
    post("/admin/users/{id}/disable", &[], May(ChangeUsers)).asked("/admin/users/{member}/disable"),
    get("/admin/users/{id}/delete", May(ChangeUsers)).asked("/admin/users/{member}/delete"),
    post("/admin/users/{id}/delete", &[], May(ChangeUsers)).asked("/admin/users/{member}/delete"),
    post("/admin/users/{id}/password-link", &[], May(ChangeUsers))
        .asked("/admin/users/{member}/password-link"),
    post("/admin/users/{id}/sessions/end", &[], May(ChangeUsers))
        .asked("/admin/users/{member}/sessions/end"),
    get("/admin/workspaces", Elsewhere),
    get("/admin/workspaces/new", May(CreateWorkspaces)),
    post("/admin/workspaces/new", NAME, May(CreateWorkspaces)),
    get("/admin/workspaces/{id}", May(SeeWorkspace)).asked("/admin/workspaces/{workspace}"),
    post("/admin/workspaces/{id}", NAME, May(ChangeWorkspace))
        .asked("/admin/workspaces/{workspace}"),
    get("/admin/workspaces/{id}/delete", May(ChangeWorkspace))
        .asked("/admin/workspaces/{workspace}/delete"),
    post("/admin/workspaces/{id}/delete", &[], May(ChangeWorkspace))
        .asked("/admin/workspaces/{workspace}/delete"),
    post("/admin/workspaces/{id}/members/{user_id}", VIEWER, May(ChangeMembers))
        .asked("/admin/workspaces/{workspace}/members/{member}"),
    get("/admin/workspaces/{id}/members/{user_id}/remove", May(ChangeMembers))
        .asked("/admin/workspaces/{workspace}/members/{member}/remove"),
    post("/admin/workspaces/{id}/members/{user_id}/remove", &[], May(ChangeMembers))
        .asked("/admin/workspaces/{workspace}/members/{member}/remove"),
    post("/admin/workspaces/{id}/invitations", INVITED, May(ChangeMembers))
        .asked("/admin/workspaces/{workspace}/invitations"),
    post("/admin/workspaces/{id}/invitations/{invitation_id}/revoke", &[], Elsewhere),
    get("/invitation", Everybody),
    post("/invitation", &[], Everybody),
    post("/workspace", &[], Elsewhere),
    // What is shown is of the workspace that somebody works in: `form_pages` has the tests.
    get("/admin/forms", Elsewhere),
    get("/admin/forms/trash", Elsewhere),
    get("/admin/forms/new", Elsewhere),
    post("/admin/forms/new", &[], Elsewhere),
    get("/admin/forms/{id}", Elsewhere),
    get("/admin/forms/{id}/fields", May(SeeForms)).asked("/admin/forms/{form}/fields"),
    post("/admin/forms/{id}/fields", FORM, May(ChangeForms)).asked("/admin/forms/{form}/fields"),
    get("/admin/forms/{id}/protection", May(SeeForms)).asked("/admin/forms/{form}/protection"),
    post("/admin/forms/{id}/protection", FORM, May(ChangeForms))
        .asked("/admin/forms/{form}/protection"),
    get("/admin/forms/{id}/success", May(SeeForms)).asked("/admin/forms/{form}/success"),
    post("/admin/forms/{id}/success", FORM, May(ChangeForms)).asked("/admin/forms/{form}/success"),
    get("/admin/forms/{id}/settings", May(SeeForms)).asked("/admin/forms/{form}/settings"),
    post("/admin/forms/{id}/settings", FORM, May(ChangeForms))
        .asked("/admin/forms/{form}/settings"),
    get("/admin/forms/{id}/definition", May(SeeForms)).asked("/admin/forms/{form}/definition"),
    post("/admin/forms/{id}/definition", FORM, May(ChangeForms))
        .asked("/admin/forms/{form}/definition"),
    get("/admin/forms/{id}/embed", May(SeeForms)).asked("/admin/forms/{form}/embed"),
    get("/admin/forms/{id}/versions", May(SeeForms)).asked("/admin/forms/{form}/versions"),
    post("/admin/forms/{id}/versions", FORM, May(ChangeForms))
        .asked("/admin/forms/{form}/versions"),
    post("/admin/forms/{id}/duplicate", &[], May(ChangeForms))
        .asked("/admin/forms/{form}/duplicate"),
    get("/admin/forms/{id}/delete", May(ChangeForms)).asked("/admin/forms/{form}/delete"),
    // What was done once cannot be done again: `form_pages` has the tests.
    post("/admin/forms/{id}/delete", &[], Elsewhere),
    post("/admin/forms/{id}/restore", &[], Elsewhere),
    get("/admin/forms/{id}/submissions", May(SeeSubmissions))
        .asked("/admin/forms/{inbox}/submissions"),
    // A stream that does not end: `inbox` has the tests.
    get("/admin/forms/{id}/submissions/events", Elsewhere),
    post("/admin/forms/{id}/submissions/bulk", STAR_ALL, May(ChangeSubmissions))
        .asked("/admin/forms/{inbox}/submissions/bulk"),
    // What is not signed is refused: `inbox` has the tests.
    post("/admin/forms/{id}/submissions/undo", &[], Elsewhere),
    post("/admin/forms/{id}/submissions/columns", &[], May(SeeSubmissions))
        .asked("/admin/forms/{inbox}/submissions/columns"),
    post("/admin/forms/{id}/submissions/export", &[("format", "csv")], May(ExportSubmissions))
        .asked("/admin/forms/{inbox}/submissions/export"),
    get("/admin/submissions/{id}", May(SeeSubmissions)).asked("/admin/submissions/{submission}"),
    post("/admin/submissions/{id}/act", ARCHIVE, May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/act"),
    get("/admin/submissions/{id}/edit", May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/edit"),
    post("/admin/submissions/{id}/edit", EDITED, May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/edit"),
    get("/admin/submissions/{id}/delete", May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/delete"),
    // It does not lie in the trash, so that it stays for the others.
    post("/admin/submissions/{id}/delete", &[], May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/delete"),
    post("/admin/submissions/{id}/notes", &[("text", "called back")], May(ChangeSubmissions))
        .asked("/admin/submissions/{submission}/notes"),
    post("/admin/submissions/{id}/notes/{note_id}/delete", &[], Elsewhere),
    get("/admin/forms/{id}/delivery", May(ChangeForms)).asked("/admin/forms/{told form}/delivery"),
    get("/admin/forms/{id}/delivery/new", May(ChangeForms))
        .asked("/admin/forms/{told form}/delivery/new?kind=webhook"),
    post("/admin/forms/{id}/delivery/new", NTFY, May(ChangeForms))
        .asked("/admin/forms/{told form}/delivery/new"),
    get("/admin/channels/{id}", May(ChangeForms)).asked("/admin/channels/{channel}"),
    post("/admin/channels/{id}", NAME, May(ChangeForms)).asked("/admin/channels/{channel}"),
    post("/admin/channels/{id}/switch", &[("is_on", "on")], May(ChangeForms))
        .asked("/admin/channels/{channel}/switch"),
    post("/admin/channels/{id}/test", &[], May(ChangeForms))
        .asked("/admin/channels/{channel}/test"),
    post("/admin/channels/{id}/secret", &[], May(ChangeForms))
        .asked("/admin/channels/{channel}/secret"),
    get("/admin/channels/{id}/delete", May(ChangeForms)).asked("/admin/channels/{channel}/delete"),
    // It would be gone for those who come later.
    post("/admin/channels/{id}/delete", &[], Elsewhere),
    get("/admin/channels/{id}/deliveries", May(ChangeSubmissions))
        .asked("/admin/channels/{channel}/deliveries"),
    post("/admin/channels/{id}/deliveries/retry", &[], May(ChangeSubmissions))
        .asked("/admin/channels/{channel}/deliveries/retry"),
    get("/admin/submissions/{id}/deliveries", May(ChangeSubmissions))
        .asked("/admin/submissions/{told submission}/deliveries"),
    get("/admin/deliveries/{id}", May(ChangeSubmissions)).asked("/admin/deliveries/{delivery}"),
    post("/admin/deliveries/{id}/retry", &[], May(ChangeSubmissions))
        .asked("/admin/deliveries/{delivery}/retry"),
    post("/admin/deliveries/{id}/cancel", &[], May(ChangeSubmissions))
        .asked("/admin/deliveries/{delivery}/cancel"),
    get("/admin/jobs", May(SeeJobs)),
    get("/admin/jobs/{id}", May(ChangeSubmissions)).asked("/admin/jobs/{delivery}"),
    post("/admin/jobs/{id}/retry", &[], May(ChangeSubmissions))
        .asked("/admin/jobs/{delivery}/retry"),
    post("/admin/jobs/{id}/cancel", &[], May(ChangeSubmissions))
        .asked("/admin/jobs/{delivery}/cancel"),
    post("/admin/schedules/{name}/run", &[], May(ChangeJobs))
        .asked("/admin/schedules/trim-audit/run"),
    get("/admin/audit", May(SeeWorkspaceAudit)).asked("/admin/audit?workspace_id={workspace}"),
    post("/admin/audit/export", &[("format", "csv")], May(SeeAudit)),
    post("/admin/audit/export", AUDIT_HERE, May(SeeWorkspaceAudit)),
];

/// The routes that the sources of the router have, as methods and paths.
fn in_the_sources() -> BTreeSet<(String, String)> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src");
    let mut found = BTreeSet::new();
    for file in formhold_testkit::files_below(&sources) {
        let text = std::fs::read_to_string(&file).expect("a source");
        for rest in text.split(".route(").skip(1) {
            let call = up_to_its_end(rest);
            // Other things have functions of this name, too.
            let Some(path) = call.trim_start().strip_prefix('"') else { continue };
            let path = path.split('"').next().expect("its end").to_owned();
            // Also the two sets of methods that the router has names for.
            let named = call.contains("submit_named_in").then_some("POST");
            let known = [
                ("get(", "GET"),
                ("post(", "POST"),
                ("put(", "PUT"),
                ("patch(", "PATCH"),
                ("delete(", "DELETE"),
            ];
            let methods =
                known.iter().filter(|(name, _)| calls(call, name)).map(|(_, method)| *method);
            for method in methods.chain(named) {
                found.insert((method.to_owned(), path.clone()));
            }
        }
    }
    found
}

/// Whether a method is called by this very name, not by the end of a longer one.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

fn up_to_its_end(text: &str) -> &str {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[..at];
        }
    }
    panic!("a call without an end: {text}");
}

#[test]
fn the_table_names_every_route_and_no_other() {
    let known: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    let there = in_the_sources();
    assert!(there.len() > 30, "the sources are read: {there:?}");
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(missing.is_empty(), "add a line to ROUTES for each of these: {missing:?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "the router has these no more: {gone:?}");
}
