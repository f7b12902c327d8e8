//! A line to a database that can be cut, loudly or without a word.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It carries what comes.
    Up,
    /// Both ends see that it broke, and nobody gets through.
    Broken,
    /// It takes what comes, carries nothing, and says nothing: a network that fell apart.
    Silent,
}

/// A line to the PostgreSQL of a URL.
pub(crate) struct Line {
    /// The same database by this line.
    pub(crate) url: String,
    state: Arc<watch::Sender<State>>,
}

impl Line {
    /// To a database at `127.0.0.1`.
    pub(crate) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (before, after) = url.split_once("127.0.0.1:").unwrap();
        let (port, database) = after.split_once('/').unwrap();
        let (here, there) = (listener.local_addr().unwrap(), format!("127.0.0.1:{port}"));
        let state = Arc::new(watch::Sender::new(State::Up));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, there.clone(), shared.subscribe()));
            }
        });
        Self { url: format!("{before}{here}/{database}"), state }
    }

    /// Breaks every connection, and each new one.
    pub(crate) fn break_off(&self) {
        self.state.send_replace(State::Broken);
    }

    /// Falls silent.
    pub(crate) fn fall_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    /// Carries again what is new; connections from before a silence stay silent, as after a restart of
    /// what lies between.
    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Up);
    }
}

/// Carries bytes both ways until an end closes or the line breaks; then both ends are dropped.
async fn carry(mut client: TcpStream, there: String, mut state: watch::Receiver<State>) -> Option<()> {
    let mut server = None;
    let (mut asked, mut answered) = ([0; 8192], [0; 8192]);
    let mut was_silent = false;
    loop {
        match *state.borrow_and_update() {
            State::Broken => return None,
            State::Silent => was_silent = true,
            State::Up => {}
        }
        if was_silent {
            // What comes is taken, so that the other end sees nothing wrong.
            tokio::select! {
                read = client.read(&mut asked) => if read.ok()? == 0 { return None },
                changed = state.changed() => changed.ok()?,
            }
            continue;
        }
        let server = match &mut server {
            Some(server) => server,
            None => server.insert(TcpStream::connect(&there).await.ok()?),
        };
        tokio::select! {
            read = client.read(&mut asked) => {
                let count = read.ok().filter(|count| *count > 0)?;
                server.write_all(&asked[..count]).await.ok()?;
            }
            read = server.read(&mut answered) => {
                let count = read.ok().filter(|count| *count > 0)?;
                client.write_all(&answered[..count]).await.ok()?;
            }
            changed = state.changed() => changed.ok()?,
        }
    }
}
