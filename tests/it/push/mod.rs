//! WebDAV-Push: devices are told that a calendar changed. The push service is a server of the tests,
//! which reads what it gets with a cryptography of its own.

mod device;
mod registration;
mod sending;
mod service;

use device::Device;
use roomdav::config;
use roomdav::push::Pusher;
use service::Service;

use crate::support::{BASE_URL, Client, Reply, TestServer};

/// What sends, allowed to reach a service on this machine.
async fn pusher(server: &TestServer, service: &Service) -> Pusher {
    let certificates = Some(service.certificate());
    let config = config::Push { certificates, allow_loopback: true, ..config::Push::default() };
    Pusher::open(server.bookings.clone(), &config, BASE_URL).await.unwrap()
}

/// POST of a registration to a calendar.
async fn register(client: &Client<'_>, calendar: &str, device: &Device, more: &str) -> Reply {
    post(client, calendar, &device.registration(more)).await
}

async fn post(client: &Client<'_>, calendar: &str, body: &str) -> Reply {
    client.send("POST", calendar, &[("content-type", "application/xml; charset=utf-8")], body).await
}

/// The path of the registration that was answered.
fn location(reply: &Reply) -> String {
    let location = reply.header("location").expect("a Location");
    location.strip_prefix(BASE_URL).expect("an absolute URL of ours").to_owned()
}
