//! Instances instead of rules.

use super::{filled, query};
use crate::support::{event, on_both};

const RANGE: &str = "start=\"20270301T000000Z\" end=\"20270317T000000Z\"";

#[tokio::test]
async fn a_query_may_ask_for_instances_instead_of_rules() {
    // RFC 4791, section 9.6.5; R8.5.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let inner = format!("<C:time-range {RANGE}/>");
        let expand = query(&format!("<C:calendar-data><C:expand {RANGE}/></C:calendar-data>"), &inner);
        let items = ada.report(&ada.room("aula"), &expand).await.multistatus();
        let weekly = items.iter().find(|item| item.href.ends_with("weekly.ics")).unwrap();
        let text = weekly.text("calendar-data").unwrap();
        assert!(!text.contains("RRULE") && !text.contains("TZID"), "{text}");
        assert_eq!(text.matches("RECURRENCE-ID:").count(), 3, "{text}");
        for start in ["20270302T080000Z", "20270309T080000Z", "20270316T080000Z"] {
            assert!(text.contains(&format!("DTSTART:{start}")), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_query_may_ask_for_the_overrides_of_a_range_only() {
    // RFC 4791, section 9.6.6; R8.5.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let series = event("s")
            .hours("20270401", 9, 10)
            .rule("FREQ=DAILY;COUNT=20")
            .moved("20270403T090000", "20270403T120000", "20270403T130000", &[])
            .moved("20270415T090000", "20270415T120000", "20270415T130000", &[]);
        ada.book("aula", &series).await.created();
        let range = "start=\"20270410T000000Z\" end=\"20270420T000000Z\"";
        let limit = query(
            &format!("<C:calendar-data><C:limit-recurrence-set {range}/></C:calendar-data>"),
            &format!("<C:time-range {range}/>"),
        );
        let items = ada.report(&ada.room("aula"), &limit).await.multistatus();
        let text = items[0].text("calendar-data").unwrap();
        assert!(text.contains("RRULE") && text.contains("20270415T090000"), "{text}");
        assert!(!text.contains("20270403T090000"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_query_may_ask_for_parts_and_gets_them_or_more() {
    // RFC 4791, section 7.6; R2.1.
    on_both(async |server| {
        filled(&server).await;
        let ada = server.client("ada");
        let part = "<D:getetag/><C:calendar-data><C:comp name=\"VCALENDAR\"><C:comp name=\"VEVENT\">\
            <C:prop name=\"UID\"/></C:comp></C:comp></C:calendar-data>";
        let items = ada.report(&ada.room("aula"), &query(part, "")).await.multistatus();
        assert_eq!(items.len(), 3);
        for item in items {
            let text = item.text("calendar-data").unwrap();
            assert!(text.contains("BEGIN:VEVENT") && text.contains("UID:"), "{text}");
        }
    })
    .await;
}
