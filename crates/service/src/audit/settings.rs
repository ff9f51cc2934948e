//! With which settings a start was made, as far as the trail keeps it: which keys are others than at
//! the start before, and never what is in them.

use std::collections::BTreeMap;

use formhold_domain::{
    access::Caller,
    audit::{AuditAction, AuditEntry},
};
use formhold_store::AuditFilter;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{App, ServiceError};

/// Notes the settings of a start where they are not those of the last one that was noted; gives the
/// keys that differ. `settings` are texts by key, without secrets.
///
/// # Errors
/// When the database fails.
pub async fn note_settings(
    app: &App,
    settings: &BTreeMap<String, String>,
) -> Result<Vec<String>, ServiceError> {
    let prints: BTreeMap<&str, String> =
        settings.iter().map(|(key, text)| (key.as_str(), print(app, key, text))).collect();
    let all: String = prints.iter().map(|(key, print)| format!("{key}={print}\n")).collect();
    let hash = print(app, "", &all);
    let before = noted(app).await?;
    if before.as_ref().is_some_and(|before| before["hash"] == json!(hash)) {
        return Ok(Vec::new());
    }
    let known = before.as_ref().and_then(|before| before["keys"].as_object());
    let changed: Vec<String> = match known {
        // The first start with settings that are noted: there is nothing to compare with.
        None => Vec::new(),
        Some(known) => {
            let differs = |key: &&str| known.get(*key) != Some(&json!(prints.get(key)));
            let gone = known.keys().map(String::as_str).filter(|key| !prints.contains_key(key));
            prints
                .keys()
                .copied()
                .filter(|key| differs(key))
                .chain(gone)
                .map(str::to_owned)
                .collect()
        }
    };
    let mut change = app.store.begin(app.clock.now_ms()).await?;
    let entry = AuditEntry::new(AuditAction::SettingsChange, &Caller::system("settings"));
    change.record(entry.with(json!({ "changed": changed, "hash": hash, "keys": prints })));
    change.commit().await?;
    Ok(changed)
}

/// The details of the last entry about settings, where there is one that can still be read.
async fn noted(app: &App) -> Result<Option<Value>, ServiceError> {
    let action = Some(AuditAction::SettingsChange.as_str().to_owned());
    let filter = AuditFilter { action, ..AuditFilter::default() };
    let last = app.store.list_audit(&filter, None, 1).await?.pop();
    Ok(last.and_then(|row| serde_json::from_str(&row.details?).ok()))
}

/// Tells values apart and nothing of them: without the instance's key it is no hash of anything.
fn print(app: &App, key: &str, text: &str) -> String {
    let mut print =
        Hmac::<Sha256>::new_from_slice(&app.secrets.tickets).expect("any length makes a key");
    print.update(b"settings");
    print.update(key.as_bytes());
    print.update(&[0]);
    print.update(text.as_bytes());
    print.finalize().into_bytes()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
