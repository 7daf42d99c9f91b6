//! The page on a loopback port.
//!
//! `/` is www/, `/pkg/` is pkg/ and `/words/` is words/, as in the site that `dist` makes. Any
//! origin may load what is served: an embed lives in a sandboxed frame, and its origin is opaque.

use crate::{browser, due::Due, embed, paths, pseudo, reload, wasm, watch, words};
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware;
use axum::routing::get;
use clap::Args;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use tokio::sync::watch as channel;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// How many ports to try before giving up.
const PORTS_TRIED: u16 = 100;

/// Options of `serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// The port; the next free one where it is taken. 0 takes any.
    #[arg(long, default_value_t = 8020)]
    port: u16,
    /// Fail where the port is taken
    #[arg(long)]
    exact: bool,
    /// Speak to whom asks for en-XA a language in which every string is in brackets, and longer
    #[arg(long)]
    pseudo: bool,
}

/// Options of `play`.
#[derive(Args)]
pub(crate) struct PlayArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// Rebuild on change, and reload the page
    #[arg(long)]
    watch: bool,
    /// Open no browser
    #[arg(long)]
    no_open: bool,
}

/// Builds what the page needs, serves, opens; then builds the rest.
pub(crate) fn play(args: &PlayArgs) -> Result<()> {
    if args.serve.pseudo {
        pseudo::speak()?;
    }
    wasm::build_to_play()?;
    let listener = listen(&args.serve)?;
    let address = address(&listener)?;
    println!("Halflink plays at {address}");
    let (announcer, changes) = channel::channel(0);
    let due = Due::new();
    let (watched, rest) = (args.watch, due.clone());
    std::thread::spawn(move || {
        if let Err(error) = rest.build() {
            eprintln!("    {error:#}");
        }
        if watched {
            println!("Watching src/ and www/; Ctrl-C stops");
            watch::run(&announcer, &rest);
        }
    });
    if !args.no_open {
        browser::open(&address);
    }
    run(listener, args.watch.then_some(changes), Some(due))
}

/// Serves what is there; the embed's scripts are made of it.
pub(crate) fn serve(args: &ServeArgs) -> Result<()> {
    if args.pseudo {
        pseudo::speak()?;
    }
    if let Err(error) = embed::build() {
        eprintln!("    {error:#}; the embed is as it was last built");
    }
    let listener = listen(args)?;
    println!("Halflink is served at {}", address(&listener)?);
    run(listener, None, None)
}

/// Serves what is there from a thread of its own, until the program ends; the address.
pub(crate) fn in_background() -> Result<String> {
    let listener = listen(&ServeArgs { port: 0, exact: false, pseudo: false })?;
    let address = address(&listener)?;
    std::thread::spawn(move || {
        if let Err(error) = run(listener, None, None) {
            eprintln!("the server stopped: {error:#}");
        }
    });
    Ok(address)
}

/// Takes the port, or the next free one.
fn listen(args: &ServeArgs) -> Result<TcpListener> {
    let last = if args.exact { args.port } else { args.port.saturating_add(PORTS_TRIED) };
    for port in args.port..=last {
        match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("port {port}")),
        }
    }
    bail!("no free port from {} to {last}", args.port)
}

fn address(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}/", listener.local_addr()?))
}

fn run(
    listener: TcpListener,
    changes: Option<channel::Receiver<u64>>,
    due: Option<Due>,
) -> Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router(changes, due)).await.context("the server failed")
    })
}

fn router(changes: Option<channel::Receiver<u64>>, due: Option<Due>) -> Router {
    let pkg = Router::new().fallback_service(ServeDir::new(paths::pkg()));
    let pkg = match due {
        None => pkg,
        Some(due) => pkg.layer(middleware::from_fn_with_state(due, Due::wait)),
    };
    let files = Router::new()
        .nest("/pkg", pkg)
        .nest_service("/words", ServeDir::new(paths::words()))
        .fallback_service(ServeDir::new(paths::www()))
        .layer(middleware::from_fn(words::served));
    let site = match changes {
        None => files,
        Some(changes) => files
            .layer(middleware::from_fn(reload::inject))
            .route(reload::SCRIPT_PATH, get(reload::script))
            .route(reload::EVENTS_PATH, get(reload::events).with_state(changes)),
    };
    // Nothing is kept: a file changes twice in a second, and HTTP dates cannot tell.
    site.layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

/// A layer that sets one header on every response.
fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
