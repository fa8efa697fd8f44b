//! How a long text is cut so that each of its tokens is predicted once, as lm-evaluation-harness cuts it
//! (`get_rolling_token_windows` with a context of 1).

use super::likelihood::Continuation;

/// The parts of a text as continuations whose log-probabilities sum up to the text's. The first part follows `prefix`;
/// each other follows the token before it, the last one as many as fit.
///
/// ```
/// use lethe::metrics::perplexity::parts;
/// let cut = parts(&[1, 2, 3, 4, 5], 0, 3);
/// assert_eq!((&cut[0].context[..], &cut[0].tokens[..]), (&[0][..], &[1, 2, 3][..]));
/// assert_eq!((&cut[1].context[..], &cut[1].tokens[..]), (&[2, 3][..], &[4, 5][..]));
/// ```
pub fn parts(text: &[u32], prefix: u32, longest: usize) -> Vec<Continuation> {
    let mut parts = Vec::new();
    let mut predicted = 0;
    while predicted < text.len() {
        let end = (predicted + longest).min(text.len());
        let context = match predicted {
            0 => vec![prefix],
            // Where the input of `longest` tokens that ends before the part's last token begins.
            _ => text[end - longest - 1..predicted].to_vec(),
        };
        parts.push(Continuation { context, tokens: text[predicted..end].to_vec() });
        predicted = end;
    }
    parts
}
