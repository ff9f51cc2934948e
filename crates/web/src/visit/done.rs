//! What a change led to, told on the page that comes after it.
//!
//! Only a name travels in the address: nobody can make these pages say words of their own.

macro_rules! done {
    ($($variant:ident $name:literal $sentence:literal,)+) => {
        /// Something that was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Done { $($variant,)+ }

        impl Done {
            const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in the address.
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What people read.
            pub(crate) fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

done! {
    SessionEnded "session-ended" "The session has ended.",
    SessionsEnded "sessions-ended" "All other sessions have ended.",
    NoOtherSession "no-other-session" "There was no other session.",
    Registered "registered" "Look into your mailbox: we have sent a mail to this address. Its link leads on.",
    InvitedRegistered "invited-registered" "Your account is ready. You can sign in now.",
    Confirmed "confirmed" "Your address is confirmed. You can sign in now.",
    PasswordLinkSent "password-link-sent" "If this address has an account, a link is on its way there. It works for one hour.",
    ProfileSaved "profile-saved" "Your profile was saved.",
    PictureSaved "picture-saved" "Your picture was saved.",
    PictureRemoved "picture-removed" "Your picture was removed.",
    PasswordChanged "password-changed" "Your password was set. All other sessions and all tokens have ended.",
    EmailAsked "email-asked" "We have sent a link to both addresses. The change takes place when both were opened.",
    EmailCancelled "email-cancelled" "Your address stays as it is.",
    EmailAgreed "email-agreed" "Thank you. The address changes as soon as the other one agrees, too.",
    EmailChanged "email-changed" "The address of the account was changed.",
    AccountDeleted "account-deleted" "Your account was deleted.",
    TotpOff "totp-off" "The codes from an app are turned off. All other browsers were signed out.",
    PasskeyAdded "passkey-added" "The passkey was added. All other browsers were signed out.",
    PasskeyRenamed "passkey-renamed" "The passkey has its new name.",
    PasskeyRemoved "passkey-removed" "The passkey was removed. All other browsers were signed out.",
    UserCreated "user-created" "The user was made; a link to set a password was sent.",
    UserSaved "user-saved" "The user was saved.",
    UserEnabled "user-enabled" "The user is enabled and can sign in again.",
    UserDisabled "user-disabled" "The user is disabled and was signed out everywhere.",
    UserDeleted "user-deleted" "The user was deleted.",
    UserSessionsEnded "user-sessions-ended" "The user was signed out everywhere.",
    FactorsReset "factors-reset" "The second step was reset, and the user was signed out everywhere.",
    WorkspaceCreated "workspace-created" "The workspace was made. You are its owner.",
    WorkspaceSaved "workspace-saved" "The workspace was renamed.",
    WorkspaceDeleted "workspace-deleted" "The workspace was deleted.",
    WorkspaceSwitched "workspace-switched" "You work in this workspace now.",
    MemberSaved "member-saved" "The role was saved.",
    MemberRemoved "member-removed" "They are not in this workspace any more.",
    Invited "invited" "The invitation was sent.",
    InvitationRevoked "invitation-revoked" "The invitation was revoked.",
    Joined "joined" "You have joined this workspace.",
    SubmissionsChanged "submissions-changed" "Done.",
    SubmissionsUnchanged "submissions-unchanged" "There was nothing to change.",
    SubmissionsPartly "submissions-partly" "The newest 10,000 are done, and there are more. Do it again to go on.",
    SubmissionsDeleted "submissions-deleted" "They are deleted for good.",
    SubmissionsUndone "submissions-undone" "They are back where they were.",
    SubmissionSaved "submission-saved" "The answers were saved. The history keeps what was there before.",
    NoteAdded "note-added" "The note was added.",
    NoteDeleted "note-deleted" "The note was deleted.",
    ColumnsSaved "columns-saved" "The columns were saved in this browser.",
    TokenRevoked "token-revoked" "The token is revoked: it opens nothing any more.",
}

impl Done {
    /// The one that a query names.
    pub(crate) fn of_query(query: Option<&str>) -> Option<Self> {
        let name = query?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
        Self::ALL.iter().find(|done| done.name() == name).copied()
    }

    /// The path with what was done there.
    pub(crate) fn at(self, path: &str) -> String {
        let sign = if path.contains('?') { '&' } else { '?' };
        format!("{path}{sign}done={}", self.name())
    }
}
