//! Reading the audit trail, and keeping it short.

use formhold_domain::{
    WorkspaceId,
    audit::{AuditHash, AuditRow},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    Change, Store, StoreError,
    change::{fixed_hash, lock_ends},
    entities::{audit_ends, audit_entries},
};

/// Which entries to list; what is none does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// By this user, or part of the system.
    pub actor_id: Option<String>,
    /// With this name, or one that starts with it and a dot.
    pub action: Option<String>,
    /// Done to the thing of this id.
    pub target_id: Option<String>,
    /// Not before this time.
    pub from_ms: Option<i64>,
    /// Before this time.
    pub to_ms: Option<i64>,
}

/// Both ends of the trail, as the database states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditEnds {
    /// The number of the last entry; 0 where there is none.
    pub last_sequence: u64,
    /// Its hash.
    pub last_hash: AuditHash,
    /// The number of the last entry that retention removed; 0 where it removed none.
    pub removed_sequence: u64,
    /// Its hash.
    pub removed_hash: AuditHash,
}

impl Store {
    /// Up to `limit` entries, newest first, before the number `before`.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        use audit_entries::Column;
        let mut query = audit_entries::Entity::find();
        if let Some(id) = filter.workspace_id {
            query = query.filter(Column::WorkspaceId.eq(id.0));
        }
        if let Some(id) = &filter.actor_id {
            query = query.filter(Column::ActorId.eq(id));
        }
        if let Some(id) = &filter.target_id {
            query = query.filter(Column::TargetId.eq(id));
        }
        if let Some(action) = &filter.action {
            let within = (format!("{action}."), format!("{action}/"));
            // `/` follows `.`: all names that start with the action and a dot lie between.
            let starts =
                Condition::all().add(Column::Action.gte(within.0)).add(Column::Action.lt(within.1));
            query = query.filter(Condition::any().add(Column::Action.eq(action)).add(starts));
        }
        if let Some(from) = filter.from_ms {
            query = query.filter(Column::AtMs.gte(from));
        }
        if let Some(to) = filter.to_ms {
            query = query.filter(Column::AtMs.lt(to));
        }
        if let Some(before) = before {
            query = query.filter(Column::Sequence.lt(signed(before)));
        }
        let rows = query.order_by_desc(Column::Sequence).limit(limit).all(self.read()).await?;
        rows.into_iter().map(row).collect()
    }

    /// Up to `limit` entries, oldest first, after the number `after`.
    ///
    /// # Errors
    /// When the database fails, or holds a row that cannot be read.
    pub async fn audit_after(&self, after: u64, limit: u64) -> Result<Vec<AuditRow>, StoreError> {
        let rows = audit_entries::Entity::find()
            .filter(audit_entries::Column::Sequence.gt(signed(after)))
            .order_by_asc(audit_entries::Column::Sequence)
            .limit(limit)
            .all(self.read())
            .await?;
        rows.into_iter().map(row).collect()
    }

    /// Both ends of the trail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_ends(&self) -> Result<Option<AuditEnds>, StoreError> {
        let ends = audit_ends::Entity::find_by_id(1).one(self.read()).await?;
        ends.map(|ends| {
            Ok(AuditEnds {
                last_sequence: ends.last_sequence.unsigned_abs(),
                last_hash: fixed_hash(&ends.last_hash)?,
                removed_sequence: ends.removed_sequence.unsigned_abs(),
                removed_hash: fixed_hash(&ends.removed_hash)?,
            })
        })
        .transpose()
    }
}

impl Change {
    /// Removes up to `limit` of the oldest entries that were written before a time; the trail goes on
    /// from the last one that was removed. Gives how many, and the number of that one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn trim_audit(&self, before_ms: i64, limit: u64) -> Result<(u64, u64), StoreError> {
        use audit_entries::Column;
        let ends = lock_ends(&self.transaction).await?;
        let oldest = audit_entries::Entity::find()
            .select_only()
            .columns([Column::Sequence, Column::AtMs, Column::Hash])
            .order_by_asc(Column::Sequence)
            .limit(limit)
            .into_tuple::<(i64, i64, Vec<u8>)>()
            .all(&self.transaction)
            .await?;
        // An unbroken run from the oldest on: a clock that went back leaves no hole.
        let old: Vec<_> = oldest.into_iter().take_while(|(_, at, _)| *at < before_ms).collect();
        let Some((last, _, hash)) = old.last() else {
            return Ok((0, ends.removed_sequence.unsigned_abs()));
        };
        let deleted = audit_entries::Entity::delete_many()
            .filter(Column::Sequence.lte(*last))
            .exec(&self.transaction)
            .await?;
        audit_ends::Entity::update_many()
            .col_expr(audit_ends::Column::RemovedSequence, Expr::value(*last))
            .col_expr(audit_ends::Column::RemovedHash, Expr::value(hash.clone()))
            .filter(audit_ends::Column::Id.eq(1))
            .exec(&self.transaction)
            .await?;
        Ok((deleted.rows_affected, last.unsigned_abs()))
    }
}

fn row(model: audit_entries::Model) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        sequence: model.sequence.unsigned_abs(),
        at_ms: model.at_ms,
        action: model.action,
        actor_kind: model.actor_kind,
        actor_id: model.actor_id,
        via: model.via,
        address: model.address,
        workspace_id: model.workspace_id.map(WorkspaceId),
        target_kind: model.target_kind,
        target_id: model.target_id,
        details: model.details,
        details_hash: fixed_hash(&model.details_hash)?,
        hash: fixed_hash(&model.hash)?,
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
