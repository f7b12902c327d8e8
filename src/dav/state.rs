//! The `If` header: what a client believes about the state of resources, in lists.
//!
//! Reads the header and judges it; what state a resource is in, the caller says. A token that
//! stands anywhere in the header counts as submitted (RFC 4918, section 10.4.1).
//! RFC 4918, sections 6.5, 10.4 and 10.4.3; L-15.

use http::HeaderMap;

use super::error::DavError;
use super::etag::ETag;
use super::href::Href;
use super::limits::MAX_TAGS;

/// The header. It holds if one of its lists does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct If {
    lists: Vec<List>,
}

/// Conditions about one resource, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Which resource.
    pub about: About,
    /// What is said of it.
    pub conditions: Vec<Condition>,
}

/// The resource that a list is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The one that the request is for.
    Target,
    /// One of this server.
    Named(Href),
    /// One that cannot be here: it has no state.
    Elsewhere,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `Not`.
    pub negated: bool,
    /// What the resource has, or has not.
    pub wanted: Wanted,
}

/// What a condition asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A state token: that of a lock, or of a collection's changes.
    Token(String),
    /// An entity tag; a weak one counts as the strong one.
    Tag(ETag),
}

/// The state of a resource. The default is that of what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceState {
    /// Its tag.
    pub etag: Option<ETag>,
    /// The tags of other forms that it is answered in.
    pub other_etags: Vec<ETag>,
    /// The tokens of the locks on it, and its sync token.
    pub tokens: Vec<String>,
}

impl Condition {
    /// Whether it holds for a resource in this state.
    #[must_use]
    pub fn holds(&self, state: &ResourceState) -> bool {
        let has = match &self.wanted {
            Wanted::Token(token) => state.tokens.contains(token),
            Wanted::Tag(tag) => state.etag.iter().chain(&state.other_etags).any(|has| has == tag),
        };
        has != self.negated
    }
}

impl If {
    /// Reads the header; `None` without one. `authorities` are those that URLs in it may name.
    ///
    /// # Errors
    /// 400 for what does not follow the grammar, and for more than L-15.
    pub fn of(headers: &HeaderMap, authorities: &[&str]) -> Result<Option<Self>, DavError> {
        let mut values = headers.get_all("if").into_iter().peekable();
        if values.peek().is_none() {
            return Ok(None);
        }
        let mut lists = Vec::new();
        for value in values {
            let text = value.to_str().map_err(|_| broken())?;
            Reading { rest: text.trim(), authorities }.lists(&mut lists)?;
        }
        if lists.is_empty() { Err(broken()) } else { Ok(Some(Self { lists })) }
    }

    /// The lists.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// The resources beside the target that it says something of, each once.
    #[must_use]
    pub fn named(&self) -> Vec<&Href> {
        let mut named: Vec<&Href> = Vec::new();
        for list in &self.lists {
            if let About::Named(href) = &list.about
                && !named.contains(&href)
            {
                named.push(href);
            }
        }
        named
    }

    /// The tokens that are submitted.
    #[must_use]
    pub fn tokens(&self) -> Vec<&str> {
        let conditions = self.lists.iter().flat_map(|list| &list.conditions);
        let tokens = conditions.filter_map(|condition| match &condition.wanted {
            Wanted::Token(token) => Some(token.as_str()),
            Wanted::Tag(_) => None,
        });
        tokens.collect()
    }

    /// Whether it holds; `state` says in which state the target (`None`) or another resource is.
    pub fn holds(&self, state: impl Fn(Option<&Href>) -> ResourceState) -> bool {
        self.lists.iter().any(|list| {
            let state = match &list.about {
                About::Target => state(None),
                About::Named(href) => state(Some(href)),
                About::Elsewhere => ResourceState::default(),
            };
            list.conditions.iter().all(|condition| condition.holds(&state))
        })
    }
}

fn broken() -> DavError {
    DavError::bad_request("the If header is not one of RFC 4918")
}

/// The header's value as far as it was not read yet.
struct Reading<'a> {
    rest: &'a str,
    authorities: &'a [&'a str],
}

impl<'a> Reading<'a> {
    fn lists(&mut self, lists: &mut Vec<List>) -> Result<(), DavError> {
        let mut about = About::Target;
        let mut is_used = true;
        let mut count: usize = lists.iter().map(|list| list.conditions.len()).sum();
        while !self.rest.is_empty() {
            if let Some(url) = self.between('<', '>')? {
                if !is_used {
                    return Err(broken());
                }
                about = self.about(url);
                is_used = false;
            } else {
                let conditions = self.list()?;
                count += conditions.len();
                if count > MAX_TAGS {
                    return Err(DavError::bad_request("too many conditions in If"));
                }
                lists.push(List { about: about.clone(), conditions });
                is_used = true;
            }
            self.skip();
        }
        if is_used { Ok(()) } else { Err(broken()) }
    }

    fn about(&self, url: &str) -> About {
        Href::parse_reference(url, self.authorities).map_or(About::Elsewhere, About::Named)
    }

