//! People: accounts, what proves that one is theirs, workspaces, tokens, and the audit trail.

use sea_orm_migration::prelude::*;

use super::tables::{add_column, create, create_index, long_text, table};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The id and name of the workspace that holds the forms that were made before there was one.
const FIRST_WORKSPACE: &str = "01900000000070008000000000000001";

fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn text(name: &'static str, length: u32) -> ColumnDef {
    ColumnDef::new(name).string_len(length).to_owned()
}

fn hash(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary_len(32).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        people(manager).await?;
        proofs(manager).await?;
        workspaces(manager).await?;
        audit(manager).await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(super::tables::only_forward())
    }
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let users = table("users")
        .col(id("id").not_null().primary_key())
        .col(text("email", 254).not_null())
        .col(text("email_folded", 254).not_null().unique_key())
        .col(time("email_confirmed_at_ms"))
        .col(text("name", 100).not_null())
        .col(text("name_folded", 200).not_null())
        .col(text("role", 16).not_null())
        .col(text("language", 16).not_null())
        .col(text("state", 16).not_null())
        .col(text("password_hash", 255))
        .col(ColumnDef::new("totp_secret").var_binary(64).to_owned())
        .col(time("totp_step"))
        .col(id("picture_id"))
        .col(text("picture_type", 64))
        .col(ColumnDef::new("version").integer().not_null())
        .col(time("created_at_ms").not_null())
        .col(time("updated_at_ms").not_null())
        .col(time("signed_in_at_ms"))
        .to_owned();
    create(manager, users).await?;

    let changes = table("email_changes")
        .col(id("user_id").not_null().primary_key())
        .col(text("new_email", 254).not_null())
        .col(ColumnDef::new("old_agreed").boolean().not_null())
        .col(ColumnDef::new("new_agreed").boolean().not_null())
        .col(time("created_at_ms").not_null())
        .to_owned();
    create(manager, changes).await?;

    let owners = table("submission_owners")
        .col(id("user_id").not_null())
        .col(id("submission_id").not_null())
        .primary_key(Index::create().col("user_id").col("submission_id"))
        .to_owned();
    create(manager, owners).await?;

    // What was done once for all: that the instance was set up.
    let facts = table("instance_facts")
        .col(text("name", 32).not_null().primary_key())
        .col(time("at_ms").not_null())
        .to_owned();
    create(manager, facts).await
}

async fn proofs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sessions = table("sessions")
        .col(id("id").not_null().primary_key())
        .col(hash("secret_hash").not_null().unique_key())
        .col(id("user_id").not_null())
        .col(text("factor", 16).not_null())
        .col(time("created_at_ms").not_null())
        .col(time("seen_at_ms").not_null())
        .col(time("expires_at_ms").not_null())
        .col(text("address", 45))
        .col(text("user_agent", 512))
        .to_owned();
    create(manager, sessions).await?;
    create_index(manager, "sessions_by_user", "sessions", &["user_id", "id"]).await?;
    create_index(manager, "sessions_by_end", "sessions", &["expires_at_ms"]).await?;

    let tokens = table("api_tokens")
        .col(id("id").not_null().primary_key())
        .col(hash("secret_hash").not_null().unique_key())
        .col(id("user_id").not_null())
        .col(text("name", 100).not_null())
        .col(text("scopes", 255).not_null())
        .col(id("workspace_id"))
        .col(time("created_at_ms").not_null())
        .col(time("expires_at_ms"))
        .col(time("used_at_ms"))
        .to_owned();
    create(manager, tokens).await?;
    create_index(manager, "api_tokens_by_user", "api_tokens", &["user_id", "id"]).await?;

    let links = table("one_time_links")
        .col(hash("secret_hash").not_null().primary_key())
        .col(text("kind", 16).not_null())
        .col(id("user_id").not_null())
        .col(time("created_at_ms").not_null())
        .col(time("expires_at_ms").not_null())
        .to_owned();
    create(manager, links).await?;
    create_index(manager, "one_time_links_by_user", "one_time_links", &["user_id", "kind"]).await?;

    let codes = table("recovery_codes")
        .col(id("user_id").not_null())
        .col(hash("code_hash").not_null())
        .primary_key(Index::create().col("user_id").col("code_hash"))
        .to_owned();
    create(manager, codes).await?;

    let passkeys = table("passkeys")
        .col(id("id").not_null().primary_key())
        .col(id("user_id").not_null())
        // Of the credential's id, which may have 1,023 bytes.
        .col(hash("credential_hash").not_null().unique_key())
        .col(text("name", 100).not_null())
        .col(long_text("credential").not_null())
        .col(time("created_at_ms").not_null())
        .col(time("used_at_ms"))
        .to_owned();
    create(manager, passkeys).await?;
    create_index(manager, "passkeys_by_user", "passkeys", &["user_id", "id"]).await?;

    let identities = table("oidc_identities")
        .col(text("provider", 64).not_null())
        .col(text("subject", 255).not_null())
        .col(id("user_id").not_null())
        .col(time("created_at_ms").not_null())
        .primary_key(Index::create().col("provider").col("subject"))
        .to_owned();
    create(manager, identities).await?;
    create_index(manager, "oidc_identities_by_user", "oidc_identities", &["user_id"]).await
}

