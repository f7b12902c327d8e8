//! The Windows zones, and the names that Microsoft's programs write into TZID.
//!
//! The table of names is `windows-timezones`'; it cannot be walked, so its members stand here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use WindowsTimezone as W;
use windows_timezones::WindowsTimezone;

/// The IANA name of a Windows zone: by its key (`W. Europe Standard Time`, also numbered as
/// Outlook does), or by its display name with any offset before it.
pub(crate) fn iana_name(name: &str) -> Option<&'static str> {
    const BY_HAND: [(&str, &str); 3] =
        [("tzone://Microsoft/Utc", "UTC"), ("Coordinated Universal Time", "UTC"), ("Z", "UTC")];
    if let Some((_, zone)) = BY_HAND.iter().find(|(from, _)| from.eq_ignore_ascii_case(name)) {
        return Some(zone);
    }
    // Outlook numbers a zone that it met in several versions: "W. Europe Standard Time 1".
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let by_key = [name, bare].iter().find_map(|name| name.parse::<W>().ok());
    by_key.map(W::tzdb_id).or_else(|| BY_DISPLAY_NAME.get(&display_key(name)?).copied())
}

/// Display names without their offset, in lower case: `amsterdam, berlin, bern, rome, …`.
static BY_DISPLAY_NAME: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    ALL.iter().filter_map(|zone| Some((display_key(zone.description())?, zone.tzdb_id()))).collect()
});

/// The part of a display name that does not change with the offset.
fn display_key(name: &str) -> Option<String> {
    let rest = name.strip_prefix('(')?.split_once(')')?.1.trim();
    (!rest.is_empty()).then(|| rest.to_lowercase())
}

