//! The page's worker on a GPU; it runs in a browser only.

#[cfg(target_family = "wasm")]
fn main() {
    lethe::web::gpu_worker::start(lethe::experiments::Engine::FusedGpu);
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is the page's worker on a GPU, which runs in a browser: `make lab` builds and serves it");
    std::process::exit(2);
}
