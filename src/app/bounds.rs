//! The limits of `config.toml` as the layers below take them.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::booking::Bounds;
use crate::caldav::limits::QueryLimits;
use crate::dav;
use crate::domain::recurrence::Budget;
use crate::ical;
use crate::limits::Limits;
use crate::site::FileBounds;

/// What booking holds people and objects to (L-04, L-30 to L-37, L-45, L-65, L-66, L-68, L-69).
#[must_use]
pub fn bounds(limits: &Limits) -> Bounds {
    let count = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    Bounds {
        max_future: count(limits.future_bookings),
        max_hourly: count(limits.bookings_per_hour),
        max_members: count(limits.room_resources),
        max_messages: count(limits.inbox_messages),
        max_letters_hourly: count(limits.letters_per_hour),
        max_letters_daily: count(limits.letters_per_day),
        letter_secs: i64::try_from(limits.letter_merge_time.as_secs()).unwrap_or(i64::MAX),
        mail_secs: i64::try_from(limits.letter_try_time.as_secs()).unwrap_or(i64::MAX),
        message_secs: i64::try_from(limits.inbox_time.as_secs()).unwrap_or(i64::MAX),
        // No more than passes the wall.
        max_attachment_bytes: limits.attachment_bytes.min(limits.file_body_bytes) as u64,
        max_attachments: limits.managed_attachments,
        max_person_bytes: limits.folder_bytes as u64,
        ical: text(limits),
    }
}

fn text(limits: &Limits) -> ical::Limits {
    ical::Limits {
        max_bytes: limits.object_bytes,
        max_lines: limits.content_lines,
        max_properties: limits.component_properties,
        max_parameters: limits.property_parameters,
        max_line_bytes: limits.line_bytes,
        max_name_bytes: limits.name_bytes,
        max_depth: limits.component_depth,
        max_components: limits.components,
        max_attendees: limits.attendees,
        max_alarms: limits.alarms,
        max_attachments: limits.attachments,
        max_inline_attachment_bytes: limits.inline_attachment_bytes,
        max_timezones: limits.timezones,
        max_observances: limits.timezone_observances,
        max_uid_bytes: limits.uid_bytes,
        max_dates: limits.exception_dates,
        ..ical::Limits::default()
    }
}

/// What WebDAV reads and answers (L-20 to L-28, L-55 to L-57).
#[must_use]
pub(super) fn dav(limits: &Limits) -> dav::Limits {
    dav::Limits {
        xml_bytes: limits.xml_bytes,
        xml_depth: limits.xml_depth,
        xml_elements: limits.xml_elements,
        xml_attributes: limits.xml_attributes,
        xml_namespaces: limits.xml_namespaces,
        xml_name: limits.xml_name_bytes,
        xml_text: limits.xml_text_bytes,
        properties_asked: limits.requested_properties,
        properties_patched: limits.patched_properties,
        dead_property: limits.dead_property_bytes,
        dead_properties: limits.dead_properties,
        sync_page: u32::try_from(limits.sync_members).unwrap_or(u32::MAX),
        search_results: limits.search_results,
        searches_per_minute: limits.searches_per_minute,
        search_chars: limits.search_text_chars,
        push_registrations: limits.push_registrations,
        push_secs: limits.push_time.as_secs(),
        expand_depth: limits.expand_property_depth,
        hrefs: limits.multiget_hrefs,
    }
}

/// What folders may hold, and how long locks last (L-66, L-72).
#[must_use]
pub(super) fn files(limits: &Limits) -> FileBounds {
    FileBounds {
        folder_bytes: limits.folder_bytes as u64,
        folder_members: limits.folder_members as u64,
        lock_secs: u32::try_from(limits.lock_time.as_secs()).unwrap_or(u32::MAX),
        locks_per_user: limits.locks_per_user as u64,
    }
}

/// What calendar reports may cost (L-29, L-41 to L-44, L-52, L-53).
#[must_use]
pub(super) fn queries(limits: &Limits) -> QueryLimits {
    let budget = Budget {
        steps: u32::try_from(limits.expansion_steps).unwrap_or(u32::MAX),
        max_instances: limits.occurrences,
        cpu: limits.expansion_time,
    };
    QueryLimits {
        filter_tests: limits.filter_conditions,
        range_secs: i64::try_from(limits.range_time.as_secs()).unwrap_or(i64::MAX),
        instances: limits.instances_per_request,
        text_bytes: limits.answer_bytes,
        budget,
        ical: text(limits),
        texts_at_once: limits.answer_texts_at_once,
        texts: Arc::new(Semaphore::new(limits.answer_texts_at_once / 1024)),
        expansions: Arc::new(Semaphore::new(limits.expansions_at_once)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unconfigured_limits_are_the_defaults_of_the_layers() {
        let made = bounds(&Limits::default());
        let plain = Bounds::default();
        assert_eq!(made.ical, plain.ical, "L-30 to L-45");
        assert_eq!(
            (made.max_future, made.max_hourly, made.max_members, made.max_messages, made.message_secs),
            (plain.max_future, plain.max_hourly, plain.max_members, plain.max_messages, plain.message_secs),
            "L-65, L-66, L-69"
        );
        assert_eq!(
            (made.max_letters_hourly, made.max_letters_daily, made.letter_secs, made.mail_secs),
            (plain.max_letters_hourly, plain.max_letters_daily, plain.letter_secs, plain.mail_secs),
            "L-68"
        );
        assert_eq!(
            (made.max_attachment_bytes, made.max_attachments, made.max_person_bytes),
            (plain.max_attachment_bytes, plain.max_attachments, plain.max_person_bytes),
            "L-04, L-35, L-66"
        );
        let narrow = Limits { file_body_bytes: 5, attachment_bytes: 7, ..Limits::default() };
        assert_eq!(bounds(&narrow).max_attachment_bytes, 5, "no more than passes the wall");
        assert_eq!(dav(&Limits::default()), dav::Limits::default(), "L-20 to L-28, L-55 to L-57");
        assert_eq!(files(&Limits::default()), FileBounds::default(), "L-66, L-72");
        let (made, plain) = (queries(&Limits::default()), QueryLimits::default());
        assert_eq!(made.budget, plain.budget, "L-41 to L-44");
        assert_eq!((made.filter_tests, made.instances), (plain.filter_tests, plain.instances), "L-29, L-53");
        assert_eq!(made.expansions.available_permits(), plain.expansions.available_permits(), "L-10");
    }
}
