//! Names whose address changes between the check and the call, and the list of allowed networks.

use std::sync::atomic::Ordering;

use formhold_outbound::{Failure, GuardedClient, Settings};

use crate::peer::{OK, Peer, QUICK, Told, allowing, post, write};

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_dialled() {
    let inside = Peer::saying(OK).await;
    let port = inside.address.port();
    let outside =
        Peer::on(([127, 0, 0, 2], port).into(), |stream| write(stream, OK.to_owned())).await;
    // To the first question the name server gives the allowed address, to all others loopback.
    let resolver = Told::new(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let client = GuardedClient::with(&allowing(&["127.0.0.2/32"]), QUICK, resolver.clone())
        .expect("a client");
    let url = format!("http://rebinding.example:{port}/");
    client.call(post(&url)).await.expect("the first answer is allowed");
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1, "one lookup a call");
    for _ in 0..3 {
        assert_eq!(client.call(post(&url)).await.err(), Some(Failure::Refused));
    }
    assert_eq!((outside.called(), inside.called()), (1, 0));
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_ones_are_dialled() {
    let inside = Peer::saying(OK).await;
    let port = inside.address.port();
    // Nobody listens at the allowed address, so a client that went on would come to loopback.
    let resolver = Told::new(&[&["127.0.0.1", "127.0.0.2", "::1"]]);
    let client =
        GuardedClient::with(&allowing(&["127.0.0.2/32"]), QUICK, resolver).expect("a client");
    let answer = client.call(post(&format!("http://both.example:{port}/"))).await;
    assert_eq!(answer.err(), Some(Failure::NoConnection));
    assert_eq!(inside.called(), 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_not_resolved() {
    let client =
        GuardedClient::with(&Settings::default(), QUICK, Told::new(&[])).expect("a client");
    let answer = client.call(post("http://nobody.example/")).await;
    assert_eq!(answer.err(), Some(Failure::NotResolved));
}

#[tokio::test]
async fn allowed_networks_are_meant_as_they_are_written() {
    let peer = Peer::saying(OK).await;
    let port = peer.address.port();
    let client = GuardedClient::with(
        &allowing(&["127.0.0.0/8", "10.0.0.0/8"]),
        QUICK,
        Told::new(&[&["::ffff:127.0.0.1"]]),
    )
    .expect("a client");
    client.call(post(&format!("http://2130706433:{port}/"))).await.expect("it is allowed");
    for url in
        [format!("http://[::ffff:127.0.0.1]:{port}/"), format!("http://name.example:{port}/")]
    {
        assert_eq!(client.call(post(&url)).await.err(), Some(Failure::Refused), "{url}");
    }
}

#[test]
fn the_settings_take_networks_and_nothing_else() {
    let read = |text| toml::from_str::<Settings>(text);
    assert_eq!(read("allow_networks = [\"127.0.0.1/32\"]"), Ok(allowing(&["127.0.0.1/32"])));
    assert!(read("allow_networks = [\"localhost\"]").is_err());
    assert!(read("allow_networks = []\nallow_everything = true").is_err());
}
