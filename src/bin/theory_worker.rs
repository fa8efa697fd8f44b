//! The page's worker for the theory of the kernel; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::theory_worker::start();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page's worker for the theory, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
