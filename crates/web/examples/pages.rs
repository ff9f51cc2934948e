//! Writes every page with sample data into a folder, with the files that pages load and the policy
//! that they obey: something to look at, and what the browser tests check.
//! `cargo run -p formhold-web --example pages -- FOLDER`

#[path = "../tests/pages/samples/mod.rs"]
mod samples;

use std::{fs, io, path::Path};

use formhold_web::{pages::content_security_policy, public::assets};
use samples::Kind;

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/pages".to_owned());
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("static"))?;
    for asset in assets::ALL {
        fs::write(folder.join(asset.path.trim_start_matches('/')), asset.bytes)?;
    }
    fs::write(folder.join("policy.txt"), content_security_policy(&[]))?;
    for kind in Kind::ALL {
        let ending = format!("{kind:?}").to_lowercase();
        for sample in samples::all(kind) {
            fs::write(folder.join(format!("{}.{ending}.html", sample.name)), sample.html)?;
        }
    }
    Ok(())
}
