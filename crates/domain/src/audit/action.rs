//! What the audit trail knows as deeds.

macro_rules! actions {
    ($($variant:ident $name:literal $sentence:literal,)+) => {
        /// A deed that the audit trail keeps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "`sentence` says what each is")]
        pub enum AuditAction { $($variant,)+ }

        impl AuditAction {
            /// All.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What happened, for people.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

actions! {
    InstanceSetUp "instance.set_up" "set up this Formhold",
    SignIn "session.create" "signed in",
    SignInFailed "session.refuse" "failed to sign in",
    SignOut "session.end" "ended a session",
    UserRegister "user.register" "registered",
    UserCreate "user.create" "made a user",
    UserChange "user.change" "changed a user",
    UserDisable "user.disable" "disabled a user",
    UserEnable "user.enable" "enabled a user",
    UserDelete "user.delete" "deleted a user",
    EmailConfirm "user.email.confirm" "confirmed an address",
    EmailChangeAsk "user.email.ask" "asked to change an address",
    EmailChangeCancel "user.email.cancel" "gave up changing an address",
    EmailChange "user.email.change" "changed an address",
    PasswordForgot "user.password.forgot" "asked for a new password",
    PasswordChange "user.password.change" "set a password",
    TotpOn "user.totp.on" "turned on codes from an app",
    TotpOff "user.totp.off" "turned off codes from an app",
    RecoveryCodes "user.recovery_codes.create" "made new recovery codes",
    PasskeyAdd "user.passkey.add" "added a passkey",
    PasskeyChange "user.passkey.change" "renamed a passkey",
    PasskeyRemove "user.passkey.remove" "removed a passkey",
    IdentityLink "user.identity.link" "linked a sign-in provider",
    FactorsReset "user.factors.reset" "took away all ways to sign in but the password",
    PictureChange "user.picture.change" "changed a picture",
    UsersExport "user.export" "exported users",
    TokenCreate "token.create" "made an API token",
    TokenRevoke "token.revoke" "revoked an API token",
    WorkspaceCreate "workspace.create" "made a workspace",
    WorkspaceChange "workspace.change" "changed a workspace",
    WorkspaceDelete "workspace.delete" "deleted a workspace",
    MemberAdd "member.add" "added a member",
    MemberChange "member.change" "changed a member's role",
    MemberRemove "member.remove" "removed a member",
    InvitationCreate "invitation.create" "invited somebody",
    InvitationRevoke "invitation.revoke" "revoked an invitation",
    FormCreate "form.create" "made a form",
    FormChange "form.change" "changed a form",
    FormDelete "form.delete" "deleted a form",
    ChannelCreate "channel.create" "made a notification channel",
    ChannelChange "channel.change" "changed a notification channel",
    ChannelOff "channel.off" "switched off a notification channel that fails",
    ChannelDelete "channel.delete" "deleted a notification channel",
    SubmissionsExport "submission.export" "exported submissions",
    SubmissionChange "submission.change" "changed submissions",
    SubmissionDelete "submission.delete" "deleted submissions for good",
    SubmissionMark "submission.mark" "said of a submission whether it is spam",
    SettingsChange "settings.change" "started with changed settings",
    AuditExport "audit.export" "exported the audit trail",
    JobRetry "job.retry" "let jobs be tried again",
    JobCancel "job.cancel" "called off a job",
    ScheduleRun "schedule.run" "ran a schedule",
    AuditTrim "audit.trim" "removed old entries of the audit trail",
    AuditRedact "audit.redact" "took the details out of entries of the audit trail",
}
