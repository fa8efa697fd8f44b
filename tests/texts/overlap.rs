//! Whether replay and evaluation hold the same.

use lethe::data::text::{Found, SHARED_WORDS, Shared, normalised, overlaps};

fn found(texts: &[&str], against: &[&str]) -> lethe::data::text::Overlaps {
    let texts = texts.iter().map(|&text| Ok::<_, ()>(text.to_owned()));
    let against: Vec<String> = against.iter().map(|&text| text.to_owned()).collect();
    overlaps(texts, &against).unwrap()
}

#[test]
fn texts_are_the_same_but_for_case_punctuation_and_space() {
    assert_eq!(normalised("  The Straße,\n\t(No. 7)—it's\u{a0}HERE! "), "the straße no 7 it s here");
    let overlaps = found(&["Nothing.", "The END!", "  "], &["the end", "", "The; end"]);
    assert_eq!(overlaps.duplicates, Found { count: 2, first: vec![(1, 0), (1, 2)] });
    assert_eq!(overlaps.shared.count, 0);
}

#[test]
fn thirteen_words_in_a_row_are_found_and_twelve_are_not() {
    let words: Vec<String> = (0..30).map(|word| format!("w{word}")).collect();
    for shared in [SHARED_WORDS - 1, SHARED_WORDS, SHARED_WORDS + 5] {
        for at in [0, 4, 30 - shared] {
            let text = format!("before, {} AFTER", words[at..at + shared].join(", "));
            let overlaps = found(&["other words", &text], &["nothing of this", &words.join(" ")]);
            assert_eq!(overlaps.duplicates.count, 0);
            match shared < SHARED_WORDS {
                true => assert!(overlaps.is_empty()),
                false => {
                    let words = words[at..at + SHARED_WORDS].join(" ");
                    let first = vec![Shared { text: 1, against: 1, words }];
                    assert_eq!(overlaps.shared, Found { count: 1, first }, "each pair once");
                }
            }
        }
    }
}

#[test]
fn it_finds_what_a_search_through_all_pairs_finds() {
    // Few words, so that long stretches come again by chance.
    let mut stream = lethe::seed::Seed::new(6).stream();
    let mut text = |length: u32| -> String {
        let words: Vec<&str> = (0..length).map(|_| if stream.below(20) == 0 { "b" } else { "a" }).collect();
        words.join(" ")
    };
    let texts: Vec<String> = (0..40).map(|number| text(5 + number)).collect();
    let against: Vec<String> = (0..40).map(|number| text(3 + number)).collect();
    let borrowed = |texts: &[String]| -> Vec<String> { texts.to_vec() };
    let [own, other] = [borrowed(&texts), borrowed(&against)];
    let overlaps = overlaps(own.into_iter().map(Ok::<_, ()>), &other).unwrap();
    let mut expected = (Vec::new(), Vec::new());
    for (i, a) in texts.iter().enumerate() {
        for (j, b) in against.iter().enumerate() {
            let stretches = |text: &str| -> Vec<String> {
                let words: Vec<&str> = text.split(' ').collect();
                words.windows(SHARED_WORDS).map(|stretch| stretch.join(" ")).collect()
            };
            if a == b {
                expected.0.push((i, j));
            } else if stretches(a).iter().any(|stretch| stretches(b).contains(stretch)) {
                expected.1.push((i, j));
            }
        }
    }
    assert!(expected.1.len() > 50 && expected.1.len() < 1_500, "{}", expected.1.len());
    assert_eq!(overlaps.duplicates.count, expected.0.len() as u64);
    assert!(overlaps.duplicates.first.iter().all(|pair| expected.0.contains(pair)));
    assert_eq!(overlaps.shared.count, expected.1.len() as u64);
    let first: Vec<(usize, usize)> = overlaps.shared.first.iter().map(|pair| (pair.text, pair.against)).collect();
    assert_eq!(first.len(), 3, "no more are kept");
    assert!(first.iter().all(|pair| expected.1.contains(pair)), "{first:?}");
}
