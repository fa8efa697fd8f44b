//! A Slurm array of a sweep's runs.

use std::fmt::Write as _;
use std::path::Path;

use super::file::Sweep;
use super::plan::absolute;
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// Indices of an array where Slurm's `MaxArraySize` was left as it is.
const USUAL: usize = 1_001;

/// What the script does with an exit code, in bash. The program runs in the background, because a shell takes a signal only
/// between two commands or in `wait`, and because somebody must be left to put an interrupted task back in the queue.
const BODY: &str = r#"
# Ctrl-C, preemption and the signal before the time limit go on to the program, which saves and ends with 3.
trap 'told=1; kill -TERM $! 2>/dev/null' TERM INT
"${command[@]}" &
while told=; wait $!; code=$?; [ -n "$told" ]; do :; done

case $code in
  # Interrupted, and to be continued; or killed from outside, which memory that ran out may be, so not for ever.
  3) most=1000 ;;
  129 | 13? | 14?) most=3 ;;
  # Done, failed, or (2) wrong settings, which no repetition mends.
  *) exit "$code" ;;
esac
if [ "${SLURM_RESTART_COUNT:-0}" -lt "$most" ]; then
  echo "run $SLURM_ARRAY_TASK_ID ended with $code: back to the queue"
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 60
fi
exit "$code"
"#;

/// The script: one task for each run, `at_once` of them at a time, with further `#SBATCH` options.
///
/// # Errors
/// An option that would not be one line.
pub fn script(sweep: &Sweep, program: &Path, at_once: u32, options: &[String]) -> Result<String, Failure> {
    if let Some(option) = options.iter().find(|option| !option.starts_with('-') || option.contains(['\n', '\r'])) {
        let problem = Problem::new("--sbatch", option, "one option of sbatch, such as --gpus=1");
        return Err(Problems(vec![problem]).into());
    }
    let last = sweep.names.len() - 1;
    let name = sweep.path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let folder = absolute(&sweep.folder)?;
    let mut text = "#!/bin/bash\n".to_owned();
    let fixed = [
        format!("--job-name={}", quoted(&format!("lethe-{name}"))),
        format!("--array=0-{last}%{at_once}"),
        "--requeue".to_owned(),
        "--open-mode=append".to_owned(),
        "--signal=B:TERM@120".to_owned(),
        format!("--chdir={}", quoted(&absolute(Path::new("."))?.display().to_string())),
        format!("--output={}", quoted(&format!("{}/slurm-%a.log", folder.display().to_string().replace('%', "%%")))),
    ];
    for option in fixed.iter().chain(options) {
        let _ = writeln!(text, "#SBATCH {option}");
    }
    if last >= USUAL {
        let _ = writeln!(
            text,
            "# Slurm takes this array only if its MaxArraySize (`scontrol show config`) is above {last}."
        );
    }
    let file = absolute(&sweep.path)?;
    let arguments: Vec<String> = sweep.words(&file).iter().map(|word| quoted(word)).collect();
    let program = quoted(&program.display().to_string());
    let _ = writeln!(text, "\ncommand=({program} sweep run {})", arguments.join(" "));
    text.push_str(BODY);
    Ok(text)
}

/// A word that bash takes as it is.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:%,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
