//! The page's worker for deep networks; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::worker::start(lethe::experiments::Engine::Autodiff);
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page's worker for deep networks, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
