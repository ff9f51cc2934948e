//! Lists of accounts: filtered, in an order, page by page.

use formhold_domain::{
    UserId,
    access::InstanceRole,
    accounts::{User, UserState},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LikeExpr,
};

use super::users::user;
use crate::{Store, StoreError, entities::users};

/// Which accounts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Whose name or address has this in it, in whatever case.
    pub text: Option<String>,
    /// With this role.
    pub role: Option<InstanceRole>,
    /// In this state.
    pub state: Option<UserState>,
    /// Whether mail to the address was shown to arrive.
    pub is_confirmed: Option<bool>,
}

/// In which order to list accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserOrder {
    /// The newest first.
    #[default]
    Newest,
    /// By address.
    Email,
}

impl Store {
    /// Up to `limit` accounts after the one with the id `after`. Where that was deleted meanwhile, a
    /// list by address begins again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_users(
        &self,
        filter: &UserFilter,
        order: UserOrder,
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<User>, StoreError> {
        use users::Column;
        let mut query = users::Entity::find().filter(condition(filter));
        query = match order {
            UserOrder::Newest => query.order_by_desc(Column::Id),
            UserOrder::Email => query.order_by_asc(Column::EmailFolded),
        };
        match (order, after) {
            (_, None) => {}
            (UserOrder::Newest, Some(after)) => query = query.filter(Column::Id.lt(after.0)),
            (UserOrder::Email, Some(after)) => {
                if let Some(after) = self.find_user(after).await? {
                    query = query.filter(Column::EmailFolded.gt(after.email.folded()));
                }
            }
        }
        query.limit(limit).all(self.read()).await?.into_iter().map(user).collect()
    }
}

fn condition(filter: &UserFilter) -> Condition {
    use users::Column;
    let mut all = Condition::all();
    if let Some(text) = &filter.text {
        let escaped: String = text.to_lowercase().chars().fold(String::new(), |mut text, c| {
            if matches!(c, '%' | '_' | '!') {
                text.push('!');
            }
            text.push(c);
            text
        });
        let like = || LikeExpr::new(format!("%{escaped}%")).escape('!');
        all = all.add(
            Condition::any()
                .add(Column::EmailFolded.like(like()))
                .add(Column::NameFolded.like(like())),
        );
    }
    if let Some(role) = filter.role {
        all = all.add(Column::Role.eq(role.as_str()));
    }
    if let Some(state) = filter.state {
        all = all.add(Column::State.eq(state.as_str()));
    }
    all = match filter.is_confirmed {
        None => all,
        Some(true) => all.add(Column::EmailConfirmedAtMs.is_not_null()),
        Some(false) => all.add(Column::EmailConfirmedAtMs.is_null()),
    };
    all
}
