//! Bundles as QR codes: an independent reader reads what is drawn, and what goes wrong at the scanner is noticed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

use proptest::prelude::*;
use tegata_trust_list::bundle::qr::{Added, MAX_PARTS, PART_BYTES, PREFIX, QrError, QrPart, QrSeries, split};

/// Bytes that look like nothing in particular.
fn file(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

fn texts(file: &[u8]) -> Vec<String> {
    split(file).unwrap().iter().map(QrPart::text).collect()
}

#[test]
fn parts_come_in_any_order_and_twice() {
    let file = file(5 * PART_BYTES - 1);
    let texts = texts(&file);
    assert_eq!(texts.len(), 5);
    let mut series = QrSeries::new();
    assert_eq!((series.total(), series.join()), (None, Err(QrError::Missing(Vec::new()))));
    for index in [3, 0, 4] {
        assert_eq!(series.add(&texts[index]), Ok(Added::New));
    }
    assert_eq!(series.add(&format!("{}\r\n", texts[4].to_lowercase())), Ok(Added::Again));
    assert_eq!(series.missing(), [2, 3]);
    assert_eq!(series.join(), Err(QrError::Missing(vec![2, 3])));
    series.add(&texts[1]).unwrap();
    series.add(&texts[2]).unwrap();
    assert_eq!(series.join().unwrap(), file);
}

#[test]
fn mistakes_at_the_scanner_are_named() {
    let (one, two) = (texts(&file(3 * PART_BYTES)), texts(&file(3 * PART_BYTES + 1)));
    let mut series = QrSeries::new();
    series.add(&one[0]).unwrap();
    let before = series.clone();
    assert!(matches!(series.add(&two[1]), Err(QrError::Foreign { .. })));
    let mut changed = one[1].clone().into_bytes();
    let place = changed.len() - 10;
    changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
    assert_eq!(series.add(&String::from_utf8(changed).unwrap()), Err(QrError::Corrupt { number: 2 }));
    for wrong in ["", "TEGATA1:", "https://example.org", &one[1][1..], one[1].strip_suffix('.').unwrap()] {
        assert_eq!(series.add(wrong), Err(QrError::NotAPart), "{wrong}");
    }
    for (from, to) in [(":2:3:", ":4:3:"), (":2:3:", ":0:3:"), (":2:3:", ":02:3:"), (":2:3:", ":+2:3:")] {
        assert_eq!(series.add(&one[1].replacen(from, to, 1)), Err(QrError::NotAPart), "{to}");
    }
    assert_eq!(series.add(&one[1].replacen(":2:3:", ":3:3:", 1)), Err(QrError::Corrupt { number: 3 }));
    assert_eq!(series, before, "nothing was taken in");
}

#[test]
fn sizes_have_limits() {
    assert_eq!(split(&[]), Err(QrError::Empty));
    let most = PART_BYTES * usize::from(MAX_PARTS);
    assert_eq!(split(&file(most)).unwrap().len(), usize::from(MAX_PARTS));
    assert_eq!(split(&file(most + 1)), Err(QrError::TooLong { found: most + 1 }));
    assert!(texts(&file(most)).iter().all(|text| text.starts_with(PREFIX)));
}

/// The dark modules of an SVG: squares of 8 units in one path, `M x y h8v8H…`.
fn modules_of_svg(svg: &str) -> (usize, std::collections::HashSet<(usize, usize)>) {
    let attribute = |name: &str| {
        let (_, rest) = svg.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let side: usize = attribute("width").parse().unwrap();
    let path = attribute("d");
    let mut dark = std::collections::HashSet::new();
    for square in path.split('M').filter(|part| !part.trim().is_empty()) {
        let numbers: Vec<usize> = square
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .map(|digits| digits.parse().unwrap())
            .collect();
        let [x, y, width, height, ..] = numbers[..] else { panic!("{square}") };
        for column in (x..x + width).step_by(8) {
            for row in (y..y + height).step_by(8) {
                dark.insert((column / 8, row / 8));
            }
        }
    }
    (side / 8, dark)
}

fn scan(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    const SCALE: usize = 4;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, |x, y| {
        if is_dark(x / SCALE, y / SCALE) { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn an_independent_reader_reads_the_drawings() {
    let file = file(2 * PART_BYTES + 17);
    let (mut printed, mut shown) = (QrSeries::new(), QrSeries::new());
    for part in split(&file).unwrap() {
        let (side, dark) = modules_of_svg(&part.svg().unwrap());
        assert!(side <= 97 + 8, "version 20 at most: {side}");
        printed.add(&scan(side, |x, y| dark.contains(&(x, y)))).unwrap();

        let blocks = part.unicode().unwrap();
        let lines: Vec<Vec<char>> = blocks.lines().map(|line| line.chars().collect()).collect();
        let is_light = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        shown.add(&scan(lines[0].len(), |x, y| !is_light(x, y))).unwrap();
    }
    assert_eq!(printed.join().unwrap(), file);
    assert_eq!(shown.join().unwrap(), file);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_file_comes_back(file in proptest::collection::vec(any::<u8>(), 1..2000)) {
        let mut series = QrSeries::new();
        for text in texts(&file).iter().rev() {
            prop_assert_eq!(text.bytes().filter(|byte| !b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(byte)).count(), 0);
            prop_assert_eq!(series.add(text), Ok(Added::New));
        }
        prop_assert_eq!(series.join().unwrap(), file);
    }

    #[test]
    fn any_text_is_taken_or_refused(tail in "[ -~手\\n]{0,60}") {
        let _ = QrPart::parse(&tail);
        let _ = QrPart::parse(&format!("{PREFIX}{tail}."));
    }

    /// One changed character never passes as another part.
    #[test]
    fn one_changed_character_is_noticed(place in 0..200_usize, letter in "[0-9A-Z $%*+./:-]") {
        let file = file(130);
        let text = texts(&file).remove(0);
        let place = place % text.len();
        let changed = format!("{}{letter}{}", &text[..place], &text[place + 1..]);
        if let Ok(part) = QrPart::parse(&changed) {
            let same_data = QrPart::parse(&text).unwrap() == part;
            prop_assert!(same_data, "{}", changed);
        }
    }
}
