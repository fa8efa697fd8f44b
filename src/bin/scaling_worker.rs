//! The page's worker for the scaling laws of forgetting; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::scaling_worker::start();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page's worker for the laws, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
