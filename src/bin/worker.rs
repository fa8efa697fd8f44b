//! The page's worker; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::worker::start(lethe::experiments::Engine::FusedCpu);
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page's worker, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
