//! The limits of `config.toml` as the layers below take them.

use crate::booking::Bounds;
use crate::ical;
use crate::limits::Limits;

/// What booking holds people and objects to (L-30 to L-37, L-45, L-65, L-66).
#[must_use]
pub fn bounds(limits: &Limits) -> Bounds {
    let count = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    Bounds {
        max_future: count(limits.future_bookings),
        max_hourly: count(limits.bookings_per_hour),
        max_members: count(limits.room_resources),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unconfigured_limits_are_the_defaults_of_the_layers() {
        let made = bounds(&Limits::default());
        let plain = Bounds::default();
        assert_eq!(made.ical, plain.ical, "L-30 to L-45");
        assert_eq!(
            (made.max_future, made.max_hourly, made.max_members),
            (plain.max_future, plain.max_hourly, plain.max_members),
            "L-65, L-66"
        );
    }
}
