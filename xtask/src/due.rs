//! What is still being built while the page is served: whoever asks for it waits until it is there.

use crate::wasm;
use anyhow::Result;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tokio::sync::watch;

/// Whether all that is built behind the page is there.
#[derive(Clone)]
pub(crate) struct Due(Arc<watch::Sender<bool>>);

impl Due {
    /// Nothing is there yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Builds it. True when it has changed. Where that fails, nobody waits any longer.
    pub(crate) fn build(&self) -> Result<bool> {
        self.0.send_replace(false);
        let built = wasm::build_behind();
        self.0.send_replace(true);
        built
    }

    /// Holds a request for what is not there yet.
    pub(crate) async fn wait(State(due): State<Self>, request: Request, next: Next) -> Response {
        let name = request.uri().path().trim_start_matches('/');
        if wasm::behind().any(|file| file == name) {
            // The sender is ours: it outlives the wait.
            let _ = due.0.subscribe().wait_for(|is_built| *is_built).await;
        }
        next.run(request).await
    }
}
