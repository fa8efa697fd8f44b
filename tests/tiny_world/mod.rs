//! The language world as files, for test programs that run the command line on them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program.
pub const LETHE: &str = env!("CARGO_BIN_EXE_lethe");

/// A folder of a test program, empty at its start.
pub fn folder(program: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The world's files, so many documents of each corpus, in a folder of a test program. Its tests may be processes of
/// their own, which run at once: the first of them that comes writes the files, for this build of the program.
pub fn world(program: &str, documents: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    fs::create_dir_all(&folder).unwrap();
    let (world, stamp) = (folder.join("world"), folder.join("world.of"));
    let one_at_a_time = File::create(folder.join("world.lock")).unwrap();
    one_at_a_time.lock().unwrap();
    let built = format!("{:?}", fs::metadata(LETHE).unwrap().modified().unwrap());
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&built) || !world.is_dir() {
        let _ = fs::remove_dir_all(&world);
        let written = Command::new(LETHE)
            .args(["llama", "world", "--documents", &documents.to_string(), "--out"])
            .arg(&world)
            .output()
            .unwrap();
        assert!(written.status.success(), "{}", told(&written));
        fs::write(&stamp, built).unwrap();
    }
    world
}

/// What a program said.
pub fn told(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    format!("{:?}\n{out}\n{error}", output.status.code())
}
