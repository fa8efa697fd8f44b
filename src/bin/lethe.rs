//! The command line: `lethe run`, `lethe verify`, `lethe curriculum`.

fn main() -> std::process::ExitCode {
    lethe::native::main()
}
