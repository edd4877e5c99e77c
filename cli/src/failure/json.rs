//! Failures as JSON.

use serde_json::{Value, json};
use tegata_terminal::Lang;

use super::Failure;

/// `{"error": {"id", "message", "file", "remedy", "problems"?}}`.
pub(crate) fn failure(failure: &Failure, lang: Lang) -> Value {
    let mut error = json!({
        "id": failure.id(),
        "message": failure.message(lang),
        "file": failure.file().map(|file| file.display().to_string()),
        "remedy": failure.remedy(lang),
    });
    if let (Failure::Claims { problems, .. }, Some(error)) = (failure, error.as_object_mut()) {
        let problem = |problem: &tegata_mdoc::model::ClaimProblem| {
            json!({
                "id": problem.id(),
                "path": problem.path.to_string(),
                "severity": match problem.severity {
                    tegata_mdoc::model::Severity::Error => "error",
                    tegata_mdoc::model::Severity::Warning => "warning",
                },
                "detail": problem.kind.to_string(),
                "did_you_mean": problem.kind.did_you_mean(),
            })
        };
        error.insert("problems".into(), problems.iter().map(problem).collect());
    }
    json!({ "error": error })
}

/// `{"error": …}` for a command line that could not be parsed.
pub(crate) fn usage(message: &str) -> Value {
    json!({ "error": { "id": "usage", "message": message, "file": null, "remedy": null } })
}
