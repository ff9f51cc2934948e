//! Who may see, repeat and call off which job.

use formhold_domain::{
    Ids as _, JobId, RandomIds, SessionId, SubmissionId, UserId, WorkspaceId,
    access::{Actor, Caller, InstanceRole, Membership, Person, Via, WorkspaceRole},
    job::{About, JobState},
};
use formhold_service::{
    ServiceError,
    jobs::{self, JobFilter, schedules},
};
use formhold_testkit::on_both_stacks;

use super::{enqueue_about, job, node, operator};

fn caller(role: InstanceRole, member: Option<(WorkspaceId, WorkspaceRole)>) -> Caller {
    let memberships = member.map(|(workspace_id, role)| Membership { workspace_id, role });
    let person = Person {
        user_id: UserId(RandomIds.uuid()),
        role,
        memberships: memberships.into_iter().collect(),
        via: Via::Session(SessionId(RandomIds.uuid())),
    };
    Caller { actor: Actor::Person(person), address: None, user_agent: None }
}

fn refusal<T>(result: Result<T, ServiceError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(ServiceError::NotFound(_)) => "not found",
        Err(ServiceError::Forbidden(_)) => "forbidden",
        Err(ServiceError::SignInRequired) => "sign in",
        Err(ServiceError::Conflict(_)) => "conflict",
        Err(other) => panic!("{other}"),
    }
}

on_both_stacks! {
    async fn jobs_of_a_workspace_are_its_editors_and_nobody_elses(app: TestApp) {
        let (node, _) = node(&app).await;
        let about = About {
            workspace_id: Some(WorkspaceId::FIRST),
            submission_id: Some(SubmissionId(RandomIds.uuid())),
            ..About::default()
        };
        let own = enqueue_about(&node, "a", "ok 1", about).await;
        let other = WorkspaceId(RandomIds.uuid());
        let foreign = enqueue_about(&node, "a", "ok 1", About { workspace_id: Some(other), ..about }).await;
        let of_nobody = enqueue_about(&node, "a", "ok 1", About::default()).await;
        let unknown = JobId(RandomIds.uuid());
        let visitor = Caller { actor: Actor::Visitor, address: None, user_agent: None };
        let editor = caller(InstanceRole::User, Some((WorkspaceId::FIRST, WorkspaceRole::Editor)));
        let viewer = caller(InstanceRole::User, Some((WorkspaceId::FIRST, WorkspaceRole::Viewer)));
        let admin = caller(InstanceRole::Admin, None);
        for (who, id, expected) in [
            (&visitor, own, "sign in"),
            (&visitor, unknown, "sign in"),
            (&viewer, own, "forbidden"),
            (&viewer, foreign, "not found"),
            (&editor, foreign, "not found"),
            (&editor, of_nobody, "not found"),
            (&editor, unknown, "not found"),
            (&admin, unknown, "not found"),
        ] {
            assert_eq!(refusal(jobs::show_job(&node, who, id).await), expected);
            assert_eq!(refusal(jobs::retry_job(&node, who, id).await), expected);
            assert_eq!(refusal(jobs::cancel_job(&node, who, id).await), expected);
        }
        for id in [own, foreign, of_nobody] {
            assert_eq!(job(&node, id).await.state, JobState::Ready, "nothing was changed");
        }
        let workspace = |workspace_id| JobFilter { workspace_id, ..JobFilter::default() };
        for (who, filter, expected) in [
            (&editor, workspace(Some(WorkspaceId::FIRST)), "done"),
            (&editor, workspace(Some(other)), "not found"),
            (&editor, workspace(None), "forbidden"),
            (&viewer, workspace(Some(WorkspaceId::FIRST)), "forbidden"),
            (&admin, workspace(None), "done"),
        ] {
            assert_eq!(refusal(jobs::list_jobs(&node, who, &filter, None, 9).await), expected);
        }
        for who in [&visitor, &editor] {
            assert_ne!(refusal(jobs::retry_failed_jobs(&node, who, 0, i64::MAX).await), "done");
            assert_ne!(refusal(schedules::run_schedule(&node, who, "trim-audit").await), "done");
            assert_ne!(refusal(schedules::list_schedules(&node, who).await), "done");
        }
        assert_eq!(refusal(jobs::cancel_job(&node, &editor, own).await), "done");
        assert_eq!(refusal(jobs::cancel_job(&node, &editor, own).await), "conflict", "once");
        assert_eq!(refusal(jobs::retry_job(&node, &editor, own).await), "conflict", "its content is gone");
        assert_eq!(refusal(jobs::cancel_job(&node, &admin, of_nobody).await), "done");
        let noted = "SELECT COUNT(*) FROM audit_entries WHERE action = 'job.cancel'";
        assert_eq!(app.database.number(noted).await, 2);
    }

    async fn of_twenty_who_call_off_a_job_at_once_one_does(app: TestApp) {
        let (node, _) = node(&app).await;
        let id = enqueue_about(&node, "a", "ok 1", About::default()).await;
        let all = (0..20).map(|_| async { refusal(jobs::cancel_job(&node, &operator(), id).await) });
        let answers = futures_util::future::join_all(all).await;
        assert_eq!(answers.iter().filter(|answer| **answer == "done").count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| **answer == "conflict").count(), 19);
    }
}
