//! What the real program tells of itself: its log and its metrics.

mod lines;
mod metrics;
mod panics;
mod standing_still;

use std::sync::Arc;

use formhold::compose;
use formhold_domain::{CompiledForm, RandomIds, SystemClock, access::Caller};
use formhold_service::forms;
use formhold_testkit::{Program, Running, Stack, TestDatabase, form_of, free_port, settings_for};
use serde_json::{Value, json};

/// The real program on a database with the forms `test` and `other`.
struct Scene {
    database: TestDatabase,
    form: CompiledForm,
    other: CompiledForm,
    metrics: String,
    program: Program,
}

impl Scene {
    async fn new(stack: Stack) -> Self {
        let database = TestDatabase::new(stack).await;
        let settings = settings_for(&database);
        let app = compose::app_with(&settings, Arc::new(SystemClock), Arc::new(RandomIds))
            .await
            .expect("it starts");
        let [form, other] = [("test", json!([])), ("other", mail_field())]
            .map(|(slug, fields)| form_of(json!({ "slug": slug, "name": slug, "fields": fields })));
        let operator = Caller::system("test");
        let (form, _) = forms::import_form(&app, &operator, None, form).await.expect("a form");
        let (other, _) = forms::import_form(&app, &operator, None, other).await.expect("a form");
        app.store.close().await;
        let port = free_port();
        let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database)
            .setting("FORMHOLD_SERVER__METRICS_LISTEN", &format!("127.0.0.1:{port}"))
            .setting("FORMHOLD_REDIS__URL", database.redis_url.as_deref().unwrap_or_default());
        let metrics = format!("http://127.0.0.1:{port}/metrics");
        Self { database, form, other, metrics, program }
    }

    fn setting(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.setting(name, value);
        self
    }

    fn serve(&self) -> Running {
        self.program.serve().expect("it serves")
    }

    /// What Prometheus would get.
    async fn scrape(&self) -> String {
        let reply = formhold_testkit::client().get(&self.metrics).send().await.expect("metrics");
        assert_eq!(reply.status().as_u16(), 200);
        assert!(
            reply.headers()["content-type"].to_str().expect("text").contains("version=0.0.4"),
            "{:?}",
            reply.headers()
        );
        reply.text().await.expect("text")
    }
}

fn mail_field() -> Value {
    json!([{ "name": "email", "type": "email", "required": true }])
}

/// The number of one series, named as in the text.
fn number(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}
