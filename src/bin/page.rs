//! The page; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::page::start();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
