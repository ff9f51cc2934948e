//! The program `formhold`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The allocator asks for huge pages, in which memory that nobody has touched is resident: more than
    // half of what an idle server would take. Where the kernel refuses, that is all that happens.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    formhold::commands::main()
}
