//! `formhold form plan` and `formhold form apply`: what would change, then change it.

use formhold_domain::Difference;
use formhold_service::{
    App,
    forms::{self, Imported, Plan},
};
use serde_json::{Value, json};

use super::{form::Definition, print, print_json};

/// Prints what applying would change; true when that is something.
pub(super) async fn plan(
    app: &App,
    definitions: &[Definition],
    as_json: bool,
) -> anyhow::Result<bool> {
    let mut plans = Vec::new();
    for (key, definition) in definitions {
        plans.push(forms::plan_form(app, key.as_ref(), definition).await?);
    }
    let changes = plans.iter().any(|plan| plan.outcome != Imported::Unchanged);
    if as_json {
        print_json(&plans.iter().map(out).collect::<Vec<_>>())?;
    } else {
        plans
            .iter()
            .for_each(|plan| show(plan, ["would be made", "would change", "stays as it is"]));
    }
    Ok(changes)
}

/// Makes forms what their definitions say. All are planned before the first is changed, so that a
/// mistake in one changes none.
pub(super) async fn apply(
    app: &App,
    definitions: Vec<Definition>,
    as_json: bool,
) -> anyhow::Result<()> {
    let mut plans = Vec::new();
    for (key, definition) in &definitions {
        plans.push(forms::plan_form(app, key.as_ref(), definition).await?);
    }
    let mut results = Vec::new();
    for ((key, definition), mut plan) in definitions.into_iter().zip(plans) {
        let (form, outcome) = forms::import_form(app, &super::caller(), key, definition).await?;
        (plan.outcome, plan.version) = (outcome, form.identity.version);
        if as_json {
            let mut result = out(&plan);
            result["id"] = json!(form.identity.id);
            result["key"] = json!(form.identity.key);
            results.push(result);
        } else {
            show(&plan, ["was made", "was changed", "stays as it is"]);
        }
    }
    if as_json { print_json(&results) } else { Ok(()) }
}

fn show(plan: &Plan, [made, changed, same]: [&str; 3]) {
    let (slug, version) = (&plan.slug, plan.version);
    print(&match plan.outcome {
        Imported::Created => format!("+ form `{slug}` {made}"),
        Imported::Updated => format!("~ form `{slug}` {changed}, version {version}"),
        Imported::Unchanged => format!("  form `{slug}` {same}"),
    });
    for Difference { place, before, after } in &plan.changes {
        print(&match (before, after) {
            (Value::Null, after) => format!("    + {place}: {after}"),
            (before, Value::Null) => format!("    - {place}: {before}"),
            (before, after) => format!("    ~ {place}: {before} -> {after}"),
        });
    }
}

fn out(plan: &Plan) -> Value {
    let result = match plan.outcome {
        Imported::Created => "created",
        Imported::Updated => "updated",
        Imported::Unchanged => "unchanged",
    };
    json!({ "slug": plan.slug, "result": result, "version": plan.version, "changes": plan.changes })
}
