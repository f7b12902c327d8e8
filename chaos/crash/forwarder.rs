//! A line between a server and its database that can be laid elsewhere, or go silent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Takes connections on a port of its own and hands them on.
pub(crate) struct Forwarder {
    port: u16,
    line: Arc<Line>,
}

#[derive(Default)]
struct Line {
    target: AtomicU16,
    is_silent: AtomicBool,
    is_over: AtomicBool,
    /// Connections that were open before so many others came are silent for ever.
    forgotten: AtomicU64,
    count: AtomicU64,
    /// Both ends of what is open.
    ends: Mutex<Vec<TcpStream>>,
}

impl Forwarder {
    pub(crate) fn to(target: u16) -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|cause| cause.to_string())?;
        let port = listener.local_addr().map_err(|cause| cause.to_string())?.port();
        let line = Arc::new(Line { target: AtomicU16::new(target), ..Line::default() });
        let serving = Arc::clone(&line);
        std::thread::spawn(move || serving.serve(&listener));
        Ok(Self { port, line })
    }

    /// As `database.url` has it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// From now on connections go there; those that are open break.
    pub(crate) fn switch(&self, target: u16) {
        self.line.target.store(target, Ordering::SeqCst);
        self.line.cut();
    }

    /// Nothing comes through, and nobody is told; or again everything, what waited included.
    pub(crate) fn silence(&self, is_silent: bool) {
        self.line.is_silent.store(is_silent, Ordering::SeqCst);
    }

    /// What is open now stays silent, as with a firewall that was started again; new connections do not.
    pub(crate) fn forget(&self) {
        let all = self.line.count.load(Ordering::SeqCst);
        self.line.forgotten.store(all, Ordering::SeqCst);
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.line.is_over.store(true, Ordering::SeqCst);
        self.line.cut();
        // Wakes whoever accepts, so that he sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Line {
    fn serve(self: Arc<Self>, listener: &TcpListener) {
        for near in listener.incoming().flatten() {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let line = Arc::clone(&self);
            std::thread::spawn(move || line.join(near));
        }
    }

    /// Whoever calls while nothing comes through waits like the others.
    fn join(&self, near: TcpStream) -> Option<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        self.wait(number);
        let far = TcpStream::connect(("127.0.0.1", self.target.load(Ordering::SeqCst))).ok()?;
        let (near_too, far_too) = (near.try_clone().ok()?, far.try_clone().ok()?);
        for end in [&near, &far] {
            end.set_nodelay(true).ok()?;
            self.ends().push(end.try_clone().ok()?);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| self.copy(number, near, far));
            self.copy(number, far_too, near_too);
        });
        Some(())
    }

    fn copy(&self, number: u64, mut from: TcpStream, mut to: TcpStream) {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            self.wait(number);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    }

    /// Until the connection with this number may go on.
    fn wait(&self, number: u64) {
        let is_silent =
            || self.is_silent.load(Ordering::SeqCst) || number <= self.forgotten.load(Ordering::SeqCst);
        while is_silent() && !self.is_over.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn cut(&self) {
        for end in self.ends().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn ends(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