const ALL: [W; 139] = [
    W::DatelineStandardTime,
    W::UtcMinus11,
    W::AleutianStandardTime,
    W::HawaiianStandardTime,
    W::MarquesasStandardTime,
    W::AlaskanStandardTime,
    W::UtcMinus09,
    W::PacificStandardTimeMexico,
    W::UtcMinus08,
    W::PacificStandardTime,
    W::UsMountainStandardTime,
    W::MountainStandardTimeMexico,
    W::MountainStandardTime,
    W::YukonStandardTime,
    W::CentralAmericaStandardTime,
    W::CentralStandardTime,
    W::EasterIslandStandardTime,
    W::CentralStandardTimeMexico,
    W::CanadaCentralStandardTime,
    W::SaPacificStandardTime,
    W::EasternStandardTimeMexico,
    W::EasternStandardTime,
    W::HaitiStandardTime,
    W::CubaStandardTime,
    W::UsEasternStandardTime,
    W::TurksAndCaicosStandardTime,
    W::ParaguayStandardTime,
    W::AtlanticStandardTime,
    W::VenezuelaStandardTime,
    W::CentralBrazilianStandardTime,
    W::SaWesternStandardTime,
    W::PacificSaStandardTime,
    W::NewfoundlandStandardTime,
    W::TocantinsStandardTime,
    W::ESouthAmericaStandardTime,
    W::SaEasternStandardTime,
    W::ArgentinaStandardTime,
    W::GreenlandStandardTime,
    W::MontevideoStandardTime,
    W::MagallanesStandardTime,
    W::SaintPierreStandardTime,
    W::BahiaStandardTime,
    W::UtcMinus02,
    W::AzoresStandardTime,
    W::CapeVerdeStandardTime,
    W::Utc,
    W::GmtStandardTime,
    W::GreenwichStandardTime,
    W::SaoTomeStandardTime,
    W::MoroccoStandardTime,
    W::WEuropeStandardTime,
    W::CentralEuropeStandardTime,
    W::RomanceStandardTime,
    W::CentralEuropeanStandardTime,
    W::WCentralAfricaStandardTime,
    W::JordanStandardTime,
    W::GtbStandardTime,
    W::MiddleEastStandardTime,
    W::EgyptStandardTime,
    W::EEuropeStandardTime,
    W::SyriaStandardTime,
    W::WestBankStandardTime,
    W::SouthAfricaStandardTime,
    W::FleStandardTime,
    W::IsraelStandardTime,
    W::SouthSudanStandardTime,
    W::KaliningradStandardTime,
    W::SudanStandardTime,
    W::LibyaStandardTime,
    W::NamibiaStandardTime,
    W::ArabicStandardTime,
    W::TurkeyStandardTime,
    W::ArabStandardTime,
    W::BelarusStandardTime,
    W::RussianStandardTime,
    W::EAfricaStandardTime,
    W::IranStandardTime,
    W::ArabianStandardTime,
    W::AstrakhanStandardTime,
    W::AzerbaijanStandardTime,
    W::RussiaTimeZone3,
    W::MauritiusStandardTime,
    W::SaratovStandardTime,
    W::GeorgianStandardTime,
    W::VolgogradStandardTime,
    W::CaucasusStandardTime,
    W::AfghanistanStandardTime,
    W::WestAsiaStandardTime,
    W::EkaterinburgStandardTime,
    W::PakistanStandardTime,
    W::QyzylordaStandardTime,
    W::IndiaStandardTime,
    W::SriLankaStandardTime,
    W::NepalStandardTime,
    W::CentralAsiaStandardTime,
    W::BangladeshStandardTime,
    W::OmskStandardTime,
    W::MyanmarStandardTime,
    W::SeAsiaStandardTime,
    W::AltaiStandardTime,
    W::WMongoliaStandardTime,
    W::NorthAsiaStandardTime,
    W::NCentralAsiaStandardTime,
    W::TomskStandardTime,
    W::ChinaStandardTime,
    W::NorthAsiaEastStandardTime,
    W::SingaporeStandardTime,
    W::WAustraliaStandardTime,
    W::TaipeiStandardTime,
    W::UlaanbaatarStandardTime,
    W::AusCentralWStandardTime,
    W::TransbaikalStandardTime,
    W::TokyoStandardTime,
    W::NorthKoreaStandardTime,
    W::KoreaStandardTime,
    W::YakutskStandardTime,
    W::CenAustraliaStandardTime,
    W::AusCentralStandardTime,
    W::EAustraliaStandardTime,
    W::AusEasternStandardTime,
    W::WestPacificStandardTime,
    W::TasmaniaStandardTime,
    W::VladivostokStandardTime,
    W::LordHoweStandardTime,
    W::BougainvilleStandardTime,
    W::RussiaTimeZone10,
    W::MagadanStandardTime,
    W::NorfolkStandardTime,
    W::SakhalinStandardTime,
    W::CentralPacificStandardTime,
    W::RussiaTimeZone11,
    W::NewZealandStandardTime,
    W::UtcPlus12,
    W::FijiStandardTime,
    W::ChathamIslandsStandardTime,
    W::UtcPlus13,
    W::TongaStandardTime,
    W::SamoaStandardTime,
    W::LineIslandsStandardTime,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_zone_is_found_by_key_and_by_display_name() {
        let unnamed = ALL.iter().filter(|zone| iana_name(zone.name()) != Some(zone.tzdb_id()));
        assert_eq!(unnamed.count(), 0);
        for zone in ALL {
            let shown = display_key(zone.description()).unwrap();
            assert_eq!(iana_name(&format!("(GMT+99:99) {shown}")), Some(zone.tzdb_id()), "{shown}");
        }
    }

    #[test]
    fn numbered_and_hand_written_names_are_known() {
        assert_eq!(iana_name("W. Europe Standard Time 1"), Some("Europe/Berlin"));
        assert_eq!(
            iana_name("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"),
            Some("Europe/Berlin")
        );
        assert_eq!(iana_name("tzone://Microsoft/Utc"), Some("UTC"));
        assert_eq!(iana_name("Customized Time Zone"), None);
    }
}