async fn workspaces(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let workspaces = table("workspaces")
        .col(id("id").not_null().primary_key())
        .col(text("name", 100).not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(time("created_at_ms").not_null())
        .col(time("updated_at_ms").not_null())
        .to_owned();
    create(manager, workspaces).await?;
    let first = if manager.get_database_backend() == sea_orm::DbBackend::MySql {
        "INSERT IGNORE"
    } else {
        "INSERT OR IGNORE"
    };
    let first = format!(
        "{first} INTO workspaces (id, name, version, created_at_ms, updated_at_ms) \
         VALUES (x'{FIRST_WORKSPACE}', 'Main', 1, 0, 0)"
    );
    manager.get_connection().execute_unprepared(&first).await?;

    let members = table("workspace_members")
        .col(id("workspace_id").not_null())
        .col(id("user_id").not_null())
        .col(text("role", 16).not_null())
        .col(time("created_at_ms").not_null())
        .primary_key(Index::create().col("workspace_id").col("user_id"))
        .to_owned();
    create(manager, members).await?;
    let by_user = &["user_id", "workspace_id"];
    create_index(manager, "workspace_members_by_user", "workspace_members", by_user).await?;

    let invitations = table("invitations")
        .col(id("id").not_null().primary_key())
        .col(hash("secret_hash").not_null().unique_key())
        .col(id("workspace_id").not_null())
        .col(text("email", 254).not_null())
        .col(text("role", 16).not_null())
        .col(id("invited_by"))
        .col(time("created_at_ms").not_null())
        .col(time("expires_at_ms").not_null())
        .to_owned();
    create(manager, invitations).await?;
    let by_workspace = &["workspace_id", "id"];
    create_index(manager, "invitations_by_workspace", "invitations", by_workspace).await?;

    // With a default, so that an older program can go on making forms meanwhile.
    let workspace = id("workspace_id")
        .not_null()
        .default(Expr::cust(format!("x'{FIRST_WORKSPACE}'")))
        .to_owned();
    add_column(manager, "forms", workspace).await?;
    create_index(manager, "forms_by_workspace", "forms", &["workspace_id", "slug"]).await
}

async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let rows = table("audit_entries")
        .col(ColumnDef::new("sequence").big_integer().not_null().primary_key())
        .col(time("at_ms").not_null())
        .col(text("action", 64).not_null())
        .col(text("actor_kind", 16).not_null())
        .col(text("actor_id", 64))
        .col(text("via", 64))
        .col(text("address", 45))
        .col(id("workspace_id"))
        .col(text("target_kind", 32))
        .col(text("target_id", 64))
        .col(long_text("details"))
        .col(hash("details_hash").not_null())
        .col(hash("hash").not_null())
        .to_owned();
    create(manager, rows).await?;
    for (name, columns) in [
        ("audit_entries_by_workspace", ["workspace_id", "sequence"]),
        ("audit_entries_by_actor", ["actor_id", "sequence"]),
        ("audit_entries_by_action", ["action", "sequence"]),
        ("audit_entries_by_target", ["target_id", "sequence"]),
        ("audit_entries_by_time", ["at_ms", "sequence"]),
    ] {
        create_index(manager, name, "audit_entries", &columns).await?;
    }

    // One row: the last entry, and the last one that retention removed.
    let ends = table("audit_ends")
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(ColumnDef::new("last_sequence").big_integer().not_null())
        .col(hash("last_hash").not_null())
        .col(ColumnDef::new("removed_sequence").big_integer().not_null())
        .col(hash("removed_hash").not_null())
        .to_owned();
    create(manager, ends).await?;
    let zeros = "00".repeat(32);
    let insert = if manager.get_database_backend() == sea_orm::DbBackend::MySql {
        "INSERT IGNORE"
    } else {
        "INSERT OR IGNORE"
    };
    let first = format!(
        "{insert} INTO audit_ends (id, last_sequence, last_hash, removed_sequence, removed_hash) \
         VALUES (1, 0, x'{zeros}', 0, x'{zeros}')"
    );
    manager.get_connection().execute_unprepared(&first).await?;
    Ok(())
}
