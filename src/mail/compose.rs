//! A mail around what is to be said: text and HTML of the same sentences, the links, and iCalendar text
//! where that goes with it.
//!
//! Everything is made from the rows alone, so that a second try gives the same bytes under the same
//! Message-ID, without the links that have expired meanwhile. RFC 5322; RFC 2045; RFC 2046, section 5.1.4; RFC 6047, section 2.4; RFC 3834, section 5.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use crate::booking::Mail;
use crate::config;
use crate::text::{self, Language, in_html};

use super::MailError;

/// Where links lead.
const LINKS: &str = "/web/links/";

/// What all mails of this server have in common.
pub(super) struct Composer {
    /// Whom they come from, and bounces go to.
    pub(super) from: Address,
    name: Option<String>,
    base_url: String,
}

/// A mail as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Composed {
    pub(super) to: Address,
    /// The whole, with CR LF; nothing but ASCII.
    pub(super) text: Vec<u8>,
}

impl Composer {
    pub(super) fn new(config: &config::Mail, base_url: &str) -> Result<Self, MailError> {
        let from =
            config.from.parse().map_err(|_| MailError::From(format!("{:?} is no address", config.from)))?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { from, name: config.from_name.clone(), base_url })
    }

    /// The mail, or why there can be none.
    pub(super) fn compose(&self, mail: &Mail) -> Result<Composed, String> {
        let to = address(&mail.to)?;
        let first = &mail.notices.first().ok_or("it says nothing")?.content;
        let last = &mail.notices.last().ok_or("it says nothing")?.content;
        let at = u64::try_from(first.created_at.secs()).unwrap_or_default();
        let method = first.calendar.as_ref().map(|(method, _)| method.as_str());
        // RFC 3834, section 5: an answer to somebody's message, or something of our own.
        let automatic = if method == Some("REPLY") { "auto-replied" } else { "auto-generated" };
        let mut message = lettre::Message::builder()
            .from(Mailbox::new(self.name.clone(), self.from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&last.subject))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(at))
            .message_id(Some(format!("<{}@{}>", mail.reference, self.from.domain())))
            .raw_header(header("Auto-Submitted", automatic))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .raw_header(header("Content-Language", &first.language));
        if let Some(Ok(reply_to)) = mail.reply_to.as_ref().map(address) {
            message = message.reply_to(Mailbox::new(None, reply_to));
        }
        let message = message.multipart(self.parts(mail)?).map_err(|error| error.to_string())?;
        Ok(Composed { to, text: message.formatted() })
    }

    fn parts(&self, mail: &Mail) -> Result<MultiPart, String> {
        let language = mail.notices.first().and_then(|first| Language::from_tag(&first.content.language));
        let language = language.unwrap_or_default();
        let said = self.paragraphs(language, mail);
        let boundary = format!("=_{}", mail.reference);
        let mut parts = MultiPart::alternative()
            .boundary(boundary)
            .singlepart(part("text/plain; charset=utf-8", plain(&said))?)
            .singlepart(part("text/html; charset=utf-8", html(language, &said))?);
        let calendar = mail.notices.iter().find_map(|notice| notice.content.calendar.as_ref());
        if let Some((method, text)) = calendar {
            // Some programs read no quoted-printable here.
            let kind = format!("text/calendar; charset=utf-8; method={method}; component=VEVENT");
            parts = parts.singlepart(part(&kind, text.clone())?);
        }
        Ok(parts)
    }

    /// What is said, each sentence once, and below each message what its reader may do.
    fn paragraphs<'m>(&self, language: Language, mail: &'m Mail) -> Vec<Paragraph<'m>> {
        let mut said: Vec<Paragraph<'m>> = Vec::new();
        let none = Vec::new();
        for (notice, links) in mail.notices.iter().zip(mail.links.iter().chain(std::iter::repeat(&none))) {
            for text in notice.content.body.split("\n\n") {
                let is_new = !said.iter().any(|before| matches!(before, Paragraph::Text(it) if *it == text));
                said.extend(Some(Paragraph::Text(text)).filter(|_| is_new));
            }
            said.extend(links.iter().map(|(purpose, link)| Paragraph::Link {
                label: text::link::label(language, *purpose),
                address: format!("{}{LINKS}{link}", self.base_url),
            }));
        }
        said
    }
}

fn address(to: &crate::domain::attendee::Address) -> Result<Address, String> {
    let mail = to.mail().ok_or_else(|| format!("{:?} is no mail address", to.as_str()))?;
    mail.parse().map_err(|_| format!("{mail:?} is no mail address"))
}

/// A header field of plain text.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A subject has no line ends, whatever an event was called.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

/// A piece of a mail.
enum Paragraph<'m> {
    Text(&'m str),
    Link { label: &'static str, address: String },
}

fn plain(said: &[Paragraph<'_>]) -> String {
    let pieces = said.iter().map(|piece| match piece {
        Paragraph::Text(text) => (*text).to_owned(),
        Paragraph::Link { label, address } => format!("{label}:\n{address}"),
    });
    let mut text = pieces.collect::<Vec<String>>().join("\n\n");
    text.push('\n');
    // As mail has them; a lone CR would be something else to everybody.
    text.replace('\r', "").replace('\n', "\r\n")
}

fn html(language: Language, said: &[Paragraph<'_>]) -> String {
    let mut text = format!(
        "<!doctype html>\r\n<html lang=\"{}\"><head><meta charset=\"utf-8\"></head><body>\r\n",
        language.tag()
    );
    for piece in said {
        let content = match piece {
            Paragraph::Text(text) => text.lines().map(in_html).collect::<Vec<String>>().join("<br>\r\n"),
            Paragraph::Link { label, address } => {
                format!("<a href=\"{}\">{}</a>", in_html(address), in_html(label))
            }
        };
        let _ = write!(text, "<p>{content}</p>\r\n");
    }
    text.push_str("</body></html>\r\n");
    text
}

/// In base64, which no relay breaks.
fn part(kind: &str, text: String) -> Result<SinglePart, String> {
    let kind = ContentType::parse(kind).map_err(|error| error.to_string())?;
    let body = Body::new_with_encoding(text, ContentTransferEncoding::Base64);
    let body = body.map_err(|_| "it cannot be encoded".to_owned())?;
    Ok(SinglePart::builder().header(kind).body(body))
}
