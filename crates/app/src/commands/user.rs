//! `formhold user`: accounts, for who may run the program.

use std::{io::Read as _, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use formhold_domain::{
    EmailAddress,
    access::InstanceRole,
    accounts::{User, UserState},
    rfc3339,
};
use formhold_service::{
    App, forgotten,
    users::{self, UserIn},
};
use formhold_store::{UserFilter, UserOrder};
use serde_json::{Value, json};

use super::{caller, print, print_json};
use crate::{compose, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Create(Create),
    List(List),
    Disable(One),
    Enable(One),
    ResetPassword(One),
}

/// Make a user
///
/// With --password-stdin the password is read from standard input, to the end of its first line.
/// Without, a link is shown with which the person sets one; it works for an hour.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// What the person is called; the address's name where it is not given
    #[arg(long)]
    name: Option<String>,
    /// What the user may do in the whole instance
    #[arg(long, value_enum, default_value_t = Role::User)]
    role: Role,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List users
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those whose name or address has this in it
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Turn an account off, turn it on again, or show a link that sets a new password
#[derive(Debug, Args)]
pub(super) struct One {
    /// The user's address
    email: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Admin,
    User,
}

impl From<Role> for InstanceRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Admin => Self::Admin,
            Role::User => Self::User,
        }
    }
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<ExitCode> {
    let app = compose::app(settings).await?;
    let outcome = match command {
        Command::Create(arguments) => create(&app, arguments).await,
        Command::List(arguments) => list(&app, &arguments).await,
        Command::Disable(one) => set_state(&app, &one, UserState::Disabled).await,
        Command::Enable(one) => set_state(&app, &one, UserState::Active).await,
        Command::ResetPassword(one) => reset_password(&app, &one).await,
    };
    app.store.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn create(app: &App, arguments: Create) -> anyhow::Result<()> {
    let Create { email, name, role, password_stdin, json } = arguments;
    let password = if password_stdin { Some(read_password()?) } else { None };
    let shown_link = password.is_none();
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let user = UserIn { name, email, role: role.into(), language: None, password };
    let user = users::create_user(app, &caller(), user).await?;
    let link = match shown_link {
        true => Some(forgotten::password_link(app, &caller(), user.id).await?),
        false => None,
    };
    if json {
        let mut shown = shown(&user);
        if let (Some(shown), Some(link)) = (shown.as_object_mut(), &link) {
            shown.insert("password_link".to_owned(), json!(link));
        }
        return print_json(&shown);
    }
    print(&format!("made {} {} ({})", user.role.as_str(), user.email, user.id));
    if let Some(link) = link {
        print(&format!("to set a password, within an hour: {link}"));
    }
    Ok(())
}

/// More than any password may have: what is longer is refused with a reason.
const MOST_BYTES: u64 = 4096;

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(MOST_BYTES)
        .read_to_string(&mut text)
        .context("the password cannot be read from standard input")?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => bail!("there is no password on standard input"),
    }
}

async fn list(app: &App, arguments: &List) -> anyhow::Result<()> {
    const PAGE: u64 = 200;
    let filter = UserFilter { text: arguments.search.clone(), ..UserFilter::default() };
    let mut all: Vec<User> = Vec::new();
    loop {
        let after = all.last().map(|user| user.id);
        let page =
            users::list_users(app, &caller(), &filter, UserOrder::Email, after, PAGE).await?;
        let last = page.len() < usize::try_from(PAGE)?;
        all.extend(page);
        if last {
            break;
        }
    }
    if arguments.json {
        return print_json(&all.iter().map(shown).collect::<Vec<_>>());
    }
    if all.is_empty() {
        print("no users; `formhold user create --help` says how to make one");
    }
    for user in &all {
        let (role, state) = (user.role.as_str(), user.state.as_str());
        print(&format!("{}  {role:<5}  {state:<8}  {}  {}", user.id, user.email, user.name));
    }
    Ok(())
}

async fn set_state(app: &App, one: &One, state: UserState) -> anyhow::Result<()> {
    let user = find(app, one).await?;
    let user = users::set_user_state(app, &caller(), user.id, state).await?;
    print(&format!("{} is {}", user.email, user.state.as_str()));
    Ok(())
}

async fn reset_password(app: &App, one: &One) -> anyhow::Result<()> {
    let user = find(app, one).await?;
    let link = forgotten::password_link(app, &caller(), user.id).await?;
    print(&format!("to set a new password, within an hour: {link}"));
    Ok(())
}

async fn find(app: &App, one: &One) -> anyhow::Result<User> {
    let email = EmailAddress::parse(&one.email)
        .map_err(|message| anyhow::anyhow!("`{}` {message}", one.email))?;
    let found = app.store.find_user_by_email(&email).await?;
    found.with_context(|| format!("there is no user {email}"))
}

fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "state": user.state,
        "created_at": rfc3339(user.created_at_ms),
        "signed_in_at": user.signed_in_at_ms.map(rfc3339),
    })
}
