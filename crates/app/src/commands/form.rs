//! `formhold form`.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use formhold_domain::{CompiledForm, FormDefinition, FormKey};
use formhold_service::{App, forms};
use serde_json::{Map, Value, json};

use super::{form_plans as plans, print, print_json};
use crate::{compose, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the forms
    List(ListArguments),
    /// Make forms of definitions, or new versions of forms that exist
    Import(ImportArguments),
    /// Print definitions, as they can be imported
    Export(ExportArguments),
    /// Show what `form apply` would change, key by key, and change nothing
    Plan(PlanArguments),
    /// Make forms what their definitions say, and show what that changed
    Apply(ApplyArguments),
    /// Put a form into the trash, from where it can come back for 30 days
    Trash(NameArguments),
    /// Take a form out of the trash
    Restore(NameArguments),
    /// Delete for good what has been in the trash for more than 30 days
    EmptyTrash,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Make forms of definitions in TOML or JSON.
///
/// A file holds one definition, or several under `forms`. A definition with a `key` is for the
/// form with this key, any other for the form with its slug; where there is none yet, it is made.
#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The files (.toml or .json); `-` reads TOML or JSON from standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The form's slug or key; without it, all forms
    #[arg(value_name = "FORM")]
    form: Option<String>,
    /// The format
    #[arg(long, value_enum, default_value = "toml")]
    format: DefinitionFormat,
    /// The file to write; without it, standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// The files (.toml or .json); `-` reads TOML or JSON from standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit 1 when something would change
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    /// The files (.toml or .json); `-` reads TOML or JSON from standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct NameArguments {
    /// The form's slug or key
    #[arg(value_name = "FORM")]
    form: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DefinitionFormat {
    Toml,
    Json,
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<ExitCode> {
    // Read before the database is opened: a mistake in a file then costs nothing.
    let definitions = match &command {
        Command::Import(arguments) => read_definitions(&arguments.files)?,
        Command::Plan(arguments) => read_definitions(&arguments.files)?,
        Command::Apply(arguments) => read_definitions(&arguments.files)?,
        _ => Vec::new(),
    };
    let app = compose::app(settings).await?;
    let outcome = match command {
        Command::List(arguments) => list(&app, &arguments).await,
        Command::Import(arguments) => import(&app, definitions, arguments.json).await,
        Command::Export(arguments) => export(&app, &arguments).await,
        Command::Plan(arguments) => {
            let planned = plans::plan(&app, &definitions, arguments.json).await;
            app.store.close().await;
            let exit = |changes| {
                if changes && arguments.check { ExitCode::FAILURE } else { ExitCode::SUCCESS }
            };
            return planned.map(exit);
        }
        Command::Apply(arguments) => plans::apply(&app, definitions, arguments.json).await,
        Command::Trash(arguments) => trash(&app, &arguments.form).await,
        Command::Restore(arguments) => restore(&app, &arguments.form).await,
        Command::EmptyTrash => empty_trash(&app).await,
    };
    app.store.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn trash(app: &App, form: &str) -> anyhow::Result<()> {
    forms::delete_form(app, &super::caller(), form).await?;
    print(&format!("Form `{form}` is in the trash; `formhold form restore {form}` takes it out."));
    Ok(())
}

async fn restore(app: &App, form: &str) -> anyhow::Result<()> {
    let found = app.store.find_form(form).await?;
    let Some(found) = found else { bail!("there is no form `{form}`") };
    forms::restore_form(app, &super::caller(), found.id).await?;
    print(&format!("Form `{form}` is back and takes submissions as before."));
    Ok(())
}

async fn empty_trash(app: &App) -> anyhow::Result<()> {
    let purged = forms::purge_trash(app, &super::caller()).await?;
    print(&format!(
        "Deleted for good: {} forms, {} submissions.",
        purged.forms, purged.submissions
    ));
    Ok(())
}

async fn list(app: &App, arguments: &ListArguments) -> anyhow::Result<()> {
    let forms = all_forms(app).await?;
    if arguments.json {
        let out = |form: &formhold_store::FormSummary| json!({ "id": form.id, "key": form.key, "slug": form.slug, "name": form.name, "version": form.version, "accepted": form.accepted });
        return print_json(&forms.iter().map(out).collect::<Vec<_>>());
    }
    if forms.is_empty() {
        print(
            "There are no forms yet. `formhold form import FILE` makes one; `formhold serve --demo` makes some to look at.",
        );
        return Ok(());
    }
    let width = forms.iter().map(|form| form.slug.len()).max().unwrap_or(0);
    print(&format!(
        "{:10}  {:width$}  {:>11}  {:>7}  NAME",
        "KEY", "SLUG", "SUBMISSIONS", "VERSION"
    ));
    for form in forms {
        print(&format!(
            "{:10}  {:width$}  {:>11}  {:>7}  {}",
            form.key, form.slug, form.accepted, form.version, form.name
        ));
    }
    Ok(())
}

async fn all_forms(app: &App) -> anyhow::Result<Vec<formhold_store::FormSummary>> {
    const PAGE: u64 = 200;
    let mut all: Vec<formhold_store::FormSummary> = Vec::new();
    loop {
        let page = forms::list_forms(app, all.last().map(|form| form.slug.as_str()), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

pub(super) type Definition = (Option<FormKey>, FormDefinition);

async fn import(app: &App, definitions: Vec<Definition>, as_json: bool) -> anyhow::Result<()> {
    let mut results = Vec::new();
    for (key, definition) in definitions {
        let (form, imported) = forms::import_form(app, &super::caller(), key, definition).await?;
        let what = match imported {
            forms::Imported::Created => "created",
            forms::Imported::Updated => "updated",
            forms::Imported::Unchanged => "unchanged",
        };
        let (identity, slug) = (&form.identity, &form.definition.slug);
        if !as_json {
            print(&format!(
                "{what} form `{slug}`: key {}, version {}",
                identity.key, identity.version
            ));
        }
        results.push(json!({ "id": identity.id, "key": identity.key, "slug": slug, "version": identity.version, "result": what }));
    }
    if as_json { print_json(&results) } else { Ok(()) }
}

fn read_definitions(files: &[PathBuf]) -> anyhow::Result<Vec<Definition>> {
    let mut definitions = Vec::new();
    for file in files {
        let read = read_file(file).and_then(|text| parse_file(&text));
        definitions.extend(read.with_context(|| format!("`{}`", file.display()))?);
    }
    Ok(definitions)
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path).context("cannot be read")
}

/// One definition, several under `forms`, or a JSON array of them.
fn parse_file(text: &str) -> anyhow::Result<Vec<Definition>> {
    let value: Value = if text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<Value>(text).is_ok()
    {
        serde_json::from_str(text)?
    } else {
        toml::from_str(text)?
    };
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("forms") {
            Some(Value::Array(list)) if object.is_empty() => list,
            Some(_) => bail!("`forms` must be a list, and stand alone"),
            None => vec![Value::Object(object)],
        },
        _ => bail!("is no definition of a form"),
    };
    list.into_iter()
        .enumerate()
        .map(|(index, value)| parse_one(value).with_context(|| format!("form {}", index + 1)))
        .collect()
}

fn parse_one(value: Value) -> anyhow::Result<Definition> {
    let Value::Object(mut object) = value else { bail!("is no definition of a form") };
    let key = object.remove("key").map(serde_json::from_value).transpose()?;
    Ok((key, serde_json::from_value(Value::Object(object))?))
}

async fn export(app: &App, arguments: &ExportArguments) -> anyhow::Result<()> {
    let names = match &arguments.form {
        Some(name) => vec![name.clone()],
        None => all_forms(app).await?.into_iter().map(|form| form.key).collect(),
    };
    let mut definitions = Vec::new();
    for name in &names {
        definitions.push(with_key(&forms::get_form(app, name).await?)?);
    }
    let value = match definitions.pop() {
        Some(one) if arguments.form.is_some() => one,
        last => json!({ "forms": definitions.into_iter().chain(last).collect::<Vec<_>>() }),
    };
    let text = match arguments.format {
        DefinitionFormat::Toml => toml::to_string_pretty(&value)?,
        DefinitionFormat::Json => serde_json::to_string_pretty(&value)? + "\n",
    };
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
        }
        None => {
            print(text.trim_end());
            Ok(())
        }
    }
}

fn with_key(form: &CompiledForm) -> anyhow::Result<Value> {
    let mut object = Map::from_iter([("key".to_owned(), json!(form.identity.key))]);
    if let Value::Object(definition) = serde_json::to_value(&form.definition)? {
        object.extend(definition);
    }
    Ok(Value::Object(object))
}
