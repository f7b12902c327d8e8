use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Config, LogFormat, MailSecurity, Network, Secret, TlsFiles};

fn read(text: &str) -> Config {
    Config::read(text, []).expect("the configuration is good")
}

fn overruled(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let owned = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::read(text, owned).map_err(|bad| bad.0.iter().map(ToString::to_string).collect())
}

fn mistakes(text: &str) -> Vec<String> {
    overruled(text, &[]).expect_err("the configuration is bad")
}

#[test]
fn nothing_configured_means_the_defaults() {
    let config = read("");
    assert_eq!(config, Config::default());
    assert_eq!(config.server.base_url(config.server.listen), "http://127.0.0.1:8008");
    assert_eq!(config.database.url, "sqlite://data/roomdav.sqlite");
}

#[test]
fn the_example_in_the_repository_says_what_the_defaults_are() {
    let text = include_str!("../../config.toml");
    assert_eq!(
        Config { server: super::Server { public_url: None, ..read(text).server }, ..read(text) },
        Config::default()
    );
    let uncommented: Vec<&str> = text.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect();
    let config = read(&uncommented.join("\n"));
    assert_eq!(config.booking["hours_rule"], "whole");
    assert!(config.server.tls.is_some() && !config.server.hosts.is_empty());
}

#[test]
fn every_key_is_read() {
    let config = read(
        r#"
        [server]
        listen = "[::]:443"
        public_url = "https://cal.example.org/"
        tls_certificate = "/etc/cert.pem"
        tls_key = "/etc/key.pem"
        behind_proxy = ["10.0.0.1", "::1"]
        allow_plain_http = true
        http2 = true
        hosts = ["Cal.example.org"]
        metrics_from = ["10.0.0.0/8"]
        [database]
        url = "postgres://u@h/roomdav"
        [booking]
        window_days = 30
        recurrence = false
        setup = "15m"
        [limits]
        attendees = 50
        idle_time = "30s"
        [log]
        format = "text"
        level = "info,sqlx=warn"
        [mail]
        server = "Mail.example.org"
        security = "tls"
        login = "rooms"
        password = "secret"
        from = "Rooms of the house <rooms@example.org>"
        language = "de"
        certificates = "ca.pem"
        "#,
    );
    let server = &config.server;
    assert_eq!(server.base_url(server.listen), "https://cal.example.org");
    let files = TlsFiles { certificate: PathBuf::from("/etc/cert.pem"), key: PathBuf::from("/etc/key.pem") };
    assert_eq!(server.tls, Some(files));
    assert_eq!(server.behind_proxy.len(), 2);
    assert_eq!(server.metrics_from, [Network::parse("10.0.0.0/8").unwrap()]);
    assert!(server.allow_plain_http && server.http2);
    assert_eq!(server.hosts, ["cal.example.org"]);
    assert_eq!(config.database.url, "postgres://u@h/roomdav");
    let booking: Vec<_> = config.booking.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    assert_eq!(booking, [("recurrence", "off"), ("setup", "15m"), ("window_days", "30")]);
    assert_eq!(config.limits.attendees, 50);
    assert_eq!(config.limits.idle_time.as_secs(), 30);
    assert_eq!((config.log.format, config.log.level.as_str()), (LogFormat::Text, "info,sqlx=warn"));
    assert_eq!(config.language.as_deref(), Some("de"));
    let mail = super::Mail {
        server: "mail.example.org".to_owned(),
        port: 465,
        security: MailSecurity::Tls,
        login: Some(("rooms".to_owned(), Secret::new("secret"))),
        from: "rooms@example.org".to_owned(),
        from_name: Some("Rooms of the house".to_owned()),
        certificates: Some(PathBuf::from("ca.pem")),
    };
    assert_eq!(config.mail, Some(mail));
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_key() {
    let found = mistakes(
        r#"
        colour = "red"
        [server]
        listen = "nowhere"
        public_url = "https://cal.example.org/path"
        tls_key = "key.pem"
        behind_proxy = ["10.0.0.0/8"]
        allow_plain_http = "maybe"
        http2 = true
        hosts = ["cal.example.org:443"]
        speed = 9
        [database]
        url = "mysql://x"
        [booking]
        quotas = ["5 bookings/week"]
        grid = "often"
        units = 2
        [limits]
        attendees = 0
        idle_time = 75
        patience = 1
        [log]
        format = "xml"
        level = "loud"
        [mail]
        smtp = "localhost"
        "#,
    );
    let keys: Vec<&str> = found.iter().map(|line| line.split(' ').next().expect("a key")).collect();
    let wanted = [
        "colour",
        "server.public_url",
        "server.listen",
        "server.tls_certificate",
        "server.behind_proxy",
        "server.allow_plain_http",
        "server.hosts",
        "server.http2",
        "server.speed",
        "database.url",
        "booking.quotas",
        "booking.grid",
        "booking.units",
        "limits.attendees",
        "limits.idle_time",
        "limits.patience",
        "log.format",
        "log.level",
        "mail.server",
        "mail.from",
        "mail.smtp",
    ];
    let sorted = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(keys.len(), wanted.len(), "{found:#?}");
    assert_eq!(sorted(&keys), sorted(&wanted), "{found:#?}");
    assert!(found.contains(&"limits.attendees must lie between 1 and 5000".to_owned()), "{found:#?}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let environment = [
        ("ROOMDAV_SERVER_LISTEN", "127.0.0.1:0"),
        ("ROOMDAV_SERVER_BEHIND_PROXY", "10.0.0.1, 10.0.0.2"),
        ("ROOMDAV_SERVER_ALLOW_PLAIN_HTTP", "true"),
        ("ROOMDAV_BOOKING_HOURS_RULE", "start"),
        ("ROOMDAV_LIMITS_ATTENDEES", "7"),
        ("ROOMDAV_BINARY", "not ours"),
        ("PATH", "/bin"),
    ];
    let config = overruled("[server]\nlisten = \"127.0.0.1:1\"", &environment).expect("good");
    assert_eq!(config.server.listen.port(), 0);
    assert_eq!(config.server.behind_proxy.len(), 2);
    assert!(config.server.allow_plain_http);
    assert_eq!(config.booking["hours_rule"], "start");
    assert_eq!(config.limits.attendees, 7);
    let bad = overruled("", &[("ROOMDAV_SERVER_SPEED", "9")]).expect_err("unknown");
    assert_eq!(bad, ["server.speed is not a key of this section"]);
}

#[test]
fn plain_http_beyond_loopback_needs_a_word() {
    let open = "[server]\nlisten = \"0.0.0.0:8008\"\n";
    assert_eq!(mistakes(open).len(), 1, "D-20");
    for word in [
        "allow_plain_http = true",
        "behind_proxy = [\"10.0.0.1\"]",
        "tls_certificate = \"c\"\ntls_key = \"k\"",
    ] {
        assert!(overruled(&format!("{open}{word}"), &[]).is_ok(), "D-20: {word}");
    }
}

#[test]
fn what_is_not_toml_is_told_with_the_place() {
    let found = mistakes("[server\n");
    assert!(found.len() == 1 && found[0].contains("line 1"), "{found:?}");
}

#[test]
fn a_file_that_is_named_has_to_be_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("other.toml");
    let bad = Config::load(Some(&path)).expect_err("there is none");
    assert!(bad.to_string().contains("other.toml cannot be read"), "{bad}");
    std::fs::write(&path, "[limits]\nattendees = 7").expect("written");
    assert_eq!(Config::load(Some(&path)).expect("good").limits.attendees, 7);
}

