//! A disk without space is an error as others are, and the program lives on.

use std::{
    io::{self, Write},
    path::Path,
    process::Command,
};

use formhold_exporters::{ALL, ColumnKind, Formulas};

use crate::things::{Thing, options, start, table};

/// A file system of one mebibyte. Unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        let _ = writeln!(
            io::stderr(),
            "left out: the full disk, because a small file system cannot be mounted here"
        );
        None
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn one_column() -> formhold_exporters::Table {
    table("Texts", &[("text", ColumnKind::Text)])
}

#[test]
fn a_workbook_whose_temporary_files_find_no_space_fails_and_stays_failed() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(_disk) = SmallDisk::mount(folder.path()) else { return };
    let mut export = start("xlsx", one_column(), folder.path()).expect("a start");
    let row = Thing::text(&"x".repeat(10_000));
    let error = (0..200).find_map(|_| export.row(&row).err()).expect("no space");
    assert!(error.to_string().contains("temporary files of the workbook"), "{error}");
    assert!(export.row(&row).is_err() && export.finish().is_err());
}

/// Takes some bytes and then no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_takes_no_more_is_an_error_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = options(Formulas::Defuse, folder.path());
    for format in ALL {
        let mut failed = false;
        if let Ok(mut export) = format.start(Full(100), one_column(), &options) {
            failed = (0..100).any(|_| export.row(&Thing::text("one of the rows")).is_err());
            failed = failed || export.finish().is_err();
        }
        assert!(failed, "{}", format.name);
    }
}
