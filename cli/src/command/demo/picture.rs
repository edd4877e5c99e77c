//! A portrait of nobody: head and shoulders from two ellipses, as a JPEG.

use jpeg_encoder::{ColorType, Encoder};

use crate::failure::Failure;

const WIDTH: u16 = 96;
const HEIGHT: u16 = 128;

/// The portrait as a JPEG of about 2 KiB.
pub(super) fn portrait() -> Result<Vec<u8>, Failure> {
    let mut pixels = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..i32::from(HEIGHT) {
        for x in 0..i32::from(WIDTH) {
            let head = inside((x, y), (48, 48), (22, 28));
            let shoulders = inside((x, y), (48, 128), (42, 46));
            pixels.extend_from_slice(match (head, shoulders) {
                (true, _) => &[214, 178, 148],
                (false, true) => &[52, 84, 120],
                (false, false) => &[226, 230, 236],
            });
        }
    }
    let mut jpeg = Vec::new();
    let encoded = Encoder::new(&mut jpeg, 80).encode(&pixels, WIDTH, HEIGHT, ColorType::Rgb);
    encoded.map_err(|error| Failure::Machine { id: "demo-portrait", detail: error.to_string() })?;
    Ok(jpeg)
}

fn inside((x, y): (i32, i32), (centre_x, centre_y): (i32, i32), (radius_x, radius_y): (i32, i32)) -> bool {
    let (x, y) = ((x - centre_x) * radius_y, (y - centre_y) * radius_x);
    x * x + y * y <= radius_x * radius_x * radius_y * radius_y
}
