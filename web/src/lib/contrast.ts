// Contrast of colours by WCAG 2.2, to tell a seller whether an accent can be seen on both themes.

/** A colour as `#rrggbb`. */
export const HEX_COLOUR = /^#[0-9a-f]{6}$/i;

/** The ground of pages in the light and the dark theme: the token `--surface`. */
export const GROUNDS = { light: "#ffffff", dark: "#16211e" } as const;

/** What WCAG 1.4.11 asks of what is no text. */
export const SEEN_RATIO = 3;

/** The contrast ratio of two `#rrggbb` colours, 1 to 21; null where one is none. */
export function contrast(one: string, other: string): number | null {
  if (!HEX_COLOUR.test(one) || !HEX_COLOUR.test(other)) return null;
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance, 0 to 1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
