//! What came back, and what should have.

use http::{HeaderMap, Response};
use http_body_util::BodyExt as _;
use quick_xml::events::Event as Xml;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use roomdav::dav::{Body, ReasonPhrase};

/// A response, whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) phrase: Option<String>,
    body: Vec<u8>,
    request: String,
}

/// One `response` of a multistatus.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) href: String,
    /// The status of the response itself, if it has one.
    pub(crate) status: Option<u16>,
    /// Each property with the status of its propstat and its content as XML without prefixes.
    pub(crate) properties: Vec<(String, u16, String)>,
}

impl Item {
    /// The content of a property that was found.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(local, status, _)| local == name && *status == 200);
        found.map(|(_, _, content)| content.as_str())
    }

    /// The same without elements.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|content| {
            let mut text = String::new();
            let mut inside = false;
            for c in content.chars() {
                match c {
                    '<' => inside = true,
                    '>' => inside = false,
                    c if !inside => text.push(c),
                    _ => {}
                }
            }
            text
        })
    }

    /// The hrefs inside a property that was found.
    pub(crate) fn hrefs(&self, name: &str) -> Vec<String> {
        let content = self.get(name).unwrap_or_default();
        let hrefs = content.split("<href").skip(1).filter_map(|rest| rest.split_once('>')?.1.split_once('<'));
        hrefs.map(|(href, _)| href.to_owned()).collect()
    }

    /// Whether a property was found and holds an element with this local name.
    pub(crate) fn holds(&self, name: &str, element: &str) -> bool {
        let content = self.get(name).unwrap_or_default();
        let tags = content.split('<').skip(1);
        tags.map(|tag| tag.split([' ', '>', '/']).next()).any(|local| local == Some(element))
    }

    /// Whether a property was answered with 404.
    pub(crate) fn is_missing(&self, name: &str) -> bool {
        self.properties.iter().any(|(local, status, _)| local == name && *status == 404)
    }
}

impl Reply {
    pub(super) async fn of(response: Response<Body>, request: String) -> Self {
        let (head, body) = response.into_parts();
        let phrase = head.extensions.get::<ReasonPhrase>().map(|phrase| phrase.as_str().to_owned());
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            phrase,
            body: body.collect().await.expect("the answer has an end").to_bytes().to_vec(),
            request,
        }
    }

    /// An answer that was read from a socket.
    pub(super) fn read(status: u16, phrase: Option<String>, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self { status, headers, phrase, body, request: String::new() }
    }

    /// What was asked, for messages.
    pub(crate) fn named(self, request: String) -> Self {
        Self { request, ..self }
    }

    /// This status, or the test fails where it was expected.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text());
        self
    }

    #[track_caller]
    pub(crate) fn created(self) -> Self {
        self.expect(201)
    }

    #[track_caller]
    pub(crate) fn no_content(self) -> Self {
        self.expect(204)
    }

    /// 403 with our element of this reason and nothing else in the body.
    #[track_caller]
    pub(crate) fn refused(self, reason: &str) -> Self {
        let reply = self.expect(403);
        reply.has_reason(reason)
    }

    /// The body is one element of ours, named after the reason, with a sentence in it.
    #[track_caller]
    pub(crate) fn has_reason(self, reason: &str) -> Self {
        let text = self.text();
        let begin = format!("<R:{reason}>");
        assert!(text.contains(&begin), "{}: no {reason} in {text}", self.request);
        assert!(self.sentence().ends_with('.'), "{}: {text}", self.request);
        self
    }

    /// The status and the condition of an RFC in the body.
    #[track_caller]
    pub(crate) fn fails(self, status: u16, condition: &str) -> Self {
        let reply = self.expect(status);
        let text = reply.text();
        assert!(text.contains(&format!(":{condition}")), "{}: no {condition} in {text}", reply.request);
        reply
    }

    /// The sentence in our element.
    pub(crate) fn sentence(&self) -> String {
        let text = self.text();
        let inner = text.split_once("<R:").and_then(|(_, rest)| rest.split_once('>'));
        let sentence = inner.and_then(|(_, rest)| rest.split_once("</R:")).map(|(sentence, _)| sentence);
        sentence.unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The ETag, with its quotes.
    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{}: no ETag", self.request)).to_owned()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The content lines of an answered object, unfolded.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.text().replace("\r\n ", "").lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// The lines of an answered object that begin so.
    pub(crate) fn lines_of(&self, name: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.starts_with(name)).collect()
    }

    /// Whether an answered object has this very line.
    pub(crate) fn has_line(&self, line: &str) -> bool {
        self.lines().iter().any(|found| found == line)
    }

    /// The PARTSTAT of an attendee in each part of an answered object, in the order of the parts.
    pub(crate) fn partstats(&self, login: &str) -> Vec<String> {
        let address = format!(":mailto:{login}@example.org");
        let answers = self.lines_of("ATTENDEE").into_iter().filter(|line| line.ends_with(&address));
        let partstat = |line: String| {
            let value = line.split([';', ':']).find_map(|param| param.strip_prefix("PARTSTAT="))?.to_owned();
            Some(value)
        };
        answers.filter_map(partstat).collect()
    }

    /// The text of the first element with this local name that stands directly in the root.
    pub(crate) fn element_text(&self, local: &str) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.rsplit_once(&format!("<D:{local}>"))?;
        rest.split_once("</D:").map(|(value, _)| value.to_owned())
    }

    /// The responses of a 207.
    #[track_caller]
    pub(crate) fn multistatus(&self) -> Vec<Item> {
        assert_eq!(self.status, 207, "{}: {}", self.request, self.text());
        parse(&self.text())
    }
}

