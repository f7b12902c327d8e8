//! The least of an HTTP client: one connection that stays open, one request at a time.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A request of one of the people of the house.
    pub(crate) fn new(login: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        Self::signed((login, &format!("{login}-password")), method, path, headers, body)
    }

    /// A request with this name and password.
    pub(crate) fn signed(
        (login, password): (&str, &str),
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}"));
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic {credentials}\r\n");
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "content-length: {}\r\n\r\n{body}", body.len());
        Self(text.into_bytes())
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    /// The header fields as they came, but for the date.
    pub(crate) fields: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of a header field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.fields.lines().filter_map(|line| line.split_once(':'));
        let mut named = fields.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(port: u16) -> Result<Self, String> {
        Self::patient(port, Duration::from_mins(1))
    }

    /// One that waits so long for a part of an answer; then the outcome of its request is unknown.
    pub(crate) fn patient(port: u16, patience: Duration) -> Result<Self, String> {
        Self::over(TcpStream::connect(("127.0.0.1", port)).map_err(|cause| cause.to_string())?, patience)
    }

    /// Over a stream that was opened elsewhere, from another address of this machine.
    pub(crate) fn over(stream: TcpStream, patience: Duration) -> Result<Self, String> {
        stream.set_nodelay(true).map_err(|cause| cause.to_string())?;
        stream.set_read_timeout(Some(patience)).map_err(|cause| cause.to_string())?;
        Ok(Self(BufReader::with_capacity(256 << 10, stream)))
    }

    pub(crate) fn send(&mut self, request: &Request) -> Result<Reply, String> {
        self.0.get_mut().write_all(&request.0).map_err(|cause| format!("cannot send: {cause}"))?;
        self.receive().map_err(|cause| format!("cannot receive: {cause}"))
    }

    /// Sends a request, and after so long goes away, whether there is an answer or not.
    pub(crate) fn abandon(mut self, request: &Request, after: Duration) -> Result<(), String> {
        self.0.get_mut().write_all(&request.0).map_err(|cause| format!("cannot send: {cause}"))?;
        std::thread::sleep(after);
        Ok(())
    }

    fn receive(&mut self) -> std::io::Result<Reply> {
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let (mut length, mut is_chunked, mut etag, mut fields) = (0, false, None, String::new());
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            if !name.eq_ignore_ascii_case("date") {
                let _ = writeln!(fields, "{line}");
            }
            match (name.to_ascii_lowercase().as_str(), value.trim()) {
                ("content-length", value) => length = value.parse().unwrap_or(0),
                ("transfer-encoding", "chunked") => is_chunked = true,
                ("etag", value) => etag = Some(value.to_owned()),
                _ => {}
            }
        }
        let mut body = Vec::new();
        if is_chunked {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).unwrap_or(0);
                self.take(size, &mut body)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length, &mut body)?;
        }
        Ok(Reply { status, etag, fields, body })
    }

    fn take(&mut self, size: usize, body: &mut Vec<u8>) -> std::io::Result<()> {
        let start = body.len();
        body.resize(start + size, 0);
        self.0.read_exact(&mut body[start..])
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
