//! Texts in two languages, side by side.

/// Makes one function for each row of texts, and for tests a table of all rows, `TABLE`.
///
/// A row is a name, its facts, and the text in English and in Japanese; neither can be forgotten. The function takes the
/// [`Lang`](crate::Lang) and the facts and gives the text.
///
/// ```
/// tegata_terminal::messages! {
///     written(file) = "{file} is written", "{file}を書き込みました";
/// }
/// assert_eq!(written(tegata_terminal::Lang::Ja, "a.pem"), "a.pemを書き込みました");
/// ```
#[macro_export]
macro_rules! messages {
    ($($name:ident($($fact:ident),*) = $english:literal, $japanese:literal;)*) => {
        $(
            pub(crate) fn $name(lang: $crate::Lang, $($fact: impl std::fmt::Display),*) -> String {
                match lang {
                    $crate::Lang::En => format!($english),
                    $crate::Lang::Ja => format!($japanese),
                }
            }
        )*

        /// Every row: name, facts, English, Japanese.
        #[cfg(test)]
        pub(super) const TABLE: &[(&str, &[&str], &str, &str)] =
            &[$((stringify!($name), &[$(stringify!($fact)),*], $english, $japanese)),*];
    };
}
