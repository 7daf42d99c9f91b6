//! `play --watch`: the served page asks to be told of changes, and reloads.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use tokio::sync::watch;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;

/// The script's address.
pub(crate) const SCRIPT_PATH: &str = "/__reload.js";

/// The address of the stream of changes.
pub(crate) const EVENTS_PATH: &str = "/__reload";

/// A module of its own, since a page may forbid inline scripts.
const SCRIPT: &str = "\
let opened = false;
const changes = new EventSource(new URL('./__reload', import.meta.url));
changes.onopen = () => { if (opened) location.reload(); opened = true; };
changes.onmessage = () => location.reload();
";

/// Serves the script.
pub(crate) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript")], SCRIPT)
}

/// Serves the stream: an event at each change from now on.
pub(crate) async fn events(State(changes): State<watch::Receiver<u64>>) -> Response {
    let events = WatchStream::from_changes(changes)
        .map(|count| Ok::<_, Infallible>(Bytes::from(format!("data: {count}\n\n"))));
    // The first bytes tell the browser that the stream is open.
    let opened = tokio_stream::once(Ok(Bytes::from_static(b": open\n\n")));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (headers, Body::from_stream(opened.chain(events))).into_response()
}

/// Adds the script to each page that is served.
pub(crate) async fn inject(request: Request, next: Next) -> Response {
    let tag = format!("\n<script type=\"module\" src=\"{SCRIPT_PATH}\"></script>\n");
    changed(next.run(request).await, |page| Ok([page, tag.as_bytes()].concat())).await
}

/// A response with its page changed, if it is one.
pub(crate) async fn changed(
    response: Response,
    change: impl FnOnce(&[u8]) -> anyhow::Result<Vec<u8>>,
) -> Response {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(CONTENT_LENGTH);
    match change(&page) {
        Ok(page) => Response::from_parts(parts, Body::from(page)),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response(),
    }
}
