//! Floating-point numbers of the three widths (RFC 8949 3.3).

/// The value of a float head (RFC 8949 3.3): half, single or double.
pub(super) fn float_value(info: u8, argument: u64) -> f64 {
    match info {
        25 => half_to_f64(argument),
        26 => f64::from(f32::from_bits(u32::try_from(argument).unwrap_or_default())),
        _ => f64::from_bits(argument),
    }
}

/// RFC 8949 Appendix D: binary16 to binary64.
fn half_to_f64(half: u64) -> f64 {
    let exponent = i32::try_from(half >> 10 & 0x1f).unwrap_or_default();
    let mantissa = f64::from(u32::try_from(half & 0x3ff).unwrap_or_default());
    let magnitude = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2_f64.powi(exponent - 25),
    };
    if half & 0x8000 == 0 { magnitude } else { -magnitude }
}