#[test]
fn mail_is_configured_whole_or_not_at_all() {
    assert_eq!(read("[mail]\nlanguage = \"de\"").mail, None, "a language is no server");
    let least = "[mail]\nserver = \"mail.example.org\"\nfrom = \"rooms@example.org\"\n";
    let mail = read(least).mail.expect("that is all it needs");
    assert_eq!((mail.security, mail.port), (MailSecurity::StartTls, 587));
    let keys = |text: &str| -> Vec<String> {
        mistakes(text).iter().map(|line| line.split(' ').next().expect("a key").to_owned()).collect()
    };
    assert_eq!(keys("[mail]\nport = 25"), ["mail.server", "mail.from"]);
    let all = "[mail]\nsecurity = \"ssl\"\nport = 0\npassword = \"x\"\nfrom = \"nobody\"\nlanguage = \"fr\"";
    let wrong = ["mail.language", "mail.security", "mail.port", "mail.from", "mail.server", "mail.login"];
    assert_eq!(keys(all), wrong);
    assert_eq!(keys(&format!("{least}login = \"rooms\"")), ["mail.password"]);
    assert_eq!(keys(&format!("{least}security = \"none\"")), ["mail.security"], "in the open");
    let plain =
        read(&format!("{least}security = \"none\"\nallow_plain = true")).mail.expect("somebody says so");
    assert_eq!(plain.port, 25);
    let near =
        "[mail]\nserver = \"127.0.0.1\"\nport = 2525\nsecurity = \"none\"\nfrom = \"rooms@example.org\"";
    assert_eq!(read(near).mail.expect("on this machine").port, 2525);
    for from in ["a@b@c", "a b@c", "@c", "a@", "x <a@b> y", "Zo\u{eb} <zo\u{eb}@b>", "a@b?bcc=c"] {
        assert_eq!(keys(&least.replace("rooms@example.org", from)), ["mail.from"], "{from}");
    }
}

#[test]
fn a_password_comes_from_a_file_or_from_the_environment() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    std::fs::write(&file, "from a file\n").expect("written");
    let text = "[mail]\nserver = \"mail.example.org\"\nfrom = \"rooms@example.org\"\nlogin = \"rooms\"\n";
    let of = |config: Config| {
        config.mail.and_then(|mail| mail.login).map(|(_, secret)| secret.reveal().to_owned())
    };
    let with_file = format!("{text}password_file = {:?}", file.display().to_string());
    assert_eq!(of(read(&with_file)).as_deref(), Some("from a file"));
    let config = overruled(text, &[("ROOMDAV_MAIL_PASSWORD", "from outside")]).expect("good");
    assert_eq!(of(config).as_deref(), Some("from outside"));
    assert_eq!(overruled(&with_file, &[("ROOMDAV_MAIL_PASSWORD", "x")]).expect_err("two").len(), 1);
    let missing = mistakes(&format!("{text}password_file = \"/nowhere/at/all\""));
    assert!(missing.len() == 1 && missing[0].starts_with("mail.password_file cannot be read"), "{missing:?}");
}
