//! What can be done, as far as rights go.

/// Something that somebody may or may not do. The table in [`super::RULES`] says who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "`sentence` says what each is")]
pub enum Action {
    SeeOwnAccount,
    ChangeOwnAccount,
    SeeOwnSubmissions,
    SeeUsers,
    ChangeUsers,
    SeeAllWorkspaces,
    CreateWorkspaces,
    SeeAudit,
    SeeSystem,
    SeeJobs,
    ChangeJobs,
    SeeWorkspace,
    ChangeWorkspace,
    SeeMembers,
    ChangeMembers,
    SeeWorkspaceAudit,
    SeeStats,
    SeeForms,
    ChangeForms,
    SeeSubmissions,
    ChangeSubmissions,
    ExportSubmissions,
    ForwardSubmissions,
}

impl Action {
    /// What it is, for the table in the documents.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::SeeOwnAccount => "see the own account",
            Self::ChangeOwnAccount => "change the own account, sessions, factors and tokens",
            Self::SeeOwnSubmissions => "see what one submitted oneself",
            Self::SeeUsers => "see, search and export users",
            Self::ChangeUsers => "make, change, disable and delete users",
            Self::SeeAllWorkspaces => "see every workspace",
            Self::CreateWorkspaces => "make workspaces",
            Self::SeeAudit => "see the whole audit trail",
            Self::SeeSystem => "see how the instance does",
            Self::SeeJobs => "see every job and every schedule",
            Self::ChangeJobs => "try jobs again, call them off, run schedules",
            Self::SeeWorkspace => "see the workspace",
            Self::ChangeWorkspace => "rename and delete the workspace",
            Self::SeeMembers => "see members and invitations",
            Self::ChangeMembers => "invite, change and remove members",
            Self::SeeWorkspaceAudit => "see the workspace's part of the audit trail",
            Self::SeeStats => "see how much is submitted to the workspace's forms",
            Self::SeeForms => "see forms",
            Self::ChangeForms => "make, change and delete forms",
            Self::SeeSubmissions => "see submissions and their files",
            Self::ChangeSubmissions => "change, move and delete submissions",
            Self::ExportSubmissions => "export submissions",
            Self::ForwardSubmissions => "send submissions on behalf of visitors",
        }
    }
}
