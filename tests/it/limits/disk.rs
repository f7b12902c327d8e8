//! L-67: with little left on the disk nothing new is taken; what there is can be read and removed.

use roomdav::limits::Limits;

use crate::support::{TestServer, Wire, event};

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_nothing_new_and_gives_back() {
    let server = TestServer::sqlite().await;
    server.people(&["ada"]).await;
    server.room("aula").await;
    let text = event("a").hours("20270301", 9, 10).text();
    let ada = server.client("ada");
    let (path, other) = (ada.in_room("aula", "a"), ada.in_room("aula", "b"));
    ada.create(&path, &text).await.created();
    // More than any disk has left.
    let limits = Limits { free_disk_bytes: 1 << 50, ..Limits::default() };
    let wire = Wire::limited(&server, &limits).await;
    let program = wire.program("ada").await;
    let typed = [("Content-Type", "text/calendar")];
    program.send("PUT", &other, &typed, &text.replace("UID:a", "UID:b")).await.expect(507);
    program.send("MKCALENDAR", "/calendars/users/ada/more/", &[], "").await.expect(507);
    program.send("PUT", "/files/users/ada/note", &[], "x").await.expect(507);
    assert!(program.get(&path).await.expect(200).has_line("UID:a"));
    program.propfind(&ada.home(), "1", "").await.expect(207);
    program.send("DELETE", &path, &[], "").await.expect(204);
    assert!(server.claims("aula").await.is_empty());
    drop(wire);
    let wire = Wire::open(&server).await;
    wire.program("ada").await.send("PUT", &other, &typed, &text.replace("UID:a", "UID:b")).await.expect(201);
}
