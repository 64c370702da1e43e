// A store's own face: its logo, or the first character of its name on its accent.
import type { CSSProperties } from "react";
import { legibleOn } from "./accent";
import styles from "./store-mark.module.css";
import type { StoreBrandFragment } from "./stores.generated";

interface Props {
  store: Pick<StoreBrandFragment, "name" | "accent" | "logo">;
  isLarge?: boolean;
}

export function StoreMark({ store: { name, accent, logo }, isLarge = false }: Props) {
  const size = isLarge ? styles.large : styles.small;
  if (logo !== null) {
    // The name stands beside it: read out twice it would only be in the way.
    return <img className={`${styles.mark} ${size}`} src={logo.url} width={logo.width} height={logo.height} alt="" />;
  }
  return (
    <span className={`${styles.mark} ${styles.letter} ${size}`} style={brand(accent)} aria-hidden="true">
      {[...name][0]}
    </span>
  );
}

/** A store's accent as CSS properties: the colour, and the ink that can be read on it. */
export function brand(accent: string | null): CSSProperties {
  if (accent === null) return {};
  return { "--accent": accent, "--on-accent": legibleOn(accent) } as CSSProperties;
}