    /// `(Not? <token> or [tag] …)`.
    fn list(&mut self) -> Result<Vec<Condition>, DavError> {
        self.rest = self.rest.strip_prefix('(').ok_or_else(broken)?;
        let mut conditions = Vec::new();
        loop {
            self.skip();
            if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                return if conditions.is_empty() { Err(broken()) } else { Ok(conditions) };
            }
            let negated = self.rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("not"));
            if negated {
                self.rest = &self.rest[3..];
                self.skip();
            }
            let wanted = if let Some(token) = self.between('<', '>')? {
                Wanted::Token(token.to_owned())
            } else {
                let tag = self.between('[', ']')?.ok_or_else(broken)?;
                let tag = tag.strip_prefix("W/").unwrap_or(tag);
                Wanted::Tag(ETag::parse(tag).ok_or_else(broken)?)
            };
            conditions.push(Condition { negated, wanted });
            if conditions.len() > MAX_TAGS {
                return Err(DavError::bad_request("too many conditions in If"));
            }
        }
    }

    /// What stands between these, if the first of them comes next.
    fn between(&mut self, open: char, close: char) -> Result<Option<&'a str>, DavError> {
        let Some(rest) = self.rest.strip_prefix(open) else { return Ok(None) };
        let (inner, rest) = rest.split_once(close).ok_or_else(broken)?;
        if inner.is_empty() {
            return Err(broken());
        }
        self.rest = rest;
        Ok(Some(inner))
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, StatusCode};

    fn read(value: &str) -> Result<Option<If>, DavError> {
        let mut headers = HeaderMap::new();
        headers.insert("if", HeaderValue::from_str(value).expect("plain"));
        If::of(&headers, &["here.example"])
    }

    /// Holds `value` against a target with tag and lock, and `/other` with another tag.
    fn holds(value: &str) -> bool {
        let header = read(value).expect("well formed").expect("it is there");
        header.holds(|href| match href.map(Href::as_str) {
            None | Some("/target") => ResourceState {
                etag: Some(ETag::new("a")),
                other_etags: vec![ETag::new("a2")],
                tokens: vec!["urn:x:1".to_owned()],
            },
            Some("/other") => ResourceState { etag: Some(ETag::new("b")), ..ResourceState::default() },
            Some(_) => ResourceState::default(),
        })
    }

    #[test]
    fn one_list_that_holds_is_enough_and_all_of_it_must_hold() {
        // RFC 4918, section 10.4.
        assert!(holds("(<urn:x:1>)") && !holds("(<urn:x:2>)"));
        assert!(holds("([\"a\"])") && holds("([W/\"a\"])") && !holds("([\"b\"])"));
        assert!(holds("(<urn:x:1> [\"a\"])") && !holds("(<urn:x:1> [\"b\"])"));
        assert!(holds("(<urn:x:2>) ([\"a\"])") && holds("(<urn:x:2>)([\"a\"])"));
        assert!(holds("(Not <urn:x:2>)") && !holds("(not <urn:x:1>)"));
        assert!(holds("(<urn:x:1> Not [\"b\"])"));
        assert!(holds("(<urn:x:2>) (Not <DAV:no-lock>)"));
    }

    #[test]
    fn a_tagged_list_is_about_another_resource() {
        // RFC 4918, section 10.4.2.
        assert!(holds("</other> ([\"b\"])") && !holds("</other> ([\"a\"])"));
        assert!(holds("<http://here.example/other> (<urn:x:9>) ([\"b\"])"));
        assert!(holds("</other> ([\"x\"]) </target> ([\"a\"])"));
        // What is not here has no state.
        assert!(!holds("<http://there.example/other> ([\"b\"])"));
        assert!(holds("<http://there.example/other> (Not [\"b\"])"));
        assert!(!holds("</nothing> (<urn:x:1>)"));
    }

    #[test]
    fn every_token_in_the_header_is_submitted() {
        // RFC 4918, section 10.4.1.
        let header = read("</a> (<urn:x:1> [\"t\"]) </b> (Not <urn:x:2>)").expect("read").expect("there");
        assert_eq!(header.tokens(), ["urn:x:1", "urn:x:2"]);
        assert_eq!(header.named().iter().map(|href| href.as_str()).collect::<Vec<_>>(), ["/a", "/b"]);
    }

    #[test]
    fn what_does_not_follow_the_grammar_is_a_bad_request() {
        // B-30, L-15.
        let many = format!("({})", "<urn:x:1>".repeat(65));
        for bad in [
            "",
            "x",
            "()",
            "(",
            "(<>)",
            "(<a)",
            "([a])",
            "<urn:x:1>",
            "</a> </b> (<c>)",
            "(<a>) x",
            "(<a>) </b>",
            "(Not)",
            many.as_str(),
        ] {
            let fault = read(bad).expect_err(bad);
            assert_eq!(fault.status, StatusCode::BAD_REQUEST, "{bad}");
        }
        assert!(read(&format!("({})", "<urn:x:1>".repeat(64))).is_ok());
        assert_eq!(If::of(&HeaderMap::new(), &[]), Ok(None));
    }
}
