//! English.

use super::LetterTexts;

pub(super) static TEXTS: LetterTexts = LetterTexts {
    greeting: "Hello {name},",
    closing: "This mail was sent by Formhold. There is nobody to answer to at its address.",
    confirm_email: [
        "Confirm your address",
        "please confirm that this address is yours:\n\n{link}\n\nThe link works for 24 hours, once. If you did not register, do nothing: the account stays locked.",
    ],
    has_account: [
        "You have an account already",
        "somebody, probably you, tried to register with this address. It has an account already.\n\nSign in: {sign_in}\nForgot the password? {forgot}\n\nIf that was not you, there is nothing to do.",
    ],
    registered_again: [
        "Set the password of your account",
        "somebody, probably you, registered with this address more than once, with different passwords. None of them works now. Set the one that you want here:\n\n{link}\n\nThe link works for one hour, once, and confirms your address, too. If you did not register, do nothing: the account stays locked.",
    ],
    reset_password: [
        "Set a new password",
        "here you can set a new password:\n\n{link}\n\nThe link works for one hour, once. If you did not ask for it, do nothing: your password stays as it is.",
    ],
    leave_email: [
        "Shall your account move to another address?",
        "somebody who is signed in to your account wants to change its address to {new_email}. If that is you, agree here:\n\n{link}\n\nThe link works for 24 hours, once. If that was not you, do not agree, and change your password.",
    ],
    reach_email: [
        "Confirm your new address",
        "please confirm that this address is yours and that your account should move to it:\n\n{link}\n\nThe link works for 24 hours, once. The old address must agree, too.",
    ],
    address_taken: [
        "This address has an account already",
        "somebody, probably you, wanted an account to move from another address to this one. This address has an account already, so nothing was changed.\n\nSign in to it: {sign_in}\n\nIf that was not you, there is nothing to do.",
    ],
    email_changed: [
        "Your account has another address now",
        "your account now belongs to {new_email}. Mails about it go there.",
    ],
    password_changed: [
        "Your password was changed",
        "the password of your account was changed, and all other browsers were signed out.\n\nIf that was not you, set a new one: {forgot}",
    ],
    account_deleted: [
        "Your account was deleted",
        "your account was deleted by somebody who was signed in to it and confirmed it. Nothing opens it any more.",
    ],
    factors_changed: [
        "How you sign in has changed",
        "{what}\n\nIf that was not you, look at your account: {account}",
    ],
    totp_on: "signing in to your account now takes a code from an app as well.",
    totp_off: "signing in to your account no longer takes a code from an app.",
    passkey_added: "a passkey was added to your account.",
    passkey_removed: "a passkey was removed from your account.",
    recovery_code_used: "somebody signed in to your account with one of your recovery codes.",
    recovery_codes_new: "new recovery codes were made for your account; the old ones do not work any more.",
    provider_linked: "your account can now be opened by a sign-in provider.",
    factors_reset: "an administrator took away the codes from an app, the recovery codes, the passkeys and the sign-in providers of your account. Now the password alone opens it.",
    invitation: [
        "{by} invites you to {workspace}",
        "{by} invites you to work in the workspace \"{workspace}\":\n\n{link}\n\nThe link works for 7 days, once. If you do not know what this is about, do nothing.",
    ],
};
