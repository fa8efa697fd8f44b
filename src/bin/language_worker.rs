//! The page's worker for language experiments, the laws and who forgets what; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::language_worker::start();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!(
        "this is the page's worker for language experiments, which runs in a browser: `make lab` builds and serves it"
    );
    std::process::exit(2);
}
