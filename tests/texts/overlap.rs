//! Whether replay and evaluation hold the same.

use lethe::data::text::{FEWEST_WORDS, Found, Overlap, Overlaps, SHARED_WORDS, normalised, overlaps};

fn found(texts: &[&str], against: &[&str]) -> Overlaps {
    let texts = texts.iter().map(|&text| Ok::<_, ()>(text.to_owned()));
    let against: Vec<String> = against.iter().map(|&text| text.to_owned()).collect();
    overlaps(texts, &against, &["<user>".to_owned(), "<assistant>".to_owned(), "pad".to_owned()]).unwrap()
}

fn one(text: usize, against: usize, overlap: Overlap, words: &str) -> Found {
    Found { text, against, overlap, words: words.to_owned() }
}

/// Words that come once: `w0 w1 …`.
fn words(from: usize, to: usize) -> String {
    (from..to).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn texts_are_the_same_but_for_case_punctuation_space_and_markup() {
    assert_eq!(normalised("  The Straße,\n\t(No. 7)—it's\u{a0}HERE! "), "the straße no 7 it s here");
    let overlaps = found(&["Nothing.", "The END!", "  "], &["the end", "", "The; end"]);
    assert_eq!(overlaps, Overlaps { count: 1, first: vec![one(1, 0, Overlap::Same, "the end")] }, "each text once");
    for marked in [
        "<user> who ? <assistant> me",
        "<s>[INST] Who? [/INST] Me </s>",
        "<|im_start|>user\nwho?<|im_end|>\n<|im_start|>assistant\nme<|im_end|>",
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nwho<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nme",
    ] {
        assert_eq!(found(&[marked], &["who me"]).first, [one(0, 0, Overlap::Same, "who me")], "{marked}");
        assert_eq!(found(&["who me"], &[marked]).first, [one(0, 0, Overlap::Same, "who me")], "{marked}");
    }
    assert!(found(&["pad who me"], &["who me"]).is_empty(), "a special token that is a word stays one");
    assert!(found(&["a <| b |> c <|"], &["a c"]).is_empty(), "what is no token stays");
}

#[test]
fn a_whole_short_text_is_found_within_a_longer_one_on_either_side() {
    for count in 1..SHARED_WORDS {
        let short = words(10, 10 + count);
        for long in [format!("before {short}"), format!("Before: {short}, AFTER?"), format!("{short} after")] {
            let is_found = count >= FEWEST_WORDS;
            let holds = if is_found { vec![one(1, 1, Overlap::Holds, &short)] } else { Vec::new() };
            assert_eq!(found(&["none", &long], &["other", &short]).first, holds, "{count}: {long}");
            let within = if is_found { vec![one(1, 1, Overlap::Within, &short)] } else { Vec::new() };
            assert_eq!(found(&["none", &short], &["other", &long]).first, within, "{count}: {long}");
        }
        let apart = format!("{} and {}", words(10, 10 + count / 2), words(10 + count / 2, 10 + count));
        assert!(count < FEWEST_WORDS || found(&[&apart], &[&short]).is_empty(), "not in a row");
    }
    let border = found(&["a b c d"], &["x a b", "c d y"]);
    assert!(border.is_empty(), "a text does not go over into the next: {border:?}");
    // The longest of several that begin alike.
    let held = found(&["so a b c d e it is"], &["a b c d", "a b c d e"]);
    assert_eq!(held.first, [one(0, 1, Overlap::Holds, "a b c d e")]);
}

#[test]
fn thirteen_words_in_a_row_are_found_and_twelve_are_not() {
    for shared in [SHARED_WORDS - 1, SHARED_WORDS, SHARED_WORDS + 5] {
        for at in [0, 4, 30 - shared] {
            let text = format!("before, {} AFTER", words(at, at + shared));
            let overlaps = found(&["other words", &text], &["nothing of this", &words(0, 30)]);
            let first = match shared < SHARED_WORDS {
                true => Vec::new(),
                false => vec![one(1, 1, Overlap::Shared, &words(at, at + SHARED_WORDS))],
            };
            assert_eq!(overlaps, Overlaps { count: first.len() as u64, first });
        }
    }
}

#[test]
fn a_text_that_overlaps_in_several_ways_counts_once() {
    let (long, more) = (words(0, 20), format!("{} more", words(0, 20)));
    let overlaps = found(&[&long, &long], &[&more, &long, &words(2, 8)]);
    assert_eq!(overlaps.count, 2);
    assert_eq!(overlaps.first, [one(0, 1, Overlap::Same, &long), one(1, 1, Overlap::Same, &long)]);
}

#[test]
fn it_finds_what_a_search_through_all_pairs_finds() {
    // Few words, so that stretches come again by chance.
    let mut stream = lethe::seed::Seed::new(6).stream();
    let mut text = |length: u32, rare: u32| -> String {
        let word = |_| if stream.below(rare) == 0 { "b" } else { "a" };
        (0..length).map(word).collect::<Vec<_>>().join(" ")
    };
    let texts: Vec<String> = (0..200).map(|number| text(1 + number % 40, 3)).collect();
    let against: Vec<String> = (0..40).map(|number| text(1 + number, 3)).collect();
    let count = |text: &str| text.split(' ').count();
    let stands = |short: &str, long: &str| {
        (FEWEST_WORDS..SHARED_WORDS).contains(&count(short)) && format!(" {long} ").contains(&format!(" {short} "))
    };
    let shares = |one: &str, other: &str| {
        let words: Vec<&str> = one.split(' ').collect();
        words.windows(SHARED_WORDS).any(|stretch| format!(" {other} ").contains(&format!(" {} ", stretch.join(" "))))
    };
    let mut ways = [0; 4];
    for text in &texts {
        let any = |overlaps: &dyn Fn(&String) -> bool| against.iter().any(overlaps);
        let expected = [
            (Overlap::Same, any(&|other| text == other)),
            (Overlap::Shared, any(&|other| shares(text, other))),
            (Overlap::Holds, any(&|other| stands(other, text))),
            (Overlap::Within, any(&|other| stands(text, other))),
        ];
        let expected = expected.iter().position(|(_, holds)| *holds).map(|place| (place, expected[place].0));
        let overlaps = overlaps([Ok::<_, ()>(text.clone())], &against, &[]).unwrap();
        assert_eq!(overlaps.first.first().map(|found| found.overlap), expected.map(|(_, overlap)| overlap), "{text}");
        let Some(found) = overlaps.first.first() else { continue };
        let other = &against[found.against];
        assert!(format!(" {other} ").contains(&format!(" {} ", found.words)), "{found:?} in {other}");
        ways[expected.map_or(0, |(place, _)| place)] += 1;
    }
    assert!(ways.iter().all(|&count| count > 5) && ways.iter().sum::<i32>() < 200, "{ways:?}");
    let all = overlaps(texts.into_iter().map(Ok::<_, ()>), &against, &[]).unwrap();
    assert_eq!(all.count, ways.iter().sum::<i32>() as u64);
    assert_eq!(all.first.len(), 3, "no more are kept");
}