/// A small reader of multistatus bodies, by meaning rather than by prefix.
fn parse(text: &str) -> Vec<Item> {
    let mut reader = NsReader::from_str(text);
    let mut items: Vec<Item> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    // Properties of the propstat that is open, their status comes last.
    let mut open: Vec<(String, String)> = Vec::new();
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed XML");
        let is_dav = matches!(namespace, ResolveResult::Bound(bound) if bound.as_ref() == "DAV:");
        match event {
            Xml::Start(start) => {
                let local = start.local_name().as_ref().to_owned();
                if is_dav && local == "response" && path.len() == 1 {
                    items.push(Item { href: String::new(), status: None, properties: Vec::new() });
                } else if path.last().is_some_and(|parent| parent == "prop") && path.len() == 4 {
                    open.push((local.clone(), String::new()));
                } else if path.len() > 4
                    && let Some((_, content)) = open.last_mut()
                {
                    content.push_str(&format!("<{local}{}>", attributes(&start)));
                }
                path.push(local);
            }
            Xml::Empty(empty) => {
                let local = empty.local_name().as_ref().to_owned();
                if path.last().is_some_and(|parent| parent == "prop") && path.len() == 4 {
                    open.push((local, String::new()));
                } else if path.len() > 4
                    && let Some((_, content)) = open.last_mut()
                {
                    content.push_str(&format!("<{local}{}/>", attributes(&empty)));
                }
            }
            Xml::End(_) => {
                let local = path.pop().unwrap_or_default();
                if local == "propstat" && path.len() == 2 {
                    open.clear();
                } else if path.len() > 4
                    && let Some((_, content)) = open.last_mut()
                {
                    content.push_str(&format!("</{local}>"));
                }
            }
            Xml::Text(value) => add(&mut items, &mut open, &path, &value),
            Xml::CData(value) => add(&mut items, &mut open, &path, &value),
            Xml::GeneralRef(reference) => {
                let resolved = reference.resolve_char_ref().ok().flatten().map(String::from);
                let named = match reference.to_string().as_str() {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "",
                }
                .to_owned();
                add(&mut items, &mut open, &path, &resolved.unwrap_or(named));
            }
            Xml::Eof => return items,
            _ => {}
        }
    }
}

/// The attributes of an element as they stand there.
fn attributes(element: &quick_xml::events::BytesStart<'_>) -> String {
    let one =
        |it: quick_xml::events::attributes::Attribute<'_>| format!(" {}=\"{}\"", it.key.as_ref(), it.value);
    element.attributes().flatten().map(one).collect()
}

fn add(items: &mut [Item], open: &mut Vec<(String, String)>, path: &[String], text: &str) {
    let Some(item) = items.last_mut() else { return };
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        [_, "response", "href"] => item.href.push_str(text),
        [_, "response", "status"] => item.status = code(text),
        [_, "response", "propstat", "status"] => {
            let status = code(text).unwrap_or(0);
            item.properties.extend(open.drain(..).map(|(name, content)| (name, status, content)));
        }
        _ if path.len() > 4 => {
            if let Some((_, content)) = open.last_mut() {
                content.push_str(text);
            }
        }
        _ => {}
    }
}

fn code(line: &str) -> Option<u16> {
    line.split(' ').nth(1)?.parse().ok()
}
