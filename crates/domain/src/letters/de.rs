//! German.

use super::LetterTexts;

pub(super) static TEXTS: LetterTexts = LetterTexts {
    greeting: "Guten Tag {name},",
    closing: "Diese Nachricht hat Formhold verschickt. Unter ihrer Adresse antwortet niemand.",
    confirm_email: [
        "Bestätigen Sie Ihre Adresse",
        "bitte bestätigen Sie, dass diese Adresse Ihnen gehört:\n\n{link}\n\nDer Link gilt 24 Stunden und nur einmal. Wenn Sie sich nicht angemeldet haben, tun Sie nichts: Das Konto bleibt gesperrt.",
    ],
    has_account: [
        "Sie haben schon ein Konto",
        "jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse registrieren. Zu ihr gibt es schon ein Konto.\n\nAnmelden: {sign_in}\nPasswort vergessen? {forgot}\n\nWenn Sie das nicht waren, müssen Sie nichts tun.",
    ],
    registered_again: [
        "Setzen Sie das Passwort Ihres Kontos",
        "jemand, vermutlich Sie selbst, hat sich mit dieser Adresse mehrmals registriert, mit verschiedenen Passwörtern. Keines davon gilt jetzt. Setzen Sie hier das gewünschte:\n\n{link}\n\nDer Link gilt eine Stunde und nur einmal, und er bestätigt auch Ihre Adresse. Wenn Sie sich nicht registriert haben, tun Sie nichts: Das Konto bleibt gesperrt.",
    ],
    reset_password: [
        "Neues Passwort setzen",
        "hier können Sie ein neues Passwort setzen:\n\n{link}\n\nDer Link gilt eine Stunde und nur einmal. Wenn Sie ihn nicht angefordert haben, tun Sie nichts: Ihr Passwort bleibt, wie es ist.",
    ],
    leave_email: [
        "Soll Ihr Konto eine andere Adresse bekommen?",
        "jemand, der in Ihrem Konto angemeldet ist, möchte dessen Adresse in {new_email} ändern. Wenn Sie das sind, stimmen Sie hier zu:\n\n{link}\n\nDer Link gilt 24 Stunden und nur einmal. Wenn Sie das nicht waren, stimmen Sie nicht zu und ändern Sie Ihr Passwort.",
    ],
    reach_email: [
        "Bestätigen Sie Ihre neue Adresse",
        "bitte bestätigen Sie, dass diese Adresse Ihnen gehört und Ihr Konto zu ihr wechseln soll:\n\n{link}\n\nDer Link gilt 24 Stunden und nur einmal. Auch die alte Adresse muss zustimmen.",
    ],
    address_taken: [
        "Zu dieser Adresse gibt es schon ein Konto",
        "jemand, vermutlich Sie selbst, wollte ein Konto von einer anderen Adresse zu dieser umziehen. Zu ihr gibt es schon ein Konto, deshalb wurde nichts geändert.\n\nBei diesem anmelden: {sign_in}\n\nWenn Sie das nicht waren, müssen Sie nichts tun.",
    ],
    email_changed: [
        "Ihr Konto hat jetzt eine andere Adresse",
        "Ihr Konto gehört jetzt zu {new_email}. Nachrichten dazu gehen dorthin.",
    ],
    password_changed: [
        "Ihr Passwort wurde geändert",
        "das Passwort Ihres Kontos wurde geändert, und alle anderen Browser wurden abgemeldet.\n\nWenn Sie das nicht waren, setzen Sie ein neues: {forgot}",
    ],
    account_deleted: [
        "Ihr Konto wurde gelöscht",
        "Ihr Konto wurde von jemandem gelöscht, der darin angemeldet war und das bestätigt hat. Nichts öffnet es mehr.",
    ],
    factors_changed: [
        "Ihre Anmeldung hat sich geändert",
        "{what}\n\nWenn Sie das nicht waren, sehen Sie in Ihrem Konto nach: {account}",
    ],
    totp_on: "zur Anmeldung in Ihrem Konto gehört jetzt auch ein Code aus einer App.",
    totp_off: "zur Anmeldung in Ihrem Konto gehört kein Code aus einer App mehr.",
    passkey_added: "Ihrem Konto wurde ein Passkey hinzugefügt.",
    passkey_removed: "aus Ihrem Konto wurde ein Passkey entfernt.",
    recovery_code_used: "jemand hat sich mit einem Ihrer Wiederherstellungscodes in Ihrem Konto angemeldet.",
    recovery_codes_new: "für Ihr Konto gibt es neue Wiederherstellungscodes; die alten gelten nicht mehr.",
    provider_linked: "Ihr Konto lässt sich jetzt über einen Anmeldedienst öffnen.",
    factors_reset: "Ein Administrator hat die Codes aus einer App, die Wiederherstellungscodes, die Passkeys und die Anmeldedienste Ihres Kontos entfernt. Jetzt öffnet es das Passwort allein.",
    invitation: [
        "{by} lädt Sie zu {workspace} ein",
        "{by} lädt Sie ein, im Arbeitsbereich „{workspace}“ mitzuarbeiten:\n\n{link}\n\nDer Link gilt 7 Tage und nur einmal. Wenn Sie nicht wissen, worum es geht, tun Sie nichts.",
    ],
};
