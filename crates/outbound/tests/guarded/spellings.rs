//! Addresses that are not public, in every spelling.

use formhold_outbound::{Failure, GuardedClient, Settings, Target, TargetProblem};

use crate::peer::{OK, Peer, QUICK, Told, post};

/// `{}` stands for the port of a server that really listens there.
const LOOPBACK: &[&str] = &[
    "http://127.0.0.1:{}/",
    "http://127.1:{}/",
    "http://127.0.1:{}/",
    "http://127.0.0.1.:{}/",
    "http://127.255.255.254:{}/",
    "http://0177.0.0.1:{}/",
    "http://0177.0000000.0.01:{}/",
    "http://0x7f.0.0.1:{}/",
    "http://0x7f.0x0.0x0.0x1:{}/",
    "http://0x7f000001:{}/",
    "http://0X7F.1:{}/",
    "http://2130706433:{}/",
    "http://017700000001:{}/",
    "http://0:{}/",
    "http://0.0.0.0:{}/",
    "http://%31%32%37.0.0.1:{}/",
    "http://127%2e0%2e0%2e1:{}/",
    "http://①②⑦.⓪.⓪.①:{}/",
    "http://127。0。0。1:{}/",
    "http://１２７.０.０.１:{}/",
    "http://user@127.0.0.1:{}/",
    "http://user:password@127.0.0.1:{}/",
    "http://example.org@127.0.0.1:{}/",
    "http://example.org:80@127.0.0.1:{}/",
    "http://127.0.0.1:{}/#@example.org",
    "http://127.0.0.1:{}\\@example.org/",
    "http:\\\\127.0.0.1:{}/",
    "http:127.0.0.1:{}/",
    "http:////127.0.0.1:{}/",
    " \thttp://127.0.0.1:{}/\n",
    "ht\ntp://127.0.\t0.1:{}/",
    "HTTP://127.0.0.1:{}/",
    "https://127.0.0.1:{}/",
    "http://[::1]:{}/",
    "http://[0:0:0:0:0:0:0:1]:{}/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:{}/",
    "http://[::]:{}/",
    "http://[::ffff:127.0.0.1]:{}/",
    "http://[::FFFF:7F00:1]:{}/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]:{}/",
    "http://[::127.0.0.1]:{}/",
    "http://[::ffff:0:127.0.0.1]:{}/",
];

const OTHERS: &[&str] = &[
    "http://169.254.169.254/latest/meta-data/",
    "http://0xA9FEA9FE/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b::8.8.8.8]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fdff::1]/",
    "http://[ff02::1]/",
    "http://[ff05::1:3]/",
];

#[tokio::test]
async fn no_spelling_of_loopback_reaches_a_server_there() {
    let everywhere =
        Peer::on(([0, 0, 0, 0], 0).into(), |stream| crate::peer::write(stream, OK.to_owned()))
            .await;
    let port = everywhere.address.port();
    let client = GuardedClient::new(&Settings::default()).expect("a client");
    for spelling in LOOPBACK {
        let url = spelling.replace("{}", &port.to_string());
        assert_eq!(client.call(post(&url)).await.err(), Some(Failure::Refused), "{url}");
    }
    assert_eq!(everywhere.called(), 0);
    // The server is there: a client that may, reaches it.
    crate::peer::local_client()
        .call(post(&format!("http://127.0.0.1:{port}/")))
        .await
        .expect("an answer");
}

#[tokio::test]
async fn no_other_network_that_is_not_public_is_called() {
    let client = GuardedClient::new(&Settings::default()).expect("a client");
    for url in OTHERS {
        assert_eq!(client.call(post(url)).await.err(), Some(Failure::Refused), "{url}");
        let target = Target::parse(url).expect(url);
        assert_eq!(client.check(&target), Err(Failure::Refused), "{url}");
    }
}

#[tokio::test]
async fn a_name_is_no_way_around() {
    for url in LOOPBACK.iter().chain(OTHERS) {
        let target = Target::parse(&url.replace("{}", "80")).expect(url);
        let host = target.url().host_str().expect("a host").trim_matches(['[', ']']).to_owned();
        let resolver = Told::new(&[&[host.as_str()]]);
        let client = GuardedClient::with(&Settings::default(), QUICK, resolver).expect("a client");
        let answer = client.call(post("http://name.example/")).await;
        assert_eq!(answer.err(), Some(Failure::Refused), "{host}");
    }
}

#[tokio::test]
async fn names_of_this_machine_are_refused_by_what_they_lead_to() {
    let peer = Peer::saying(OK).await;
    let client = GuardedClient::new(&Settings::default()).expect("a client");
    for name in ["localhost", "LOCALHOST", "ｌocalhost"] {
        let url = format!("http://{name}:{}/", peer.address.port());
        assert_eq!(client.call(post(&url)).await.err(), Some(Failure::Refused), "{url}");
    }
    assert_eq!(peer.called(), 0);
}

#[test]
fn public_addresses_are_not_refused() {
    let client = GuardedClient::new(&Settings::default()).expect("a client");
    let public = [
        "https://example.org/",
        "http://1.1.1.1:8080/",
        "http://9.255.255.255/",
        "http://11.0.0.1/",
        "http://100.63.255.255/",
        "http://100.128.0.1/",
        "http://126.255.255.255/",
        "http://128.0.0.1/",
        "http://172.15.255.255/",
        "http://172.32.0.1/",
        "http://192.0.1.1/",
        "http://223.255.255.255/",
        "http://[2606:4700:4700::1111]/",
        "http://[2a00:1450:4001::]/",
    ];
    for url in public {
        let target = Target::parse(url).expect(url);
        assert_eq!(client.check(&target), Ok(()), "{url}");
    }
}

#[test]
fn only_whole_addresses_of_the_web_are_targets() {
    use TargetProblem::{NotAnAddress, NotHttp, TooLong};
    let long = format!("https://example.org/{}", "x".repeat(Target::MAX_BYTES));
    let table = [
        ("", NotAnAddress),
        ("example.org", NotAnAddress),
        ("//example.org", NotAnAddress),
        ("/hook", NotAnAddress),
        ("http://", NotAnAddress),
        ("http://256.0.0.1/", NotAnAddress),
        ("http://example.org:99999/", NotAnAddress),
        ("http://exa mple.org/", NotAnAddress),
        ("http://[::1", NotAnAddress),
        ("file:///etc/passwd", NotHttp),
        ("ftp://example.org/", NotHttp),
        ("gopher://example.org/", NotHttp),
        ("unix:/run/docker.sock", NotHttp),
        ("data:text/plain,x", NotHttp),
        ("javascript:alert(1)", NotHttp),
        ("ws://example.org/", NotHttp),
        (&long, TooLong),
    ];
    for (text, problem) in table {
        assert_eq!(Target::parse(text).err(), Some(problem), "{text}");
    }
}

#[test]
fn what_is_logged_of_a_target_holds_no_secret() {
    let target =
        Target::parse("https://user:word@example.org/T0/B1/key?token=x").expect("a target");
    assert_eq!(format!("{target:?}"), "https://example.org");
}
