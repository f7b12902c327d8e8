//! The least of a mail server: takes every mail, and counts them (RFC 5321).

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub(crate) struct MailSink {
    port: u16,
    taken: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl MailSink {
    pub(crate) fn open() -> Result<Self, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|cause| cause.to_string())?;
        let port = listener.local_addr().map_err(|cause| cause.to_string())?.port();
        let (taken, is_over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counting, ending) = (Arc::clone(&taken), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let taken = Arc::clone(&counting);
                // A client that breaks off sends again.
                std::thread::spawn(move || talk(&stream, &taken).ok());
            }
        });
        Ok(Self { port, taken, is_over })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes whoever accepts, so that he sees that it is over.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn talk(stream: &TcpStream, taken: &AtomicU64) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let say = |line: &str| {
        let mut out = stream;
        out.write_all(format!("{line}\r\n").as_bytes())
    };
    say("220 sink")?;
    while let Some(line) = lines.next().transpose()? {
        match line.to_ascii_uppercase().split([' ', ':']).next().unwrap_or_default() {
            "DATA" => {
                say("354 go on")?;
                while lines.next().transpose()?.is_some_and(|line| line != ".") {}
                taken.fetch_add(1, Ordering::SeqCst);
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 well")?,
        }
    }
    Ok(())
}
