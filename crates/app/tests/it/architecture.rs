//! The crates import each other as the architecture says, and no other way.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

fn table() -> BTreeMap<String, BTreeSet<String>> {
    let document = include_str!("../../../../docs/ARCHITECTURE.md");
    let rows = document
        .split("<!-- imports -->")
        .nth(1)
        .expect("the table of imports stands between its marks");
    rows.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned();
            let imports =
                cells.next()?.split(',').map(|cell| cell.trim().trim_matches('`').to_owned());
            Some((
                name,
                imports
                    .filter(|import| !import.is_empty() && import != "nothing of ours")
                    .collect(),
            ))
        })
        .collect()
}

fn short(name: &str) -> String {
    if name == "formhold" {
        "app".to_owned()
    } else {
        name.trim_start_matches("formhold-").to_owned()
    }
}

#[test]
fn crates_import_only_what_the_architecture_allows() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata");
    let table = table();
    let mut seen = BTreeSet::new();
    for package in metadata
        .packages
        .iter()
        .filter(|package| package.manifest_path.as_str().contains("/crates/"))
    {
        let name = short(package.name.as_str());
        let allowed =
            table.get(&name).unwrap_or_else(|| panic!("`{name}` is not in the table of imports"));
        for dependency in &package.dependencies {
            let ours = dependency.name == "formhold" || dependency.name.starts_with("formhold-");
            if ours && dependency.kind == DependencyKind::Normal {
                let import = short(&dependency.name);
                assert!(allowed.contains(&import), "`{name}` must not import `{import}`");
            }
        }
        seen.insert(name);
    }
    let listed: BTreeSet<_> = table.keys().cloned().collect();
    assert_eq!(seen, listed, "the table lists the crates that exist");
}

#[test]
fn each_protocol_has_one_home() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata");
    let owners: [(&str, &[&str]); 6] = [
        ("sea-orm", &["store"]),
        ("sqlx", &["store", "testkit"]),
        ("axum", &["web"]),
        ("hyper", &["web"]),
        // `files` only switches TLS on in what another library builds.
        ("reqwest", &["outbound", "files", "testkit"]),
        ("lettre", &["channels"]),
    ];
    for package in metadata
        .packages
        .iter()
        .filter(|package| package.manifest_path.as_str().contains("/crates/"))
    {
        let name = short(package.name.as_str());
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
        {
            for (heavy, homes) in owners {
                assert!(
                    dependency.name != heavy || homes.contains(&name.as_str()),
                    "`{name}` must not import `{heavy}`"
                );
            }
        }
    }
}

#[test]
fn the_lock_file_keeps_to_the_floors_of_known_flaws() {
    let lock = include_str!("../../../../Cargo.lock");
    let floors = [
        ("rustls", (0, 23, 18)),
        ("tracing-subscriber", (0, 3, 20)),
        ("h2", (0, 4, 16)),
        ("tar", (0, 4, 45)),
        ("lettre", (0, 11, 22)),
    ];
    for entry in lock.split("[[package]]") {
        let value = |key: &str| {
            entry.lines().find_map(|line| {
                line.strip_prefix(&format!("{key} = \"")).map(|rest| rest.trim_end_matches('"'))
            })
        };
        let (Some(name), Some(version)) = (value("name"), value("version")) else { continue };
        for (flawed, (major, minor, patch)) in floors {
            if name == flawed {
                let parts: Vec<u32> =
                    version.split(['.', '-', '+']).filter_map(|part| part.parse().ok()).collect();
                assert!(
                    parts.as_slice() >= [major, minor, patch].as_slice(),
                    "{name} {version} is older than {major}.{minor}.{patch}"
                );
            }
        }
    }
}
