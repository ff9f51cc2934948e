//! `/admin/users`: everybody with an account, and a new one.

use axum::extract::State;
use formhold_domain::{
    Language, UserId,
    access::{Action, InstanceRole},
    accounts::{User, UserState},
};
use formhold_service::{
    ServiceError, UserFilter, UserOrder,
    access::require,
    users::{self, UserIn},
};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{ASKED, Shown, cut, status_of};
use crate::{
    WebState,
    pages::{
        FormState, TimeView,
        admin::{NewUserPage, UserRow, UsersPage},
    },
    visit::{Around, Asked, Done, Sent, Visit, person, picture_path, reply},
};

/// What is looked for, as the address says it.
#[derive(Default, Deserialize)]
pub(super) struct UsersQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
pub(super) struct UserForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    language: String,
}

impl UsersQuery {
    /// The same for the service; what names no role or state does not matter.
    pub(super) fn filter(&self) -> UserFilter {
        let text = self.q.trim();
        let (state, is_confirmed) = match self.state.as_str() {
            "active" => (Some(UserState::Active), Some(true)),
            "unconfirmed" => (Some(UserState::Active), Some(false)),
            "disabled" => (Some(UserState::Disabled), None),
            _ => (None, None),
        };
        UserFilter {
            text: (!text.is_empty()).then(|| text.to_owned()),
            role: InstanceRole::parse(&self.role),
            state,
            is_confirmed,
        }
    }

    fn fields(&self) -> [(&'static str, &str); 3] {
        [("q", &self.q), ("role", &self.role), ("state", &self.state)]
    }

    fn next(&self, last: UserId) -> String {
        self.fields().into_iter().filter(|(_, value)| !value.is_empty()).fold(
            format!("/admin/users?after={last}"),
            |path, (name, value)| {
                format!("{path}&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
            },
        )
    }
}

/// The state as pages show it.
pub(super) fn state_of(user: &User) -> &'static str {
    match (user.state, user.email_confirmed_at_ms) {
        (UserState::Disabled, _) => "disabled",
        (UserState::Active, None) => "unconfirmed",
        (UserState::Active, Some(_)) => "active",
    }
}

/// `GET /admin/users`.
pub(super) async fn list_users(
    State(state): State<WebState>,
    visit: Visit,
    Asked(query): Asked<UsersQuery>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let (app, filter, after) = (&state.0.app, query.filter(), query.after.parse().ok());
    let found = users::list_users(app, &visit.caller, &filter, UserOrder::Newest, after, ASKED);
    let mut found = found.await.map_err(|failure| visit.failed(&failure))?;
    let next = cut(&mut found).then(|| found.last().map(|last| query.next(last.id))).flatten();
    let shown: Vec<_> =
        found.iter().map(|user| (user.id.to_string(), picture_path(user), user)).collect();
    let rows: Vec<_> = shown
        .iter()
        .map(|(id, picture, user)| UserRow {
            person: person(id, user, picture.as_deref()),
            role: user.role.as_str(),
            state: state_of(user),
            created: TimeView::at_ms(user.created_at_ms),
            last_seen: user.signed_in_at_ms.map(TimeView::at_ms),
        })
        .collect();
    let asked = FormState::filled(query.fields());
    let frame = around.frame();
    let page = UsersPage { frame, filter: &asked, users: &rows, next: next.as_deref() };
    Ok(reply::page(StatusCode::OK, &page))
}

/// `GET /admin/users/new`.
pub(super) async fn show_new_user(State(state): State<WebState>, visit: Visit) -> Shown {
    let around = Around::of(&state, &visit).await?;
    require(&visit.caller, Action::ChangeUsers, None).map_err(|failure| visit.failed(&failure))?;
    let form = FormState::filled([("role", "user"), ("language", around.user.language.tag())]);
    Ok(reply::page(StatusCode::OK, &NewUserPage { frame: around.frame(), form: &form }))
}

/// `POST /admin/users/new`.
pub(super) async fn create_user(
    State(state): State<WebState>,
    Sent { visit, fields: form }: Sent<UserForm>,
) -> Shown {
    let made = match role_and_language(&form.role, &form.language) {
        Ok((role, language)) => {
            let user = UserIn {
                name: form.name.clone(),
                email: form.email.clone(),
                role,
                language: Some(language),
                password: None,
            };
            users::create_user(&state.0.app, &visit.caller, user).await
        }
        Err(failure) => Err(failure),
    };
    let failure = match made {
        Ok(made) => {
            let path = format!("/admin/users/{}", made.id);
            return Ok(reply::see_other(&Done::UserCreated.at(&path)));
        }
        Err(failure) => failure,
    };
    let filled = FormState::filled([
        ("name", form.name),
        ("email", form.email),
        ("role", form.role),
        ("language", form.language),
    ]);
    let form = reply::problems(&failure, filled).ok_or_else(|| visit.failed(&failure))?;
    let around = Around::of(&state, &visit).await?;
    Ok(reply::page(status_of(&failure), &NewUserPage { frame: around.frame(), form: &form }))
}

/// What was chosen; nothing else can be.
pub(super) fn role_and_language(
    role: &str,
    language: &str,
) -> Result<(InstanceRole, Language), ServiceError> {
    let wrong =
        |field, code| ServiceError::invalid(field, code, "must be one of those in the list");
    let role = InstanceRole::parse(role).ok_or_else(|| wrong("role", "UNKNOWN_ROLE"))?;
    let language =
        Language::parse(language).ok_or_else(|| wrong("language", "UNKNOWN_LANGUAGE"))?;
    Ok((role, language))
}
