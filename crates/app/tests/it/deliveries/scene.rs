//! A form in a workspace with a channel, a submission and its delivery, for tests of rights.

use formhold_domain::{FormId, WorkspaceId, access::Caller};
use formhold_service::channels::{self, ChannelIn};
use formhold_store::NewForm;
use formhold_testkit::{TestApp, form_of};
use serde_json::json;

/// The ids of a scene, as text.
pub(crate) struct Scene {
    pub(crate) form_id: String,
    pub(crate) channel_id: String,
    pub(crate) submission_id: String,
    pub(crate) delivery_id: String,
}

/// A form in this workspace.
pub(super) async fn form_in(app: &TestApp, workspace_id: WorkspaceId, slug: &str) -> FormId {
    let id = FormId(app.app.ids.uuid());
    let definition = form_of(json!({ "name": slug, "slug": slug }));
    let new = NewForm { id, workspace_id, key: app.app.ids.form_key(), definition };
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    change.insert_form(&new).await.expect("a form");
    change.commit().await.expect("committed");
    id
}

/// Makes a form that tells a webhook at which nobody listens, and submits to it once.
pub(crate) async fn scene(app: &TestApp, workspace_id: WorkspaceId, slug: &str) -> Scene {
    let operator = Caller::system("test");
    let form_id = form_in(app, workspace_id, slug).await;
    let config = json!({ "url": "http://127.0.0.1:9/" });
    let new = ChannelIn { config: config.as_object().cloned(), ..ChannelIn::default() };
    let made = channels::create_channel(&app.app, &operator, form_id, "webhook", new).await;
    let channel_id = made.expect("a channel").id;
    let (status, reply) = app.post(&format!("/f/{slug}"), &[("name", "Ada")]).await;
    assert_eq!(status, 200, "{reply}");
    let jobs = super::jobs_of(&app.app).await;
    let of_channel = |job: &&super::Job| job.about.channel_id == Some(channel_id);
    let delivery = jobs.iter().find(of_channel).expect("a delivery");
    Scene {
        form_id: form_id.to_string(),
        channel_id: channel_id.to_string(),
        submission_id: reply["id"].as_str().expect("an id").to_owned(),
        delivery_id: delivery.id.to_string(),
    }
}
