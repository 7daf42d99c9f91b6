//! The card of a link as a PNG: what chats and feeds show takes no SVG.
//!
//! resvg draws it, with the typeface that npm brings and with no other, so that a card does not
//! depend on what is installed where it is made.

use crate::paths;
use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;

/// Inter, in the weights that a card has; under the Open Font License.
const FONTS: [&str; 3] = [
    "400Regular/Inter_400Regular.ttf",
    "600SemiBold/Inter_600SemiBold.ttf",
    "700Bold/Inter_700Bold.ttf",
];

/// In a scenario's folder.
pub(crate) const FILE: &str = "card.png";

/// As `xtask/pages/card.mjs` draws it: what og:image asks for.
pub(crate) const WIDTH: u32 = 1_200;

/// The same.
pub(crate) const HEIGHT: u32 = 630;

/// What draws cards.
pub(crate) struct Cards {
    options: Options<'static>,
}

impl Cards {
    /// With its typeface.
    pub(crate) fn new() -> Result<Self> {
        let mut options = Options { font_family: "Inter".to_owned(), ..Options::default() };
        let folder = paths::tests().join("node_modules/@expo-google-fonts/inter");
        for name in FONTS {
            let file = folder.join(name);
            let font = fs::read(&file).with_context(|| paths::shown(&file))?;
            options.fontdb_mut().load_font_data(font);
        }
        Ok(Self { options })
    }

    /// The PNG of an SVG, as large as that says it is.
    pub(crate) fn png(&self, svg: &str) -> Result<Vec<u8>> {
        let tree = Tree::from_str(svg, &self.options)?;
        let size = tree.size().to_int_size();
        let mut pixels = Pixmap::new(size.width(), size.height()).context("a card has a size")?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        encoded(&pixels)
    }
}

/// As a PNG with a palette, which takes less than half of one without: a card has few colours, and
/// those of the edges between them, of which the rarest may be a shade off.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>> {
    let colours: Vec<Colour> =
        pixels.data().chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    // What is looked up is looked up once for a stretch: most pixels are as the last one.
    let stretches = || colours.chunk_by(|one, other| one == other);
    let mut counts = BTreeMap::new();
    for stretch in stretches() {
        *counts.entry(stretch[0]).or_default() += stretch.len();
    }
    let (palette, places) = palette(&counts);
    let index = |stretch: &[Colour]| vec![places[&stretch[0]]; stretch.len()];
    let indices: Vec<u8> = stretches().flat_map(index).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indices)?;
    writer.finish()?;
    Ok(file)
}

/// Red, green and blue: a card is opaque.
type Colour = [u8; 3];

/// What a palette of a PNG holds.
const COLOURS_MAX: usize = 256;

/// The commonest colours, and where in that list each colour finds the nearest to it.
fn palette(counts: &BTreeMap<Colour, usize>) -> (Vec<Colour>, BTreeMap<Colour, u8>) {
    let mut palette: Vec<Colour> = counts.keys().copied().collect();
    palette.sort_by_key(|colour| Reverse(counts[colour]));
    palette.truncate(COLOURS_MAX);
    let known: Vec<[i32; 3]> = palette.iter().map(|colour| colour.map(i32::from)).collect();
    let nearest = |colour: &Colour| {
        let [red, green, blue] = colour.map(i32::from);
        let away = |&[r, g, b]: &[i32; 3]| {
            (r - red) * (r - red) + (g - green) * (g - green) + (b - blue) * (b - blue)
        };
        let place = (0..known.len()).min_by_key(|&place| away(&known[place]));
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
    };
    let places = counts.keys().map(|colour| (*colour, nearest(colour))).collect();
    (palette, places)
}

#[cfg(test)]
mod tests {
    use super::{COLOURS_MAX, palette};

    #[test]
    fn a_colour_that_is_too_rare_for_the_palette_becomes_the_nearest_in_it() {
        let grey = |shade: u8| [shade; 3];
        let (white, rare) = (grey(255), [254, 255, 255]);
        let common = (0..=254).map(|shade| (grey(shade), 2));
        let counts = common.chain([(white, 3), (rare, 1)]).collect();
        let (palette, places) = palette(&counts);
        assert_eq!((palette.len(), palette[0]), (COLOURS_MAX, white));
        assert_eq!(places[&rare], places[&white]);
        assert_eq!(palette[usize::from(places[&grey(7)])], grey(7));
    }
}
