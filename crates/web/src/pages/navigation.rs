//! The main navigation: which places there are, and who sees them.

use super::{Access, Link};

/// Some places under a title.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) links: Vec<Link<'static>>,
}

/// From who sees them on; a path; what it is called.
const MANAGE: &[(Access, &str, &str)] = &[
    (Access::Member, "/admin", "Overview"),
    (Access::Member, "/admin/forms", "Forms"),
    (Access::Member, "/admin/workspaces", "Workspaces"),
    (Access::Admin, "/admin/users", "Users"),
    (Access::Admin, "/admin/jobs", "Jobs"),
    (Access::Owner, "/admin/audit", "Audit log"),
];

const ACCOUNT: &[(&str, &str)] = &[
    ("/account", "Profile"),
    ("/account/email", "E-mail address"),
    ("/account/password", "Password"),
    ("/account/factors", "Sign-in security"),
    ("/account/sessions", "Sessions"),
    ("/account/tokens", "API tokens"),
    ("/account/submissions", "Your submissions"),
];

/// What somebody with this access sees.
pub(super) fn groups(access: Access) -> Vec<Group> {
    let link = |path, label| Link { path, label };
    let seen = MANAGE.iter().filter(|(least, ..)| *least <= access);
    let manage: Vec<_> = seen.map(|(_, path, label)| link(path, label)).collect();
    let account = ACCOUNT.iter().map(|(path, label)| link(path, label)).collect();
    let groups =
        [Group { title: "Manage", links: manage }, Group { title: "Your account", links: account }];
    groups.into_iter().filter(|group| !group.links.is_empty()).collect()
}
