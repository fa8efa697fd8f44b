//! The command line: `lethe run`, `lethe verify`.

fn main() -> std::process::ExitCode {
    lethe::native::main()
}
